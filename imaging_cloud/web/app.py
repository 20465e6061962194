"""create_app: the web face of one cloud."""

from fastapi import Depends, FastAPI
from fastapi.responses import Response

from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.derived_shelf import Shelf
from imaging_cloud.web.calls import Lanes
from imaging_cloud.web.check_lane import CheckLane
from imaging_cloud.web.cors import ListedOrigins
from imaging_cloud.web.errors import add_error_handlers
from imaging_cloud.web.headers import BodyLimit, SecurityHeaders
from imaging_cloud.web.observing import Meters, Observer
from imaging_cloud.web.order_models import OrderCheckIn
from imaging_cloud.web.routes import OPEN_PATHS, ROUTES, Route
from imaging_cloud.web.security import Guard, require_role
from imaging_cloud.web.shortcut import Shortcut

_UPLOADS = "/dicom-web/studies"
_OFTEN = frozenset({"/api/order-check"})


def create_app(cloud: Cloud) -> FastAPI:
    """Default deny: the guard stands before every path that is not open in the route table."""
    app = FastAPI(
        title="Imaging cloud",
        version="1",
        # Our own pages, which work offline and keep to the content security policy.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # Spans would carry paths and queries, and queries carry patients' names.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
        redirect_slashes=False,
    )
    app.state.cloud = cloud
    app.state.lanes = Lanes(checks=CheckLane(cloud.alerts.add_alerts))
    app.state.shelf = Shelf(cloud)
    app.state.meters = Meters()
    add_error_handlers(app)
    for route in ROUTES:
        _add(app, route)
    # The last one added is the outermost.
    app.add_middleware(Shortcut, routes=[route for route in ROUTES if route.path in _OFTEN])
    app.add_middleware(Guard, cloud=cloud, open_paths=OPEN_PATHS)
    app.add_middleware(ListedOrigins, origins=cloud.policy.cds_origins)
    app.add_middleware(BodyLimit, unlimited_prefix=_UPLOADS)
    app.add_middleware(Observer, meters=app.state.meters)
    app.add_middleware(SecurityHeaders)
    return app


def _add(app: FastAPI, route: Route) -> None:
    checks = [Depends(require_role(route.roles))] if route.roles else []
    app.add_api_route(
        route.path,
        route.endpoint,
        methods=[route.method],
        dependencies=checks,
        response_class=Response,
        name=f"{route.method} {route.path}",
        operation_id=f"{route.method.lower()}{route.path}",
        openapi_extra=_body_schema(route),
    )


def _body_schema(route: Route) -> dict[str, object] | None:
    """The order check reads its own body, so its schema is told here."""
    if route.path != "/api/order-check":
        return None
    schema = OrderCheckIn.model_json_schema(by_alias=True)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
