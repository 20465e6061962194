"""CORS for order screens that run in a browser (CDS Hooks 2.0.1, "Cross-Origin Resource Sharing").

Listed origins only, and only what an order screen needs: the CDS services, the plain order check
with its decisions, and the thumbnails that <related-exam-alert> shows. No credentials: a browser's
cookies never reach us this way, a call carries its token in the Authorization header.
"""

import re
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATHS = re.compile(
    r"/cds-services(/.*)?|/api/order-check(/[^/]+/decision)?|/api/institutions"
    r"|/dicom-web/studies/[0-9.]+/thumbnail"
)
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


class ListedOrigins:
    """ASGI middleware before the guard: a preflight carries no token."""

    def __init__(self, app: ASGIApp, *, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origin.rstrip("/") for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _PATHS.fullmatch(scope.get("path", "")):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")
        allowed = origin in self._origins

        async def send_with_origin(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                answered.add_vary_header("Origin")
                if allowed:
                    answered["Access-Control-Allow-Origin"] = origin
                    answered["Cross-Origin-Resource-Policy"] = "cross-origin"
            await send(message)

        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            preflight = Response(status_code=204, headers=_PREFLIGHT if allowed else None)
            await preflight(scope, receive, send_with_origin)
            return
        await self._app(scope, receive, send_with_origin)
