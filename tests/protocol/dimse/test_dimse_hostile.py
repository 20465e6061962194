"""Peers that stall, lie, cut and flood: nobody else notices and nothing stays behind."""

import random
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.protocol.dimse.instances import make_instance
from tests.protocol.dimse.raw_peer import (
    ABORT,
    RELEASE_RQ,
    RawPeer,
    associate_rq,
    command_set,
    echo_rq,
    element,
    p_data,
    pdu,
    pdv,
    store_rq,
    us,
)
from tests.protocol.dimse.running import RunningGateway, eventually

UID = make_instance().uid


@pytest.fixture(autouse=True)
def an_honest_peer_is_served_afterwards(gateway: RunningGateway) -> Iterator[None]:
    yield
    with RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        assert peer.store(make_instance(99)) == 0x0000
    assert eventually(lambda: gateway.spool_files() == [])


def associated(gateway: RunningGateway) -> RawPeer:
    peer = RawPeer(gateway.port)
    assert peer.associate() == 0x02
    return peer


def is_cut_after(peer: RawPeer, byte: int) -> bool:
    """Send one byte, then see within the socket's timeout whether the gateway has had enough."""
    try:
        peer.send(bytes((byte,)))
        peer.socket.recv(100)
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize("start", [b"", b"\x01\x00\x00", associate_rq()[:40]])
def test_silence_before_association_ends_the_connection(
    gateway: RunningGateway, start: bytes
) -> None:
    with RawPeer(gateway.port) as peer:
        peer.send(start)
        assert peer.is_closed_within(8)


def test_one_byte_a_moment_does_not_keep_a_connection(gateway: RunningGateway) -> None:
    with RawPeer(gateway.port) as peer:
        peer.socket.settimeout(0.1)
        assert any(is_cut_after(peer, byte) for byte in associate_rq()[:-1])


def test_a_claim_of_four_gigabytes_is_cut_at_once(gateway: RunningGateway) -> None:
    with RawPeer(gateway.port) as peer:
        peer.send(b"\x01\x00\xff\xff\xff\xff")
        assert peer.read_pdu() == (0x07, bytes((0, 0, 2, 6)))
        assert peer.is_closed_within(5)


def test_p_data_over_the_negotiated_size_is_aborted(gateway: RunningGateway) -> None:
    with associated(gateway) as peer:
        peer.send(struct.pack(">BxL", 0x04, 128 * 1024 + 1))
        assert peer.read_pdu() == (0x07, bytes((0, 0, 2, 6)))


def test_p_data_of_the_negotiated_size_is_accepted(gateway: RunningGateway) -> None:
    instance = make_instance(pixels=bytes(400_000))
    with associated(gateway) as peer:
        peer.send(p_data(1, 0x03, store_rq(instance.uid)))
        peer.send_data_set(instance.data_set, chunk=128 * 1024 - 6)
        assert peer.read_status()[0] == 0x0000


@pytest.mark.parametrize(
    "stream",
    [
        p_data(1, 0x03, store_rq(UID)) + pdu(0x04, struct.pack(">LBB", 4000, 1, 0) + b"short"),
        p_data(1, 0x02, b"a data set without a command"),
        p_data(1, 0x03, store_rq(UID)) + p_data(3, 0x00, b"another context"),
        p_data(1, 0x03, store_rq(UID)) + p_data(1, 0x03, store_rq(UID)),
        p_data(99, 0x03, store_rq(UID)),
        p_data(1, 0x03, b"not a command set at all"),
        p_data(1, 0x03, command_set(us(0x0100, 0x0020), us(0x0110, 1), us(0x0800, 0x0101))),
        p_data(1, 0x03, command_set(us(0x0100, 0x1234), us(0x0110, 1), us(0x0800, 0x0101))),
        p_data(1, 0x03, command_set(us(0x0100, 0x0100), us(0x0110, 1), us(0x0800, 0x0101))),
        b"".join(p_data(1, 0x01, b"\0" * 16000) for _ in range(5)),
        associate_rq(),
        pdu(0x02, bytes(68)),
        b"\x42",
    ],
    ids=range(13),
)
def test_a_broken_conversation_is_aborted(gateway: RunningGateway, stream: bytes) -> None:
    with associated(gateway) as peer:
        peer.send(stream)
        assert peer.read_pdu()[0] == 0x07
        assert peer.is_closed_within(5)
    assert gateway.objects() == []


def test_a_response_nobody_asked_for_is_no_harm(gateway: RunningGateway) -> None:
    response = command_set(
        us(0x0100, 0x8001),
        us(0x0120, 7),
        us(0x0800, 0x0101),
        us(0x0900, 0),
        element(0x1000, b"1.2"),
    )
    with associated(gateway) as peer:
        peer.send(p_data(1, 0x03, response))
        assert peer.echo() == 0


def test_fragments_without_end_run_out_of_time(gateway: RunningGateway) -> None:
    with associated(gateway) as peer:
        peer.send(p_data(1, 0x03, store_rq(UID)) + p_data(1, 0x00, bytes(1000)))
        assert eventually(lambda: len(gateway.spool_files()) == 1)
        assert peer.is_closed_within(10)


@pytest.mark.parametrize("ending", [ABORT, RELEASE_RQ, b"", "reset"])
@pytest.mark.parametrize(
    "before",
    [
        b"",
        associate_rq()[:60],
        associate_rq(),
        associate_rq() + p_data(1, 0x01, store_rq(UID)[:20]),
        associate_rq() + p_data(1, 0x03, store_rq(UID)),
        associate_rq() + p_data(1, 0x03, store_rq(UID)) + p_data(1, 0x00, bytes(9000)),
        associate_rq() + p_data(1, 0x03, store_rq(UID)) + p_data(1, 0x00, bytes(9000))[:500],
    ],
)
def test_an_end_in_any_state_leaves_nothing(
    gateway: RunningGateway, before: bytes, ending: bytes | str
) -> None:
    with RawPeer(gateway.port) as peer:
        peer.send(before)
        if isinstance(ending, str):
            linger = struct.pack("ii", 1, 0)
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        elif ending:
            peer.send(ending)
            assert peer.is_closed_within(8)
    assert eventually(lambda: gateway.spool_files() == [])
    assert gateway.objects() == []


def test_sixty_half_open_peers_do_not_keep_an_honest_one_waiting(gateway: RunningGateway) -> None:
    with ExitStack() as open_peers:
        for _ in range(60):
            peer = open_peers.enter_context(RawPeer(gateway.port))
            peer.send(b"\x01\x00\x00")
        honest = open_peers.enter_context(RawPeer(gateway.port, patience=1))
        assert honest.associate() == 0x02


def test_a_flood_pushes_out_its_own_oldest(start_gateway: Callable[..., RunningGateway]) -> None:
    gateway = start_gateway(limits={"max_half_open": 5, "request_seconds": 60})
    with ExitStack() as open_peers:
        peers = [open_peers.enter_context(RawPeer(gateway.port)) for _ in range(8)]
        assert all(peer.is_closed_within(5) for peer in peers[:3])
        assert peers[-1].associate() == 0x02


def mutated(chance: random.Random, stream: bytes) -> bytes:
    damaged = bytearray(stream)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(damaged))
        match chance.randrange(4):
            case 0:
                damaged[at] = chance.randrange(256)
            case 1:
                del damaged[at : at + chance.randint(1, 8)]
            case 2:
                damaged[at:at] = chance.randbytes(chance.randint(1, 8))
            case _:
                damaged[at : at + 4] = chance.choice(
                    (b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\x00\x00\x00\x02")
                )
        if not damaged:
            return b"\x00"
    return bytes(damaged)


@pytest.mark.parametrize("seed", range(8))
def test_mutated_conversations_crash_nothing(gateway: RunningGateway, seed: int) -> None:
    """400 a seed; half are damaged from the first byte, half after a good association."""
    chance = random.Random(seed)
    request = associate_rq()
    instance = make_instance(500 + seed)
    talk = (
        p_data(3, 0x03, echo_rq())
        + p_data(1, 0x03, store_rq(instance.uid))
        + pdu(0x04, pdv(1, 0x00, instance.data_set[:400]) + pdv(1, 0x02, instance.data_set[400:]))
        + RELEASE_RQ
    )
    for number in range(400):
        with RawPeer(gateway.port) as peer:
            stream = (
                mutated(chance, request) + talk if number % 2 else request + mutated(chance, talk)
            )
            try:
                peer.send(stream)
                peer.socket.shutdown(socket.SHUT_WR)
            except ConnectionError:
                continue
            assert peer.is_closed_within(10)
    assert eventually(lambda: gateway.spool_files() == [])
