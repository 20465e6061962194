"""CDS Hooks discovery (CDS Hooks 2.0.1): which services there are."""

from typing import Any

from fastapi.responses import JSONResponse, Response

# Each entry has hook, id, title, description and prefetch; the order services come here.
SERVICES: tuple[dict[str, Any], ...] = ()


def get_services() -> Response:
    """The services order screens may call, open to all as the specification asks."""
    return JSONResponse({"services": list(SERVICES)})
