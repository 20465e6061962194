"""The plain viewer: a series and its pictures as pages that need no script."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from fastapi import Request
from fastapi.responses import Response

from imaging_cloud.domain.errors import NotFound
from imaging_cloud.domain.queries import ImagingQuery
from imaging_cloud.ports.imaging_index import InstanceRow, SeriesRow, StudyRow
from imaging_cloud.use_cases.open_study import OpenedStudy
from imaging_cloud.web.calls import cloud_of, scope_of_call
from imaging_cloud.web.dicomweb.parts import opened_part
from imaging_cloud.web.person_names import display_name
from imaging_cloud.web.slices import Slice, slices_of
from imaging_cloud.web.templates import render_page

_ON_ONE_PAGE = 120
_MOST_SERIES = 1000
# Presets of daily work in Hounsfield units, as center and width.
_CT_WINDOWS = (
    ("lung", "-600,1500,linear"),
    ("mediastinum", "40,400,linear"),
    ("bone", "500,2000,linear"),
    ("brain", "40,80,linear"),
)


@dataclass(frozen=True, slots=True)
class ShownSeries:
    """`others` counts instances without pictures (reports, structures)."""

    row: SeriesRow | None
    series_uid: str
    slices: list[Slice]
    others: int


def get_series(request: Request) -> Response:
    """All pictures of one series, a page at a time."""
    opened = opened_part(request, "view")
    rows = _series_rows(request, opened.study)
    [(uid, instances)] = [(uid, list(rows_)) for uid, rows_ in _by_series(opened.instances)]
    shown = _shown(uid, instances, rows)
    pages = max((len(shown.slices) + _ON_ONE_PAGE - 1) // _ON_ONE_PAGE, 1)
    page = _page_number(request.query_params.get("page", "1"), pages)
    part = shown.slices[(page - 1) * _ON_ONE_PAGE : page * _ON_ONE_PAGE]
    values = {"each": shown, "slices": part, "page": page, "pages": pages}
    return _page(request, "series.html", opened, values)


def get_picture(request: Request, number: str) -> Response:
    """One picture, large, with the way to the next and the one before."""
    opened = opened_part(request, "view")
    slices = slices_of(opened.instances)
    if not number.isdecimal() or not 1 <= int(number[:9]) <= len(slices):
        raise NotFound("no such picture in this series")
    at = int(number[:9])
    rows = _series_rows(request, opened.study)
    row = rows.get(opened.instances[0].series_uid)
    windows = _CT_WINDOWS if row is not None and row.modality == "CT" else ()
    chosen = next((each for each in windows if each[0] == request.query_params.get("w")), None)
    values = {
        "each": _shown(opened.instances[0].series_uid, list(opened.instances), rows),
        "slice": slices[at - 1],
        "total": len(slices),
        "windows": [name for name, _ in windows],
        "chosen": chosen[0] if chosen else "",
        "query": f"?window={chosen[1]}" if chosen else "",
        "kept": f"?w={chosen[0]}" if chosen else "",
    }
    return _page(request, "picture.html", opened, values)


def _page(
    request: Request, template: str, opened: OpenedStudy, values: dict[str, object]
) -> Response:
    institution = cloud_of(request).register.find_institution(opened.study.institution)
    common = {
        "study": opened.study,
        "name": display_name(opened.study.patient_name),
        "institution": institution.name if institution else opened.study.institution,
    }
    return render_page(request, template, common | values)


def _series_rows(request: Request, study: StudyRow) -> dict[str, SeriesRow]:
    query = ImagingQuery(study_uids=(study.study_uid,), limit=_MOST_SERIES)
    found = cloud_of(request).index.find_series(query, scope_of_call(request))
    return {series.series_uid: series for _, series in found}


def _by_series(
    instances: Iterable[InstanceRow],
) -> Iterable[tuple[str, Iterable[InstanceRow]]]:
    """The rows come by series already."""
    return groupby(instances, key=lambda row: row.series_uid)


def _shown(uid: str, instances: list[InstanceRow], rows: dict[str, SeriesRow]) -> ShownSeries:
    slices = slices_of(instances)
    return ShownSeries(
        row=rows.get(uid),
        series_uid=uid,
        slices=slices,
        others=sum(1 for row in instances if not row.rows),
    )


def _page_number(text: str, pages: int) -> int:
    if not text.isdecimal():
        return 1
    return min(max(int(text[:6]), 1), pages)
