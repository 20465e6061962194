"""The multipart reader against known splits, chunk by chunk, and against Python's email parser."""

from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.web.dicomweb.multipart import (
    Limits,
    MultipartReader,
    multipart_end,
    new_boundary,
    part_head,
)

LIMITS = Limits(part_bytes=1 << 20)


def chunked(body: bytes, size: int) -> Iterator[bytes]:
    for begin in range(0, len(body), size):
        yield body[begin : begin + size]


def parts_of(body: bytes, boundary: str, size: int = 7, limits: Limits = LIMITS) -> list[bytes]:
    found = []
    for part in MultipartReader(chunked(body, size), boundary, limits).parts():
        pieces = []
        while piece := part.read(5):
            pieces.append(piece)
        found.append(b"".join(pieces))
    return found


def body_of(contents: list[bytes], boundary: str) -> bytes:
    parts = [part_head(boundary, "application/dicom") + each + b"\r\n" for each in contents]
    return b"".join(parts) + multipart_end(boundary)


# Bytes that look like boundaries are what breaks such parsers.
tricky = st.lists(
    st.sampled_from([b"\r\n", b"--", b"\r", b"\n", b"B", b"\r\n--", b"\r\n--B", b"x", b"\x00"]),
    max_size=30,
).map(b"".join)


@given(contents=st.lists(tricky | st.binary(max_size=300), max_size=5), size=st.integers(1, 400))
def test_what_is_written_is_read_whatever_the_chunks(contents: list[bytes], size: int) -> None:
    boundary = "Bound-ary'9"
    if any(f"\r\n--{boundary}".encode() in b"\r\n" + each for each in contents):
        return

    assert parts_of(body_of(contents, boundary), boundary, size) == contents


# The email parser turns line ends and 8-bit bytes into others, so it can judge only plain text.
plain = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=200)


@given(texts=st.lists(plain, min_size=1, max_size=4), size=st.integers(1, 100))
def test_pythons_email_parser_sees_the_same_parts(texts: list[str], size: int) -> None:
    boundary = new_boundary()
    body = body_of([text.encode() for text in texts], boundary)
    head = f'Content-Type: multipart/related; boundary="{boundary}"\r\n\r\n'.encode()
    message = message_from_bytes(head + body, policy=policy.HTTP)

    theirs = [part.get_payload(decode=True) for part in message.iter_parts()]

    assert theirs == parts_of(body, boundary, size)


def test_headers_are_read_and_a_preamble_is_skipped() -> None:
    body = b"preamble\r\n--b\r\nContent-Type: application/dicom;\r\n x=1\r\nA: b\r\n\r\nhi\r\n--b--"
    reader = MultipartReader(chunked(body, 3), "b", LIMITS)

    [part] = [(part.headers, part.read(100) + part.read(100)) for part in reader.parts()]

    assert part == ({"content-type": "application/dicom; x=1", "a": "b"}, b"hi")


def test_a_part_may_have_no_headers_or_no_content() -> None:
    assert parts_of(b"--b\r\n\r\nhi\r\n--b\r\nA: b\r\n\r\n--b\r\nA: b\r\n\r\n\r\n--b--", "b") == [
        b"hi",
        b"",
        b"",
    ]


def test_what_a_taker_leaves_unread_is_skipped() -> None:
    body = body_of([b"a" * 1000, b"second"], "b")
    reader = MultipartReader(chunked(body, 64), "b", LIMITS)

    taken = [part.read(2) for part in reader.parts()]

    assert taken == [b"aa", b"se"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no boundary at all",
        b"--b\r\nA: b\r\n\r\nthe end is missing",
        b"--b\r\nA: b\r\n\r\nhalf a boundary\r\n--",
        b"--bx\r\n\r\nanother boundary\r\n--bx--",
        b"--b\r\nA: " + b"x" * 20_000 + b"\r\n\r\n\r\n--b--",
        b"--b" + b" " * 20_000 + b"\r\n\r\n\r\n--b--",
    ],
)
def test_a_body_that_is_cut_or_malformed_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parts_of(body, "b")


def test_a_part_over_its_limit_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="10 bytes"):
        parts_of(body_of([b"x" * 11], "b"), "b", limits=Limits(part_bytes=10))


def test_too_many_parts_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="2 parts"):
        parts_of(body_of([b"x"] * 3, "b"), "b", limits=Limits(part_bytes=10, parts=2))


@pytest.mark.parametrize("boundary", ["", "x" * 71, "é"])
def test_a_boundary_outside_of_the_rules_is_refused(boundary: str) -> None:
    with pytest.raises(InvalidRequest):
        MultipartReader(iter([b""]), boundary, LIMITS)
