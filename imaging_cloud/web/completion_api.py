"""GET /api/catalogue/complete: what the exam being typed may become; and the hospitals' names."""

import logging

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from imaging_cloud.domain.completion import ItemName, complete
from imaging_cloud.domain.errors import InvalidRequest, Unavailable
from imaging_cloud.domain.exams.mapping import EVERYWHERE
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.security import principal_of

_log = logging.getLogger(__name__)

_MOST_ITEMS = 12
_LONGEST = 64


def get_completions(request: Request) -> Response:
    """Items for what stands in `q`, best first: 汉字, initials of pinyin, English, item codes."""
    text = request.query_params.get("q", "").strip()
    if len(text) > _LONGEST:
        raise InvalidRequest(f"q: at most {_LONGEST} characters", field="q")
    asked = request.query_params.get("institution", "")
    institution = principal_of(request).institution or asked
    found = complete(text, _own_items(institution, cloud_of(request)), _MOST_ITEMS)
    return JSONResponse({"items": [_item(each) for each in found]})


def _own_items(institution: str, cloud: Cloud) -> list[ItemName]:
    """The institution's items before the region's; none while the index is away."""
    try:
        lists = [
            cloud.catalogue.list_items(each) for each in dict.fromkeys((institution, EVERYWHERE))
        ]
    except Unavailable:
        _log.warning("no catalogue: completing from the common items alone")
        return []
    return [
        ItemName(name=item.name, code=item.code, own=True)
        for items in lists
        for item in items
        if item.name
    ]


def _item(item: ItemName) -> dict[str, str | bool | None]:
    return {
        "name": item.name,
        "english": item.english or None,
        "code": item.code or None,
        "own": item.own,
    }


def get_institutions(request: Request) -> Response:
    """The institutions' codes with their names, for order screens that show where a prior is."""
    known = cloud_of(request).register.list_institutions()
    return JSONResponse({"institutions": [{"code": i.code, "name": i.name} for i in known]})
