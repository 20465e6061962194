"""Stopping: what is in hand is finished, what is idle is ended, what hangs is cut."""

import time
from collections.abc import Callable

from tests.protocol.dimse.instances import make_instance
from tests.protocol.dimse.memory_cloud import MemoryIndex
from tests.protocol.dimse.raw_peer import RawPeer, p_data, store_rq
from tests.protocol.dimse.running import RunningGateway, eventually


def test_an_idle_association_is_aborted_at_once(gateway: RunningGateway) -> None:
    with RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        gateway.stop.set()
        assert peer.read_pdu()[0] == 0x07
    gateway.stop_and_wait()


def test_a_message_in_hand_is_finished_and_answered(
    gateway: RunningGateway, index: MemoryIndex
) -> None:
    index.open_gate.clear()
    instance = make_instance()
    with RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        peer.send(p_data(1, 0x03, store_rq(instance.uid)))
        peer.send_data_set(instance.data_set)
        assert index.waiting.wait(10)
        gateway.stop.set()
        index.open_gate.set()
        assert peer.read_status()[0] == 0x0000
        assert peer.read_pdu()[0] == 0x07
    gateway.stop_and_wait()
    assert instance.uid in index.records


def test_a_sender_that_hangs_in_a_message_is_cut(
    start_gateway: Callable[..., RunningGateway],
) -> None:
    gateway = start_gateway(limits={"stop_seconds": 1, "message_seconds": 60})
    with RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        peer.send(p_data(1, 0x03, store_rq(make_instance().uid)) + p_data(1, 0x00, bytes(100_000)))
        assert eventually(lambda: len(gateway.spool_files()) == 1)
        began = time.monotonic()
        gateway.stop_and_wait()
        assert time.monotonic() - began < 8
        assert peer.read_pdu()[0] == 0x07
    assert gateway.spool_files() == []


def test_nobody_is_accepted_after_the_stop(gateway: RunningGateway) -> None:
    gateway.stop_and_wait()
    try:
        with RawPeer(gateway.port) as peer:
            assert peer.is_closed_within(5)
    except ConnectionRefusedError:
        pass
