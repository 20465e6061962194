"""The operator's page: what arrived, what was refused and why, who takes part."""

from fastapi import Request
from fastapi.responses import Response

from imaging_cloud.domain.access import Scope
from imaging_cloud.domain.errors import CloudError
from imaging_cloud.domain.queries import ImagingQuery
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.templates import render_page

_ROWS = 50


def get_admin(request: Request) -> Response:
    """The cloud at a glance."""
    cloud = cloud_of(request)
    institutions = cloud.register.list_institutions()
    values = {
        "studies": cloud.index.find_studies(ImagingQuery(limit=_ROWS), Scope(everything=True)),
        "refused": cloud.index.list_quarantine(_ROWS),
        "institutions": institutions,
        "names": {each.code: each.name for each in institutions},
        "devices": cloud.register.list_devices(),
        "objects_ready": _ready(request),
        "zone": cloud.policy.time_zone,
    }
    return render_page(request, "admin.html", values)


def _ready(request: Request) -> bool:
    try:
        cloud_of(request).objects.check_ready()
    except CloudError:
        return False
    return True
