# ruff: noqa: T201 - a campaign tells its figures
"""The hostile campaign: a real gateway process, as it is configured by default, under attack.

100,000 damaged conversations, floods and liars over raw sockets; test_hostile_stalling.py has
those that stall. All the while an honest peer associates again and again; how long it takes, and
what the gateway's memory does, is printed and bounded. `make campaign`.
"""

import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.protocol.dimse.damage import mutated
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
    RELEASE_RQ,
    RawPeer,
    associate_rq,
    echo_rq,
    p_data,
    pdu,
    pdv,
    store_rq,
)

CONVERSATIONS = int(os.environ.get("HOSTILE_CONVERSATIONS", "100000"))
ATTACKERS = 4

pytestmark = pytest.mark.campaign


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with gateway_by_default(tmp_path) as running:
        yield running


@pytest.fixture
def honest(gateway: Gateway) -> Iterator[HonestPeer]:
    with honest_peer(gateway) as peer:
        yield peer


def attack(port: int, seed: int, count: int) -> None:
    chance = random.Random(seed)
    request = associate_rq("CT2")
    instance = make_instance(500 + seed)
    talk = (
        p_data(3, 0x03, echo_rq())
        + p_data(1, 0x03, store_rq(instance.uid))
        + pdu(0x04, pdv(1, 0x00, instance.data_set[:400]) + pdv(1, 0x02, instance.data_set[400:]))
        + RELEASE_RQ
    )
    for number in range(count):
        stream = mutated(chance, request) + talk if number % 2 else request + mutated(chance, talk)
        with suppress(OSError), RawPeer(port, patience=20, source=ELSEWHERE) as peer:
            peer.send(stream)
            peer.socket.shutdown(socket.SHUT_WR)
            while peer.socket.recv(65536):
                pass


def test_damaged_conversations(gateway: Gateway, honest: HonestPeer) -> None:
    attack(gateway.port, 999, 400)  # pools and caches are filled by as much
    before, began = gateway.rss(), time.monotonic()
    attackers = [
        threading.Thread(target=attack, args=(gateway.port, n, CONVERSATIONS // ATTACKERS))
        for n in range(ATTACKERS)
    ]
    for each in attackers:
        each.start()
    for each in attackers:
        each.join()
    growth = gateway.rss() - before
    print(
        f"{CONVERSATIONS} damaged conversations in {time.monotonic() - began:.0f} s,"
        f" RSS {growth / 2**20:+.1f} MiB, log {gateway.log.stat().st_size / 1024:.0f} KiB"
    )

    assert gateway.process.poll() is None
    assert growth <= MOST_GROWTH
    assert_nothing_is_left(gateway)


@pytest.mark.parametrize("count", [60, 200])
def test_half_open_peers(gateway: Gateway, honest: HonestPeer, count: int) -> None:
    before = gateway.rss()
    with ExitStack() as open_peers:
        flood = [
            open_peers.enter_context(RawPeer(gateway.port, source=ELSEWHERE)) for _ in range(count)
        ]
        began = time.monotonic()
        for peer in flood:
            with suppress(OSError):
                peer.send(b"\x01\x00\x00")
        assert all(peer.is_closed_within(15) for peer in flood)
        took = time.monotonic() - began
    growth = gateway.rss() - before
    print(f"{count} half-open: all closed after {took:.1f} s, RSS {growth / 2**20:+.1f} MiB")

    assert growth <= MOST_GROWTH


def test_liars_about_length(gateway: Gateway, honest: HonestPeer) -> None:
    before = gateway.rss()
    block = bytes(2**20)
    for kind, first in ((0x01, b""), (0x04, associate_rq("CT2"))):
        for _ in range(20):
            with suppress(OSError), RawPeer(gateway.port, source=ELSEWHERE) as peer:
                peer.send(first + bytes((kind, 0)) + b"\xff\xff\xff\xf0")
                for _ in range(100):
                    peer.send(block)
    growth = gateway.rss() - before
    print(f"4 GiB claimed 40 times: RSS {growth / 2**20:+.1f} MiB")

    assert gateway.process.poll() is None
    assert growth <= MOST_GROWTH
