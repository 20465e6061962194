"""Every outcome of a C-STORE has its own honest status, and the association lives on."""

import logging
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.status import STATUS_OF_CAUSE, Cause, status_of_cause
from imaging_cloud.domain.identifiers import is_uid
from imaging_cloud.use_cases.replay_spool import Replay, replay_spool
from tests.protocol.dimse.instances import CT, SECONDARY_CAPTURE, make_instance, stored_data_set
from tests.protocol.dimse.memory_cloud import MemoryIndex, memory_cloud
from tests.protocol.dimse.raw_peer import RawPeer, p_data, store_rq
from tests.protocol.dimse.running import RunningGateway, eventually

ROOT = Path(__file__).parents[3]


@pytest.fixture
def peer(gateway: RunningGateway) -> Iterator[RawPeer]:
    with RawPeer(gateway.port) as made:
        assert made.associate() == 0x02
        yield made
        # Whatever was answered, the next honest object is taken on the same association.
        assert made.store(make_instance(77)) == 0x0000


def comment_of(values: dict[int, bytes]) -> str:
    comment = values[0x0902]
    assert len(comment) <= 64
    return comment.decode("ascii").strip()


def test_the_response_echoes_what_was_sent(peer: RawPeer) -> None:
    instance = make_instance()
    peer.send(p_data(1, 0x03, store_rq(instance.uid, message_id=4711)))
    peer.send_data_set(instance.data_set)

    status, values = peer.read_status()

    assert status == 0x0000
    assert values[0x0120] == (4711).to_bytes(2, "little")
    assert values[0x0002].rstrip(b"\0").decode() == CT
    assert values[0x1000].rstrip(b"\0").decode() == instance.uid
    assert 0x0902 not in values


def test_the_same_bytes_again_are_success_and_one_object(
    peer: RawPeer, gateway: RunningGateway
) -> None:
    assert [peer.store(make_instance()) for _ in range(2)] == [0x0000, 0x0000]
    assert len(gateway.objects()) == 1


def test_other_bytes_under_a_known_uid_leave_the_first_alone(
    peer: RawPeer, gateway: RunningGateway, index: MemoryIndex
) -> None:
    first, other = make_instance(), make_instance(pixels=b"\x09\x09" * 512)
    assert peer.store(first) == 0x0000
    peer.send(p_data(1, 0x03, store_rq(other.uid)))
    peer.send_data_set(other.data_set)

    status, values = peer.read_status()

    assert status == 0xC111
    assert comment_of(values).startswith("other bytes are stored under this SOP Instance UID")
    key = index.records[first.uid].object_key
    assert stored_data_set(gateway.home / "objects" / key) == first.data_set


@pytest.mark.parametrize(
    "uid",
    [
        "../../etc/passwd",
        "1.2/../../3",
        "/tmp/x",
        "1.2.3\\4.5",
        "1" * 65,
        "A" * 64,
        "1..2",
        ".",
        "",
        "1.2\n3",
        "1.2.３",
    ],
)
def test_what_is_no_uid_touches_no_path(
    peer: RawPeer, gateway: RunningGateway, index: MemoryIndex, uid: str
) -> None:
    peer.send(p_data(1, 0x03, store_rq(uid.encode())))
    peer.send_data_set(make_instance().data_set)

    assert peer.read_status()[0] == 0xA900
    assert gateway.spool_files() == []
    assert gateway.objects() == []
    assert [each.cause for each in index.refusals] == [Cause.INVALID_COMMAND_UID]


def test_a_command_that_names_another_instance_is_refused(
    peer: RawPeer, index: MemoryIndex
) -> None:
    peer.send(p_data(1, 0x03, store_rq("1.2.3.4")))
    peer.send_data_set(make_instance().data_set)

    assert peer.read_status()[0] == 0xA900
    assert index.records == {}
    assert [each.cause for each in index.refusals] == ["uid-mismatch"]


def test_a_data_set_of_another_class_is_refused(peer: RawPeer, index: MemoryIndex) -> None:
    instance = make_instance(sop_class=SECONDARY_CAPTURE)
    peer.send(p_data(1, 0x03, store_rq(instance.uid)))
    peer.send_data_set(instance.data_set)

    assert peer.read_status()[0] == 0xA900
    assert [each.cause for each in index.refusals] == ["sop-class-mismatch"]


def test_a_class_that_is_not_the_contexts_is_refused(peer: RawPeer, index: MemoryIndex) -> None:
    peer.send(p_data(1, 0x03, store_rq(make_instance().uid, SECONDARY_CAPTURE)))
    peer.send_data_set(make_instance().data_set)

    assert peer.read_status()[0] == 0x0122
    assert index.records == {}


def test_a_request_without_data_set_is_answered(peer: RawPeer) -> None:
    peer.send(p_data(1, 0x03, store_rq("1.2.3.4", data_set=0x0101)))

    assert peer.read_status()[0] == 0xC009


@pytest.mark.parametrize(
    ("data_set", "status"),
    [
        (make_instance().data_set[:-5], 0xC001),
        (b"", None),
        (b"\x00" * 100, None),
        (os.urandom(3000), None),
    ],
)
def test_what_cannot_be_read_is_quarantined_with_its_own_status(
    peer: RawPeer, index: MemoryIndex, data_set: bytes, status: int | None
) -> None:
    peer.send(p_data(1, 0x03, store_rq(make_instance().uid)))
    peer.send_data_set(data_set)

    answered = peer.read_status()[0]

    assert 0xC000 <= answered <= 0xC0FF or answered == 0xA900
    assert status in (None, answered)
    assert index.records == {}
    assert answered == status_of_cause(index.refusals[0].cause)


def test_an_object_over_the_limit_is_refused_and_drained(
    start_gateway: Callable[..., RunningGateway], tmp_path: Path, index: MemoryIndex
) -> None:
    cloud = memory_cloud(tmp_path, index, max_bytes=50_000)
    gateway = start_gateway(cloud, home=tmp_path, max_instance_bytes=50_000)
    with RawPeer(gateway.port) as peer:
        peer.associate()
        assert peer.store(make_instance(pixels=bytes(90_000))) == 0xC004
        assert peer.store(make_instance(2)) == 0x0000
    assert [each.cause for each in index.refusals] == ["too-large"]


def test_a_refused_data_set_without_end_is_aborted(
    start_gateway: Callable[..., RunningGateway], tmp_path: Path, index: MemoryIndex
) -> None:
    cloud = memory_cloud(tmp_path, index, max_bytes=50_000)
    gateway = start_gateway(cloud, home=tmp_path, max_instance_bytes=50_000)
    with RawPeer(gateway.port) as peer:
        peer.associate()
        peer.send(p_data(1, 0x03, store_rq(make_instance().uid)))
        for _ in range(7):
            peer.send(p_data(1, 0x00, bytes(15_000)))
        assert peer.read_pdu()[0] == 0x07


def test_an_index_that_is_away_is_a_transient_failure(
    peer: RawPeer, index: MemoryIndex, gateway: RunningGateway
) -> None:
    index.away = True
    assert peer.store(make_instance()) == 0xA700
    # Its object rests in the store; the entry waits until it has a row (docs/adr/0001).
    assert [path.name.split(".")[1::2] for path in gateway.spool_files()] == [["left", "dcm"]]

    index.away = False
    assert peer.store(make_instance()) == 0x0000
    assert replay_spool(gateway.cloud) == Replay(kept=1)
    assert len(index.records) == 1


def test_an_unexpected_error_is_logged_without_its_message_and_the_bytes_stay(
    gateway: RunningGateway, peer: RawPeer, index: MemoryIndex, caplog: pytest.LogCaptureFixture
) -> None:
    index.fault = RuntimeError("row of Nobody^Test is locked")
    with caplog.at_level(logging.INFO):
        assert peer.store(make_instance()) == 0x0110

    index.fault = None
    assert "RuntimeError at" in caplog.text
    assert "memory_cloud.py" in caplog.text
    assert "Nobody" not in caplog.text
    assert replay_spool(gateway.cloud) == Replay(kept=1)


def test_a_full_spool_is_a_transient_failure_and_leaves_nothing(
    start_gateway: Callable[..., RunningGateway], tmp_path: Path, index: MemoryIndex
) -> None:
    home = tmp_path / "small"
    (home / "spool").mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(home / "spool")]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a full disk is tried on a small tmpfs, which needs root")
    try:
        gateway = start_gateway(memory_cloud(home, index), home=home)
        with RawPeer(gateway.port) as peer:
            peer.associate()
            assert peer.store(make_instance(pixels=bytes(3_000_000))) == 0xA700
            assert gateway.spool_files() == []
            assert peer.store(make_instance(2)) == 0x0000
        assert eventually(lambda: gateway.spool_files() == [])
    finally:
        subprocess.run(["umount", "-l", str(home / "spool")], check=True)


def test_every_cause_below_the_faces_has_a_status() -> None:
    named = {
        cause
        for floor in ("domain", "dicom", "use_cases", "adapters")
        for path in (ROOT / "imaging_cloud" / floor).rglob("*.py")
        for cause in re.findall(r'\bcause="([a-z-]+)"', path.read_text())
    }

    assert named
    assert named <= STATUS_OF_CAUSE.keys()
    assert set(Cause) <= STATUS_OF_CAUSE.keys()


def test_a_cause_of_tomorrow_is_still_a_refusal() -> None:
    assert status_of_cause("never heard of") == 0xC000
    assert not is_uid("never heard of")
