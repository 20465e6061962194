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
# What may come along behind bytes that were received into their place: the next headers.
_BEHIND_BYTES = 4096
_TIMEVAL = struct.Struct("ll")
# PS3.8 9.3.8: a whole A-ABORT but for its last two bytes, source and reason.
_ABORT = b"\x07\x00\x00\x00\x00\x04\x00\x00"
_BY_SERVICE_PROVIDER = 2


# A private mapping: its pages can be given back one day, which those of a shared one cannot.
_PRIVATE = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS


class Room:
    """Memory for what a peer sends; it costs nothing before it is written to, nor once vacated.

    An allocator may hand out used pages, and keeps what was freed.
    """

    def __init__(self, size: int) -> None:
        self._pages = mmap.mmap(-1, size, flags=_PRIVATE)
        self.view = memoryview(self._pages)

    def vacate(self) -> None:
        """Give the pages back; what was in them is lost, and the room can be used again."""
        self._pages.madvise(mmap.MADV_DONTNEED)

    def give_up(self) -> None:
        """For good: at once when nobody looks into it any more."""
        self.view = memoryview(b"")
        with contextlib.suppress(BufferError):
            self._pages.close()


class PeerGone(Exception):  # noqa: N818 - named by its meaning
    """The connection is closed or broken."""


class Wire:
    """Timeouts are the kernel's (SO_RCVTIMEO): a busy receive is one system call, not two.

    `fingerprint` is that of the peer's certificate, "" without TLS.
    """

    fingerprint = ""
    can_place = True
    _room_bytes = BUFFER_BYTES

    def __init__(self, connection: socket.socket, *, tick: float, send_seconds: float) -> None:
        self._socket = connection
        self._room = Room(self._room_bytes)
        self._is_used = False
        connection.setblocking(True)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(tick))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(send_seconds))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def receive(self, most: int = 0) -> memoryview | None:
        """What has come, valid until the next call; None after a tick of silence.

        `most`: no more bytes than these; 0: what there is room for.
        Acknowledging at once matters: an untuned sender (Nagle) waits for it before the rest of
        a message, 40 ms a time; Linux forgets the option, so it is set again after every read.
        """
        count = self._receive(lambda: self._socket.recv_into(self._room.view, most))
        return self._room.view[:count] if count else None

    def receive_into(self, place: memoryview) -> tuple[int, memoryview] | None:
        """The same into `place`: how many bytes are there, and what came behind them.

        The bytes of a large data set need not be copied then. Only where `can_place`.
        """
        rooms = (place, self._room.view[:_BEHIND_BYTES])
        count = self._receive(lambda: self._socket.recvmsg_into(rooms)[0])
        placed = min(count, len(place))
        return (placed, self._room.view[: count - placed]) if count else None

    def _receive(self, receive: Callable[[], int]) -> int:
        """How many bytes came; 0 after a tick of silence."""
        try:
            count = receive()
            if count:
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise PeerGone from error
        if not count:
            raise PeerGone
        self._is_used = True
        return count

    def rest(self) -> None:
        """The peer is silent between messages: an idle association keeps no buffer."""
        if self._is_used:
            self._is_used = False
            self._vacate()

    def _vacate(self) -> None:
        self._room.vacate()

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
        self._room.give_up()


def _timeval(seconds: float) -> bytes:
    return _TIMEVAL.pack(int(seconds), int(seconds % 1 * 1_000_000))
