"""Is it alive, is it ready, and the numbers operators watch."""

import os

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from imaging_cloud.domain.errors import CloudError
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.observing import Meters


def get_healthz() -> Response:
    """This process answers."""
    return JSONResponse({"status": "ok"})


def get_readyz(request: Request) -> Response:
    """Whether images can be kept and found: 200, or 503 that names the part which is away."""
    cloud = cloud_of(request)
    parts = {"index": cloud.index.check_ready, "objects": cloud.objects.check_ready}
    state = {}
    for name, check_ready in parts.items():
        try:
            check_ready()
            state[name] = "ready"
        except CloudError:
            # Not the message: it may hold an address, and this path is open to everyone.
            state[name] = "away"
    ready = all(each == "ready" for each in state.values())
    waiting = cloud.spool.read_backlog()
    body = {
        "status": "ready" if ready else "not-ready",
        "parts": state,
        "spool": {"waiting": waiting.instances, "bytes": waiting.bytes},
    }
    headers = {} if ready else {"Retry-After": "2"}
    return JSONResponse(body, status_code=200 if ready else 503, headers=headers)


def get_metrics(request: Request) -> Response:
    """Counters and durations by route, in Prometheus' text format."""
    meters: Meters = request.app.state.meters
    meters.note_backlog(cloud_of(request).spool.read_backlog())
    registry = meters.registry
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        # Every process of the machine counts there: gateways, workers and all web processes.
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
