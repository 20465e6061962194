"""The exam register contract, over SQLite and PostgreSQL."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from sqlalchemy import event

from imaging_cloud.adapters.sql.access_register import SqlAccessRegister
from imaging_cloud.adapters.sql.engine import IndexDatabase, open_engine
from imaging_cloud.adapters.sql.exam_register import SqlExamRegister
from imaging_cloud.adapters.sql.intake import SqlIntake
from imaging_cloud.adapters.sql.pipeline import Pipeline, Said
from imaging_cloud.adapters.sql.prepared import Asker
from imaging_cloud.domain.access import Consent
from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamDescriptor,
    ExamEvidence,
    ExamMeaning,
    ExamModality,
    Laterality,
    Purpose,
    Region,
)
from imaging_cloud.domain.identifiers import PatientIdentifier
from tests.records import NOW, OTHER_RESIDENT_ID, RESIDENT_ID, make_record, open_intake

LOCAL = PatientIdentifier("HOSP_A", "A-1001")
RESIDENT = PatientIdentifier("CN-RESIDENT-ID", RESIDENT_ID)
OTHER_RESIDENT = PatientIdentifier("CN-RESIDENT-ID", OTHER_RESIDENT_ID)

KNEE = ExamDescriptor(
    modality=ExamModality.MR,
    regions=(Region.KNEE, Region.LEG),
    focus="meniscus",
    laterality=Laterality.LEFT,
    contrast=Contrast.BOTH,
    angio=True,
    purpose=Purpose.SCREENING,
)


def describe(evidence: ExamEvidence) -> ExamMeaning:
    return ExamMeaning(descriptor=KNEE, because=(("regions", evidence.name),))


@pytest.fixture
def intake(database: IndexDatabase) -> Iterator[SqlIntake]:
    opened = open_intake(database, describe=describe)
    yield opened
    opened.close()


@pytest.fixture
def register(database: IndexDatabase) -> SqlExamRegister:
    return SqlExamRegister(database)


def test_an_exam_comes_back_with_its_meaning(intake: SqlIntake, register: SqlExamRegister) -> None:
    intake.record_instance(make_record(1, other_identifiers=(RESIDENT,)))
    intake.record_instance(make_record(2, minutes=3))

    answer = register.find_exams_of([LOCAL], asking_institution="HOSP_B")

    (person,) = answer.persons
    assert person.identifiers == (RESIDENT, LOCAL)
    assert (person.names, person.birth_date, person.sex) == (
        ("Zhang^Wei=张^伟",),
        date(1949, 12, 31),
        "M",
    )
    (exam,) = answer.exams
    assert exam.descriptor == KNEE
    assert exam.performed_at == datetime(2026, 11, 8, 1, 30, tzinfo=UTC)
    assert (exam.institution, exam.study_uid, exam.person_id) == (
        "HOSP_A",
        "1.2.3",
        person.person_id,
    )
    assert (exam.description, exam.instance_count) == ("胸部CT平扫", 2)
    assert exam.last_received_at == make_record(minutes=3).received_at
    assert answer.decisions == {}


def test_any_identifier_finds_the_exams_of_every_institution(
    intake: SqlIntake, register: SqlExamRegister
) -> None:
    intake.record_instance(
        make_record(study="1.1", other_identifiers=(RESIDENT,), study_date=date(2026, 1, 1))
    )
    intake.record_instance(
        make_record(
            study="1.2", institution="HOSP_B", patient_id="B-7", other_identifiers=(RESIDENT,)
        )
    )
    intake.record_instance(make_record(study="1.3", patient_id="A-2"))

    for asked in ([LOCAL], [RESIDENT], [PatientIdentifier("HOSP_B", "B-7"), RESIDENT]):
        answer = register.find_exams_of(asked, asking_institution="HOSP_B")
        assert [exam.study_uid for exam in answer.exams] == ["1.2", "1.1"]
        assert len(answer.persons) == 1


def test_contradicting_persons_are_both_shown(intake: SqlIntake, register: SqlExamRegister) -> None:
    intake.record_instance(make_record(study="1.1", other_identifiers=(RESIDENT,)))
    intake.record_instance(make_record(study="1.2", other_identifiers=(OTHER_RESIDENT,)))

    answer = register.find_exams_of([LOCAL], asking_institution="HOSP_B")

    assert len(answer.persons) == 2
    assert {exam.person_id for exam in answer.exams} == {p.person_id for p in answer.persons}
    assert answer.persons == tuple(sorted(answer.persons, key=lambda each: each.person_id))
    assert register.find_persons([LOCAL]) == answer.persons


def test_decisions_are_those_about_the_asking_institution(
    intake: SqlIntake, register: SqlExamRegister, database: IndexDatabase
) -> None:
    intake.record_instance(make_record())
    (person,) = register.find_persons([LOCAL])
    access = SqlAccessRegister(database)
    for institution, granted in (("HOSP_B", False), ("HOSP_B", True), ("HOSP_C", False)):
        access.decide_consent(
            Consent(
                person_id=person.person_id,
                institution=institution,
                granted=granted,
                decided_at=NOW,
                decided_by="patient",
            )
        )

    for asking, expected in (("HOSP_B", True), ("HOSP_C", False), ("HOSP_D", None)):
        decisions = register.find_exams_of([LOCAL], asking_institution=asking).decisions
        assert decisions.get(person.person_id) is expected


@pytest.mark.parametrize(
    "identifier",
    [
        PatientIdentifier("HOSP_A", "UNKNOWN"),
        PatientIdentifier("HOSP_A", "0000"),
        PatientIdentifier("CN-RESIDENT-ID", "123"),
        PatientIdentifier("HOSP_B", "A-1001"),
        PatientIdentifier("HOSP_A", "a\x00%"),
    ],
)
def test_placeholders_and_other_issuers_find_nobody(
    intake: SqlIntake, register: SqlExamRegister, identifier: PatientIdentifier
) -> None:
    intake.record_instance(make_record(study="1.1"))
    intake.record_instance(make_record(study="1.2", patient_id="UNKNOWN"))

    answer = register.find_exams_of([identifier], asking_institution="HOSP_A")

    assert (answer.persons, answer.exams) == ((), ())
    assert register.find_persons([identifier]) == ()


def test_numbers_are_found_as_people_write_them(
    intake: SqlIntake, register: SqlExamRegister
) -> None:
    long = "8" * 400 + "1"
    intake.record_instance(make_record(patient_id=long, other_identifiers=(RESIDENT,)))

    written = PatientIdentifier("CN-RESIDENT-ID", f" {RESIDENT_ID.lower()} ")
    assert len(register.find_persons([written])) == 1
    assert len(register.find_persons([PatientIdentifier("HOSP_A", long)])) == 1


@contextmanager
def questions(database: IndexDatabase) -> Iterator[list[str]]:
    """The SELECTs that the database is asked meanwhile, by way of its driver."""
    asked: list[str] = []
    run = Pipeline.run

    def note(self: Pipeline, said: Sequence[Said], **chosen: bool) -> list[list[tuple[Any, ...]]]:
        asked.extend(each.sql for each in said)
        return run(self, said, **chosen)

    def trace(raw: Any, *_: object) -> None:
        if isinstance(raw, sqlite3.Connection):
            raw.set_trace_callback(asked.append)

    event.listen(database.reader, "checkout", trace)
    try:
        with patch.object(Pipeline, "run", note):
            yield asked
    finally:
        event.remove(database.reader, "checkout", trace)
        asked[:] = [each for each in asked if each.startswith("SELECT")]


def test_the_answer_takes_two_questions(
    intake: SqlIntake, register: SqlExamRegister, database: IndexDatabase
) -> None:
    for study in range(5):
        intake.record_instance(make_record(study=f"1.{study}", other_identifiers=(RESIDENT,)))

    with questions(database) as asked:
        answer = register.find_exams_of([LOCAL, RESIDENT], asking_institution="HOSP_B")

    assert len(answer.exams) == 5
    assert len(asked) == 2


def test_questions_are_answered_after_the_server_closed_every_connection(
    postgres_url: str,
) -> None:
    database = open_engine(postgres_url)
    intake = open_intake(database)
    intake.record_instance(make_record(other_identifiers=(RESIDENT,)))
    register = SqlExamRegister(database)
    both_ask = threading.Barrier(2)

    def ask_together(asker: Asker) -> None:
        both_ask.wait(10)  # so that each has a connection of its own
        asker.rows("SELECT 1", [])

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: database.ask(ask_together), range(2)))
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as other:
        ended = other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()

    assert len(ended) >= 3
    for _ in range(3):
        assert len(register.find_exams_of([RESIDENT], asking_institution="HOSP_B").exams) == 1
    intake.close()


def test_the_order_check_searches_by_index_and_never_scans(
    sqlite_url: str,
) -> None:
    database = open_engine(sqlite_url)
    intake = open_intake(database)
    intake.record_instance(make_record(other_identifiers=(RESIDENT,)))

    with questions(database) as asked:
        SqlExamRegister(database).find_exams_of([LOCAL, RESIDENT], asking_institution="HOSP_B")

    plans = []
    with database.reader.connect() as connection:
        for statement in asked:
            found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
            plans += [row[-1] for row in found]
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN")]
    intake.close()
