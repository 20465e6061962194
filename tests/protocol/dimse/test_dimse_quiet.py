"""A process that lives long among many peers: memory it gives back, and what it logs of a flood."""

import gc
import logging
import socket
from collections.abc import Callable, Iterator

import pytest

from gateway.association import PeerAssociation
from gateway.wire import Wire
from tests.protocol.dimse.instances import make_instance
from tests.protocol.dimse.raw_peer import RELEASE_RQ, RawPeer, p_data, store_rq
from tests.protocol.dimse.running import RunningGateway, eventually


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def associations_in_memory() -> int:
    return sum(isinstance(each, PeerAssociation) for each in gc.get_objects())


@pytest.mark.usefixtures("without_collector")
def test_an_association_that_is_over_or_refused_leaves_nothing_to_the_collector(
    gateway: RunningGateway,
) -> None:
    before = associations_in_memory()
    for number in range(5):
        with RawPeer(gateway.port) as peer:
            assert peer.associate() == 0x02
            assert peer.store(make_instance(number)) == 0
            assert peer.echo() == 0
            peer.send(RELEASE_RQ)
            assert peer.is_closed_within(5)
        with RawPeer(gateway.port) as peer:
            assert peer.associate("UNKNOWN") == 0x03
            assert peer.is_closed_within(5)

    assert eventually(lambda: associations_in_memory() == before)


def test_a_silent_peer_has_no_buffer_and_is_heard_again() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with listener, socket.create_connection(listener.getsockname()) as peer:
        accepted, _ = listener.accept()
        wire = Wire(accepted, tick=5, send_seconds=5)
        peer.sendall(b"\x01" * 1000)
        first = wire.receive()
        assert first is not None
        assert set(first) == {1}
        wire.rest()
        # A page that was given back reads as zeros: it is not there any more.
        assert set(first) == {0}
        peer.sendall(b"\x02" * 10)
        again = wire.receive()
        assert again is not None
        assert bytes(again) == b"\x02" * 10
        wire.close()


def test_a_peer_may_pause_between_messages_for_longer_than_a_tick(
    gateway: RunningGateway,
) -> None:
    """Its buffer goes and comes back; so do the bytes of what it sends afterwards."""
    with RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        for number in (1, 2):
            assert peer.store(make_instance(number, pixels=bytes(range(256)) * 2000)) == 0
            peer.socket.settimeout(0.3)
            with pytest.raises(TimeoutError):
                peer.socket.recv(1)
            peer.socket.settimeout(10)
        assert peer.echo() == 0
    assert len(gateway.objects()) == 2


def test_of_a_flood_of_refused_instances_the_first_are_logged_and_the_rest_counted(
    start_gateway: Callable[..., RunningGateway], caplog: pytest.LogCaptureFixture
) -> None:
    gateway = start_gateway()
    with caplog.at_level(logging.WARNING, "gateway"), RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        for number in range(30):
            peer.send(p_data(1, 0x03, store_rq(f"1.2.{number}")))
            peer.send_data_set(make_instance(number).data_set)
            assert peer.read_status()[0] == 0xA900
        gateway.stop_and_wait()

    lines = [each.getMessage() for each in caplog.records]
    assert sum("answered 0xA900: uid-mismatch" in line for line in lines) == 10
    assert (
        "refused CT1 at 127.0.0.1: C-STORE: uid-mismatch: 20 more, not logged one by one" in lines
    )
