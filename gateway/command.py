"""Command sets (PS3.7 6.3, Annex E): read within bounds, and the C-STORE-RSP packed in one go."""

import struct
from dataclasses import dataclass

from gateway.pdata import P_DATA_TF

# PS3.7 E.1
C_STORE_RQ = 0x0001
C_STORE_RSP = 0x8001
N_EVENT_REPORT_RQ = 0x0100
N_EVENT_REPORT_RSP = 0x8100
NO_DATA_SET = 0x0101
_RESPONSE = 0x8000

# No command set of PS3.7 is longer than a few hundred bytes; lists in N-GET can be longer.
MAX_COMMAND = 64 * 1024

_AFFECTED_SOP_CLASS = 0x0002
_COMMAND_FIELD = 0x0100
_MESSAGE_ID = 0x0110
_MESSAGE_ID_RESPONDED_TO = 0x0120
_DATA_SET_TYPE = 0x0800
_STATUS = 0x0900
_ERROR_COMMENT = 0x0902
_AFFECTED_SOP_INSTANCE = 0x1000

# PS3.7 6.3.1: Implicit VR Little Endian, always.
_ELEMENT = struct.Struct("<HHL")
_US = struct.Struct("<H")
_US_ELEMENT = struct.Struct("<HHLH")
_GROUP_LENGTH = struct.Struct("<HHLL")
_PDATA_HEADER = struct.Struct(">BxLLBB")

# PS3.5 6.2: the longest UID, and the longest LO value (0000,0902).
_MAX_UID = 64
_MAX_COMMENT = 64


class MalformedCommand(Exception):  # noqa: N818 - named by its meaning
    """The bytes are not a command set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What the gateway itself needs of a command set; the UIDs as they came, padding included."""

    field: int
    message_id: int
    has_data_set: bool
    sop_class: bytes
    sop_instance: bytes
    # Of responses alone.
    responds_to: int = 0
    status: int = 0

    @property
    def is_response(self) -> bool:
        """PS3.7 E.1: the highest bit of a command field marks responses."""
        return bool(self.field & _RESPONSE)

    @property
    def sop_class_uid(self) -> str:
        return _uid_text(self.sop_class)

    @property
    def sop_instance_uid(self) -> str:
        return _uid_text(self.sop_instance)


def _uid_text(value: bytes) -> str:
    """The UID without its padding (PS3.5 6.2: a trailing NUL; some senders pad with a space)."""
    return value.rstrip(b"\0 ").decode("ascii", errors="replace")


def read_command(encoded: bytes | bytearray) -> Command:
    """Raises MalformedCommand when it is not whole or lacks what every request must have."""
    values: dict[int, bytes] = {}
    at, end = 0, len(encoded)
    while at < end:
        if end - at < _ELEMENT.size:
            raise MalformedCommand("it ends within an element header")
        group, element, length = _ELEMENT.unpack_from(encoded, at)
        at += _ELEMENT.size
        if group != 0 or length > end - at:
            raise MalformedCommand("an element is not of group 0000, or longer than the command")
        values[element] = bytes(encoded[at : at + length])
        at += length
    return Command(
        field=_number(values, _COMMAND_FIELD),
        # Absent in a C-CANCEL-RQ and in responses, which have (0000,0120) instead.
        message_id=_optional(values, _MESSAGE_ID),
        has_data_set=_number(values, _DATA_SET_TYPE) != NO_DATA_SET,
        sop_class=values.get(_AFFECTED_SOP_CLASS, b""),
        sop_instance=values.get(_AFFECTED_SOP_INSTANCE, b""),
        responds_to=_optional(values, _MESSAGE_ID_RESPONDED_TO),
        status=_optional(values, _STATUS),
    )


def _optional(values: dict[int, bytes], element: int) -> int:
    return _number(values, element) if element in values else 0


def _number(values: dict[int, bytes], element: int) -> int:
    value = values.get(element, b"")
    if len(value) != _US.size:
        raise MalformedCommand(f"(0000,{element:04X}) is missing or not one number")
    number: int = _US.unpack(value)[0]
    return number


def store_response(context_id: int, request: Command, status: int, comment: str = "") -> bytes:
    """A whole P-DATA-TF PDU with the C-STORE-RSP (PS3.7 9.3.1.2)."""
    parts = [
        _us(_COMMAND_FIELD, C_STORE_RSP),
        _us(_MESSAGE_ID_RESPONDED_TO, request.message_id),
        _us(_DATA_SET_TYPE, NO_DATA_SET),
        _us(_STATUS, status),
    ]
    # What the sender said is echoed as it stood; what cannot be a UID is left out (both are
    # optional in the response).
    if 0 < len(request.sop_class) <= _MAX_UID:
        parts.insert(0, _value(_AFFECTED_SOP_CLASS, request.sop_class, b"\0"))
    if comment:
        text = comment.encode("ascii", errors="replace")[:_MAX_COMMENT].replace(b"\\", b"/")
        parts.append(_value(_ERROR_COMMENT, text, b" "))
    if 0 < len(request.sop_instance) <= _MAX_UID:
        parts.append(_value(_AFFECTED_SOP_INSTANCE, request.sop_instance, b"\0"))
    command = b"".join(parts)
    command = _GROUP_LENGTH.pack(0, 0, 4, len(command)) + command
    # PS3.8 9.3.5 and E.2: one PDV, a command, its last fragment.
    header = _PDATA_HEADER.pack(P_DATA_TF, len(command) + 6, len(command) + 2, context_id, 0x03)
    return header + command


def _us(element: int, number: int) -> bytes:
    return _US_ELEMENT.pack(0, element, _US.size, number)


def _value(element: int, value: bytes, pad: bytes) -> bytes:
    if len(value) % 2:
        value += pad
    return _ELEMENT.pack(0, element, len(value)) + value
