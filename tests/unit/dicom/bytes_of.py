"""Data sets written by hand, so that a test may lie about any length."""

from struct import pack

UNDEFINED = 0xFFFFFFFF
UIDS = {
    0x00080016: "1.2.840.10008.5.1.4.1.1.2",
    0x00080018: "1.2.3.4",
    0x0020000D: "1.2.3",
    0x0020000E: "1.2.3.1",
}
_LONG = frozenset(["OB", "OW", "SQ", "UN", "UT", "UC", "UR", "OF", "OD", "OL", "OV", "SV", "UV"])


def element(tag: int, vr: str, value: bytes, *, length: int | None = None) -> bytes:
    """Explicit VR little endian; `length` may lie."""
    stated = len(value) if length is None else length
    start = pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    if vr in _LONG:
        return start + b"\0\0" + pack("<I", stated) + value
    return start + pack("<H", stated) + value


def implicit(tag: int, value: bytes, *, length: int | None = None) -> bytes:
    stated = len(value) if length is None else length
    return pack("<HHI", tag >> 16, tag & 0xFFFF, stated) + value


def item(content: bytes, *, length: int | None = None) -> bytes:
    return implicit(0xFFFEE000, content, length=length)


ITEM_END = implicit(0xFFFEE00D, b"")
SEQUENCE_END = implicit(0xFFFEE0DD, b"")


def text(tag: int, vr: str, value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return element(tag, vr, raw + (b"\0" if vr == "UI" else b" ") * (len(raw) % 2))


def data_set(*more: bytes) -> bytes:
    """The four UIDs and `more`, in the order of tags."""
    parts = [*(text(tag, "UI", uid) for tag, uid in UIDS.items()), *more]
    return b"".join(sorted(parts, key=lambda part: (part[1], part[0], part[3], part[2])))
