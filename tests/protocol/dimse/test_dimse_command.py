"""Command sets: read within bounds, and a response that other toolkits understand."""

from io import BytesIO

import pytest
from pynetdicom.dsutils import decode

from gateway.command import Command, MalformedCommand, read_command, store_response
from tests.protocol.dimse.raw_peer import command_set, element, store_rq, us


def request(**words: object) -> Command:
    fields = {
        "field": 1,
        "message_id": 7,
        "has_data_set": True,
        "sop_class": b"1.2\0",
        "sop_instance": b"1.2.34",
    }
    return Command(**(fields | words))  # type: ignore[arg-type]


def test_a_store_request_is_read() -> None:
    command = read_command(store_rq("1.2.3", "1.2.840", message_id=513))

    assert (command.field, command.message_id, command.has_data_set) == (1, 513, True)
    assert (command.sop_class_uid, command.sop_instance_uid) == ("1.2.840", "1.2.3")


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\x00\x00\x00\x01",
        command_set(us(0x0100, 1)),
        command_set(us(0x0800, 1)),
        command_set(element(0x0100, b"\x01\x00\x00\x00"), us(0x0800, 1)),
        command_set(us(0x0100, 1), us(0x0800, 1))[:-1],
        b"\x08\x00\x16\x00\x02\x00\x00\x00\x31\x00",
        b"\x00\x00\x00\x01\xff\xff\xff\xff\x01\x00",
    ],
)
def test_what_is_no_command_set_is_refused(encoded: bytes) -> None:
    with pytest.raises(MalformedCommand):
        read_command(encoded)


def test_the_response_is_read_by_pynetdicom() -> None:
    pdu = store_response(5, request(), 0xC111, "why it was not kept")

    assert int.from_bytes(pdu[2:6], "big") == len(pdu) - 6
    assert int.from_bytes(pdu[6:10], "big") == len(pdu) - 10
    assert (pdu[0], pdu[10], pdu[11]) == (0x04, 5, 0x03)
    answer = decode(BytesIO(pdu[12:]), True, True)
    assert answer.CommandGroupLength == len(pdu) - 24
    assert answer.AffectedSOPClassUID == "1.2"
    assert answer.CommandField == 0x8001
    assert answer.MessageIDBeingRespondedTo == 7
    assert answer.CommandDataSetType == 0x0101
    assert answer.Status == 0xC111
    assert answer.ErrorComment == "why it was not kept"
    assert answer.AffectedSOPInstanceUID == "1.2.34"
    assert [each.tag for each in answer] == sorted(each.tag for each in answer)


def test_a_comment_has_at_most_64_plain_characters() -> None:
    pdu = store_response(1, request(), 0xA700, "back\\slash 张 " + "x" * 100)

    comment = decode(BytesIO(pdu[12:]), True, True).ErrorComment
    assert comment.startswith("back/slash ? x")
    assert len(comment) == 64


def test_what_cannot_be_a_uid_is_not_echoed() -> None:
    pdu = store_response(1, request(sop_instance=b"1" * 65, sop_class=b""), 0xA900)

    answer = decode(BytesIO(pdu[12:]), True, True)
    assert "AffectedSOPInstanceUID" not in answer
    assert "AffectedSOPClassUID" not in answer
