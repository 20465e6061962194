"""Data sets without a usable file meta: what their first element says of their encoding."""

import io
from typing import BinaryIO

from imaging_cloud.dicom.file_meta import FileMeta, read_bare_file_meta
from imaging_cloud.dicom.transfer_syntaxes import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE
from imaging_cloud.dicom.walk import is_known_vr
from imaging_cloud.domain.errors import InvalidInstance

# Every composite instance begins in group 0008, its first elements are short.
_FIRST_GROUP = 0x0008
_MAX_FIRST_LENGTH = 4096
_PEEK = 8


def guess_transfer_syntax(stream: BinaryIO, meta: FileMeta | None = None) -> FileMeta:
    """Look at the first element of the data set where the stream stands, and stay there.

    `meta` is a file meta that left the transfer syntax out. Old archives also write group 0002
    without a preamble: that is read first. Raises InvalidInstance (not-dicom).
    """
    start = stream.read(_PEEK)
    stream.seek(-len(start), io.SEEK_CUR)
    if meta is None and start[:2] == b"\x02\x00" and is_known_vr(start[4:6]):
        bare = read_bare_file_meta(stream)
        return bare if bare.transfer_syntax_uid else guess_transfer_syntax(stream, bare)
    syntax = _sniff(start)
    if syntax is None:
        raise InvalidInstance(
            "not DICOM: neither a Part 10 file nor a bare data set (PS3.10 7.1)", cause="not-dicom"
        )
    return FileMeta(
        sop_class_uid=meta.sop_class_uid if meta else "",
        sop_instance_uid=meta.sop_instance_uid if meta else "",
        transfer_syntax_uid=syntax,
        length=meta.length if meta else 0,
    )


def _sniff(start: bytes) -> str | None:
    if len(start) < _PEEK:
        return None
    little = int.from_bytes(start[:2], "little")
    big = int.from_bytes(start[:2], "big")
    if is_known_vr(start[4:6]):
        if little == _FIRST_GROUP:
            return EXPLICIT_LITTLE
        return EXPLICIT_BIG if big == _FIRST_GROUP else None
    length = int.from_bytes(start[4:8], "little")
    if little == _FIRST_GROUP and length <= _MAX_FIRST_LENGTH:
        return IMPLICIT_LITTLE
    return None
