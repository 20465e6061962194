"""The intake contract: persons, exam rows, and values no database likes."""

from datetime import date
from typing import Any

import pytest

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.intake import SqlIntake
from imaging_cloud.adapters.sql.tables import (
    EXAM,
    PERSON,
    PERSON_IDENTIFIER,
    STUDY,
)
from imaging_cloud.domain.exams.describe import describe_exam
from imaging_cloud.domain.exams.descriptor import ExamEvidence, ExamMeaning
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.ports.intake import (
    AlreadyRecorded,
    Recorded,
)
from tests.contract.reading import count, rows
from tests.records import (
    OTHER_RESIDENT_ID,
    RESIDENT_ID,
    make_record,
    open_intake,
)


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
