"""Walking a data set by its lengths: bounds are checked for every element, few values are kept.

Nothing is decoded and no pixel is touched, so the cost follows the number of elements, not the
size. Every stated length is held against what its container has left (PS3.5 §7).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from struct import Struct

from imaging_cloud.domain.errors import InvalidInstance

# Deeper than any object in the field, shallow enough for a recursive reader (facts: 200 nested
# sequences in 7,470 bytes end stock parsers with RecursionError).
MAX_DEPTH = 64
# A 2,000-frame enhanced object has some 100,000; runs of zero bytes would otherwise spin.
MAX_ELEMENTS = 5_000_000
# Kept values are index attributes; the longest are long texts.
MAX_KEPT_BYTES = 65_536

_UNDEFINED = 0xFFFFFFFF
_ITEM = 0xFFFEE000
_ITEM_END = 0xFFFEE00D
_SEQUENCE_END = 0xFFFEE0DD
_PIXEL_DATA = 0x7FE00010
_FRAGMENTED_VRS = frozenset({b"OB", b"OW"})
_LONG_VRS = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)
_SHORT_VRS = frozenset(
    {
        *(b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT"),
        *(b"PN", b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US"),
    }
)

Buffer = bytes | memoryview


@dataclass(slots=True)
class Elements:
    """Kept values by tag (group << 16 | element), and kept sequences as lists of such items."""

    values: dict[int, bytes] = field(default_factory=dict)
    sequences: dict[int, list["Elements"]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Tags to keep, and sequences to keep with the tags wanted of their items."""

    values: frozenset[int]
    sequences: Mapping[int, "Wanted"]


_NOTHING = Wanted(values=frozenset(), sequences={})


class Walker:
    """One pass over one data set in `data[start:end]`."""

    def __init__(self, data: Buffer, *, explicit: bool, little: bool) -> None:
        self._data = data
        self._explicit = explicit
        order = "<" if little else ">"
        self._start: Callable[..., tuple[int, int, bytes, int]] = Struct(
            order + "HH2sH"
        ).unpack_from
        self._tag: Callable[..., tuple[int, int]] = Struct(order + "HH").unpack_from
        self._long: Callable[..., tuple[int]] = Struct(order + "I").unpack_from
        self._short: Callable[..., tuple[int]] = Struct(order + "H").unpack_from
        self._elements = 0

    def walk(self, start: int, end: int, wanted: Wanted) -> Elements:
        """All top-level elements. Raises InvalidInstance (truncated, bad-length, too-deep…)."""
        kept = Elements()
        self._walk_elements(start, end, wanted, kept, depth=0, delimited=False)
        return kept

    def _walk_elements(
        self, at: int, end: int, wanted: Wanted, kept: Elements, *, depth: int, delimited: bool
    ) -> int:
        """Walk to `end`, or past the item delimiter where `delimited`; where it stopped."""
        if depth > MAX_DEPTH:
            raise InvalidInstance(
                f"sequences are nested deeper than {MAX_DEPTH} levels", cause="too-deep"
            )
        while at < end:
            if self._explicit:
                at = self._take_short(at, end, wanted, kept, depth)
            if end - at < 8:  # noqa: PLR2004 - the shortest element
                if at == end:
                    break
                if depth == 0 and not any(self._data[at:end]):
                    return end  # zero padding after the last element is common and harmless
                raise self._cut(depth)
            tag, vr, length, value_at = self._element_start(at, depth)
            if tag == _ITEM_END and delimited:
                return value_at
            at = self._take(tag, vr, length, value_at, end, wanted, kept, depth)
        if delimited:
            raise self._cut(depth)
        return at

    def _take_short(self, at: int, end: int, wanted: Wanted, kept: Elements, depth: int) -> int:
        """Take elements of short VRs, which most are, up to the first other; where that begins."""
        data, values = self._data, kept.values
        while end - at >= 8:  # noqa: PLR2004 - the shortest element
            group, element, vr, length = self._start(data, at)
            if vr not in _SHORT_VRS or group == 0xFFFE:  # noqa: PLR2004 - items have no VR
                break
            self._count_element()
            at += 8
            if length > end - at:
                raise self._cut(depth)
            tag = group << 16 | element
            if tag in wanted.values and tag not in values:
                values[tag] = bytes(data[at : at + length])
            at += length
        return at

    def _count_element(self) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise InvalidInstance("more elements than any object has", cause="unreadable")

    def _element_start(self, at: int, depth: int) -> tuple[int, bytes, int, int]:
        """(tag, VR or b"", length, where the value begins)."""
        self._count_element()
        data = self._data
        group, element = self._tag(data, at)
        if group == 0xFFFE or not self._explicit:  # noqa: PLR2004 - items have no VR
            return group << 16 | element, b"", self._long(data, at + 4)[0], at + 8
        vr = bytes(data[at + 4 : at + 6])
        if vr in _SHORT_VRS:
            return group << 16 | element, vr, self._short(data, at + 6)[0], at + 8
        if vr in _LONG_VRS:
            if at + 12 > len(data):
                raise self._cut(depth)
            return group << 16 | element, vr, self._long(data, at + 8)[0], at + 12
        if vr.isalpha() and vr.isupper():
            # An unknown VR has the long form since PS3.5 2013 (7.1.2).
            if at + 12 > len(data):
                raise self._cut(depth)
            return group << 16 | element, b"UN", self._long(data, at + 8)[0], at + 12
        # Elements without VR inside explicit data sets exist in the field.
        return group << 16 | element, b"", self._long(data, at + 4)[0], at + 8

    def _take(  # noqa: PLR0913 - the element and its container
        self,
        tag: int,
        vr: bytes,
        length: int,
        value_at: int,
        end: int,
        wanted: Wanted,
        kept: Elements,
        depth: int,
    ) -> int:
        """Keep or skip one element; where the next one begins."""
        if length == _UNDEFINED:
            if tag == _PIXEL_DATA or vr in _FRAGMENTED_VRS:
                # Icons may be encapsulated too, inside their sequence (PS3.5 A.4).
                return self._skip_fragments(value_at, end)
            return self._walk_items(tag, value_at, end, wanted, kept, depth, vr == b"UN", True)
        if length > end - value_at:
            raise self._cut(depth)
        if vr == b"SQ" or (not vr and _is_sequence(tag)):
            self._walk_items(tag, value_at, value_at + length, wanted, kept, depth, False, False)
        elif tag in wanted.values and tag not in kept.values:
            kept.values[tag] = bytes(self._data[value_at : value_at + min(length, MAX_KEPT_BYTES)])
        return value_at + length

    def _walk_items(  # noqa: PLR0913 - the sequence and its container
        self,
        tag: int,
        at: int,
        end: int,
        wanted: Wanted,
        kept: Elements,
        depth: int,
        implicit: bool,
        delimited: bool,
    ) -> int:
        """Walk a sequence's items to `end`, or past its delimiter where `delimited`."""
        if implicit and self._explicit:
            # UN of undefined length holds implicit VR little endian (PS3.5 6.2.2 note).
            inner = Walker(self._data, explicit=False, little=True)
            inner._elements = self._elements
            stopped = inner._walk_items(tag, at, end, wanted, kept, depth, False, True)
            self._elements = inner._elements
            return stopped
        inside = wanted.sequences.get(tag, _NOTHING)
        items: list[Elements] = []
        while at < end:
            if end - at < 8:  # noqa: PLR2004 - the shortest item
                raise self._cut(depth)
            item, _, length, value_at = self._element_start(at, depth)
            if item == _SEQUENCE_END:
                at, delimited = value_at, False
                break
            if item != _ITEM:
                raise InvalidInstance(
                    f"sequence ({tag >> 16:04X},{tag & 0xFFFF:04X}) holds what is no item",
                    cause="unreadable",
                )
            found = Elements()
            if length == _UNDEFINED:
                at = self._walk_elements(
                    value_at, end, inside, found, depth=depth + 1, delimited=True
                )
            else:
                if length > end - value_at:
                    raise self._cut(depth + 1)
                at = self._walk_elements(
                    value_at, value_at + length, inside, found, depth=depth + 1, delimited=False
                )
            items.append(found)
        if delimited:
            raise self._cut(depth)
        if tag in wanted.sequences and tag not in kept.sequences:
            kept.sequences[tag] = items
        return at

    def _skip_fragments(self, at: int, end: int) -> int:
        """Past encapsulated pixel data (PS3.5 A.4); each fragment must lie inside the file."""
        while True:
            if end - at < 8:  # noqa: PLR2004 - the shortest item
                raise self._cut(0)
            tag, _, length, value_at = self._element_start(at, 0)
            if tag == _SEQUENCE_END:
                return value_at
            if tag != _ITEM or length > end - value_at:
                raise self._cut(0)
            at = value_at + length

    def _cut(self, depth: int) -> InvalidInstance:
        if depth == 0:
            return InvalidInstance(
                "the data set ends inside an element: it was cut off, or a length is wrong",
                cause="truncated",
            )
        return InvalidInstance(
            "an element is longer than the item that holds it", cause="bad-length"
        )


def is_known_vr(vr: bytes) -> bool:
    return vr in _SHORT_VRS or vr in _LONG_VRS


@cache
def _sequence_tags() -> frozenset[int]:
    """Implicit VR says nothing of sequences; the dictionary (PS3.6) does."""
    # pydicom takes longer to import than all else that takes an instance in.
    from pydicom.datadict import dictionary_VR, keyword_dict  # noqa: PLC0415

    return frozenset(tag for tag in keyword_dict.values() if dictionary_VR(tag) == "SQ")


def _is_sequence(tag: int) -> bool:
    return tag in _sequence_tags()
