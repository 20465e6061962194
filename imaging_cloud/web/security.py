"""Default deny: every request needs a token unless its path is in the table of open ones."""

import re
from collections.abc import Awaitable, Callable, Collection
from functools import partial

import anyio
from anyio import to_thread
from fastapi import Request
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from imaging_cloud.domain.access import Principal, Role
from imaging_cloud.domain.errors import (
    CloudError,
    NotAuthenticated,
    NotPermitted,
    Unavailable,
)
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.identify_caller import identify_caller, read_caller
from imaging_cloud.use_cases.identify_cds_client import identify_cds_client, is_client_token
from imaging_cloud.web.browsers import SESSION_COOKIE, is_browser, is_same_origin
from imaging_cloud.web.errors import answer_error

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# Less than the 2 s after which an order screen must have its answer, whatever it is.
_SECONDS_TO_IDENTIFY = 1.5
_MAX_TOKEN = 4096
# Here the endpoint asks whether the token was revoked, in the same thread and breath as its own
# questions: a thread of its own for that costs as much as the whole check.
CONFIRMING_PATHS = frozenset({"/api/order-check"})
_CDS_PATHS = "/cds-services/"
# A cookie that is SameSite=Strict is not sent when a link on another site (the alert in an order
# screen) opens a page. Loading the same address once more from our own page sends it.
_ONCE_MORE = '<!doctype html><meta http-equiv="refresh" content="0"><title>…</title>'


class Guard:
    """ASGI middleware: who is asking is known before anything of the body is read."""

    def __init__(self, app: ASGIApp, *, cloud: Cloud, open_paths: Collection[str]) -> None:
        self._app = app
        self._cloud = cloud
        self._open_paths = frozenset(path for path in open_paths if "{" not in path)
        self._open_patterns = [_pattern(path) for path in open_paths if "{" in path]
        self._threads = anyio.CapacityLimiter(8)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        state = scope.setdefault("state", {})
        state["began"] = anyio.current_time()
        try:
            if not self._is_open(scope["path"]):
                state["principal"] = await self._identify(request)
        except NotAuthenticated as error:
            if _comes_from_elsewhere(request):
                await HTMLResponse(_ONCE_MORE)(scope, receive, send)
                return
            await answer_error(request, error)(scope, receive, send)
            return
        except CloudError as error:
            await answer_error(request, error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_open(self, path: str) -> bool:
        return path in self._open_paths or any(
            pattern.fullmatch(path) for pattern in self._open_patterns
        )

    async def _identify(self, request: Request) -> Principal:
        token = _token_of(request.headers, request.cookies, self._cloud, request.method)
        if request.scope["path"] in CONFIRMING_PATHS:
            return read_caller(token, self._cloud)
        try:
            with anyio.fail_after(_SECONDS_TO_IDENTIFY):
                return await to_thread.run_sync(
                    self._reader(request.scope["path"], token),
                    limiter=self._threads,
                    abandon_on_cancel=True,
                )
        except TimeoutError as error:
            raise Unavailable("the index does not answer; try again in a moment") from error

    def _reader(self, path: str, token: str) -> Callable[[], Principal]:
        """Order screens may bring JWTs of their own, but to the CDS services alone."""
        if path.startswith(_CDS_PATHS) and is_client_token(token):
            audience = f"{self._cloud.policy.public_url}{path}"
            return partial(identify_cds_client, token, audience, self._cloud)
        return partial(identify_caller, token, self._cloud)


def _pattern(path: str) -> re.Pattern[str]:
    """`/s/{token}`: a word of a link's alphabet stands for what is in braces, nothing else."""
    fixed = re.split(r"\{[^}]*\}", path)
    return re.compile("[A-Za-z0-9_-]{1,128}".join(re.escape(part) for part in fixed))


def _token_of(headers: Headers, cookies: dict[str, str], cloud: Cloud, method: str) -> str:
    header = headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotAuthenticated("an access token is needed: Authorization: Bearer TOKEN")
    else:
        token = cookies.get(SESSION_COOKIE, "")
        if not token:
            raise NotAuthenticated("an access token is needed: Authorization: Bearer TOKEN")
        if method not in _READING and not is_same_origin(headers, cloud.policy.public_url):
            raise NotPermitted("this request does not come from our own pages")
    if len(token) > _MAX_TOKEN:
        raise NotAuthenticated("the access token is not one of ours")
    return token.strip()


def _comes_from_elsewhere(request: Request) -> bool:
    return (
        request.method == "GET"
        and request.headers.get("sec-fetch-site") == "cross-site"
        and request.headers.get("sec-fetch-mode") == "navigate"
        and is_browser(request)
    )


def principal_of(request: Request) -> Principal:
    """The caller the guard let through."""
    principal = getattr(request.state, "principal", None)
    if not isinstance(principal, Principal):
        raise NotAuthenticated("an access token is needed: Authorization: Bearer TOKEN")
    return principal


def require_role(roles: frozenset[Role]) -> Callable[[Request], Awaitable[None]]:
    """The dependency that keeps a route to its roles."""

    async def check(request: Request) -> None:
        check_role(request, roles)

    return check


def check_role(request: Request, roles: frozenset[Role]) -> None:
    """Raises NotPermitted for a caller in another role."""
    role = principal_of(request).role
    if role not in roles:
        raise NotPermitted(f"not for the role {role.value}")
