"""Storage commitment by a real peer: who is told what, and by which way (PS3.4 Annex J)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import generate_uid

from gateway.reporter import deliver_reports
from imaging_cloud.bootstrap import open_cloud
from imaging_cloud.domain.errors import Unavailable
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.access_register import Device
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings
from imaging_cloud.use_cases.admit_part10 import admit_part10
from imaging_cloud.use_cases.check_commitments import check_commitments
from tests.protocol.dimse.committing import CommitmentPeer, Worker, reported, request
from tests.protocol.dimse.instances import CT, SECONDARY_CAPTURE, Instance, make_instance
from tests.protocol.dimse.raw_peer import (
    RawPeer,
)
from tests.protocol.dimse.running import RunningGateway, eventually

ABSENT = "1.2.3.4.5"
NO_CLASS = "1.2.3.999"


def keep(cloud: Cloud, tmp_path: Path, *instances: Instance, institution: str = "HOSP_A") -> None:
    origin = Origin(institution=institution, kind="import", source="test")

    def keep_one(instance: Instance) -> None:
        with instance.write_to(tmp_path).open("rb") as stream:
            admit_part10(stream, origin, cloud)

    with ThreadPoolExecutor(16) as pool:  # they share commits
        list(pool.map(keep_one, instances))


def work(cloud: Cloud) -> int:
    return check_commitments(cloud) + deliver_reports(cloud, "IMAGINGCLOUD")


def object_of(cloud: Cloud, settings: Settings, uid: str) -> Path:
    (row,) = cloud.index.find_stored("HOSP_A", [uid]).values()
    return settings.home / "objects" / row.object_key


def test_a_peer_that_stays_hears_on_the_same_association(
    running: RunningGateway, cloud: Cloud, tmp_path: Path
) -> None:
    kept = [make_instance(number) for number in range(1, 4)]
    peer = CommitmentPeer()
    with RawPeer(running.port) as sender:
        sender.associate()
        assert [sender.store(each) for each in kept] == [0] * 3
    with peer.associated(running.port) as association:
        status, transaction = request(association, [(CT, each.uid) for each in kept])
        assert status == 0x0000
        report = peer.next_report()

    assert (report.way, report.event_type, report.transaction_uid) == ("same", 1, transaction)
    assert report.committed == tuple(each.uid for each in kept)
    assert report.failed == {}
    assert reported(cloud) == [
        ("commitment-requested", "success"),
        ("commitment-reported", "success"),
    ]
    assert work(cloud) == 0, "nothing is left to be done"


def test_a_thousand_references_with_two_faults_get_the_right_two_reasons(
    running: RunningGateway, cloud: Cloud, tmp_path: Path
) -> None:
    kept = [make_instance(number, pixels=b"\1\2" * 32) for number in range(1, 1000)]
    keep(cloud, tmp_path, *kept)
    references = [(CT, each.uid) for each in kept]
    references[500] = (SECONDARY_CAPTURE, kept[500].uid)
    references.insert(700, (CT, ABSENT))
    peer = CommitmentPeer()
    with peer.listening() as port:
        cloud.register.add_device(
            Device(ae_title="CT1", institution="HOSP_A", host="127.0.0.1", port=port)
        )
        with peer.associated(running.port) as association:
            assert request(association, references)[0] == 0x0000
        with Worker(lambda: work(cloud)):
            report = peer.next_report()

    assert len(references) == 1000
    assert (report.way, report.event_type) == ("new", 2)
    assert report.failed == {ABSENT: 0x0112, kept[500].uid: 0x0119}
    assert len(report.committed) == 998


def test_every_reason_is_said_of_what_it_is_for(
    running: RunningGateway, cloud: Cloud, settings: Settings, tmp_path: Path
) -> None:
    good, damaged, gone, disputed = (make_instance(number) for number in range(1, 5))
    foreign = make_instance(5)
    keep(cloud, tmp_path, good, damaged, gone, disputed)
    keep(cloud, tmp_path, make_instance(4, pixels=bytes(1024)))
    keep(cloud, tmp_path, foreign, institution="HOSP_B")
    path = object_of(cloud, settings, damaged.uid)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(content))
    object_of(cloud, settings, gone.uid).unlink()
    asked = [(CT, each.uid) for each in (good, damaged, gone, disputed, foreign)]
    peer = CommitmentPeer()
    with peer.associated(running.port) as association:
        assert request(association, [*asked, (NO_CLASS, ABSENT)])[0] == 0x0000
        report = peer.next_report()

    assert report.committed == (good.uid,)
    assert report.failed == {
        damaged.uid: 0x0110,
        gone.uid: 0x0110,
        disputed.uid: 0x0110,
        foreign.uid: 0x0112,  # it is kept, and by another institution
        ABSENT: 0x0122,
    }


# pynetdicom leaves the socket of a refused connection to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_pending_report_survives_a_restart_and_refusals(
    running: RunningGateway, cloud: Cloud, settings: Settings, tmp_path: Path
) -> None:
    """Asked, restarted, refused, unreachable for a while, and delivered."""
    instance = make_instance()
    keep(cloud, tmp_path, instance)
    peer = CommitmentPeer(refusals=1)
    with peer.associated(running.port) as association:
        status, transaction = request(association, [(CT, instance.uid)])
        assert status == 0x0000
    running.stop_and_wait()

    again = open_cloud(settings)
    try:
        shift = [timedelta()]
        clock = _Shifted(again.clock, shift)
        again = replace(again, clock=clock)
        assert work(again) == 1, "checked; the device has no address yet"
        with peer.listening() as port:
            device = Device(ae_title="CT1", institution="HOSP_A", host="127.0.0.1", port=port)
            again.register.add_device(device)
        for _ in range(2):  # nobody listens
            shift[0] += timedelta(hours=1)
            assert work(again) == 0
        with peer.listening(port):
            shift[0] += timedelta(hours=1)
            assert work(again) == 0, "the peer refused"
            assert peer.has_none()
            assert work(again) == 0, "and is not asked again at once"
            shift[0] += timedelta(hours=1)
            assert work(again) == 1
        report = peer.next_report(1)
    finally:
        again.close()
    assert (report.way, report.transaction_uid) == ("new", transaction)
    assert report.committed == (instance.uid,)


def test_a_report_that_nobody_takes_is_given_up_after_its_time(
    running: RunningGateway, cloud: Cloud, tmp_path: Path
) -> None:
    peer = CommitmentPeer()
    with peer.associated(running.port) as association:
        assert request(association, [(CT, ABSENT)])[0] == 0x0000
    shift = [timedelta()]
    later = replace(cloud, clock=_Shifted(cloud.clock, shift))
    work(later)
    shift[0] = timedelta(days=8)
    work(later)
    work(later)

    assert reported(cloud)[-1] == ("commitment-reported", "failure")


class _Shifted:
    def __init__(self, real: Any, shift: list[timedelta]) -> None:
        self._real, self._shift = real, shift

    def now(self) -> datetime:
        return self._real.now() + self._shift[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("trouble", ["refusals", "aborts"])
def test_what_the_same_association_does_not_take_goes_out_on_a_new_one(
    running: RunningGateway, cloud: Cloud, tmp_path: Path, trouble: str
) -> None:
    instance = make_instance()
    keep(cloud, tmp_path, instance)
    peer = CommitmentPeer(**{trouble: 1})
    shift = [timedelta()]
    later = replace(cloud, clock=_Shifted(cloud.clock, shift))
    with peer.listening() as port:
        device = Device(ae_title="CT1", institution="HOSP_A", host="127.0.0.1", port=port)
        cloud.register.add_device(device)
        with peer.associated(running.port) as association:
            assert request(association, [(CT, instance.uid)])[0] == 0x0000
            assert eventually(lambda: not getattr(peer, trouble))
            if trouble == "refusals":
                # It said no: the association lives on, and is not asked a second time.
                assert association.send_c_store(instance.write_to(tmp_path)).Status == 0x0000
        assert eventually(lambda: _attempts(cloud) == 1)
        assert work(cloud) == 0, "not before its pause is over"
        shift[0] = timedelta(minutes=1)
        assert work(later) == 1
        report = peer.next_report(1)
    assert (report.way, report.committed) == ("new", (instance.uid,))


def _attempts(cloud: Cloud) -> int:
    engine: Any = cloud.commitments
    found: int = engine._database.read(
        lambda c: c.exec_driver_sql("SELECT attempts FROM commitment").scalar_one()
    )
    return found


def test_a_device_without_address_is_told_when_it_calls_again(
    running: RunningGateway, cloud: Cloud, tmp_path: Path
) -> None:
    instance = make_instance()
    keep(cloud, tmp_path, instance)
    peer = CommitmentPeer()
    with peer.associated(running.port) as association:
        assert request(association, [(CT, instance.uid)])[0] == 0x0000
    work(cloud)
    assert peer.has_none()

    with peer.associated(running.port):
        assert peer.next_report().way == "same"


def test_a_transaction_uid_is_not_used_twice(
    running: RunningGateway, cloud: Cloud, tmp_path: Path
) -> None:
    first, other = make_instance(1), make_instance(2)
    keep(cloud, tmp_path, first, other)
    peer = CommitmentPeer()
    with peer.associated(running.port) as association:
        transaction = generate_uid()
        # Said twice before any report: one request, one report.
        for _ in range(2):
            status, _ = request(association, [(CT, first.uid)], transaction_uid=transaction)
            assert status == 0x0000
        assert peer.next_report().committed == (first.uid,)
        for uid in (other.uid, first.uid):
            status, _ = request(association, [(CT, uid)], transaction_uid=transaction)
            assert status == 0x0000
            report = peer.next_report()
            assert (report.event_type, report.committed) == (2, ())
            assert report.failed == {uid: 0x0131}
    assert peer.has_none()


class _Away:
    """A store that is away for a while."""

    def __init__(self, real: Any) -> None:
        self._real, self.away = real, True

    def open_object(self, key: str) -> Any:
        self.check_ready()
        return self._real.open_object(key)

    def check_ready(self) -> None:
        if self.away:
            raise Unavailable("the store is away")


def test_while_the_store_is_away_nothing_is_said_and_later_the_truth(
    running: RunningGateway, cloud: Cloud, tmp_path: Path
) -> None:
    instance = make_instance()
    keep(cloud, tmp_path, instance)
    peer = CommitmentPeer()
    with peer.associated(running.port) as association:
        for _ in range(2):
            assert request(association, [(CT, instance.uid)])[0] == 0x0000
    shift = [timedelta()]
    store: Any = _Away(cloud.objects)
    later = replace(cloud, objects=store, clock=_Shifted(cloud.clock, shift))
    assert check_commitments(later) == 2
    assert check_commitments(later) == 0, "it waits before it tries again"
    shift[0] = timedelta(minutes=1)
    store.away = False
    (first,) = _take_one(later)
    store.away = True
    shift[0] = timedelta(hours=2)
    assert check_commitments(later) == 1

    with peer.associated(running.port):
        reports = [peer.next_report() for _ in range(2)]
    assert sorted((each.event_type, tuple(each.failed.values())) for each in reports) == [
        (1, ()),
        (2, (0x0213,)),
    ]
    assert first


def _take_one(cloud: Cloud) -> list[int]:
    """Check the oldest request alone."""
    now = cloud.clock.now()
    from imaging_cloud.use_cases.check_commitments import check_commitment  # noqa: PLC0415

    taken = cloud.commitments.take_unchecked(now, now + timedelta(seconds=1), limit=1)
    return [len(check_commitment(each, cloud, progress=lambda: None)) for each in taken]


def test_two_workers_report_once(running: RunningGateway, cloud: Cloud, tmp_path: Path) -> None:
    instances = [make_instance(number) for number in range(1, 7)]
    keep(cloud, tmp_path, *instances)
    peer = CommitmentPeer()
    with peer.listening() as port:
        cloud.register.add_device(
            Device(ae_title="CT1", institution="HOSP_A", host="127.0.0.1", port=port)
        )
        with peer.associated(running.port) as association:
            for each in instances:
                assert request(association, [(CT, each.uid)])[0] == 0x0000
        with Worker(lambda: work(cloud)), Worker(lambda: work(cloud)):
            reports = [peer.next_report() for _ in instances]
    assert sorted(each.committed[0] for each in reports) == sorted(each.uid for each in instances)
    assert peer.has_none()
