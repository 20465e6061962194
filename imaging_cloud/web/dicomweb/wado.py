"""WADO-RS: instances as stored, and their metadata (PS3.18 10.4)."""

import json
from collections.abc import Iterator

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from imaging_cloud.dicom.codecs import SHOWN_SYNTAXES
from imaging_cloud.dicom.json_model import Json, dataset_json, json_element, json_name
from imaging_cloud.dicom.stored import PIXEL_DATA, StoredInstance
from imaging_cloud.dicom.transcode import explicit_little
from imaging_cloud.dicom.transfer_syntaxes import EXPLICIT_LITTLE, UNCOMPRESSED, encoding_of
from imaging_cloud.domain.errors import NotSupported
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.dicomweb.frames import plain_frame
from imaging_cloud.web.dicomweb.media_types import (
    DICOM,
    PartsWanted,
    json_type,
    parse_accept,
    parts_wanted,
)
from imaging_cloud.web.dicomweb.multipart import multipart_end, new_boundary, part_head
from imaging_cloud.web.dicomweb.parts import instance_address, opened_part, stored_of

_CHUNK = 256 * 1024
_AVAILABLE_TRANSFER_SYNTAX = "00083002"


def get_instances(request: Request) -> Response:
    """A study, a series or an instance: byte for byte as stored, or uncompressed where asked."""
    accepted = parse_accept(request.headers.get("accept"), request.query_params.get("accept"))
    single = "sop_instance_uid" in request.path_params
    wanted = parts_wanted(accepted, DICOM, single=single)
    opened = opened_part(request, "retrieve")
    converted = [_is_converted(row, wanted) for row in opened.instances]
    cloud = cloud_of(request)
    if any(converted):
        return _converted(opened.instances, converted, wanted, cloud)
    if not wanted.multipart:
        return _bare(opened.instances[0], cloud)
    return _related(opened.instances, cloud)


def _is_converted(row: InstanceRow, wanted: PartsWanted) -> bool:
    """Whether the row has to be converted. Raises NotSupported where it cannot be."""
    syntax = row.transfer_syntax_uid
    if wanted.takes(syntax):
        return False
    if wanted.takes(EXPLICIT_LITTLE) and (syntax in SHOWN_SYNTAXES or syntax in UNCOMPRESSED):
        return True
    raise NotSupported(
        f"stored in transfer syntax {syntax}, offered as that or as {EXPLICIT_LITTLE};"
        " accept one of them, or transfer-syntax=*"
    )


def _converted(
    rows: tuple[InstanceRow, ...], converted: list[bool], wanted: PartsWanted, cloud: Cloud
) -> Response:
    """Those that have to be are converted one after the other; how long it gets is not known."""

    def part(number: int) -> bytes:
        row = rows[number]
        if converted[number]:
            stored = stored_of(row, cloud)
            return explicit_little(stored, lambda frame: plain_frame(stored, frame, cloud))
        with cloud.objects.open_object(row.object_key) as stream:
            return stream.read()

    first = part(0)
    plain = f"{DICOM}; transfer-syntax={EXPLICIT_LITTLE}"
    if not wanted.multipart:
        name = f'attachment; filename="{rows[0].sop_instance_uid}.dcm"'
        return Response(first, headers={"Content-Disposition": name}, media_type=plain)
    boundary = new_boundary()

    def content() -> Iterator[bytes]:
        for number, row in enumerate(rows):
            kind = plain if converted[number] else _content_type(row)
            yield part_head(boundary, kind, instance_address(row, cloud.policy.public_url))
            yield part(number) if number else first
            yield b"\r\n"
        yield multipart_end(boundary)

    kind = f'multipart/related; type="{DICOM}"; boundary={boundary}'
    return StreamingResponse(content(), media_type=kind)


def _bare(row: InstanceRow, cloud: Cloud) -> Response:
    stream = cloud.objects.open_object(row.object_key)

    def content() -> Iterator[bytes]:
        with stream:
            while chunk := stream.read(_CHUNK):
                yield chunk

    headers = {
        "Content-Length": str(row.size),
        "Content-Disposition": f'attachment; filename="{row.sop_instance_uid}.dcm"',
    }
    return StreamingResponse(content(), headers=headers, media_type=_content_type(row))


def _content_type(row: InstanceRow) -> str:
    return f"{DICOM}; transfer-syntax={row.transfer_syntax_uid}"


def _related(rows: tuple[InstanceRow, ...], cloud: Cloud) -> Response:
    """All of them as parts. The first is opened now, so that a store that is away is a 503."""
    boundary = new_boundary()
    heads = [
        part_head(boundary, _content_type(row), instance_address(row, cloud.policy.public_url))
        for row in rows
    ]
    end = multipart_end(boundary)
    first = cloud.objects.open_object(rows[0].object_key)

    def content() -> Iterator[bytes]:
        stream = first
        for number, (row, head) in enumerate(zip(rows, heads, strict=True)):
            if number:
                stream = cloud.objects.open_object(row.object_key)
            yield head
            with stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk
            yield b"\r\n"
        yield end

    # With the length told, a client notices an answer that was cut short.
    length = sum(map(len, heads)) + sum(row.size + 2 for row in rows) + len(end)
    return StreamingResponse(
        content(),
        headers={"Content-Length": str(length)},
        media_type=f'multipart/related; type="{DICOM}"; boundary={boundary}',
    )


def get_metadata(request: Request) -> Response:
    """The data sets of all instances as DICOM JSON, bulk data left out (PS3.18 10.4.1.1.2)."""
    accepted = parse_accept(request.headers.get("accept"), request.query_params.get("accept"))
    media_type = json_type(accepted)
    opened = opened_part(request, "metadata")
    cloud = cloud_of(request)
    first = metadata_of(opened.instances[0], cloud)

    def content() -> Iterator[bytes]:
        yield b"["
        for number, row in enumerate(opened.instances):
            found = metadata_of(row, cloud) if number else first
            yield (b"," if number else b"") + encode_json(found)
        yield b"]"

    return StreamingResponse(content(), media_type=media_type)


def encode_json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Broken text may hold lone surrogates, which UTF-8 cannot.
    return text.encode("utf-8", "replace")


def metadata_of(row: InstanceRow, cloud: Cloud) -> Json:
    address = instance_address(row, cloud.policy.public_url)
    stored = stored_of(row, cloud)
    found = dataset_json(
        stored.dataset,
        lambda path: f"{address}/bulkdata/{path}",
        little=encoding_of(stored.transfer_syntax_uid).little,
    )
    # The text is UTF-8 now, whatever it was (PS3.18 F.1.1).
    found["00080005"] = json_element("CS", ["ISO_IR 192"])
    found[_AVAILABLE_TRANSFER_SYNTAX] = json_element("UI", [row.transfer_syntax_uid])
    if stored.pixels is not None:
        found[json_name(stored.pixels.tag)] = _pixels(stored, address)
    return dict(sorted(found.items()))


def _pixels(stored: StoredInstance, address: str) -> Json:
    tag = stored.pixels.tag if stored.pixels else PIXEL_DATA
    vr = {0x08: "OF", 0x09: "OD"}.get(tag & 0xFF)
    if vr is None:
        vr = "OW" if int(stored.dataset.get("BitsAllocated") or 8) > 8 else "OB"  # noqa: PLR2004
    return {"vr": vr, "BulkDataURI": f"{address}/bulkdata/{json_name(tag)}"}
