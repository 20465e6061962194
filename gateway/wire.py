"""One peer's socket: receives into one large buffer, sends whole PDUs, waits without polling."""

import contextlib
import mmap
import socket
import struct
import time
from collections.abc import Callable

# A CT slice is half a megabyte; one call takes what the kernel has gathered of it. The pages
# are untouched, and so cost nothing, until a peer sends that fast.
BUFFER_BYTES = 512 * 1024
_TIMEVAL = struct.Struct("ll")
# PS3.8 9.3.8: a whole A-ABORT but for its last two bytes, source and reason.
_ABORT = b"\x07\x00\x00\x00\x00\x04\x00\x00"
_BY_SERVICE_PROVIDER = 2


def untouched_memory(size: int) -> memoryview:
    """Pages that cost nothing before they are written to: an allocator may hand out used ones."""
    return memoryview(mmap.mmap(-1, size))


class PeerGone(Exception):  # noqa: N818 - named by its meaning
    """The connection is closed or broken."""


class Wire:
    """Timeouts are the kernel's (SO_RCVTIMEO): a busy receive is one system call, not two.

    `fingerprint` is that of the peer's certificate, "" without TLS.
    """

    fingerprint = ""

    def __init__(self, connection: socket.socket, *, tick: float, send_seconds: float) -> None:
        self._socket = connection
        self._view = untouched_memory(BUFFER_BYTES)
        connection.setblocking(True)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(tick))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(send_seconds))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def receive(self) -> memoryview | None:
        """What has come, valid until the next call; None after a tick of silence.

        Acknowledging at once matters: an untuned sender (Nagle) waits for it before the rest of
        a message, 40 ms a time; Linux forgets the option, so it is set again after every read.
        """
        try:
            count = self._socket.recv_into(self._view)
            if count:
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        except BlockingIOError:
            return None
        except OSError as error:
            raise PeerGone from error
        if not count:
            raise PeerGone
        return self._view[:count]

    def send(self, pdu: bytes) -> None:
        try:
            self._socket.sendall(pdu)
        except OSError as error:  # a peer that does not read included
            raise PeerGone from error

    def send_abort(self, reason: int) -> None:
        """A-ABORT by the service provider (PS3.8 9.3.8), if it still can be sent."""
        with contextlib.suppress(PeerGone):
            self.send(_ABORT + bytes((_BY_SERVICE_PROVIDER, reason)))

    def await_close(self, seconds: float) -> None:
        """Let the peer close first (PS3.8 Sta13), so that it reads our last PDU before a reset."""
        self._await_silence(seconds, self.receive)

    def _await_silence(self, seconds: float, receive: Callable[[], object]) -> None:
        until = time.monotonic() + seconds
        with contextlib.suppress(PeerGone):
            while time.monotonic() < until:
                receive()

    def cut(self) -> None:
        """End it from another thread, without ever waiting: the owner's `receive` raises PeerGone.

        An A-ABORT goes out if the peer has room for it.
        """
        with contextlib.suppress(OSError):
            self._socket.send(_ABORT + bytes((_BY_SERVICE_PROVIDER, 0)), socket.MSG_DONTWAIT)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._socket.close()


def _timeval(seconds: float) -> bytes:
    return _TIMEVAL.pack(int(seconds), int(seconds % 1 * 1_000_000))
