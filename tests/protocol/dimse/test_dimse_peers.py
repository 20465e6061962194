"""Who is let in: registered devices, within their share of the places."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from imaging_cloud.adapters.filesystem_spool import FilesystemSpool
from imaging_cloud.ports.access_register import Device
from tests.protocol.dimse.instances import CT, make_instance
from tests.protocol.dimse.memory_cloud import MemoryIndex, memory_cloud
from tests.protocol.dimse.raw_peer import EXPLICIT, RELEASE_RQ, RawPeer, associate_rq
from tests.protocol.dimse.running import RunningGateway, eventually


def rejection(peer: RawPeer, request: bytes) -> tuple[int, ...]:
    """(result, source, reason) of the A-ASSOCIATE-RJ."""
    peer.send(request)
    kind, body = peer.read_pdu()
    assert kind == 0x03
    return tuple(body[1:])


def refused(reason: str) -> float:
    name = "imaging_cloud_gateway_associations_refused_total"
    return REGISTRY.get_sample_value(name, {"reason": reason}) or 0


def test_an_unregistered_device_is_rejected_and_told_of(
    gateway: RunningGateway, caplog: pytest.LogCaptureFixture
) -> None:
    before = refused("unregistered-device")
    with RawPeer(gateway.port) as peer, caplog.at_level(logging.INFO):
        assert rejection(peer, associate_rq("STRANGER")) == (1, 1, 3)
        assert peer.is_closed_within(5)

    assert "'STRANGER' at 127.0.0.1" in caplog.text
    assert "imaging-cloud device add STRANGER --institution CODE" in caplog.text
    assert refused("unregistered-device") == before + 1


def test_a_device_is_let_in_as_soon_as_it_is_added(
    gateway: RunningGateway, index: MemoryIndex
) -> None:
    with RawPeer(gateway.port) as peer:
        assert peer.associate("NEWCOMER") == 0x03
    index.devices["NEWCOMER"] = Device(ae_title="NEWCOMER", institution="HOSP_B")
    with RawPeer(gateway.port) as peer:
        assert peer.associate("NEWCOMER") == 0x02


def test_an_index_that_is_away_rejects_for_now(gateway: RunningGateway, index: MemoryIndex) -> None:
    index.away = True
    with RawPeer(gateway.port) as peer:
        assert rejection(peer, associate_rq()) == (2, 3, 1)


def test_spaces_around_an_ae_title_do_not_count(gateway: RunningGateway) -> None:
    with RawPeer(gateway.port) as peer:
        assert peer.associate("  CT1 ") == 0x02


def test_the_called_ae_title_is_not_enforced(gateway: RunningGateway) -> None:
    with RawPeer(gateway.port) as peer:
        assert peer.associate(called="SOMEBODY_ELSE") == 0x02


def test_more_associations_than_places_are_rejected_for_now(
    start_gateway: Callable[..., RunningGateway],
) -> None:
    gateway = start_gateway(max_associations=3)
    with ExitStack() as open_peers:
        peers = [open_peers.enter_context(RawPeer(gateway.port)) for _ in range(4)]
        assert [peer.associate() for peer in peers[:3]] == [0x02] * 3
        assert rejection(peers[3], associate_rq()) == (2, 3, 2)

        peers[0].send(RELEASE_RQ)
        assert peers[0].read_pdu()[0] == 0x06
        again = open_peers.enter_context(RawPeer(gateway.port))
        assert again.associate() == 0x02


@pytest.mark.parametrize("limit", ["max_of_one_device", "max_of_one_address"])
def test_one_peer_cannot_take_every_place(
    start_gateway: Callable[..., RunningGateway], limit: str
) -> None:
    gateway = start_gateway(limits={limit: 2})
    with ExitStack() as open_peers:
        peers = [open_peers.enter_context(RawPeer(gateway.port)) for _ in range(3)]
        assert [peer.associate() for peer in peers[:2]] == [0x02] * 2
        assert rejection(peers[2], associate_rq()) == (2, 3, 2)


def test_a_device_has_as_many_places_as_the_setting_gives_it(
    start_gateway: Callable[..., RunningGateway],
) -> None:
    gateway = start_gateway(max_associations_of_one_device=1)
    with RawPeer(gateway.port) as first, RawPeer(gateway.port) as second:
        assert first.associate("CT1") == 0x02
        assert rejection(second, associate_rq("CT1")) == (2, 3, 2)
        with RawPeer(gateway.port) as third:
            assert third.associate("STORESCU") == 0x02


@pytest.mark.parametrize("limit", ["max_associations", "max_of_one_device", "max_of_one_address"])
def test_limits_are_of_all_processes_that_share_a_folder(
    start_gateway: Callable[..., RunningGateway], tmp_path: Path, limit: str
) -> None:
    """Two gateways stand for two processes: a census lock is of an open file, not of a process."""
    gateways = [start_gateway(limits={limit: 3}, shared_folder=tmp_path) for _ in range(2)]
    with ExitStack() as open_peers:
        peers = [
            open_peers.enter_context(RawPeer(gateway.port)) for gateway in gateways for _ in "ab"
        ]
        assert [peer.associate() for peer in peers[:3]] == [0x02] * 3
        assert rejection(peers[3], associate_rq()) == (2, 3, 2)
        peers[0].send(RELEASE_RQ)
        assert peers[0].read_pdu()[0] == 0x06
        again = open_peers.enter_context(RawPeer(gateways[1].port))
        assert again.associate() == 0x02


def test_a_flood_on_one_process_does_not_push_out_the_peers_of_another(
    start_gateway: Callable[..., RunningGateway], tmp_path: Path
) -> None:
    words = {"limits": {"max_half_open": 6, "request_seconds": 60}, "shared_folder": tmp_path}
    crowded, calm = start_gateway(**words), start_gateway(**words)
    with ExitStack() as open_peers:
        flood = [open_peers.enter_context(RawPeer(crowded.port)) for _ in range(10)]
        assert flood[3].is_closed_within(5)
        honest = [open_peers.enter_context(RawPeer(calm.port)) for _ in range(2)]
        more = [open_peers.enter_context(RawPeer(crowded.port)) for _ in range(3)]
        assert flood[5].is_closed_within(5)
        assert [peer.associate() for peer in (*honest, more[-1])] == [0x02] * 3


def test_a_flood_of_refusals_is_counted_in_full_and_logged_in_part(
    gateway: RunningGateway, caplog: pytest.LogCaptureFixture
) -> None:
    before = refused("unregistered-device")
    with caplog.at_level(logging.INFO):
        for _ in range(30):
            with RawPeer(gateway.port) as peer:
                assert peer.associate("STRANGER") == 0x03
        assert refused("unregistered-device") == before + 30
        assert caplog.text.count("'STRANGER' at 127.0.0.1") == 10
        gateway.stop_and_wait()

    assert "unregistered-device: 20 more, not logged one by one" in caplog.text


def test_below_the_reserve_of_free_space_associations_are_refused_for_now(
    start_gateway: Callable[..., RunningGateway], tmp_path: Path, index: MemoryIndex
) -> None:
    """And those that stand are answered 0xA700; both end when space is back."""
    cloud = memory_cloud(tmp_path, index)
    spool = FilesystemSpool(tmp_path / "spool", max_bytes=10**6, reserve=0)
    gateway = start_gateway(replace(cloud, spool=spool), home=tmp_path)
    before = refused("out-of-space")
    with RawPeer(gateway.port) as standing:
        assert standing.associate() == 0x02
        spool._reserve = 2**62
        with RawPeer(gateway.port) as peer:
            assert rejection(peer, associate_rq()) == (2, 3, 2)
        assert standing.store(make_instance()) == 0xA700
        assert refused("out-of-space") == before + 1

        spool._reserve = 0
        with RawPeer(gateway.port) as peer:
            assert peer.associate() == 0x02
            assert peer.store(make_instance()) == 0


def test_a_peer_that_takes_no_answers_is_rejected(gateway: RunningGateway) -> None:
    with RawPeer(gateway.port) as peer:
        assert rejection(peer, associate_rq(max_pdu=100)) == (1, 1, 1)


def test_a_peer_without_limit_is_served(gateway: RunningGateway) -> None:
    with RawPeer(gateway.port) as peer:
        peer.send(associate_rq(max_pdu=0))
        assert peer.read_pdu()[0] == 0x02
        assert peer.store(make_instance()) == 0


def test_a_peer_that_names_no_maximum_is_served(gateway: RunningGateway) -> None:
    with RawPeer(gateway.port) as peer:
        peer.send(associate_rq(user=b""))
        assert peer.read_pdu()[0] == 0x02
        assert peer.echo() == 0
        assert peer.store(make_instance()) == 0


def test_another_protocol_version_is_aborted(gateway: RunningGateway) -> None:
    with RawPeer(gateway.port) as peer:
        peer.send(associate_rq(version=2))
        assert peer.read_pdu()[0] == 0x07


def test_the_senders_first_supported_transfer_syntax_is_chosen(gateway: RunningGateway) -> None:
    j2k, private = "1.2.840.10008.1.2.4.90", "1.2.3.4.5"
    with RawPeer(gateway.port) as peer:
        peer.send(associate_rq(contexts=((CT, (private, j2k, EXPLICIT)), (CT, (EXPLICIT, j2k)))))
        kind, body = peer.read_pdu()

    assert kind == 0x02
    assert body.index(j2k.encode()) < body.index(EXPLICIT.encode() + b"\x50")
    assert private.encode() not in body


def test_an_unknown_context_does_not_spoil_the_others(gateway: RunningGateway) -> None:
    with RawPeer(gateway.port) as peer:
        peer.send(associate_rq(contexts=((CT, (EXPLICIT,)), ("1.2.3.4", (EXPLICIT,)))))
        assert peer.read_pdu()[0] == 0x02
        assert peer.store(make_instance()) == 0


def test_a_private_class_is_taken_where_it_is_configured(
    start_gateway: Callable[..., RunningGateway],
) -> None:
    private = "1.2.840.113619.4.27"
    gateway = start_gateway(private_sop_classes=(private,))
    instance = make_instance(sop_class=private)
    with RawPeer(gateway.port) as peer:
        peer.send(associate_rq(contexts=((private, (EXPLICIT,)),)))
        assert peer.read_pdu()[0] == 0x02
        assert peer.store(instance, sop_class=private) == 0


def test_the_gauge_of_associations_returns_to_where_it_was(gateway: RunningGateway) -> None:
    def active() -> float:
        return REGISTRY.get_sample_value("imaging_cloud_gateway_associations_active") or 0

    before = active()
    with RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        assert active() == before + 1
    assert eventually(lambda: active() == before)
