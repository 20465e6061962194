"""The intake contract, over SQLite and PostgreSQL."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, text

from imaging_cloud.adapters.sql.engine import IndexDatabase, open_engine
from imaging_cloud.adapters.sql.index import SqlImagingIndex
from imaging_cloud.adapters.sql.intake import SqlIntake
from imaging_cloud.adapters.sql.tables import (
    AUDIT_EVENT,
    EXAM,
    INSTANCE,
    OUTBOX,
    PERSON,
    PERSON_IDENTIFIER,
    QUARANTINE,
    SERIES,
    STUDY,
)
from imaging_cloud.domain.access import Scope
from imaging_cloud.domain.errors import Unavailable
from imaging_cloud.domain.exams.describe import describe_exam
from imaging_cloud.domain.exams.descriptor import ExamEvidence, ExamMeaning
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.intake import (
    AlreadyRecorded,
    Clashes,
    Differs,
    InstanceRecord,
    Recorded,
    Refusal,
)
from tests.records import (
    CT,
    NOW,
    OTHER_RESIDENT_ID,
    RESIDENT_ID,
    make_record,
    open_intake,
)


@pytest.fixture
def intake(database: IndexDatabase) -> Iterator[SqlIntake]:
    opened = open_intake(database)
    yield opened
    opened.close()


def count(database: IndexDatabase, table: Any) -> int:
    return database.read(lambda c: c.execute(select(func.count()).select_from(table)).scalar_one())


def rows(database: IndexDatabase, table: Any) -> list[dict[str, Any]]:
    return database.read(lambda c: [dict(row) for row in c.execute(select(table)).mappings()])


def test_a_new_instance_leaves_one_row_in_every_table(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    assert intake.record_instance(make_record()) == Recorded()

    for table in (INSTANCE, SERIES, STUDY, EXAM, PERSON, PERSON_IDENTIFIER, AUDIT_EVENT, OUTBOX):
        assert count(database, table) == 1, table.name
    (study,) = rows(database, STUDY)
    (exam,) = rows(database, EXAM)
    assert (study["series_count"], study["instance_count"], study["modalities"]) == (1, 1, "|CT|")
    assert exam["performed_at"].isoformat() == "2026-11-08T01:30:00+00:00"
    assert exam["person_id"] == study["person_id"]
    assert exam["rules_version"] == "test-1"


def test_the_same_bytes_again_change_nothing(intake: SqlIntake, database: IndexDatabase) -> None:
    intake.record_instance(make_record())
    before = {
        table: rows(database, table) for table in (INSTANCE, STUDY, EXAM, OUTBOX, AUDIT_EVENT)
    }

    assert intake.record_instance(make_record(minutes=5)) == AlreadyRecorded()

    assert {table: rows(database, table) for table in before} == before


def test_counters_follow_what_was_inserted(intake: SqlIntake, database: IndexDatabase) -> None:
    for number in range(1, 6):
        intake.record_instance(make_record(number, minutes=number))
    intake.record_instance(make_record(9, series_uid="1.2.3.2", modality="SR", minutes=9))
    intake.record_instance(make_record(1, minutes=99))

    (study,) = rows(database, STUDY)
    (exam,) = rows(database, EXAM)
    assert (study["series_count"], study["instance_count"]) == (2, 6)
    assert study["modalities"] == "|CT|SR|"
    assert exam["instance_count"] == 6
    assert exam["first_received_at"] == make_record(minutes=1).received_at
    assert exam["last_received_at"] == make_record(minutes=9).received_at
    assert {row["series_uid"]: row["instance_count"] for row in rows(database, SERIES)} == {
        "1.2.3.1": 5,
        "1.2.3.2": 1,
    }


def test_other_bytes_under_a_known_uid_are_quarantined(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    first = make_record()
    other = make_record(seed="other")
    intake.record_instance(first)

    outcome = intake.record_instance(other)

    assert isinstance(outcome, Differs)
    (held,) = rows(database, QUARANTINE)
    assert held["quarantine_id"] == outcome.quarantine_id
    assert (held["object_key"], held["state"]) == (other.object_key, "held")
    (kept,) = rows(database, INSTANCE)
    assert kept["sha256"] == first.sha256
    assert sorted(row["action"] for row in rows(database, AUDIT_EVENT)) == [
        "instance-quarantined",
        "instances-received",
    ]
    assert list(SqlImagingIndex(database).list_quarantined_keys()) == [other.object_key]


def test_another_transfer_syntax_is_other_bytes(intake: SqlIntake) -> None:
    intake.record_instance(make_record())

    outcome = intake.record_instance(make_record(transfer_syntax_uid="1.2.840.10008.1.2"))

    assert isinstance(outcome, Differs)


def test_a_quarantined_instance_sent_all_night_is_one_entry(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    intake.record_instance(make_record())

    answers = {
        intake.record_instance(make_record(seed="other", minutes=minute)) for minute in range(5)
    }

    assert len(answers) == 1
    (held,) = rows(database, QUARANTINE)
    assert held["deliveries"] == 5
    assert held["received_at"] == NOW


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"study": "1.2.4", "series_uid": "1.2.3.1", "number": 2}, "SeriesInstanceUID"),
        ({"number": 2, "patient_id": "A-1002"}, "StudyInstanceUID"),
        ({"number": 2, "issuer": "HOSP_B"}, "StudyInstanceUID"),
        ({"sop_instance_uid": "1.2.3.1.1", "series_uid": "1.2.3.9"}, "SOPInstanceUID"),
        (
            {"sop_instance_uid": "1.2.3.1.1", "study": "1.2.9", "series_uid": "1.2.9.1"},
            "SOPInstanceUID",
        ),
        ({"sop_class_uid": "1.2.840.10008.5.1.4.1.1.4", "seed": "x"}, "SOPInstanceUID"),
    ],
)
def test_a_uid_with_another_parent_clashes(
    intake: SqlIntake, database: IndexDatabase, changes: dict[str, Any], message: str
) -> None:
    intake.record_instance(make_record(1))
    if "sop_instance_uid" in changes:
        changes = {"seed": "x", **changes}

    outcome = intake.record_instance(make_record(**changes))

    assert isinstance(outcome, Clashes)
    assert outcome.message.startswith(message)
    assert "A-100" not in outcome.message
    assert count(database, QUARANTINE) == 1
    assert count(database, INSTANCE) == 1
    assert count(database, STUDY) == 1


def test_an_issuer_that_is_the_institution_is_the_same_patient(intake: SqlIntake) -> None:
    intake.record_instance(make_record(1))

    assert intake.record_instance(make_record(2, issuer="HOSP_A")) == Recorded()


def test_institutions_do_not_clash_with_one_another(intake: SqlIntake) -> None:
    assert intake.record_instance(make_record()) == Recorded()
    other = make_record(institution="HOSP_B", patient_id="B-1", seed="b")
    assert intake.record_instance(other) == Recorded()


def test_records_of_one_batch_meet_each_other(database: IndexDatabase) -> None:
    """All are handed over before the committer takes its first batch."""
    intake = open_intake(database)
    batch = [
        make_record(1),
        make_record(1),
        make_record(1, seed="other"),
        make_record(2, patient_id="A-9"),
        make_record(3),
    ]
    outcomes = record_in_one_batch(intake, batch)

    assert [type(each) for each in outcomes] == [
        Recorded,
        AlreadyRecorded,
        Differs,
        Clashes,
        Recorded,
    ]
    assert count(database, INSTANCE) == 2
    assert count(database, QUARANTINE) == 2
    assert count(database, OUTBOX) == 1
    intake.close()


def record_in_one_batch(intake: SqlIntake, batch: list[InstanceRecord]) -> list[Any]:
    """Fill the queue while the committer waits for the lock, so that it takes all at once."""
    outcomes: list[Any] = [None] * len(batch)

    def hand_in(position: int) -> None:
        try:
            outcomes[position] = intake.record_instance(batch[position])
        except Unavailable as exc:
            outcomes[position] = exc

    threads = [threading.Thread(target=hand_in, args=(n,)) for n in range(len(batch))]
    with held_committer(intake):
        for waiting, thread in enumerate(threads, start=1):
            thread.start()
            while len(intake._waiting) < waiting:
                pass
    for thread in threads:
        thread.join()
    return outcomes


class held_committer:  # noqa: N801 - reads as a verb phrase at its call
    """While it is held the committer takes nothing."""

    def __init__(self, intake: SqlIntake) -> None:
        self._intake = intake
        self._take = intake._take
        self._go = threading.Event()

    def __enter__(self) -> None:
        def wait_and_take() -> Any:
            self._go.wait()
            return self._take()

        self._intake._take = wait_and_take  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        self._go.set()


def test_sixteen_threads_with_one_object_make_one_row(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(intake.record_instance, [make_record()] * 16))

    assert outcomes.count(Recorded()) == 1
    assert outcomes.count(AlreadyRecorded()) == 15
    assert count(database, INSTANCE) == 1
    assert rows(database, STUDY)[0]["instance_count"] == 1


def test_eight_senders_of_two_hundred_share_transactions(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    def send(sender: int) -> None:
        for number in range(200):
            study = f"1.2.{sender}" if sender % 2 else "1.2.0"
            record = make_record(
                number, study=study, series_uid=f"{study}.{sender}", source=f"CT{sender}"
            )
            assert intake.record_instance(record) == Recorded()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))

    assert count(database, INSTANCE) == 1600
    studies = {row["study_uid"]: row for row in rows(database, STUDY)}
    assert studies["1.2.0"]["instance_count"] == 800
    assert studies["1.2.0"]["series_count"] == 4
    assert sum(row["instance_count"] for row in rows(database, EXAM)) == 1600
    assert count(database, PERSON) == 1
    assert count(database, OUTBOX) < 1600


def test_two_processes_may_take_in_one_study_at_once(database_url: str) -> None:
    databases = [open_engine(database_url) for _ in range(3)]
    intakes = [open_intake(each) for each in databases]

    def send(sender: int) -> list[Any]:
        intake = intakes[sender % 3]
        return [intake.record_instance(make_record(n, study=f"1.2.{n % 5}")) for n in range(40)]

    with ThreadPoolExecutor(6) as pool:
        outcomes = [each for found in pool.map(send, range(6)) for each in found]

    assert outcomes.count(Recorded()) == 40
    assert outcomes.count(AlreadyRecorded()) == 200
    assert count(databases[0], INSTANCE) == 40
    assert count(databases[0], PERSON) == 1
    assert sum(row["instance_count"] for row in rows(databases[0], STUDY)) == 40
    assert sum(row["instance_count"] for row in rows(databases[0], EXAM)) == 40
    assert sum(row["series_count"] for row in rows(databases[0], STUDY)) == 5
    for each in intakes:
        each.close()


def test_studies_of_one_identifier_are_one_person(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    resident = PatientIdentifier("CN-RESIDENT-ID", RESIDENT_ID)
    intake.record_instance(make_record(study="1.1", other_identifiers=(resident,), birth_date=None))
    intake.record_instance(
        make_record(
            study="1.2", institution="HOSP_B", patient_id="B-7", other_identifiers=(resident,)
        )
    )
    intake.record_instance(make_record(study="1.3", institution="HOSP_B", patient_id="B-7"))

    (person,) = rows(database, PERSON)
    assert {row["person_id"] for row in rows(database, STUDY)} == {person["person_id"]}
    assert person["birth_date"] == date(1949, 12, 31)
    assert {(row["issuer"], row["value"]) for row in rows(database, PERSON_IDENTIFIER)} == {
        ("HOSP_A", "A-1001"),
        ("HOSP_B", "B-7"),
        ("CN-RESIDENT-ID", RESIDENT_ID),
    }


def test_contradicting_patients_under_one_number_stay_two(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    for study, number in (("1.1", RESIDENT_ID), ("1.2", OTHER_RESIDENT_ID)):
        resident = PatientIdentifier("CN-RESIDENT-ID", number)
        intake.record_instance(make_record(study=study, other_identifiers=(resident,)))

    assert count(database, PERSON) == 2
    local = [row for row in rows(database, PERSON_IDENTIFIER) if row["issuer"] == "HOSP_A"]
    assert len({row["person_id"] for row in local}) == 2


def test_studies_without_a_number_are_persons_of_their_own(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    intake.record_instance(make_record(study="1.1", patient_id=""))
    intake.record_instance(make_record(study="1.2", patient_id="UNKNOWN"))
    intake.record_instance(make_record(study="1.3", patient_id=""))

    assert count(database, PERSON) == 3
    assert count(database, PERSON_IDENTIFIER) == 0


def test_new_evidence_is_described_again_and_counts_alone_are_not(
    database: IndexDatabase,
) -> None:
    asked: list[ExamEvidence] = []

    def describe(evidence: ExamEvidence) -> ExamMeaning:
        asked.append(evidence)
        return describe_exam(evidence)

    intake = open_intake(database, describe=describe)
    intake.record_instance(make_record(1, description=""))
    intake.record_instance(make_record(2, description=""))
    intake.record_instance(make_record(3, description="胸部CT平扫", image_laterality="R"))
    intake.record_instance(make_record(4, series_uid="1.2.3.2", series_number=0, modality="SR"))
    intake.record_instance(make_record(5, contrast_agent="iohexol"))
    intake.record_instance(make_record(6))
    intake.close()

    assert [each.name for each in asked] == ["", "胸部CT平扫", "胸部CT平扫", "胸部CT平扫"]
    assert asked[-1].modalities == ("SR", "CT")
    assert asked[-1].contrast_agents == ("iohexol",)
    assert asked[-1].lateralities == ("R",)
    (exam,) = rows(database, EXAM)
    assert exam["description"] == "胸部CT平扫"
    assert exam["instance_count"] == 6


def test_rules_that_fail_do_not_refuse_the_instance(
    database: IndexDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    def describe(evidence: ExamEvidence) -> ExamMeaning:
        raise ValueError(evidence.name)

    intake = open_intake(database, describe=describe)
    assert intake.record_instance(make_record()) == Recorded()
    intake.close()

    assert rows(database, EXAM)[0]["modality"] == "?"
    assert "胸部" not in caplog.text


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Zhang\x00^Wei", "description": "a\x00b", "patient_id": "A\x001"},
        {"name": "\ud800^\udfff", "description": "\udc80", "series_description": "\ud800"},
        {"name": "王" * 5000, "description": "x" * 100_000, "patient_id": "9" * 5000},
        {"instance_number": 2**40, "series_number": -(2**50), "rows": 2**33, "frames": 2**40},
        {"study_date": date(1, 1, 1)},
        {"study_date": date(9999, 12, 31), "timezone_offset": "-1200"},
        {"body_part": "B" * 3000, "laterality": "LL" * 99, "contrast_agent": "c" * 9999},
        {"accession_number": "ä" * 999, "study_id": "s" * 999, "referring_physician": "r^" * 999},
    ],
)
def test_strange_values_are_recorded(intake: SqlIntake, changes: dict[str, Any]) -> None:
    assert intake.record_instance(make_record(**changes)) == Recorded()
    assert intake.record_instance(make_record(**changes)) == AlreadyRecorded()
    assert intake.record_instance(make_record(2, **{"instance_number": 2, **changes})) == Recorded()


def test_long_numbers_that_differ_at_their_end_stay_apart(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    intake.record_instance(make_record(study="1.1", patient_id="7" * 500 + "1"))
    intake.record_instance(make_record(study="1.2", patient_id="7" * 500 + "2"))

    assert count(database, PERSON) == 2


def test_one_record_that_cannot_be_kept_refuses_no_neighbour(database: IndexDatabase) -> None:
    intake = open_intake(database)
    poison = make_record(2, study="1.2.9")
    object.__setattr__(poison, "size", [])
    batch = [make_record(1), poison, make_record(3)]

    outcomes = record_in_one_batch(intake, batch)
    intake.close()

    assert outcomes[0] == Recorded()
    assert isinstance(outcomes[1], Unavailable)
    assert outcomes[2] == Recorded()
    assert count(database, INSTANCE) == 2
    assert count(database, STUDY) == 1


def test_a_refusal_is_listed_with_its_reason(intake: SqlIntake, database: IndexDatabase) -> None:
    refusal = Refusal(
        origin=Origin(institution="HOSP_A", kind="stow", source="someone"),
        cause="truncated",
        message="the file ends early",
        sop_instance_uid="1.2.3",
        object_key="quarantine/HOSP_A/abc",
        size=17,
        received_at=NOW,
    )

    quarantine_id = intake.record_refusal(refusal)

    (held,) = rows(database, QUARANTINE)
    assert (held["quarantine_id"], held["cause"], held["size"]) == (quarantine_id, "truncated", 17)
    (event,) = rows(database, AUDIT_EVENT)
    assert (event["action"], event["outcome"]) == ("instance-quarantined", "failure")


def test_refusals_without_bytes_are_entries_of_their_own(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    origin = Origin(institution="HOSP_A", kind="c-store", source="CT1")
    for _ in range(2):
        intake.record_refusal(
            Refusal(origin=origin, cause="aborted", message="cut off", received_at=NOW)
        )

    assert count(database, QUARANTINE) == 2
    assert list(SqlImagingIndex(database).list_quarantined_keys()) == []


def test_a_closed_intake_says_so(intake: SqlIntake) -> None:
    intake.record_instance(make_record())
    intake.close()

    with pytest.raises(Unavailable, match="closed"):
        intake.record_instance(make_record(2))


def test_what_was_handed_in_before_closing_is_finished(
    database: IndexDatabase,
) -> None:
    intake = open_intake(database)
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(intake.record_instance, make_record(n)) for n in range(50)]
        answers[0].result()
        intake.close()
    kept = [each for each in answers if each.exception() is None]

    assert count(database, INSTANCE) == len(kept)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_committer_leaves_nobody_waiting(database: IndexDatabase) -> None:
    intake = open_intake(database)

    def die() -> Any:
        raise SystemExit

    intake._take = die  # type: ignore[method-assign]
    with pytest.raises(Unavailable, match="stopped"):
        intake.record_instance(make_record())
    with pytest.raises(Unavailable):
        intake.record_instance(make_record())
    intake.close()


def test_an_index_that_is_away_is_unavailable() -> None:
    database = open_engine("postgresql://test@127.0.0.1:1/nowhere")
    intake = open_intake(database)

    with pytest.raises(Unavailable):
        intake.record_instance(make_record())
    with pytest.raises(Unavailable):
        SqlImagingIndex(database).check_ready()
    intake.close()


def test_a_connection_that_the_server_closed_is_replaced(postgres_url: str) -> None:
    database = open_engine(postgres_url)
    intake = open_intake(database)
    index = SqlImagingIndex(database)
    intake.record_instance(make_record(1))
    index.check_ready()
    killer = open_engine(postgres_url)
    killer.read(
        lambda c: c.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).all()
    )
    killer.close()

    index.check_ready()
    assert intake.record_instance(make_record(2)) == Recorded()
    assert len(index.list_instances(Scope(everything=True), "1.2.3")) == 2
    intake.close()


def test_sqlite_settings_hold_on_every_connection(sqlite_url: str) -> None:
    database = open_engine(sqlite_url)
    wanted = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000, "foreign_keys": 1}
    for engine in (database.reader, database.writer):
        connections = [engine.connect() for _ in range(engine.pool.size())]
        for connection in connections:
            for name, value in wanted.items():
                assert connection.exec_driver_sql(f"PRAGMA {name}").scalar() == value
            connection.rollback()
        for connection in connections:
            connection.close()
    database.close()


def test_the_sop_class_is_kept(intake: SqlIntake, database: IndexDatabase) -> None:
    intake.record_instance(make_record())

    (row,) = SqlImagingIndex(database).list_instances(Scope(everything=True), "1.2.3")
    assert (row.sop_class_uid, row.size, row.frames) == (CT, 1001, 1)
