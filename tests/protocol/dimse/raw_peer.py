"""A DICOM peer made of bytes, for saying what no honest toolkit would say."""

import socket
import struct
import time
from types import TracebackType
from typing import Self

from tests.protocol.dimse.instances import CT, Instance

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
VERIFICATION = "1.2.840.10008.1.1"

RELEASE_RQ = b"\x05\x00\x00\x00\x00\x04\x00\x00\x00\x00"
ABORT = b"\x07\x00\x00\x00\x00\x04\x00\x00\x00\x00"


def item(kind: int, value: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(value)) + value


def pdu(kind: int, body: bytes) -> bytes:
    return struct.pack(">BxL", kind, len(body)) + body


def associate_rq(
    calling: str = "CT1",
    contexts: tuple[tuple[str, tuple[str, ...]], ...] = (
        (CT, (EXPLICIT,)),
        (VERIFICATION, (IMPLICIT,)),
    ),
    *,
    called: str = "ANYTHING",
    max_pdu: int = 16384,
    version: int = 1,
    user: bytes | None = None,
) -> bytes:
    """A-ASSOCIATE-RQ (PS3.8 9.3.2); contexts get the ids 1, 3, 5 and so on."""
    items = item(0x10, b"1.2.840.10008.3.1.1.1")
    for number, (abstract, syntaxes) in enumerate(contexts):
        proposed = b"".join(item(0x40, each.encode()) for each in syntaxes)
        items += item(
            0x20, bytes((2 * number + 1, 0, 0, 0)) + item(0x30, abstract.encode()) + proposed
        )
    if user is None:
        user = item(0x51, struct.pack(">L", max_pdu)) + item(0x52, b"1.2.3.4")
    items += item(0x50, user)
    head = struct.pack(
        ">Hxx16s16s32x", version, called.ljust(16).encode(), calling.ljust(16).encode()
    )
    return pdu(0x01, head + items)


def pdv(context_id: int, control: int, value: bytes) -> bytes:
    return struct.pack(">LBB", len(value) + 2, context_id, control) + value


def p_data(context_id: int, control: int, value: bytes) -> bytes:
    return pdu(0x04, pdv(context_id, control, value))


def element(number: int, value: bytes) -> bytes:
    value += b"\0" * (len(value) % 2)
    return struct.pack("<HHL", 0, number, len(value)) + value


def us(number: int, value: int) -> bytes:
    return element(number, struct.pack("<H", value))


def command_set(*elements: bytes) -> bytes:
    body = b"".join(elements)
    return element(0, struct.pack("<L", len(body))) + body


def store_rq(
    sop_instance: str | bytes, sop_class: str = CT, *, message_id: int = 7, data_set: int = 1
) -> bytes:
    uid = sop_instance.encode() if isinstance(sop_instance, str) else sop_instance
    return command_set(
        element(0x0002, sop_class.encode()),
        us(0x0100, 0x0001),
        us(0x0110, message_id),
        us(0x0700, 0),
        us(0x0800, data_set),
        element(0x1000, uid),
    )


def echo_rq(message_id: int = 3) -> bytes:
    return command_set(
        element(0x0002, VERIFICATION.encode()),
        us(0x0100, 0x0030),
        us(0x0110, message_id),
        us(0x0800, 0x0101),
    )


def read_elements(command: bytes) -> dict[int, bytes]:
    values, at = {}, 0
    while at < len(command):
        _, number, length = struct.unpack_from("<HHL", command, at)
        values[number] = command[at + 8 : at + 8 + length]
        at += 8 + length
    return values


class RawPeer:
    """A TCP connection that speaks PDUs. Reads give up after `patience` seconds."""

    def __init__(self, port: int, *, patience: float = 10, source: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(
            ("127.0.0.1", port), timeout=patience, source_address=(source, 0)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read_exactly(self, count: int) -> bytes:
        """b"" when the connection was closed or reset first."""
        data = b""
        while len(data) < count:
            try:
                more = self.socket.recv(count - len(data))
            except ConnectionError:
                return b""
            if not more:
                return b""
            data += more
        return data

    def read_pdu(self) -> tuple[int, bytes]:
        """(0, b"") when the connection is closed."""
        header = self.read_exactly(6)
        if not header:
            return 0, b""
        kind, length = struct.unpack(">BxL", header)
        return kind, self.read_exactly(length)

    def associate(self, calling: str = "CT1", **words: object) -> int:
        """Send an association request; the type of the PDU that answers it."""
        self.send(associate_rq(calling, **words))  # type: ignore[arg-type]
        return self.read_pdu()[0]

    def read_status(self) -> tuple[int, dict[int, bytes]]:
        """The status of the next response, and its whole command set."""
        kind, body = self.read_pdu()
        assert kind == 0x04, f"PDU type 0x{kind:02X} {body!r} instead of a response"
        length, _, control = struct.unpack_from(">LBB", body)
        assert (length, control) == (len(body) - 4, 0x03)
        values = read_elements(body[6:])
        return int.from_bytes(values[0x0900], "little"), values

    def store(self, instance: Instance, **words: object) -> int:
        """One honest C-STORE on context 1."""
        self.send(p_data(1, 0x03, store_rq(instance.uid, **words)))  # type: ignore[arg-type]
        self.send_data_set(instance.data_set)
        return self.read_status()[0]

    def send_data_set(self, data: bytes, *, chunk: int = 16000) -> None:
        pieces = [data[at : at + chunk] for at in range(0, len(data), chunk)] or [b""]
        for piece in pieces[:-1]:
            self.send(p_data(1, 0x00, piece))
        self.send(p_data(1, 0x02, pieces[-1]))

    def echo(self) -> int:
        """C-ECHO on context 3."""
        self.send(p_data(3, 0x03, echo_rq()))
        return self.read_status()[0]

    def is_closed_within(self, seconds: float) -> bool:
        """Whether the gateway ends the connection; what it still says is read and dropped."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                if not self.socket.recv(65536):
                    return True
            except TimeoutError:
                return False
            except ConnectionError:
                return True
        return False
