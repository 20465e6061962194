"""The intake contract, over SQLite and PostgreSQL: what a record becomes."""

from typing import Any

import pytest

from imaging_cloud.adapters.sql.engine import IndexDatabase
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
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.intake import (
    AlreadyRecorded,
    Clashes,
    Differs,
    Recorded,
    Refusal,
)
from tests.contract.reading import count, rows
from tests.records import (
    CT,
    NOW,
    make_record,
)


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


def test_warming_up_leaves_nothing_and_the_next_instance_is_taken_in(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    intake.warm_up()

    for table in (INSTANCE, SERIES, STUDY, EXAM, PERSON, PERSON_IDENTIFIER, AUDIT_EVENT, OUTBOX):
        assert count(database, table) == 0, table.name
    assert intake.record_instance(make_record()) == Recorded()
    assert count(database, INSTANCE) == 1


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
    intake.record_instance(make_record(1, issuer="HOSP_A"))
    if "sop_instance_uid" in changes:
        changes = {"seed": "x", **changes}

    outcome = intake.record_instance(make_record(**changes))

    assert isinstance(outcome, Clashes)
    assert outcome.message.startswith(message)
    assert "A-100" not in outcome.message
    assert count(database, QUARANTINE) == 1
    assert count(database, INSTANCE) == 1
    assert count(database, STUDY) == 1


def test_an_issuer_that_some_objects_of_a_study_leave_out_is_no_clash(intake: SqlIntake) -> None:
    intake.record_instance(make_record(1, issuer="HOSP_A"))

    assert intake.record_instance(make_record(2, issuer="")) == Recorded()


def test_an_issuer_that_is_the_institution_is_the_same_patient(intake: SqlIntake) -> None:
    intake.record_instance(make_record(1))

    assert intake.record_instance(make_record(2, issuer="HOSP_A")) == Recorded()


def test_institutions_do_not_clash_with_one_another(intake: SqlIntake) -> None:
    assert intake.record_instance(make_record()) == Recorded()
    other = make_record(institution="HOSP_B", patient_id="B-1", seed="b")
    assert intake.record_instance(other) == Recorded()


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
    [listed] = SqlImagingIndex(database).list_quarantine()
    assert (listed.quarantine_id, listed.cause, listed.message, listed.deliveries) == (
        quarantine_id,
        "truncated",
        "the file ends early",
        1,
    )
    assert listed.received_at == NOW


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


def test_the_sop_class_is_kept(intake: SqlIntake, database: IndexDatabase) -> None:
    intake.record_instance(make_record())

    (row,) = SqlImagingIndex(database).list_instances(Scope(everything=True), "1.2.3")
    assert (row.sop_class_uid, row.size, row.frames) == (CT, 1001, 1)
