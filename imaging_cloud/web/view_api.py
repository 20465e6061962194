"""What our viewer reads: a series in one document, its previews and its frames in a few answers.

docs/http.md ("The series document") says what each byte means.
"""

from fastapi import Request
from fastapi.responses import Response

from imaging_cloud.dicom.slices import Facts
from imaging_cloud.domain.errors import Conflict, InvalidRequest, NotFound, Unavailable
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.use_cases.derive_series import document_facts, read_slices
from imaging_cloud.use_cases.derived_objects import (
    SeriesDocument,
    pack_document,
    place_of,
    previews_size,
    read_packed,
    read_previews,
    series_version,
    slices_of,
)
from imaging_cloud.web.calls import cloud_of, shelf_of
from imaging_cloud.web.dicomweb.parts import opened_part
from imaging_cloud.web.dicomweb.ranges import Reader, answer_bytes, matches

_JSON = "application/json"
_OCTETS = "application/octet-stream"
# One answer's frames are held in memory.
_MOST_BYTES = 64 * 1024**2


def get_series_document(request: Request) -> Response:
    """All that a viewer needs of a series' slices, in viewing order; gzipped JSON."""
    rows = opened_part(request, "metadata").instances
    document = shelf_of(request).find_document(rows)
    if document is None:
        return _gzipped(request, _make_document(rows, cloud_of(request)), series_version(rows))
    return _gzipped(request, document.data, f"{document.version}-derived")


def _gzipped(request: Request, data: bytes, etag: str) -> Response:
    headers = {"ETag": f'"{etag}"', "Content-Encoding": "gzip"}
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers={"ETag": headers["ETag"]})
    return Response(data, headers=headers, media_type=_JSON)


def _make_document(rows: tuple[InstanceRow, ...], cloud: Cloud) -> bytes:
    """Out of the headers alone: without previews, ends and ranges; a worker is asked for these."""
    slices, others = read_slices(rows, cloud)
    facts = document_facts(place_of(rows[0]), series_version(rows), slices, others)
    for institution in {row.institution for row in rows}:
        cloud.derivations.ask(institution, rows[0].study_uid, at=cloud.clock.now())
    return pack_document(facts)


def get_previews(request: Request) -> Response:
    """The first step of all slices' previews in viewing order; `step=2` the second one."""
    step = {None: 0, "1": 0, "2": 1}.get(request.query_params.get("step"))
    if step is None:
        raise InvalidRequest("step: 1 or 2 is needed", field="step")
    document = _document(request)
    cloud = cloud_of(request)

    def read(offset: int, length: int) -> bytes:
        return read_previews(document, step, offset, length, cloud)

    return _answer(request, document, read, previews_size(document, step), f"previews-{step}")


def get_slices(request: Request, slices: str) -> Response:
    """The codestreams of slices `first-last` (from 0, viewing order), one after the other.

    `rest=1`: of each what comes after both steps of its preview.
    """
    first, dash, last = slices.partition("-")
    if not all(part.isdecimal() and len(part) < 7 for part in (first, last or first)):  # noqa: PLR2004
        raise InvalidRequest("slices: first-last is needed, from 0", field="slices")
    document = _document(request)
    chosen = slices_of(document)[int(first) : (int(last) if dash else int(first)) + 1]
    if not chosen:
        raise NotFound("no such slices in this series")
    is_rest = request.query_params.get("rest") == "1"
    held = [sum(each["preview"]) if is_rest and "ends" in each else 0 for each in chosen]
    lengths = [
        int(each["ends"][-1]) - begin if "ends" in each else 0
        for each, begin in zip(chosen, held, strict=True)
    ]
    if sum(lengths) > _MOST_BYTES:
        raise InvalidRequest(
            f"slices: at most {_MOST_BYTES} bytes at once, ask for fewer", field="slices"
        )
    cloud = cloud_of(request)

    def read(offset: int, length: int) -> bytes:
        runs = _runs(chosen, held, lengths)
        parts = (read_packed(document, at, size, cloud) for at, size in runs)
        return b"".join(parts)[offset : offset + length]

    name = f"{'rests' if is_rest else 'slices'}-{slices}"
    return _answer(request, document, read, sum(lengths), name)


def _runs(chosen: list[Facts], held: list[int], lengths: list[int]) -> list[tuple[list[int], int]]:
    """(place, length) of what lies side by side in one pack: whole slices are a single read."""
    runs: list[tuple[list[int], int]] = []
    for each, begin, size in zip(chosen, held, lengths, strict=True):
        if not size:
            continue
        pack, offset = each["at"][0], each["at"][1] + begin
        if runs and runs[-1][0] == [pack, offset - runs[-1][1]]:
            runs[-1] = (runs[-1][0], runs[-1][1] + size)
        else:
            runs.append(([pack, offset], size))
    return runs


def _document(request: Request) -> SeriesDocument:
    """The derived document of the asked version. Raises Conflict when the series has changed."""
    rows = opened_part(request, "view").instances
    version = request.query_params.get("version")
    if version is not None and version != series_version(rows):
        raise Conflict("the series has changed: read its document again")
    document = shelf_of(request).find_document(rows)
    if document is None:
        cloud = cloud_of(request)
        for institution in {row.institution for row in rows}:
            cloud.derivations.ask(institution, rows[0].study_uid, at=cloud.clock.now())
        raise NotFound("not derived yet: read frames one by one, or ask again soon")
    return document


def _answer(
    request: Request,
    document: SeriesDocument,
    read: Reader,
    size: int,
    name: str,
) -> Response:
    try:
        return answer_bytes(
            request, read, size, etag=f"{document.version}-{name}", media_type=_OCTETS
        )
    except NotFound as error:
        shelf_of(request).forget(document)
        raise Unavailable("the derived pictures are being made again; ask again soon") from error
