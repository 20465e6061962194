"""Text of data elements: from bytes and SpecificCharacterSet (0008,0005) to str.

Lenient on purpose, since it only feeds the index: the stored bytes stay as they came.
"""

import re

# Defined terms of PS3.3 C.12.1.1.2 and the Python codec that reads them.
_CODECS = {
    "": "ascii",
    "ISO_IR 6": "ascii",
    "ISO 2022 IR 6": "ascii",
    "ISO_IR 100": "latin-1",
    "ISO 2022 IR 100": "latin-1",
    "ISO_IR 101": "iso8859-2",
    "ISO 2022 IR 101": "iso8859-2",
    "ISO_IR 109": "iso8859-3",
    "ISO 2022 IR 109": "iso8859-3",
    "ISO_IR 110": "iso8859-4",
    "ISO 2022 IR 110": "iso8859-4",
    "ISO_IR 126": "iso8859-7",
    "ISO 2022 IR 126": "iso8859-7",
    "ISO_IR 127": "iso8859-6",
    "ISO 2022 IR 127": "iso8859-6",
    "ISO_IR 138": "iso8859-8",
    "ISO 2022 IR 138": "iso8859-8",
    "ISO_IR 144": "iso8859-5",
    "ISO 2022 IR 144": "iso8859-5",
    "ISO_IR 148": "iso8859-9",
    "ISO 2022 IR 148": "iso8859-9",
    "ISO_IR 203": "iso8859-15",
    "ISO 2022 IR 203": "iso8859-15",
    "ISO_IR 13": "shift_jis",
    "ISO 2022 IR 13": "shift_jis",
    "ISO_IR 166": "iso8859-11",
    "ISO 2022 IR 166": "iso8859-11",
    "ISO 2022 IR 58": "gb2312",
    "ISO 2022 IR 87": "iso2022_jp",
    "ISO 2022 IR 149": "euc_kr",
    "ISO 2022 IR 159": "iso2022_jp_2",
    "ISO_IR 192": "utf-8",
    "GB18030": "gb18030",
    "GBK": "gb18030",
}

# Escape sequences of PS3.3 Tables C.12-3 and C.12-4. True: the codec wants to see the escape.
_ESCAPES = {
    b"\x1b(B": ("ascii", False),
    b"\x1b-A": ("latin-1", False),
    b"\x1b-B": ("iso8859-2", False),
    b"\x1b-C": ("iso8859-3", False),
    b"\x1b-D": ("iso8859-4", False),
    b"\x1b-F": ("iso8859-7", False),
    b"\x1b-G": ("iso8859-6", False),
    b"\x1b-H": ("iso8859-8", False),
    b"\x1b-L": ("iso8859-5", False),
    b"\x1b-M": ("iso8859-9", False),
    b"\x1b-T": ("iso8859-11", False),
    b"\x1b-b": ("iso8859-15", False),
    b"\x1b)I": ("shift_jis", False),
    b"\x1b(J": ("shift_jis", False),
    b"\x1b$B": ("iso2022_jp", True),
    b"\x1b$(D": ("iso2022_jp_2", True),
    b"\x1b$)C": ("euc_kr", False),
    b"\x1b$)A": ("gb2312", False),
}
_ESCAPE = re.compile(rb"\x1b(?:\$[()][ACD]|\$B|[()-][A-Za-z])")
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
# GB 2312 rows 16 to 87 hold its hanzi: lead B0-F7, trail A1-FE.
_HANZI_PAIRS = re.compile(rb"(?:[\xb0-\xf7][\xa1-\xfe])+")
# Two accented letters inside a word look like one hanzi: Größe, Conceição.
_INSIDE_A_WORD = re.compile(rb"[A-Za-z][\x80-\xff]{2}[A-Za-z]")


def charsets_of(value: bytes) -> tuple[str, ...]:
    """The terms of SpecificCharacterSet, as written but for padding."""
    return tuple(term.strip() for term in value.decode("ascii", "replace").split("\\"))


def decode_text(value: bytes, charsets: tuple[str, ...]) -> str:
    """Decode one value; undecodable bytes become U+FFFD. Padding and NULs are stripped."""
    value = value.strip(b"\x00 ")
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii").strip()
    if b"\x1b" in value:
        return _decode_escaped(value, charsets).strip()
    return value.decode(_codec_for(value, charsets), "replace").strip()


def _codec_for(value: bytes, charsets: tuple[str, ...]) -> str:
    declared = _CODECS.get(charsets[0] if charsets else "", "")
    if declared in ("ascii", ""):
        return _guess(value)
    if declared == "latin-1" and _looks_like_gbk(value):
        # Consoles in China send GBK labelled ISO_IR 100 (facts: dicomParser issue 89).
        return "gb18030"
    if declared == "utf-8" and not _decodes(value, declared):
        return _guess(value)
    return declared


def _decodes(value: bytes, codec: str) -> bool:
    try:
        value.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _guess(value: bytes) -> str:
    """A codec for bytes that no declared set explains."""
    fitting = (codec for codec in ("utf-8", "gb18030") if _decodes(value, codec))
    return next(fitting, "latin-1")


def _looks_like_gbk(value: bytes) -> bool:
    if _INSIDE_A_WORD.search(value):
        return False
    runs = _NOT_ASCII.findall(value)
    return all(_HANZI_PAIRS.fullmatch(run) for run in runs)


def _decode_escaped(value: bytes, charsets: tuple[str, ...]) -> str:
    """ISO 2022 code extensions (PS3.5 6.1.2.5): each escape sequence changes the set."""
    matches = [*_ESCAPE.finditer(value)]
    # What G1 holds: an escape to ASCII changes G0 alone, and high bytes keep their set.
    high = _CODECS.get(charsets[0] if charsets else "") or "ascii"
    first = matches[0].start() if matches else len(value)
    parts = [value[:first].decode(high, "replace")]
    for match, following in zip(matches, [*matches[1:], None], strict=False):
        end = following.start() if following else len(value)
        codec, keeps_escape = _ESCAPES.get(match.group(), ("ascii", False))
        if match.group()[1:2] in b"-)" or match.group()[1:3] == b"$)":
            high = codec
        start = match.start() if keeps_escape else match.end()
        parts.append(value[start:end].decode(high if codec == "ascii" else codec, "replace"))
    return "".join(parts)
