"""STOW-RS: storing instances (PS3.18 10.5)."""

import errno
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO, Protocol

from anyio import to_thread
from fastapi import Request
from fastapi.responses import Response

from imaging_cloud.dicom.json_model import Json, json_element
from imaging_cloud.domain.errors import (
    CloudError,
    InvalidRequest,
    NotPermitted,
    OutOfSpace,
    Unavailable,
)
from imaging_cloud.domain.identifiers import is_uid
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.admit_upload import admit_upload, upload_buffer, uploaded_meta
from imaging_cloud.use_cases.receive_instance import Receipt, ReceiptStatus
from imaging_cloud.web.bodies import body_chunks
from imaging_cloud.web.calls import cloud_of, lanes_of
from imaging_cloud.web.dicomweb.media_types import (
    DICOM,
    DICOM_JSON,
    MULTIPART,
    json_type,
    parse_accept,
    parse_media_type,
)
from imaging_cloud.web.dicomweb.multipart import Limits, MultipartReader
from imaging_cloud.web.dicomweb.wado import encode_json
from imaging_cloud.web.errors import UnsupportedContent
from imaging_cloud.web.security import principal_of

_CHUNK = 1024**2
# Failure reasons (PS3.4 B.2.3 and CC.2.3-1; 0xC111 is Azure's and ours for other bytes).
_DIFFERS, _MISMATCH, _NO_RESOURCES, _NOT_UNDERSTOOD = 0xC111, 0xA900, 0xA700, 0xC000
_MISMATCHES = frozenset({"uid-mismatch", "sop-class-mismatch", "invalid-uid"})


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(slots=True)
class Stored:
    """What became of each instance, for the answer."""

    kept: list[Receipt] = field(default_factory=list)
    failed: list[tuple[Receipt, int]] = field(default_factory=list)

    def note(self, receipt: Receipt) -> None:
        if receipt.kept:
            self.kept.append(receipt)
        else:
            self.failed.append((receipt, failure_reason(receipt)))


async def store_instances(request: Request) -> Response:
    """Store instances (STOW-RS)."""
    # Uploads have their own threads: slow senders never stand before anybody who reads.
    return await to_thread.run_sync(partial(_store, request), limiter=lanes_of(request).uploads)


def _store(request: Request) -> Response:
    principal, cloud = principal_of(request), cloud_of(request)
    if principal.institution is None:
        raise NotPermitted(
            "this access token names no institution, and somebody must answer for what is stored;"
            " ask for a token that has one"
        )
    accepted = json_type(parse_accept(request.headers.get("accept")))
    study_uid = request.path_params.get("study_uid")
    if study_uid is not None and not is_uid(study_uid):
        raise InvalidRequest("the study's UID is not one", field="StudyInstanceUID")
    peer = request.client.host if request.client else ""
    origin = Origin(
        institution=principal.institution, kind="stow", source=principal.subject, peer=peer
    )
    stored = Stored()
    for part in _parts(request, cloud):
        _take(part, study_uid, origin, stored, cloud)
    if not stored.kept and not stored.failed:
        raise InvalidRequest("the request holds no instance")
    return _answer(stored, study_uid, accepted, cloud)


def _parts(request: Request, cloud: Cloud) -> Iterator[_Readable]:
    """The bodies of the instances. Raises UnsupportedContent for anything but instances."""
    content = parse_media_type(request.headers.get("content-type") or "none/none")
    limit = cloud.policy.max_instance_bytes
    if content.name == DICOM:
        yield _Bare(body_chunks(request))
        return
    if content.name != MULTIPART or content.of_parts not in ("", DICOM):
        raise UnsupportedContent(f'{MULTIPART}; type="{DICOM}" is taken here')
    boundary = content.parameters.get("boundary", "")
    for part in MultipartReader(
        body_chunks(request), boundary, Limits(part_bytes=limit + _CHUNK)
    ).parts():
        kind = parse_media_type(part.headers.get("content-type") or DICOM)
        if kind.name not in (DICOM, "application/octet-stream"):
            raise UnsupportedContent(f"a part is {kind.name}; {DICOM} is taken here")
        yield part


class _Bare:
    """A body that is one instance, without multipart around it."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def read(self, _size: int, /) -> bytes:
        return next((chunk for chunk in self._chunks if chunk), b"")


def _take(
    part: _Readable, study_uid: str | None, origin: Origin, stored: Stored, cloud: Cloud
) -> None:
    """Store one instance. With nothing stored yet, a store that is away ends the request (503)."""
    with upload_buffer() as buffer:
        try:
            _fill(buffer, part)
            stored.note(admit_upload(buffer, study_uid, origin, cloud))
        except Unavailable as error:
            if not stored.kept:
                raise
            meta = uploaded_meta(buffer)
            receipt = Receipt(
                status=ReceiptStatus.INVALID,
                sop_class_uid=meta.sop_class_uid,
                sop_instance_uid=meta.sop_instance_uid,
                cause="unavailable",
                message=str(error),
            )
            stored.failed.append((receipt, _NO_RESOURCES))


def _fill(buffer: BinaryIO, part: _Readable) -> None:
    try:
        while chunk := part.read(_CHUNK):
            buffer.write(chunk)
    except OSError as error:
        if isinstance(error, CloudError) or error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise OutOfSpace("no room for the upload; free some, then send again") from error


def failure_reason(receipt: Receipt) -> int:
    """The code for FailureReason (0008,1197) of an instance that was not stored."""
    match receipt.status:
        case ReceiptStatus.DIFFERS:
            return _DIFFERS
        case ReceiptStatus.CLASHES:
            return _MISMATCH
        case _:
            return _MISMATCH if receipt.cause in _MISMATCHES else _NOT_UNDERSTOOD


def _answer(stored: Stored, study_uid: str | None, media_type: str, cloud: Cloud) -> Response:
    """PS3.18 10.5.3: 200 all, 202 some, 409 none; the sequences of Table I.2-1."""
    base = f"{cloud.policy.public_url}/dicom-web"
    body: Json = {}
    studies = {receipt.study_uid for receipt in stored.kept}
    if study_uid is not None or len(studies) == 1:
        body["00081190"] = json_element("UR", [f"{base}/studies/{study_uid or studies.pop()}"])
    named = [each for each in stored.failed if each[0].sop_instance_uid]
    unnamed = [each for each in stored.failed if not each[0].sop_instance_uid]
    sequences = {
        "00081198": [_failed(receipt, reason) for receipt, reason in named],
        "0008119A": [{"00081197": json_element("US", [reason])} for _, reason in unnamed],
        "00081199": [_kept(receipt, base) for receipt in stored.kept],
    }
    body |= {tag: {"vr": "SQ", "Value": items} for tag, items in sequences.items() if items}
    status = 409 if not stored.kept else 202 if stored.failed else 200
    return Response(encode_json(body), status_code=status, media_type=media_type or DICOM_JSON)


def _failed(receipt: Receipt, reason: int) -> Json:
    return {
        "00081150": json_element("UI", [receipt.sop_class_uid]),
        "00081155": json_element("UI", [receipt.sop_instance_uid]),
        "00081197": json_element("US", [reason]),
    }


def _kept(receipt: Receipt, base: str) -> Json:
    address = (
        f"{base}/studies/{receipt.study_uid}/series/{receipt.series_uid}"
        f"/instances/{receipt.sop_instance_uid}"
    )
    return {
        "00081150": json_element("UI", [receipt.sop_class_uid]),
        "00081155": json_element("UI", [receipt.sop_instance_uid]),
        "00081190": json_element("UR", [address]),
    }
