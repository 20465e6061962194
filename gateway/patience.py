"""How long a peer may take: seconds of waiting on it, granted anew as it makes progress."""

from gateway.limits import Limits
from gateway.pdata import PduReader


class TooSlow(Exception):  # noqa: N818 - named by its meaning
    """The peer has used up its time."""


class Patience:
    """Only time spent waiting for the peer counts: a slow disk of ours is not held against it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.request_seconds
        self._message_left = limits.message_seconds
        self._in_message = False
        self._waiting_for = "an association request"
        self._granted = (0, 0)

    def spend(self, seconds: float) -> None:
        self._left -= seconds
        if self._left <= 0:
            raise TooSlow(f"waited in vain for {self._waiting_for}")
        if self._in_message:
            self._message_left -= seconds
            if self._message_left <= 0:
                raise TooSlow("a message that drips: too few bytes for its time")

    def renew(
        self, reader: PduReader, *, associated: bool, in_message: bool, received: int
    ) -> None:
        """Call after every piece of input (`received` bytes) has been dealt with.

        Within a PDU time is granted when it begins and when its length becomes known, never for
        single bytes: one byte a second does not keep a connection. Nor do ever new PDUs of one
        byte keep a message.
        """
        limits = self._limits
        if not associated:
            return  # one time for all of it: connection, handshake and request
        if not in_message:
            self._message_left = limits.message_seconds
        self._in_message = in_message
        self._message_left += received / limits.least_message_bytes_a_second
        if reader.in_pdu:
            progress = (reader.pdus_begun, reader.pdu_length)
            if progress == self._granted:
                return
            if reader.pdus_begun != self._granted[0]:
                self._left = limits.pdu_seconds
            self._left += reader.pdu_length / limits.least_bytes_a_second
            self._granted = progress
            self._waiting_for = "the rest of a PDU"
        elif in_message:
            self._left = limits.message_seconds
            self._waiting_for = "the rest of a message"
        else:
            self._left = limits.idle_seconds
            self._waiting_for = "the next message"
