"""The walker: every lying length is found out, nothing else is ever raised."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging_cloud.dicom import walk
from imaging_cloud.dicom.walk import MAX_DEPTH, Elements, Walker, Wanted
from imaging_cloud.domain.errors import InvalidInstance
from tests.unit.dicom.bytes_of import (
    ITEM_END,
    SEQUENCE_END,
    UIDS,
    UNDEFINED,
    element,
    implicit,
    item,
    text,
)

CODES, CODE = 0x00081032, 0x00080100
WANTED = Wanted(
    values=frozenset({0x00100010, 0x00100020}),
    sequences={CODES: Wanted(values=frozenset({CODE}), sequences={})},
)
NAME = text(0x00100010, "PN", "Doe^John")
NUMBER = text(0x00100020, "LO", "A-1")


def walked(data: bytes, *, explicit: bool = True, little: bool = True) -> Elements:
    return Walker(data, explicit=explicit, little=little).walk(0, len(data), WANTED)


def cause(data: bytes, *, explicit: bool = True) -> str:
    with pytest.raises(InvalidInstance) as caught:
        walked(data, explicit=explicit)
    return caught.value.cause


def sequence(content: bytes, *, undefined: bool = False, tag: int = CODES) -> bytes:
    if undefined:
        return element(tag, "SQ", content + SEQUENCE_END, length=UNDEFINED)
    return element(tag, "SQ", content)


def test_kept_values_come_as_bytes_and_the_rest_is_passed_over() -> None:
    found = walked(NAME + NUMBER + element(0x00280010, "US", b"\x01\x00"))

    assert found.values == {0x00100010: b"Doe^John", 0x00100020: b"A-1 "}


def test_an_empty_data_set_has_no_elements() -> None:
    assert walked(b"") == Elements()


def test_the_first_of_two_equal_tags_counts() -> None:
    assert walked(NAME + text(0x00100010, "PN", "Roe")).values[0x00100010] == b"Doe^John"


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("undefined_item", [False, True])
def test_sequences_of_stated_and_unstated_length_say_the_same(
    undefined: bool, undefined_item: bool
) -> None:
    inner = text(CODE, "SH", "CTCHEST")
    each = item(inner + ITEM_END, length=UNDEFINED) if undefined_item else item(inner)

    found = walked(sequence(each + each, undefined=undefined) + NAME)

    assert [one.values for one in found.sequences[CODES]] == [{CODE: b"CTCHEST "}] * 2
    assert 0x00100010 in found.values


def test_a_sequence_without_items_is_kept_empty() -> None:
    assert walked(sequence(b"")).sequences[CODES] == []


def test_a_wanted_tag_inside_an_unwanted_sequence_is_not_taken() -> None:
    inside = sequence(item(NAME), tag=0x00081115)

    assert walked(inside).values == {}


def test_implicit_sequences_are_known_by_the_dictionary() -> None:
    content = item(implicit(CODE, b"CT"))

    found = walked(implicit(CODES, content), explicit=False)

    assert found.sequences[CODES][0].values == {CODE: b"CT"}


def test_un_of_undefined_length_holds_implicit_elements() -> None:
    content = item(implicit(CODE, b"CT"), length=None) + SEQUENCE_END
    found = walked(element(CODES, "UN", content, length=UNDEFINED) + NAME)

    assert found.sequences[CODES][0].values == {CODE: b"CT"}
    assert 0x00100010 in found.values


def test_big_endian_is_read() -> None:
    data = b"\x00\x10\x00\x10PN\x00\x04Doe^"

    assert walked(data, little=False).values == {0x00100010: b"Doe^"}


@pytest.mark.parametrize("length", [9, 10, 0x7FFF, 0xFFFF])
def test_a_short_length_past_the_end_is_refused(length: int) -> None:
    assert cause(element(0x00100010, "PN", b"Doe^John", length=length)) == "truncated"


@pytest.mark.parametrize("length", [9, 2**16, 2**31, UNDEFINED - 1])
def test_a_long_length_past_the_end_is_refused(length: int) -> None:
    assert cause(element(0x00420011, "OB", b"12345678", length=length)) == "truncated"
    assert cause(implicit(0x00420011, b"12345678", length=length), explicit=False) == "truncated"


def test_an_element_longer_than_its_item_is_refused() -> None:
    lie = item(element(CODE, "SH", b"CT", length=40))

    assert cause(sequence(lie) + NAME * 10) == "bad-length"


def test_an_item_longer_than_its_sequence_is_refused() -> None:
    assert cause(sequence(item(b"", length=30)) + NAME * 10) == "bad-length"


def test_a_sequence_longer_than_the_file_is_refused() -> None:
    assert cause(element(CODES, "SQ", item(b""), length=500)) == "truncated"


def test_a_sequence_holding_no_item_is_refused() -> None:
    assert cause(sequence(NAME)) == "unreadable"


def test_a_sequence_with_a_rest_too_short_for_an_item_is_refused() -> None:
    assert cause(sequence(item(b"") + b"\xfe\xff\x00")) == "truncated"


def test_a_sequence_without_its_end_is_cut_off() -> None:
    assert cause(element(CODES, "SQ", item(b""), length=UNDEFINED)) == "truncated"
    assert cause(element(CODES, "SQ", b"", length=UNDEFINED)) == "truncated"
    assert cause(implicit(CODES, b"", length=UNDEFINED), explicit=False) == "truncated"
    assert cause(element(CODES, "UN", item(b""), length=UNDEFINED)) == "truncated"


def test_an_item_without_its_end_is_cut_off() -> None:
    assert (
        cause(element(CODES, "SQ", item(b"", length=UNDEFINED), length=UNDEFINED)) == "bad-length"
    )


def test_fragments_are_passed_over_and_must_lie_inside() -> None:
    fragments = item(b"") + item(b"\xff\xd8\xff\xd9")
    whole = element(0x7FE00010, "OB", fragments + SEQUENCE_END, length=UNDEFINED)

    assert walked(NAME + whole).values == {0x00100010: b"Doe^John"}
    assert cause(element(0x7FE00010, "OB", fragments, length=UNDEFINED)) == "truncated"
    lie = item(b"\xff\xd8", length=99) + SEQUENCE_END
    assert cause(element(0x7FE00010, "OB", lie, length=UNDEFINED)) == "truncated"
    assert cause(element(0x7FE00010, "OB", NAME, length=UNDEFINED)) == "truncated"


def test_an_encapsulated_icon_inside_its_sequence_is_passed_over() -> None:
    fragments = item(b"") + item(b"\xff\xd8\xff\xd9") + SEQUENCE_END
    icon = item(element(0x7FE00010, "OB", fragments, length=UNDEFINED))

    found = walked(sequence(icon, tag=0x00880200) + NAME)

    assert found.sequences == {}


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("explicit", [False, True])
def test_nesting_is_bounded_at_64(undefined: bool, explicit: bool) -> None:
    def nested(levels: int) -> bytes:
        content = b""
        for _ in range(levels):
            inner = item(content)
            if undefined:
                inner = item(content + ITEM_END, length=UNDEFINED) + SEQUENCE_END
            length = UNDEFINED if undefined else None
            content = (
                element(CODES, "SQ", inner, length=length)
                if explicit
                else implicit(CODES, inner, length=length)
            )
        return content

    assert CODES in walked(nested(MAX_DEPTH), explicit=explicit).sequences
    assert cause(nested(MAX_DEPTH + 1), explicit=explicit) == "too-deep"
    assert cause(nested(10_000), explicit=explicit) == "too-deep"


def test_un_inside_un_is_bounded_too() -> None:
    content = b""
    for _ in range(200):
        content = implicit(CODES, item(content) + SEQUENCE_END, length=UNDEFINED)
    assert cause(element(CODES, "UN", item(content) + SEQUENCE_END, length=UNDEFINED)) == "too-deep"


def test_the_number_of_elements_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_ELEMENTS", 10)

    assert cause(NAME * 11) == "unreadable"
    assert cause(sequence(item(b"") * 11)) == "unreadable"
    inside = element(CODES, "UN", item(b"") * 9 + SEQUENCE_END, length=UNDEFINED)
    assert cause(inside + NAME) == "unreadable"


def test_a_kept_value_is_bounded() -> None:
    long = element(0x00100010, "UT", b"x" * 70_000)

    assert len(walked(long).values[0x00100010]) == walk.MAX_KEPT_BYTES


@pytest.mark.parametrize("padding", range(8))
def test_zero_padding_after_the_last_element_is_harmless(padding: int) -> None:
    assert walked(NAME + bytes(padding)).values == {0x00100010: b"Doe^John"}


@pytest.mark.parametrize("rest", [b"\x01", b"\0\0\0\1", b"\x10\x00\x10\x00PN\x08"])
def test_another_rest_after_the_last_element_is_a_cut(rest: bytes) -> None:
    assert cause(NAME + rest) == "truncated"


def test_an_unknown_vr_has_the_long_form() -> None:
    strange = b"\x09\x00\x01\x10ZZ\0\0\x02\0\0\0hi"

    assert walked(strange + NAME).values == {0x00100010: b"Doe^John"}
    assert cause(strange[:8]) == "truncated"


def test_a_long_vr_cut_before_its_length_is_refused() -> None:
    assert cause(element(CODES, "SQ", b"")[:8]) == "truncated"


def test_an_element_without_vr_in_an_explicit_data_set_is_passed_over() -> None:
    assert walked(implicit(0x00091001, b"hi") + NAME).values == {0x00100010: b"Doe^John"}


_SECOND = item(text(CODE, "SH", "MR") + ITEM_END, length=UNDEFINED)
PARTS = [
    *(text(tag, "UI", uid) for tag, uid in UIDS.items() if tag < CODES),
    sequence(item(text(CODE, "SH", "CT")) + _SECOND, undefined=True),
    NAME,
    NUMBER,
    element(0x00280010, "US", b"\x00\x02"),
    element(0x7FE00010, "OW", bytes(range(1, 17))),
]
SMALL = b"".join(PARTS)


def test_every_prefix_is_refused_unless_it_ends_with_an_element() -> None:
    ends = {sum(len(part) for part in PARTS[:count]) for count in range(len(PARTS) + 1)}
    accepted = set()
    for end in range(len(SMALL) + 1):
        try:
            walked(SMALL[:end])
        except InvalidInstance:
            continue
        accepted.add(end)

    assert accepted == ends


@pytest.mark.parametrize("explicit", [False, True])
@pytest.mark.parametrize("little", [False, True])
def test_random_bytes_raise_nothing_else(explicit: bool, little: bool) -> None:
    check(lambda data: walked(data, explicit=explicit, little=little))


def check(walk_it: Callable[[bytes], object]) -> None:
    @given(st.binary(max_size=400))
    def run(data: bytes) -> None:
        with contextlib.suppress(InvalidInstance):
            walk_it(data)

    run()


@given(st.integers(0, len(SMALL) - 1), st.binary(min_size=1, max_size=8))
def test_a_small_data_set_with_overwritten_bytes_raises_nothing_else(at: int, put: bytes) -> None:
    data = SMALL[:at] + put + SMALL[at + len(put) :]
    for explicit in (True, False):
        with contextlib.suppress(InvalidInstance):
            walked(data, explicit=explicit)
