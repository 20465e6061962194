"""CORS for order screens that run in a browser (CDS Hooks 2.0.1, "Cross-Origin Resource Sharing").

Listed origins only. No credentials: a browser's cookies never reach us this way.
"""

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATH = "/cds-services"
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


class CdsCors:
    """ASGI middleware before the guard: a preflight carries no token."""

    def __init__(self, app: ASGIApp, *, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origin.rstrip("/") for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == _PATH or path.startswith(f"{_PATH}/")):
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
