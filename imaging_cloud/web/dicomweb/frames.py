"""Frames and bulk data (PS3.18 10.4.1.1.5 and 10.4.1.1.6)."""

from collections.abc import Iterator
from enum import StrEnum

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from pydicom.dataset import Dataset

from imaging_cloud.dicom.frames import frame_source, stored_frame
from imaging_cloud.dicom.htj2k import DERIVATION, HTJ2K_LOSSLESS_RPCL
from imaging_cloud.dicom.json_model import json_name, little_endian
from imaging_cloud.dicom.pixel_format import pixel_format
from imaging_cloud.dicom.stored import DOUBLE_PIXELS, FLOAT_PIXELS, StoredInstance
from imaging_cloud.dicom.transfer_syntaxes import EXPLICIT_LITTLE, encoding_of
from imaging_cloud.domain.errors import InvalidRequest, NotFound, NotSupported
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.use_cases.derive_frames import HTJ2K, decode_frame, form_of
from imaging_cloud.use_cases.derived_shelf import make_htj2k
from imaging_cloud.web.calls import cloud_of, shelf_of
from imaging_cloud.web.dicomweb.media_types import (
    ANY_SYNTAX,
    MULTIPART,
    OCTETS,
    MediaType,
    parse_accept,
)
from imaging_cloud.web.dicomweb.multipart import multipart_end, new_boundary, part_head
from imaging_cloud.web.dicomweb.parts import opened_part, stored_of
from imaging_cloud.web.dicomweb.ranges import answer_bytes

_MAX_FRAMES = 5000
_CHUNK = 1024**2

_HTJ2K_TYPE = f"image/jphc; transfer-syntax={HTJ2K_LOSSLESS_RPCL}"
_HTJ2K_NAMES = frozenset({"image/jphc", "image/jph"})
_HTJ2K_SYNTAXES = ("1.2.840.10008.1.2.4.201", HTJ2K_LOSSLESS_RPCL)


class Form(StrEnum):
    """What a frame is sent as."""

    STORED = "stored"
    PLAIN = "plain"
    HTJ2K = "htj2k"


# PS3.18 Table 8.7.3-5: what stored frames are called.
_FRAME_TYPES = {
    "1.2.840.10008.1.2.4.50": "image/jpeg",
    "1.2.840.10008.1.2.4.51": "image/jpeg",
    "1.2.840.10008.1.2.4.57": "image/jpeg",
    "1.2.840.10008.1.2.4.70": "image/jpeg",
    "1.2.840.10008.1.2.4.80": "image/jls",
    "1.2.840.10008.1.2.4.81": "image/jls",
    "1.2.840.10008.1.2.4.90": "image/jp2",
    "1.2.840.10008.1.2.4.91": "image/jp2",
    "1.2.840.10008.1.2.4.92": "image/jpx",
    "1.2.840.10008.1.2.4.93": "image/jpx",
    "1.2.840.10008.1.2.4.201": "image/jphc",
    "1.2.840.10008.1.2.4.202": "image/jphc",
    "1.2.840.10008.1.2.4.203": "image/jphc",
    "1.2.840.10008.1.2.5": "image/dicom-rle",
}


def get_frames(request: Request, frames: str) -> Response:
    """The listed frames (from 1): as stored, as lossless HTJ2K, or uncompressed, as accepted."""
    numbers = _frame_numbers(frames)
    accepted = parse_accept(request.headers.get("accept"), request.query_params.get("accept"))
    opened = opened_part(request, "retrieve-frames")
    row = opened.instances[0]
    single = len(numbers) == 1 and not any(_is_multipart(each) for each in accepted)
    if single and (quick := _derived_frame(request, row, numbers[0], accepted)) is not None:
        return quick
    cloud = cloud_of(request)
    stored = stored_of(row, cloud)
    if max(numbers) > pixel_format(stored.dataset).frames:
        raise NotFound("no such frame in this object")
    form, content_type = _form(accepted, stored)
    first = _frame(stored, numbers[0], form, cloud)
    if single:
        return answer_bytes(
            request,
            lambda offset, length: first[offset : offset + length],
            len(first),
            etag=_etag(row, numbers[0], form),
            media_type=content_type,
        )
    boundary = new_boundary()

    def content() -> Iterator[bytes]:
        for position, number in enumerate(numbers):
            yield part_head(boundary, content_type)
            yield _frame(stored, number, form, cloud) if position else first
            yield b"\r\n"
        yield multipart_end(boundary)

    kind = content_type.split(";", maxsplit=1)[0]
    media_type = f'{MULTIPART}; type="{kind}"; boundary={boundary}'
    return StreamingResponse(content(), media_type=media_type)


def _derived_frame(
    request: Request, row: InstanceRow, number: int, accepted: list[MediaType]
) -> Response | None:
    """The frame as derived before, without opening the object; None when there is none.

    Only for a caller whose first wish is HTJ2K and nothing else.
    """
    if not accepted or not _wants_htj2k(accepted[0].name, accepted[0].transfer_syntax):
        return None
    cloud, shelf = cloud_of(request), shelf_of(request)
    found = shelf.find_slice(row, number)
    if found is None or found.facts["form"] != HTJ2K:
        return None
    try:
        return answer_bytes(
            request,
            lambda offset, length: found.read(offset, length, cloud),
            found.size,
            etag=_etag(row, number, Form.HTJ2K),
            media_type=_HTJ2K_TYPE,
        )
    except NotFound:
        shelf.forget(found.document)
        return None


def _etag(row: InstanceRow, number: int, form: Form) -> str:
    """Strong: the bytes are those of the object's own digest, made in a known way."""
    return f"{row.sha256[:32]}-{number}-{form.value}-{DERIVATION}"


def _frame_numbers(text: str) -> list[int]:
    numbers = [int(each) for each in text.split(",") if each.isdecimal() and len(each) <= 9]  # noqa: PLR2004
    if len(numbers) != text.count(",") + 1 or min(numbers) < 1 or len(numbers) > _MAX_FRAMES:
        raise InvalidRequest("frames: numbers from 1, separated by commas", field="frames")
    return numbers


def _is_multipart(accepted: MediaType) -> bool:
    return accepted.name in (MULTIPART, "*/*")


def _form(accepted: list[MediaType], stored: StoredInstance) -> tuple[Form, str]:
    """(form, content type) of the first accepted range that can be met."""
    syntax = stored.transfer_syntax_uid
    stored_type = _FRAME_TYPES.get(syntax, OCTETS)
    as_stored = f"{stored_type}; transfer-syntax={syntax}"
    is_compressed = stored.pixels is not None and stored.pixels.length is None
    plain = f"{OCTETS}; transfer-syntax={EXPLICIT_LITTLE}"
    is_grey = _has_htj2k(stored)
    for wanted in accepted:
        part = MediaType(wanted.of_parts or "*/*") if wanted.name == MULTIPART else wanted
        wish = wanted.transfer_syntax
        if is_compressed and _as_stored(part.name, wish, stored_type, syntax):
            return Form.STORED, as_stored
        if part.covers(OCTETS) and _is_plain(wish, syntax, is_compressed=is_compressed):
            return Form.PLAIN, plain
        if is_grey and _wants_htj2k(part.name, wish):
            return Form.HTJ2K, _HTJ2K_TYPE
    offered = [as_stored] if is_compressed else []
    offered += [_HTJ2K_TYPE] if is_grey else []
    raise NotSupported(f"these frames are offered as {', or as '.join([*offered, plain])}")


def _is_plain(wish: str, syntax: str, *, is_compressed: bool) -> bool:
    if is_compressed:
        return wish in ("", EXPLICIT_LITTLE)
    return wish in ("", ANY_SYNTAX, EXPLICIT_LITTLE, syntax)


def _has_htj2k(stored: StoredInstance) -> bool:
    layout = pixel_format(stored.dataset)
    is_real = stored.pixels is not None and stored.pixels.tag in {FLOAT_PIXELS, DOUBLE_PIXELS}
    return form_of(layout, is_real=is_real) == HTJ2K


def _wants_htj2k(name: str, wish: str) -> bool:
    """Our codestreams are RPCL ones, which are lossless ones too."""
    return name in _HTJ2K_NAMES and wish in ("", ANY_SYNTAX, *_HTJ2K_SYNTAXES)


def _as_stored(name: str, wish: str, stored_type: str, syntax: str) -> bool:
    """Whether this range takes compressed frames; without a syntax octets mean uncompressed."""
    if name in (stored_type, "image/*", "*/*"):
        return wish in ("", ANY_SYNTAX, syntax)
    return name == OCTETS and wish in (ANY_SYNTAX, syntax)


def _frame(stored: StoredInstance, number: int, form: Form, cloud: Cloud) -> bytes:
    if form is Form.STORED:
        return stored_frame(stored, number)
    if form is Form.HTJ2K:
        return make_htj2k(stored, number, cloud).data
    return plain_frame(stored, number, cloud)


def plain_frame(stored: StoredInstance, number: int, cloud: Cloud) -> bytes:
    """Uncompressed, little endian; native frames keep their unused bits as they are."""
    layout = pixel_format(stored.dataset)
    if stored.pixels is not None and stored.pixels.length is not None:
        raw = stored_frame(stored, number)
        width = layout.bits_allocated // 8
        if encoding_of(stored.transfer_syntax_uid).little or width < 2:  # noqa: PLR2004 - bytes
            return raw
        return little_endian({2: "OW", 4: "OL", 8: "OV"}[width], raw, little=False)
    array = decode_frame(frame_source(stored, number), cloud.jail)
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def get_bulk_data(request: Request, path: str) -> Response:
    """The value a BulkDataURI of the metadata stands for, as little endian bytes."""
    accepted = parse_accept(request.headers.get("accept"), request.query_params.get("accept"))
    opened = opened_part(request, "retrieve-bulk-data")
    stored = stored_of(opened.instances[0], cloud_of(request))
    content = _pixel_bytes(stored, path, cloud_of(request)) or iter([_element_bytes(stored, path)])
    if any(wanted.name == MULTIPART for wanted in accepted):
        boundary = new_boundary()
        body = _one_part(boundary, content)
        media_type = f'{MULTIPART}; type="{OCTETS}"; boundary={boundary}'
        return StreamingResponse(body, media_type=media_type)
    return StreamingResponse(content, media_type=OCTETS)


def _one_part(boundary: str, content: Iterator[bytes]) -> Iterator[bytes]:
    yield part_head(boundary, OCTETS)
    yield from content
    yield b"\r\n"
    yield multipart_end(boundary)


def _pixel_bytes(stored: StoredInstance, path: str, cloud: Cloud) -> Iterator[bytes] | None:
    """All frames one after the other, uncompressed; None when the path is not the pixels'."""
    if stored.pixels is None or path != json_name(stored.pixels.tag):
        return None
    if stored.pixels.length is not None and encoding_of(stored.transfer_syntax_uid).little:
        return _range(stored, stored.pixels.offset, stored.pixels.length)
    frames = range(1, pixel_format(stored.dataset).frames + 1)
    return (plain_frame(stored, number, cloud) for number in frames)


def _range(stored: StoredInstance, offset: int, length: int) -> Iterator[bytes]:
    stored.source.seek(offset)
    while length > 0 and (chunk := stored.source.read(min(length, _CHUNK))):
        length -= len(chunk)
        yield chunk


def _element_bytes(stored: StoredInstance, path: str) -> bytes:
    holder: Dataset = stored.dataset
    *steps, last = path.split("/")
    try:
        for sequence, item in zip(steps[::2], steps[1::2], strict=True):
            holder = holder[int(sequence, 16)].value[int(item)]
        element = holder[int(last, 16)]
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise NotFound("no such bulk data in this object") from error
    if not isinstance(element.value, bytes):
        raise NotFound("no such bulk data in this object")
    little = encoding_of(stored.transfer_syntax_uid).little
    return little_endian(str(element.VR)[:2], element.value, little=little)
