"""QIDO-RS: searches for studies, series and instances (PS3.18 10.6)."""

from collections.abc import Sequence

from fastapi import Request
from fastapi.responses import Response

from imaging_cloud.dicom.json_model import Json
from imaging_cloud.use_cases.search_imaging import search_imaging
from imaging_cloud.web.calls import cloud_of, scope_of_call
from imaging_cloud.web.dicomweb.media_types import json_type, parse_accept
from imaging_cloud.web.dicomweb.qido_query import Search, read_search
from imaging_cloud.web.dicomweb.qido_results import instance_json, series_json, study_json
from imaging_cloud.web.dicomweb.wado import encode_json
from imaging_cloud.web.security import principal_of

_MORE = '299 imaging-cloud "There are additional results that can be requested"'


def search_studies(request: Request) -> Response:
    """Search for studies (QIDO-RS)."""
    search = _search(request)
    cloud, scope = cloud_of(request), scope_of_call(request)
    rows = search_imaging(
        lambda: cloud.index.find_studies(search.query, scope), principal_of(request), cloud
    )
    base = _base(request)
    return _answer(request, search, [study_json(row, base) for row in rows])


def search_series(request: Request) -> Response:
    """Search for series, of one study where the path names it."""
    search = _search(request)
    cloud, scope = cloud_of(request), scope_of_call(request)
    rows = search_imaging(
        lambda: cloud.index.find_series(search.query, scope), principal_of(request), cloud
    )
    base, with_study = _base(request), "study_uid" not in request.path_params
    found = [series_json(study, series, base, with_study=with_study) for study, series in rows]
    return _answer(request, search, found)


def search_instances(request: Request) -> Response:
    """Search for instances, of one study or series where the path names it."""
    search = _search(request)
    cloud, scope = cloud_of(request), scope_of_call(request)
    rows = search_imaging(
        lambda: cloud.index.find_instances(search.query, scope), principal_of(request), cloud
    )
    base, with_parents = _base(request), "series_uid" not in request.path_params
    found = [instance_json(*row, base, with_parents=with_parents) for row in rows]
    return _answer(request, search, found)


def _search(request: Request) -> Search:
    return read_search(request.query_params.multi_items(), request.path_params)


def _base(request: Request) -> str:
    return f"{cloud_of(request).policy.public_url}/dicom-web"


def _answer(request: Request, search: Search, rows: Sequence[Json]) -> Response:
    accepted = parse_accept(request.headers.get("accept"), request.query_params.get("accept"))
    media_type = json_type(accepted)
    headers = {"Warning": _MORE} if len(rows) > search.limit else {}
    body = encode_json(list(rows[: search.limit]))
    return Response(body, media_type=media_type, headers=headers)
