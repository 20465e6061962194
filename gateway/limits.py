"""The gateway's limits in one value, with the reason for each number."""

from dataclasses import dataclass
from typing import Protocol


class GatewaySettings(Protocol):
    """What the gateway needs of the settings; only `__main__` knows where they come from."""

    @property
    def ae_title(self) -> str: ...
    @property
    def private_sop_classes(self) -> tuple[str, ...]: ...
    @property
    def max_associations(self) -> int: ...
    @property
    def max_associations_of_one_device(self) -> int: ...
    @property
    def plain_with_certificate(self) -> bool: ...
    @property
    def association_timeout_seconds(self) -> float: ...
    @property
    def idle_timeout_seconds(self) -> float: ...
    @property
    def max_instance_bytes(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    # All of these are of a machine: its gateway processes count together.
    max_associations: int
    # One device or one address (a router, a NAT) cannot take every place from the others.
    max_of_one_device: int
    max_of_one_address: int
    max_instance_bytes: int
    # Silence within a message, and between messages of an association.
    message_seconds: float
    idle_seconds: float
    # Connections that have not associated yet: beyond this the oldest silent one must go.
    max_half_open: int = 64
    # PS3.8 D.1: what a sender may put into one P-DATA-TF. Larger PDUs than this buy nothing.
    max_pdu: int = 128 * 1024
    # ARTIM (PS3.8 9.1.5): from the connection to the last byte of an association request, a TLS
    # handshake included. This and the next two close whoever stalls within 10 s, all told.
    request_seconds: float = 7
    # From the first byte of a PDU to its last, plus its length at 64 KiB/s. For the largest PDU
    # that is 16 KiB/s in all, a telephone line; what is slower holds a place for nobody's good.
    pdu_seconds: float = 6
    least_bytes_a_second: int = 64 * 1024
    # All waiting for one message: `message_seconds`, and its bytes at 2 KiB/s. The slowest line to
    # a hospital has more for each of its senders; fragments that drip for ever have less.
    least_message_bytes_a_second: int = 2 * 1024
    # How long a peer may take to answer a report of ours.
    answer_seconds: float = 30
    # How long we wait for the peer to close after a release, a rejection or an abort (PS3.8
    # Sta13), and how long a peer may take to read ten lines from us.
    close_seconds: float = 1
    send_seconds: float = 10
    # How often a waiting thread looks whether it is told to stop.
    tick_seconds: float = 0.5
    # SIGTERM: messages in hand may finish; design.md gives the whole of `serve` ten seconds.
    stop_seconds: float = 8


_LEAST_FOR_ONE_PEER = 8


def limits_of(settings: GatewaySettings) -> Limits:
    total = settings.max_associations
    most = min(total, max(_LEAST_FOR_ONE_PEER, total // 2))
    return Limits(
        max_associations=total,
        max_of_one_device=min(total, settings.max_associations_of_one_device or most),
        max_of_one_address=most,
        max_instance_bytes=settings.max_instance_bytes,
        message_seconds=settings.association_timeout_seconds,
        idle_seconds=settings.idle_timeout_seconds,
    )
