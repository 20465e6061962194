"""read_back: whether a stored object is, byte for byte, what its row says."""

import hashlib
import io
from dataclasses import dataclass
from typing import BinaryIO

from imaging_cloud.dicom.file_meta import FileMeta, read_file_meta
from imaging_cloud.domain.errors import InvalidInstance
from imaging_cloud.ports.imaging_index import InstanceRow

# Our file meta is some 300 bytes; what does not end in this is not ours.
_META_BYTES = 64 * 1024
_CHUNK = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """`sha256` is that of the data set, "" where none begins; `meta` None where it is no DICOM."""

    size: int
    sha256: str
    meta: FileMeta | None


def read_back(stream: BinaryIO) -> ReadBack:
    """Read to the end, one chunk in memory at a time; the stream need not be seekable."""
    start = read_start(stream)
    meta = meta_of(start)
    digest = hashlib.sha256(start[meta.length :] if meta else b"")
    size = len(start)
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        digest.update(chunk)
    return ReadBack(size=size, sha256=digest.hexdigest() if meta else "", meta=meta)


def read_start(stream: BinaryIO) -> bytes:
    """The first bytes, enough for the file meta (a short read is not the end)."""
    start = b""
    while len(start) < _META_BYTES and (more := stream.read(_META_BYTES - len(start))):
        start += more
    return start


def meta_of(start: bytes) -> FileMeta | None:
    try:
        return read_file_meta(io.BytesIO(start))
    except InvalidInstance:
        return None


def fault_of(row: InstanceRow, found: ReadBack) -> str:
    """Name the first thing that is wrong with the object; "" when it is what the row says."""
    if found.size != row.size:
        return "wrong-size"
    if found.meta is None:
        return "not-dicom"
    if found.sha256 != row.sha256:
        return "wrong-checksum"
    stated = (
        found.meta.sop_instance_uid,
        found.meta.sop_class_uid,
        found.meta.transfer_syntax_uid,
    )
    if stated != (row.sop_instance_uid, row.sop_class_uid, row.transfer_syntax_uid):
        return "wrong-file-meta"
    return ""
