"""Commitment requests and settled studies, over SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from imaging_cloud.adapters.sql.commitments import SqlCommitments
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.exam_register import SqlExamRegister
from imaging_cloud.adapters.sql.index import SqlImagingIndex
from imaging_cloud.adapters.sql.intake import SqlIntake
from imaging_cloud.adapters.sql.outbox import SqlOutbox
from imaging_cloud.adapters.sql.tables import COMMITMENT, EXAM, OUTBOX
from imaging_cloud.adapters.sql.trail_rows import STUDY_CHANGED
from imaging_cloud.domain.commitments import Reference, pause_after
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.ports.commitments import CommitmentRequest, Requester
from imaging_cloud.ports.outbox import SettledBy
from tests.contract.reading import count, rows
from tests.records import CT, NOW, RULES, make_record

LEASE = NOW + timedelta(minutes=1)
CT1 = Requester(institution="HOSP_A", ae_title="CT1")


@pytest.fixture
def commitments(database: IndexDatabase) -> SqlCommitments:
    return SqlCommitments(database)


@pytest.fixture
def outbox(database: IndexDatabase) -> SqlOutbox:
    return SqlOutbox(database, RULES)


def asked(
    uid: str = "1.9.1", ae_title: str = "CT1", instance: str = "1.2.3.1.1"
) -> CommitmentRequest:
    return CommitmentRequest(
        institution="HOSP_A",
        ae_title=ae_title,
        transaction_uid=uid,
        references=(Reference(CT, instance),),
        requested_at=NOW,
        report_from=NOW + timedelta(seconds=5),
    )


def test_a_request_goes_its_way_and_leaves_its_number(
    commitments: SqlCommitments, database: IndexDatabase
) -> None:
    assert commitments.add_request(asked())
    (taken,) = commitments.take_unchecked(NOW, LEASE)
    assert (taken.transaction_uid, taken.references) == ("1.9.1", (Reference(CT, "1.2.3.1.1"),))
    assert commitments.take_unchecked(NOW, LEASE) == [], "leased"
    assert len(commitments.take_unchecked(LEASE + timedelta(seconds=1), LEASE)) == 1, "run out"

    commitments.save_result(taken, [0x0112])
    assert commitments.take_reports(NOW, LEASE) == [], "the association has the first word"
    (report,) = commitments.take_reports(NOW, LEASE, of=CT1)
    assert (report.committed, report.failed) == ((), ((Reference(CT, "1.2.3.1.1"), 0x0112),))
    commitments.finish_report(report, NOW)

    (row,) = rows(database, COMMITMENT)
    assert (row["state"], row["refs"], row["failed_count"]) == ("reported", [], 1)


def test_others_do_not_get_a_devices_reports(commitments: SqlCommitments) -> None:
    commitments.add_request(asked())
    for other in (replace(CT1, ae_title="CT2"), replace(CT1, institution="HOSP_B")):
        assert commitments.take_unchecked(NOW, LEASE, of=other) == []
    assert len(commitments.take_unchecked(NOW, LEASE, of=CT1)) == 1


def test_one_of_many_workers_gets_it(commitments: SqlCommitments) -> None:
    for number in range(12):
        commitments.add_request(asked(f"1.9.{number}"))
    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda _: commitments.take_unchecked(NOW, LEASE, limit=4), range(6)))

    uids = [each.transaction_uid for batch in taken for each in batch]
    assert len(uids) == len(set(uids)) > 0
    uids += [each.transaction_uid for each in commitments.take_unchecked(NOW, LEASE, limit=99)]
    assert sorted(uids) == sorted(f"1.9.{number}" for number in range(12))


def test_a_transaction_uid_at_once_in_many_processes_is_one_request(
    commitments: SqlCommitments, database: IndexDatabase
) -> None:
    with ThreadPoolExecutor(8) as pool:
        new = list(pool.map(lambda _: commitments.add_request(asked()), range(8)))

    assert sorted(new) == [False] * 7 + [True]
    assert count(database, COMMITMENT) == 1
    assert commitments.add_request(asked(ae_title="CT2"))
    (duplicate,) = commitments.take_reports(LEASE, LEASE)
    assert (duplicate.ae_title, duplicate.reasons) == ("CT2", (0x0131,))


def test_hastening_does_not_shorten_the_pause_after_a_failure(commitments: SqlCommitments) -> None:
    commitments.add_request(asked())
    (taken,) = commitments.take_unchecked(NOW, LEASE)
    commitments.save_result(taken, [0])
    commitments.hasten(CT1, NOW)
    (report,) = commitments.take_reports(NOW, LEASE)
    commitments.postpone(report, NOW + timedelta(minutes=9), failed=True)
    commitments.hasten(CT1, NOW)

    assert commitments.take_reports(NOW + timedelta(minutes=8), LEASE) == []
    (again,) = commitments.take_reports(NOW + timedelta(minutes=10), LEASE)
    assert again.attempts == 1


def test_pauses_grow_to_an_hour() -> None:
    seconds = [pause_after(number).total_seconds() for number in (1, 2, 3, 9, 10, 500)]

    assert seconds == [10, 20, 40, 2560, 3600, 3600]


def test_stored_rows_are_found_by_uid_and_of_one_institution(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    for number in range(1, 4):
        intake.record_instance(make_record(number))
    intake.record_instance(make_record(1, institution="HOSP_B"))
    uids = [f"1.2.3.1.{number}" for number in range(1, 1200)]

    found = SqlImagingIndex(database).find_stored("HOSP_A", uids)

    assert set(found) == {f"1.2.3.1.{number}" for number in range(1, 4)}
    assert {row.institution for row in found.values()} == {"HOSP_A"}


# When a study has arrived, as all processes see it


def settled(outbox: SqlOutbox, quiet_before: datetime = NOW) -> list[SettledBy]:
    studies = outbox.take_settled(quiet_before, 50)
    for study in studies:
        outbox.settle_study(study, at=NOW)
    return [study.because for study in studies]


def is_settled(database: IndexDatabase) -> bool:
    asked_of = SqlExamRegister(database).find_exams_of(
        [PatientIdentifier("HOSP_A", "A-1001")], asking_institution="HOSP_A"
    )
    (exam,) = asked_of.exams
    return exam.is_settled


def test_quiet_settles_and_a_late_instance_opens_again(
    intake: SqlIntake, database: IndexDatabase, outbox: SqlOutbox
) -> None:
    intake.record_instance(make_record(1, description="胸部CT"))
    assert settled(outbox, NOW - timedelta(minutes=1)) == []
    assert not is_settled(database)

    assert settled(outbox, NOW + timedelta(minutes=1)) == [SettledBy.QUIET]
    assert is_settled(database)

    # Late, and it says more of what the exam was: the row follows at once.
    late = make_record(2, series_uid="1.2.3.7", minutes=30, contrast_agent="Iohexol")
    intake.record_instance(late)
    assert not is_settled(database)
    (exam,) = rows(database, EXAM)
    assert (exam["contrast"], exam["instance_count"]) == ("with", 2)
    assert settled(outbox, NOW + timedelta(minutes=31)) == [SettledBy.QUIET]
    assert is_settled(database)


def test_as_many_as_announced_settle_at_once(
    intake: SqlIntake, database: IndexDatabase, outbox: SqlOutbox
) -> None:
    for number in (1, 2, 3):
        assert settled(outbox) == []
        intake.record_instance(make_record(number, instances_expected=3))
    assert settled(outbox) == [SettledBy.COUNT]
    assert is_settled(database)
    (exam,) = rows(database, EXAM)
    assert (exam["settled_by"], exam["settled_count"]) == ("count", 3)

    intake.record_instance(make_record(4, instances_expected=3))
    assert settled(outbox) == [], "one more than announced: the number is not believed"
    assert not is_settled(database)


def test_each_series_of_as_many_series_settles(
    intake: SqlIntake, database: IndexDatabase, outbox: SqlOutbox
) -> None:
    def send(number: int, series: int) -> None:
        record = make_record(number, series_uid=f"1.2.3.{series}", series_expected=2)
        header = record.header
        counted = replace(header.series, instances_expected=2)
        intake.record_instance(replace(record, header=replace(header, series=counted)))

    for number, series in ((1, 1), (2, 1), (3, 2)):
        send(number, series)
        assert settled(outbox) == []
    send(4, 2)
    assert settled(outbox) == [SettledBy.COUNT]
    assert is_settled(database)


def test_an_instance_between_taking_and_settling_leaves_it_open(
    intake: SqlIntake, database: IndexDatabase, outbox: SqlOutbox
) -> None:
    intake.record_instance(make_record(1))
    (study,) = outbox.take_settled(NOW + timedelta(minutes=1), 9)
    intake.record_instance(make_record(2, minutes=2))

    outbox.settle_study(study, at=NOW)

    assert not is_settled(database)
    waiting = [row for row in rows(database, OUTBOX) if row["kind"] == STUDY_CHANGED]
    assert len(waiting) == 1, "the late one's event is still to be worked on"


def test_a_study_committed_whole_is_settled_and_half_of_one_is_not(
    intake: SqlIntake, database: IndexDatabase, outbox: SqlOutbox
) -> None:
    for number in (1, 2):
        intake.record_instance(make_record(number))
    outbox.settle_committed("HOSP_A", "1.2.3", instance_count=1, at=NOW)
    assert not is_settled(database)

    outbox.settle_committed("HOSP_A", "1.2.3", instance_count=2, at=NOW)

    assert is_settled(database)
    assert settled(outbox, NOW + timedelta(minutes=1)) == [SettledBy.QUIET]
    (exam,) = rows(database, EXAM)
    assert exam["settled_by"] == "commitment", "the first reason stays"
