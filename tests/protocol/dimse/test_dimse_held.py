"""Held on the spool: success while the index is away, where the operator allowed so many bytes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.spool import Backlog
from imaging_cloud.use_cases.replay_spool import Replay, replay_spool
from tests.protocol.dimse.instances import make_instance
from tests.protocol.dimse.memory_cloud import MemoryIndex, memory_cloud
from tests.protocol.dimse.raw_peer import RawPeer
from tests.protocol.dimse.running import RunningGateway

Start = Callable[..., RunningGateway]


def allowing(home: Path, index: MemoryIndex, allowed: int) -> Cloud:
    home.mkdir()
    cloud = memory_cloud(home, index)
    return replace(cloud, policy=replace(cloud.policy, ack_on_spool=allowed))


def waiting(cloud: Cloud) -> Backlog:
    """As another process would count it."""
    return memory_cloud(cloud.spool._root.parent, MemoryIndex()).spool.read_backlog()  # type: ignore[attr-defined]


def test_a_held_instance_is_answered_success_and_taken_in_later(
    tmp_path: Path, index: MemoryIndex, start_gateway: Start
) -> None:
    cloud = allowing(tmp_path / "held", index, 10**6)
    gateway = start_gateway(cloud, home=tmp_path / "held")
    instance = make_instance()
    with RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        index.away = True
        assert peer.store(instance) == 0x0000
        assert index.records == {}
        assert waiting(cloud).instances == 1
        index.away = False

        assert replay_spool(cloud) == Replay(kept=1)

    assert set(index.records) == {instance.uid}
    assert waiting(cloud) == Backlog()


@pytest.mark.parametrize("allowed", [0, 100])
def test_without_leave_or_room_it_is_refused(
    tmp_path: Path, index: MemoryIndex, start_gateway: Start, allowed: int
) -> None:
    cloud = allowing(tmp_path / "refused", index, allowed)
    gateway = start_gateway(cloud, home=tmp_path / "refused")
    with RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        index.away = True
        assert peer.store(make_instance()) == 0xA700
        index.away = False
    replay_spool(cloud)


def test_what_would_be_refused_is_not_held(
    tmp_path: Path, index: MemoryIndex, start_gateway: Start
) -> None:
    cloud = allowing(tmp_path / "invalid", index, 10**6)
    gateway = start_gateway(cloud, home=tmp_path / "invalid")
    instance = make_instance()
    with RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        index.away = True
        broken = replace(instance, data_set=instance.data_set[:-7])
        assert peer.store(broken) == 0xA700
        index.away = False
    replay_spool(cloud)
    assert index.records == {}
