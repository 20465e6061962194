"""The viewer's page: the first picture stands in the HTML, the rest follows by script.

The picture and the style sheet are part of the HTML, gzipped: on a mobile link each answer more
is a round trip or two before anything can be seen.

One study, or two side by side (`?with=`), or what an IHE Invoke Image Display request names.
Without script the first picture and the links to the plain pages of each series remain.
"""

import base64
import gzip
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from imaging_cloud.dicom.render import JPEG, WEBP, Rendering, Viewport
from imaging_cloud.domain.access import Role
from imaging_cloud.domain.errors import CloudError, InvalidRequest, NotFound
from imaging_cloud.domain.identifiers import is_uid
from imaging_cloud.domain.queries import ImagingQuery
from imaging_cloud.ports.imaging_index import SeriesRow, StudyRow
from imaging_cloud.use_cases.open_study import OpenedStudy, StudyPart, open_study
from imaging_cloud.use_cases.render_slice import render_slice
from imaging_cloud.web.calls import cloud_of, scope_of_call, shelf_of
from imaging_cloud.web.languages import language_of
from imaging_cloud.web.person_names import display_name, name_spellings
from imaging_cloud.web.security import principal_of
from imaging_cloud.web.slices import Slice, slices_of
from imaging_cloud.web.templates import render_page
from imaging_cloud.web.texts import Texts, texts_in
from imaging_cloud.web.viewer_assets import asset_address, view_policy, view_style

_MOST_SERIES = 1000
# The form in which the script asks for values (web/viewer/src/load/source.ts says the same).
_VALUES = (
    "image/jphc;transfer-syntax=1.2.840.10008.1.2.4.202,"
    "application/octet-stream;transfer-syntax=1.2.840.10008.1.2.1"
)
# One frame in colour is no 16-bit matrix: it comes as a rendered picture.
_COLOURED = frozenset({"US", "XC", "ES", "SM", "GM", "OP", "PX", "IO"})
# As WebP a CT's picture and the page around it fit the ten packets that TCP may send at once.
_FIRST_SIDE, _FIRST_QUALITY = 512, 60
# Matching keys may hold these (PS3.4 C.2.2.2.4); an accession number of a link may not.
_WILDCARDS = frozenset("*?")
_THUMBNAIL = "192,192"


@dataclass(frozen=True, slots=True)
class First:
    """The picture that is shown at once: `document` and `values` are what the script needs next.

    `preview` is the picture itself as a data address, or where it is to be had.
    """

    series: str
    number: int
    preview: str
    document: str
    values: str


@dataclass(frozen=True, slots=True)
class StripSeries:
    """A series of the strip at the foot of the page."""

    uid: str
    address: str
    view: str
    title: str
    modality: str
    number: int | None
    count: int
    thumbnail: str


@dataclass(frozen=True, slots=True)
class Side:
    """One study on the page."""

    study: StudyRow
    role: str
    name: str
    institution: str
    series: tuple[StripSeries, ...]
    first: First | None
    shown: Slice | None


def get_view(request: Request) -> Response:
    """A study in the viewer; `with` names another one to stand beside it."""
    uids = [request.path_params["study_uid"]]
    beside = request.query_params.get("with", "")
    if beside:
        if not is_uid(beside):
            raise InvalidRequest("with: a Study Instance UID is needed", field="with")
        uids.append(beside)
    language = language_of(request.headers.get("accept-language", ""))
    t = texts_in(language)
    sides = [_side(request, uid, at, len(uids), t) for at, uid in enumerate(uids)]
    values = {
        "sides": sides,
        "facts": _facts(request, sides, language),
        "script": asset_address("viewer.js"),
        # Ours, built: there is nothing of anybody else's in it to escape.
        "style": Markup(view_style()),  # noqa: S704
        "back": "/",
        "doubtful": _may_be_two(sides),
    }
    response = render_page(request, "view.html", values)
    response.headers["Content-Security-Policy"] = view_policy()
    return _gzipped(request, response)


def _gzipped(request: Request, response: Response) -> Response:
    """There is no secret in the page that a guess repeated in it could find out by its length."""
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return response
    response.body = gzip.compress(response.body, 6, mtime=0)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))
    response.headers["Vary"] = "Accept-Language, Accept-Encoding, Accept"
    return response


def _may_be_two(sides: list[Side]) -> bool:
    """Whether what the two studies say of their patient differs: doubt is shown as doubt."""
    studies = [each.study for each in sides]
    names = [found for each in studies if (found := name_spellings(each.patient_name))]
    return (
        len({each.sex for each in studies if each.sex}) > 1
        or len({each.birth_date for each in studies if each.birth_date}) > 1
        or (len(names) > 1 and not frozenset.intersection(*names))
    )


def get_invoked_display(request: Request) -> Response:
    """IHE Invoke Image Display (RAD-106): `requestType=STUDY` with studyUID or accessionNumber.

    Several studies are separated by commas; the first two stand side by side.
    """
    query = request.query_params
    if query.get("requestType", "STUDY").upper() != "STUDY":
        raise InvalidRequest("requestType: only STUDY is served", field="requestType")
    uids = [uid for uid in query.get("studyUID", "").split(",") if uid]
    if not uids:
        uids = _uids_by_accession(request, query.get("accessionNumber", ""))
    if not uids or not all(is_uid(uid) for uid in uids):
        raise InvalidRequest("studyUID or accessionNumber is needed", field="studyUID")
    beside = f"?with={quote(uids[1])}" if len(uids) > 1 else ""
    return RedirectResponse(f"/view/{quote(uids[0])}{beside}", status_code=303)


def _uids_by_accession(request: Request, number: str) -> list[str]:
    if not number or set(number) & _WILDCARDS:
        return []
    query = ImagingQuery(accession_number=number, limit=2)
    found = cloud_of(request).index.find_studies(query, scope_of_call(request))
    if not found:
        raise NotFound("no such study, or not for this caller")
    return [found[0].study_uid]


def _side(request: Request, uid: str, at: int, count: int, t: Texts) -> Side:
    cloud, scope = cloud_of(request), scope_of_call(request)
    opened = open_study(StudyPart(study_uid=uid), "view", principal_of(request), scope, cloud)
    rows = cloud.index.find_series(ImagingQuery(study_uids=(uid,), limit=_MOST_SERIES), scope)
    pictures = _pictures_by_series(opened)
    ordered = sorted((row for _, row in rows if pictures.get(row.series_uid)), key=_by_number)
    series = tuple(_strip_series(row, pictures[row.series_uid], t) for row in ordered)
    institution = cloud.register.find_institution(opened.study.institution)
    shown = _to_show_first(ordered, pictures)
    role = "" if count == 1 else (t.current if at == 0 else t.prior)
    return Side(
        study=opened.study,
        role=role or t.study,
        name=display_name(opened.study.patient_name),
        institution=institution.name if institution else opened.study.institution,
        series=series,
        first=_first(request, shown, ordered) if shown else None,
        shown=shown,
    )


def _pictures_by_series(opened: OpenedStudy) -> dict[str, list[Slice]]:
    grouped = groupby(opened.instances, key=lambda row: row.series_uid)
    return {uid: slices_of(list(rows)) for uid, rows in grouped}


def _by_number(row: SeriesRow) -> tuple[bool, int, str]:
    return row.series_number is None, row.series_number or 0, row.series_uid


def _to_show_first(ordered: list[SeriesRow], pictures: dict[str, list[Slice]]) -> Slice | None:
    """The middle of the longest series: not the scout, and not the empty air above the head."""
    if not ordered:
        return None
    longest = max(ordered, key=lambda row: len(pictures[row.series_uid]))
    slices = pictures[longest.series_uid]
    return slices[len(slices) // 2]


def _series_address(row: SeriesRow) -> str:
    return f"/dicom-web/studies/{row.study_uid}/series/{row.series_uid}"


def _view_address(row: SeriesRow) -> str:
    return f"/view-api/studies/{row.study_uid}/series/{row.series_uid}"


def _strip_series(row: SeriesRow, slices: list[Slice], t: Texts) -> StripSeries:
    middle = slices[len(slices) // 2]
    number = f"{row.series_number}. " if row.series_number is not None else ""
    return StripSeries(
        uid=row.series_uid,
        address=_series_address(row),
        view=_view_address(row),
        title=f"{number}{row.description or f'{t.series} {row.modality}'}",
        modality=row.modality,
        number=row.series_number,
        count=len(slices),
        thumbnail=f"{middle.address}?viewport={_THUMBNAIL}&quality=75",
    )


def _first(request: Request, shown: Slice, ordered: list[SeriesRow]) -> First:
    row = next(each for each in ordered if each.series_uid == shown.instance.series_uid)
    frame = shown.address.removesuffix("/rendered")
    grey = row.modality not in _COLOURED
    return First(
        series=row.series_uid,
        number=shown.number,
        preview=_picture(request, shown),
        document=_view_address(row),
        values=f"{frame}?accept={quote(_VALUES, safe='')}" if grey else "",
    )


def _picture(request: Request, shown: Slice) -> str:
    """As part of the page where it is derived already; else nothing may wait for its decoding."""
    row = shown.instance
    kind = WEBP if WEBP in request.headers.get("accept", "") else JPEG
    shelf = shelf_of(request)
    asked = Rendering(
        frame=shown.frame,
        media_type=kind,
        viewport=Viewport(width=_FIRST_SIDE, height=_FIRST_SIDE),
        quality=_FIRST_QUALITY,
    )
    try:
        if shelf.find_slice(row, shown.frame) is not None:
            picture = render_slice(row, asked, shelf, cloud_of(request))
            return f"data:{kind};base64,{base64.b64encode(picture).decode()}"
    except CloudError:
        pass  # its own address says why
    return f"{shown.address}?viewport={_FIRST_SIDE},{_FIRST_SIDE}&quality={_FIRST_QUALITY}"


def _facts(request: Request, sides: list[Side], language: str) -> dict[str, object]:
    """What web/viewer/src/viewer.ts reads out of the page."""
    role = principal_of(request).role
    return {
        "language": language,
        "decoder": asset_address("decode.js"),
        "wasm": asset_address("openjph.wasm"),
        "measuring": role is not Role.PATIENT,
        "studies": [
            {
                "uid": side.study.study_uid,
                "series": [
                    {
                        "uid": each.uid,
                        "address": each.address,
                        "view": each.view,
                        "modality": each.modality,
                        "description": each.title,
                        "number": each.number,
                    }
                    for each in side.series
                ],
                "first": {
                    "series": side.shown.instance.series_uid,
                    "instance": side.shown.instance.sop_instance_uid,
                    "frame": side.shown.frame,
                }
                if side.shown
                else None,
            }
            for side in sides
        ],
    }
