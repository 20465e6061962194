"""Part 10 file meta: writing ours, and reading anybody's (PS3.10 §7.1)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO

from imaging_cloud.domain.errors import InvalidInstance

PREAMBLE_LENGTH = 128
MAGIC = b"DICM"

# 2.25 + a fixed UUID: ours alone, registered nowhere, and never to change, because the same data
# set must make the same object (docs/adr/0002).
IMPLEMENTATION_CLASS_UID = "2.25.208319546930582394815170532974462185603"
IMPLEMENTATION_VERSION_NAME = "IMAGINGCLOUD"

# File meta is a few hundred bytes; private information (0002,0102) may make it longer.
_MAX_META_BYTES = 1 << 20
_SHORT_HEADER = 8
_LONG_VRS = frozenset({b"OB", b"OW", b"UN", b"UT", b"SQ", b"OF", b"OD", b"OL", b"UC", b"UR"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMeta:
    """What the file meta says; "" for what it leaves out. `length` covers preamble to data set."""

    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    transfer_syntax_uid: str = ""
    length: int


def encode_file_meta(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """Preamble, magic and group 0002 for a data set: the same arguments give the same bytes.

    The preamble is zero whatever a sender put there (CVE-2019-11687).
    """
    elements = b"".join(
        (
            b"\x02\x00\x01\x00OB\x00\x00\x02\x00\x00\x00\x00\x01",
            _often(0x0002, sop_class_uid),
            _text_element(0x0003, b"UI", sop_instance_uid),
            _often(0x0010, transfer_syntax_uid),
            _IMPLEMENTATION,
        )
    )
    group_length = b"\x02\x00\x00\x00UL\x04\x00" + len(elements).to_bytes(4, "little")
    return bytes(PREAMBLE_LENGTH) + MAGIC + group_length + elements


def _text_element(element: int, vr: bytes, text: str) -> bytes:
    value = text.encode("ascii")
    if len(value) % 2:
        value += b"\x00" if vr == b"UI" else b" "
    return (
        b"\x02\x00" + element.to_bytes(2, "little") + vr + len(value).to_bytes(2, "little") + value
    )


@lru_cache(maxsize=64)
def _often(element: int, uid: str) -> bytes:
    return _text_element(element, b"UI", uid)


_IMPLEMENTATION = _text_element(0x0012, b"UI", IMPLEMENTATION_CLASS_UID) + _text_element(
    0x0013, b"SH", IMPLEMENTATION_VERSION_NAME
)


def has_part10_magic(start: bytes) -> bool:
    """Whether the first 132 bytes of a file are those of Part 10."""
    return start[PREAMBLE_LENGTH : PREAMBLE_LENGTH + len(MAGIC)] == MAGIC


def read_file_meta(stream: BinaryIO) -> FileMeta:
    """Read from the first byte of a Part 10 stream; afterwards it stands at the data set.

    The group is walked element by element, since its stated length is wrong in the field.
    Raises InvalidInstance (not-dicom, truncated, bad-length).
    """
    if not has_part10_magic(stream.read(PREAMBLE_LENGTH + len(MAGIC))):
        raise InvalidInstance(
            "not a DICOM Part 10 file: no DICM after the preamble (PS3.10 7.1)", cause="not-dicom"
        )
    return _read_group(stream, PREAMBLE_LENGTH + len(MAGIC))


def read_bare_file_meta(stream: BinaryIO) -> FileMeta:
    """The same for a file that begins with group 0002, without preamble and magic."""
    return _read_group(stream, 0)


def _read_group(stream: BinaryIO, position: int) -> FileMeta:
    values: dict[int, str] = {}
    while position < _MAX_META_BYTES:
        start = stream.read(_SHORT_HEADER)
        if start[:2] != b"\x02\x00":
            stream.seek(-len(start), 1)
            return FileMeta(
                sop_class_uid=values.get(0x0002, ""),
                sop_instance_uid=values.get(0x0003, ""),
                transfer_syntax_uid=values.get(0x0010, ""),
                length=position,
            )
        element, length, header = _element_start(stream, start)
        if len(start) < _SHORT_HEADER:
            raise InvalidInstance("the file ends inside its file meta", cause="truncated")
        if position + header + length > _MAX_META_BYTES:
            break
        value = stream.read(length)
        if len(value) < length:
            raise InvalidInstance("the file ends inside its file meta", cause="truncated")
        values[element] = value.rstrip(b"\x00 ").decode("ascii", "replace")
        position += header + length
    raise InvalidInstance("the file meta is longer than 1 MiB", cause="bad-length")


def _element_start(stream: BinaryIO, start: bytes) -> tuple[int, int, int]:
    """(element number, value length, header length); always explicit VR little endian."""
    element = int.from_bytes(start[2:4], "little")
    if start[4:6] in _LONG_VRS:
        length = stream.read(4)
        if len(length) < 4:  # noqa: PLR2004 - a long length (PS3.5 7.1.2)
            raise InvalidInstance("the file ends inside its file meta", cause="truncated")
        return element, int.from_bytes(length, "little"), 12
    return element, int.from_bytes(start[6:8], "little"), 8
