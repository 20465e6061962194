"""Headers that every answer carries, and the limit on what a request may carry."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imaging_cloud.web.outcomes import outcome_answer, speaks_fhir

# Nothing is loaded from anywhere else, no script runs, nobody may frame us.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_RAW_HEADERS = tuple(
    (name.lower().encode(), value.encode())
    for name, value in (*SECURITY_HEADERS.items(), ("Cache-Control", "no-store"))
)
# All of ours but instances to store are small forms and JSON.
MAX_BODY_BYTES = 1024**2


class SecurityHeaders:
    """ASGI middleware. What may be cached says so itself; everything else may not be."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                given += (each for each in _RAW_HEADERS if each[0] not in names)
                message["headers"] = given
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyTooLarge(Exception):  # noqa: N818 - named by its meaning
    """More arrived than a request of this kind may carry."""


class BodyLimit:
    """ASGI middleware: 413 before the limit's bytes are held; uploads keep their own limits."""

    def __init__(self, app: ASGIApp, *, unlimited_prefix: str) -> None:
        self._app = app
        self._unlimited_prefix = unlimited_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._unlimited_prefix):
            await self._app(scope, receive, send)
            return
        if _declared_length(Headers(scope=scope)) > MAX_BODY_BYTES:
            await _refuse(scope, receive, send)
            return
        taken = 0

        async def receive_limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:
                raise BodyTooLarge
            return message

        try:
            await self._app(scope, receive_limited, send)
        except BodyTooLarge:
            await _refuse(scope, receive, send)


def _declared_length(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isdecimal() else 0


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    message = f"at most {MAX_BODY_BYTES} bytes are taken here"
    if speaks_fhir(scope["path"]):
        await outcome_answer(413, message)(scope, receive, send)
        return
    response = JSONResponse({"error": {"code": "too-large", "message": message}}, status_code=413)
    await response(scope, receive, send)
