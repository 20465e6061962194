"""The PDU reader by itself: the same pieces however the bytes are cut, and no lie believed."""

import random
import struct

import pytest

from gateway.pdata import (
    INVALID_PARAMETER,
    MAX_WHOLE_PDU,
    UNEXPECTED_PDU,
    UNRECOGNIZED_PDU,
    Fragment,
    MalformedPdu,
    PduReader,
    WholePdu,
)
from tests.protocol.dimse.raw_peer import ABORT, RELEASE_RQ, associate_rq, p_data, pdu, pdv

STREAM = (
    p_data(1, 0x03, b"command")
    + pdu(0x04, pdv(1, 0x00, b"first") + pdv(1, 0x00, b"") + pdv(3, 0x02, b"second"))
    + p_data(5, 0x02, b"")
    + RELEASE_RQ
)
MEANING = [
    (1, True, b"command", True),
    (1, False, b"first", False),
    (1, False, b"", False),
    (3, False, b"second", True),
    (5, False, b"", True),
    (0x05, RELEASE_RQ),
]


def reader(max_data_pdu: int = 16384) -> PduReader:
    made = PduReader()
    made.max_data_pdu = max_data_pdu
    return made


def meaning(pieces: list[bytes], by: PduReader | None = None) -> list[tuple[object, ...]]:
    """What the pieces mean, with the parts of one fragment put together again."""
    used = by or reader()
    found: list[tuple[object, ...]] = []
    open_parts: list[bytes] = []
    for piece in pieces:
        for event in used.read(memoryview(piece)):
            if isinstance(event, WholePdu):
                found.append((event.kind, event.encoded))
                continue
            assert isinstance(event, Fragment)
            open_parts.append(bytes(event.data))
            if not used._pdv_left:
                found.append(
                    (event.context_id, event.is_command, b"".join(open_parts), event.is_last)
                )
                open_parts = []
            else:
                assert not event.is_last
    return found


def test_a_stream_in_one_piece() -> None:
    assert meaning([STREAM]) == MEANING


def test_bytes_to_come_are_those_of_a_data_fragment_of_the_context() -> None:
    used = reader()
    header = p_data(3, 0x02, bytes(100))[:12]

    assert list(used.read(memoryview(header))) == []  # no piece says whose it is
    assert (used.data_left(3), used.data_left(1)) == (100, 0)

    assert not used.pass_over(40)
    assert used.pass_over(60)
    assert used.data_left(3) == 0
    list(used.read(memoryview(p_data(3, 0x01, bytes(100))[:12])))
    assert used.data_left(3) == 0  # a command is not put anywhere


def test_a_stream_byte_by_byte() -> None:
    assert meaning([bytes((byte,)) for byte in STREAM]) == MEANING


@pytest.mark.parametrize("seed", range(50))
def test_a_stream_cut_anywhere(seed: int) -> None:
    chance = random.Random(seed)
    cuts = sorted(chance.sample(range(1, len(STREAM)), 8))
    pieces = [STREAM[a:b] for a, b in zip([0, *cuts], [*cuts, len(STREAM)], strict=True)]

    assert meaning(pieces) == MEANING


def test_an_association_request_comes_whole() -> None:
    request = associate_rq()

    assert meaning([request[:50], request[50:]], PduReader()) == [(0x01, request)]


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (b"\x09", UNRECOGNIZED_PDU),
        (b"GET / HTTP/1.1\r\n", UNRECOGNIZED_PDU),
        (b"\x01\x00\xff\xff\xff\xff", INVALID_PARAMETER),
        (struct.pack(">BxL", 0x01, MAX_WHOLE_PDU + 1), INVALID_PARAMETER),
        (struct.pack(">BxL", 0x05, 0), INVALID_PARAMETER),
        (struct.pack(">BxL", 0x04, 16385), INVALID_PARAMETER),
        (struct.pack(">BxL", 0x04, 0), INVALID_PARAMETER),
        (pdu(0x04, struct.pack(">LBB", 100, 1, 0) + b"short"), INVALID_PARAMETER),
        (pdu(0x04, struct.pack(">LBB", 1, 1, 0)), INVALID_PARAMETER),
        (pdu(0x04, struct.pack(">LBB", 0xFFFFFFFF, 1, 0)), INVALID_PARAMETER),
        (pdu(0x04, pdv(1, 0, b"x") + b"\x00\x00\x00"), INVALID_PARAMETER),
    ],
)
def test_what_cannot_be_right_is_refused_at_once(stream: bytes, reason: int) -> None:
    with pytest.raises(MalformedPdu) as refused:
        meaning([stream])

    assert refused.value.reason == reason


def test_data_before_an_association_is_unexpected() -> None:
    with pytest.raises(MalformedPdu) as refused:
        meaning([p_data(1, 0x03, b"command")], PduReader())

    assert refused.value.reason == UNEXPECTED_PDU


def test_progress_is_visible_for_deadlines() -> None:
    used = reader()
    assert not used.in_pdu

    list(used.read(memoryview(ABORT[:3])))
    assert (used.in_pdu, used.pdus_begun, used.pdu_length) == (True, 1, 0)

    list(used.read(memoryview(ABORT[3:7])))
    assert (used.in_pdu, used.pdus_begun, used.pdu_length) == (True, 1, 4)

    list(used.read(memoryview(ABORT[7:])))
    assert (used.in_pdu, used.pdus_begun) == (False, 1)
