"""The API's own description: openapi.json, and a page made from it that needs no network."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from imaging_cloud.domain.access import Role
from imaging_cloud.web.templates import render_page


def get_openapi(request: Request) -> Response:
    """This description, as OpenAPI 3.1."""
    return JSONResponse(request.app.openapi())


def get_docs(request: Request) -> Response:
    """Every address with what it does."""
    description: dict[str, Any] = request.app.openapi()
    entries = [
        {
            "method": method.upper(),
            "path": path,
            "text": operation.get("description") or operation.get("summary", ""),
        }
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    ]
    values = {"entries": entries, "roles": [role.value for role in Role]}
    return render_page(request, "docs.html", values)
