"""A peer's socket behind TLS: the same waits, deadlines and sends as the plain one.

Records are unwrapped in memory, so the kernel's timeouts, quick acknowledgements and cuts stay
those of `Wire`. The handshake happens in the first `receive` calls, in the peer's own thread and
within its time for an association request: who never speaks holds up nobody.
"""

import contextlib
import hashlib
import socket
import ssl
from typing import cast

from gateway.wire import PeerGone, Room, Wire

# OpenSSL keeps a buffer as long as the longest piece it was given, for as long as the association
# lives: eight records at a time.
_CIPHER_BYTES = 128 * 1024
# Plain text is never longer than what came, plus an incomplete record from before.
_PLAIN_BYTES = _CIPHER_BYTES + 32 * 1024


class HandshakeFailed(Exception):  # noqa: N818 - named by its meaning
    """The peer is not let in by TLS; the message is OpenSSL's word for why."""


class TlsWire(Wire):
    can_place = False
    _room_bytes = _CIPHER_BYTES

    def __init__(
        self,
        connection: socket.socket,
        context: ssl.SSLContext,
        *,
        tick: float,
        send_seconds: float,
    ) -> None:
        super().__init__(connection, tick=tick, send_seconds=send_seconds)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._plain = Room(_PLAIN_BYTES)
        self._established = False

    def receive(self, most: int = 0) -> memoryview | None:
        """As `Wire.receive`; None also when what came was no data yet. Raises HandshakeFailed."""
        data = super().receive(most)
        if data is None:
            return None
        self._incoming.write(data)
        if not (self._established or self._shake_hands()):
            return None
        count = self._unwrap()
        self._flush()
        return self._plain.view[:count] if count else None

    def _shake_hands(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        except ssl.SSLError as error:
            with contextlib.suppress(PeerGone):
                self._flush()  # the alert that says why
            raise HandshakeFailed(_said(error)) from error
        self._flush()
        certificate = self._tls.getpeercert(binary_form=True)
        if certificate is None:
            raise HandshakeFailed("no certificate")
        self.fingerprint = hashlib.sha256(certificate).hexdigest()
        self._established = True
        return True

    def _unwrap(self) -> int:
        count = 0
        try:
            while True:
                room = self._plain.view[count:]
                count += cast("int", self._tls.read(len(room), room))
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            # Their close_notify included; what came before it is still theirs to be heard.
            if not count:
                raise PeerGone from error
        return count

    def send(self, pdu: bytes) -> None:
        if not self._established:
            raise PeerGone
        try:
            self._tls.write(pdu)
        except ssl.SSLError as error:
            raise PeerGone from error
        self._flush()

    def _flush(self) -> None:
        if self._outgoing.pending:
            super().send(self._outgoing.read())

    def await_close(self, seconds: float) -> None:
        """What comes now is not unwrapped: nobody wants it, and a failed handshake ends here."""
        self._await_silence(seconds, super().receive)

    def cut(self) -> None:
        """Without an A-ABORT: only the owner's thread may write through TLS."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _vacate(self) -> None:
        super()._vacate()
        self._plain.vacate()

    def close(self) -> None:
        """With a close_notify (RFC 8446 6.1), if the peer has room for it."""
        with contextlib.suppress(OSError):
            self._tls.unwrap()
        with contextlib.suppress(OSError):
            self._socket.send(self._outgoing.read(), socket.MSG_DONTWAIT)
        super().close()
        self._plain.give_up()


def _said(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not accepted: {error.verify_message}"
    return (error.reason or "protocol error").lower().replace("_", " ")
