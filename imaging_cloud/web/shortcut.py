"""Calls that come hundreds of times a second go past the framework's routing to their endpoint."""

from collections.abc import Sequence

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from imaging_cloud.domain.errors import CloudError
from imaging_cloud.web.errors import answer_error
from imaging_cloud.web.routes import Route
from imaging_cloud.web.security import check_role


class Shortcut:
    """ASGI middleware behind the guard. The endpoints are the route table's own.

    They take the whole request and read nothing from the path, so finding the route and its
    parameters, which costs more than an order check, adds nothing.
    """

    def __init__(self, app: ASGIApp, *, routes: Sequence[Route]) -> None:
        self._app = app
        self._routes = {(route.method, route.path): route for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_call = scope["type"] == "http"
        route = self._routes.get((scope["method"], scope["path"])) if is_call else None
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        request = Request(scope, receive, send)
        try:
            check_role(request, route.roles)
            response = await route.endpoint(request)
        except CloudError as error:
            response = answer_error(request, error)
        await response(scope, receive, send)
