"""Peers that stall, lie, cut and flood: nobody else notices and nothing stays behind."""

import random
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest
from prometheus_client import REGISTRY

from tests.protocol.dimse.damage import mutated, path_like_uids
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


def refusals_so_far() -> float:
    return sum(
        sample.value
        for metric in REGISTRY.collect()
        if metric.name == "imaging_cloud_gateway_associations_refused"
        for sample in metric.samples
        if sample.name.endswith("_total")
    )


def associated(gateway: RunningGateway) -> RawPeer:
    peer = RawPeer(gateway.port)
    assert peer.associate() == 0x02
    return peer


def is_cut_after(peer: RawPeer, data: bytes) -> bool:
    """Send it, then see within the socket's timeout whether the gateway has had enough."""
    try:
        peer.send(data)
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
        assert any(is_cut_after(peer, bytes((byte,))) for byte in associate_rq()[:-1])


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


@pytest.mark.parametrize("control", [0x00, 0x01])
def test_fragments_that_drip_run_out_of_time(gateway: RunningGateway, control: int) -> None:
    """Each is a whole PDU in good time; the message that they belong to never ends."""
    with associated(gateway) as peer:
        if control == 0x00:
            peer.send(p_data(1, 0x03, store_rq(UID)))
        peer.socket.settimeout(0.1)
        assert any(is_cut_after(peer, p_data(1, control, b"x")) for _ in range(80))


def test_a_slow_line_has_its_time(start_gateway: Callable[..., RunningGateway]) -> None:
    """Three times as long as silence within a message is borne, and never silent for long."""
    gateway = start_gateway(association_timeout_seconds=0.5)
    instance = make_instance(pixels=bytes(20_000))
    with associated(gateway) as peer:
        peer.send(p_data(1, 0x03, store_rq(instance.uid)))
        for at in range(0, len(instance.data_set), 2000):
            is_last = at + 2000 >= len(instance.data_set)
            peer.send(p_data(1, 0x02 if is_last else 0x00, instance.data_set[at : at + 2000]))
            if not is_last:
                peer.socket.settimeout(0.15)
                with pytest.raises(TimeoutError):
                    peer.socket.recv(1)
        peer.socket.settimeout(10)
        assert peer.read_status()[0] == 0


def test_fragments_without_end_run_out_of_time(gateway: RunningGateway) -> None:
    with associated(gateway) as peer:
        peer.send(p_data(1, 0x03, store_rq(UID)) + p_data(1, 0x00, bytes(100_000)))
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
        associate_rq() + p_data(1, 0x03, store_rq(UID)) + p_data(1, 0x00, bytes(100_000)),
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


def test_two_hundred_half_open_peers_are_closed_and_counted_and_keep_nobody_waiting(
    gateway: RunningGateway,
) -> None:
    before = refusals_so_far()
    with ExitStack() as open_peers:
        flood = [open_peers.enter_context(RawPeer(gateway.port)) for _ in range(200)]
        for peer in flood:
            with suppress(ConnectionError):
                peer.send(b"\x01\x00\x00")
        honest = open_peers.enter_context(RawPeer(gateway.port))
        assert honest.associate() == 0x02
        assert honest.store(make_instance(98)) == 0
        assert all(peer.is_closed_within(10) for peer in flood)
    assert eventually(lambda: refusals_so_far() >= before + 200)


def test_path_like_uids_are_refused_and_leave_no_file(gateway: RunningGateway) -> None:
    """500 of them, in the command and in the data set; the association lives on."""
    chance = random.Random(42)
    before = {path for path in gateway.home.parent.rglob("*") if path.is_file()}
    with associated(gateway) as peer:
        for number, uid in enumerate(path_like_uids(chance, 500)):
            instance = make_instance(number)
            if number % 2:
                peer.send(p_data(1, 0x03, store_rq(uid)))
                data_set = instance.data_set
            else:
                peer.send(p_data(1, 0x03, store_rq(instance.uid)))
                known = instance.uid.encode()
                assert known in instance.data_set
                data_set = instance.data_set.replace(known, uid[: len(known)].ljust(len(known)))
            peer.send_data_set(data_set)
            assert peer.read_status()[0] == 0xA900, uid
        assert peer.store(make_instance(97)) == 0
    after = {path for path in gateway.home.parent.rglob("*") if path.is_file()}
    new = {path.relative_to(gateway.home) for path in after - before if path.suffix != ".log"}
    assert {path.parts[0] for path in new} == {"objects"}
    assert not any(mark in str(path) for path in new for mark in ("..", "etc", "passwd"))


def test_a_flood_pushes_out_its_own_oldest(start_gateway: Callable[..., RunningGateway]) -> None:
    gateway = start_gateway(limits={"max_half_open": 5, "request_seconds": 60})
    with ExitStack() as open_peers:
        peers = [open_peers.enter_context(RawPeer(gateway.port)) for _ in range(8)]
        assert all(peer.is_closed_within(5) for peer in peers[:3])
        assert peers[-1].associate() == 0x02


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
