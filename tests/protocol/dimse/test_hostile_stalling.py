# ruff: noqa: T201 - a campaign tells its figures
"""Peers that stall, drip, lie or leave, sixteen of each at once, against the default limits.

Each is closed within ten seconds and counted by its reason in `/metrics`; an honest peer never
waits a second; memory and disk are as before. `make campaign`.
"""

import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.protocol.dimse.damage import path_like_uids
from tests.protocol.dimse.hostile import (
    ELSEWHERE,
    MOST_GROWTH,
    Gateway,
    HonestPeer,
    assert_nothing_is_left,
    gateway_by_default,
    honest_peer,
)
from tests.protocol.dimse.instances import make_instance
from tests.protocol.dimse.raw_peer import (
    ABORT,
    RELEASE_RQ,
    RawPeer,
    associate_rq,
    p_data,
    store_rq,
)

pytestmark = pytest.mark.campaign


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with gateway_by_default(tmp_path) as running:
        yield running


@pytest.fixture
def honest(gateway: Gateway) -> Iterator[HonestPeer]:
    with honest_peer(gateway) as peer:
        yield peer


CT_REQUEST = associate_rq("CT2")
STORE = p_data(1, 0x03, store_rq("1.2.3.4"))
OVERSIZE = b"\x04\x00" + (128 * 1024 + 1).to_bytes(4, "big")
SIXTEEN = 16


def say_nothing(peer: RawPeer) -> bool:
    return False


def one_byte(rest: bytes) -> Callable[[RawPeer], bool]:
    """A byte a second of `rest`; whether the gateway has had enough."""
    left = iter(rest)

    def send(peer: RawPeer) -> bool:
        peer.send(bytes((next(left),)))
        return False

    return send


def one_fragment(control: int) -> Callable[[RawPeer], bool]:
    def send(peer: RawPeer) -> bool:
        peer.send(p_data(1, control, b"x"))
        return False

    return send


@dataclass(frozen=True)
class Stalling:
    """What is sent at once, what then each second, and as what it is to be counted."""

    name: str
    opening: bytes
    then: Callable[[], Callable[[RawPeer], bool]]
    reason: str
    by_tls: bool = False


STALLING = [
    Stalling("silent", b"", lambda: say_nothing, "timeout"),
    Stalling("silent TLS client", b"", lambda: say_nothing, "timeout", by_tls=True),
    Stalling("half a TLS hello", b"\x16\x03\x01\x02", lambda: say_nothing, "timeout", by_tls=True),
    Stalling("three bytes of a header", b"\x01\x00\x00", lambda: say_nothing, "timeout"),
    Stalling("1 B/s of a request", b"", lambda: one_byte(CT_REQUEST), "timeout"),
    Stalling("1 B/s of a message", CT_REQUEST, lambda: one_byte(STORE * 9), "timeout"),
    Stalling("half a message", CT_REQUEST + STORE, lambda: say_nothing, "timeout"),
    Stalling("fragments that drip", CT_REQUEST + STORE, lambda: one_fragment(0), "timeout"),
    Stalling("a command that drips", CT_REQUEST, lambda: one_fragment(1), "timeout"),
    Stalling(
        "4 GiB claimed", b"\x01\x00\xff\xff\xff\xf0", lambda: say_nothing, "protocol-violation"
    ),
    Stalling("oversize P-DATA", CT_REQUEST + OVERSIZE, lambda: say_nothing, "protocol-violation"),
]


def ends_within(peer: RawPeer, then: Callable[[RawPeer], bool], seconds: float) -> bool:
    """Go on as the attacker does, a step a second, until the gateway ends it."""
    until = time.monotonic() + seconds
    peer.socket.settimeout(1)
    while time.monotonic() < until:
        try:
            then(peer)
            if not peer.socket.recv(65536):
                return True
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


@pytest.mark.parametrize("case", STALLING, ids=lambda case: case.name)
def test_who_stalls_or_lies_is_closed_in_ten_seconds(
    gateway: Gateway, honest: HonestPeer, case: Stalling
) -> None:
    before, counted = gateway.rss(), gateway.refusals()
    took: list[float] = []

    def stall() -> None:
        port = gateway.tls_port if case.by_tls else gateway.port
        began = time.monotonic()
        with RawPeer(port, source=ELSEWHERE) as peer:
            peer.send(case.opening)
            if ends_within(peer, case.then(), 15):
                took.append(time.monotonic() - began)

    attackers = [threading.Thread(target=stall) for _ in range(SIXTEEN)]
    for each in attackers:
        each.start()
    for each in attackers:
        each.join()
    growth = gateway.rss() - before
    print(f"{case.name}: closed after {max(took, default=99):.1f} s, RSS {growth / 2**20:+.1f} MiB")

    assert len(took) == SIXTEEN
    assert growth <= MOST_GROWTH
    assert gateway.refusals()[case.reason] - counted[case.reason] == SIXTEEN
    assert case.reason in gateway.log.read_text(encoding="utf-8")
    assert_nothing_is_left(gateway)


STATES = [
    b"",
    CT_REQUEST[:60],
    CT_REQUEST,
    CT_REQUEST + p_data(1, 0x01, store_rq("1.2.3.4")[:20]),
    CT_REQUEST + STORE,
    CT_REQUEST + STORE + p_data(1, 0x00, bytes(9000)),
    CT_REQUEST + STORE + p_data(1, 0x00, bytes(9000))[:500],
]


def test_an_end_in_any_state_leaves_nothing(gateway: Gateway, honest: HonestPeer) -> None:
    before = gateway.rss()
    cases = [(state, ending) for state in STATES for ending in (ABORT, RELEASE_RQ, b"", b"reset")]

    def leave(state: bytes, ending: bytes) -> None:
        with suppress(OSError), RawPeer(gateway.port, source=ELSEWHERE) as peer:
            peer.send(state)
            if ending == b"reset":
                peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            peer.send(ending)
            if ending:
                assert peer.is_closed_within(10)

    with ThreadPoolExecutor(8) as pool:
        ends = [pool.submit(leave, *case) for case in cases * 4]
    for end in ends:
        end.result()
    growth = gateway.rss() - before
    print(f"{len(ends)} ends in all states: RSS {growth / 2**20:+.1f} MiB")

    assert gateway.process.poll() is None
    assert growth <= MOST_GROWTH
    assert_nothing_is_left(gateway)


def test_path_like_uids_leave_no_file(gateway: Gateway, honest: HonestPeer, tmp_path: Path) -> None:
    outside = {path for path in tmp_path.rglob("*") if gateway.home not in path.parents}
    with RawPeer(gateway.port, source=ELSEWHERE) as peer:
        assert peer.associate("CT2") == 0x02
        for number, uid in enumerate(path_like_uids(random.Random(7), 500)):
            instance = make_instance(number)
            own = instance.uid.encode()
            if number % 2:
                peer.send(p_data(1, 0x03, store_rq(uid)))
                peer.send_data_set(instance.data_set)
            else:
                peer.send(p_data(1, 0x03, store_rq(instance.uid)))
                peer.send_data_set(instance.data_set.replace(own, uid[: len(own)].ljust(len(own))))
            assert peer.read_status()[0] != 0x0000

    assert {path for path in tmp_path.rglob("*") if gateway.home not in path.parents} == outside
    names = [path.name for path in (gateway.home / "objects").rglob("*") if path.is_file()]
    assert all(len(name) == 64 and set(name) <= set("0123456789abcdef") for name in names)
    assert_nothing_is_left(gateway)
