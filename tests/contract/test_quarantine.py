"""Decisions about quarantined bytes, over SQLite and PostgreSQL."""

from pathlib import Path
from typing import Any

import pytest

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.index import SqlImagingIndex
from imaging_cloud.adapters.sql.intake import SqlIntake
from imaging_cloud.adapters.sql.quarantine import SqlQuarantine
from imaging_cloud.adapters.sql.tables import AUDIT_EVENT, EXAM, INSTANCE, OUTBOX, QUARANTINE, STUDY
from imaging_cloud.domain.errors import Conflict, NotFound
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.intake import Clashes, Differs, InstanceRecord, Recorded, Refusal
from imaging_cloud.ports.quarantine import Decision
from tests.contract.reading import count, rows
from tests.records import NOW, RULES, make_record


@pytest.fixture
def quarantine(database: IndexDatabase) -> SqlQuarantine:
    return SqlQuarantine(database, RULES)


def held(intake: SqlIntake, record: InstanceRecord) -> str:
    outcome = intake.record_instance(record)
    assert isinstance(outcome, Differs | Clashes)
    return outcome.quarantine_id


def decision(quarantine_id: str) -> Decision:
    return Decision(quarantine_id=quarantine_id, actor="operator", at=NOW)


def actions(database: IndexDatabase) -> list[str]:
    return sorted(row["action"] for row in rows(database, AUDIT_EVENT))


def test_other_bytes_become_the_instance_and_the_former_ones_are_held(
    intake: SqlIntake, database: IndexDatabase, quarantine: SqlQuarantine
) -> None:
    first, other = make_record(), make_record(seed="other", rows=1024)
    intake.record_instance(first)
    entry = held(intake, other)

    former = quarantine.accept_bytes(decision(entry), other)

    (instance,) = rows(database, INSTANCE)
    assert (instance["sha256"], instance["rows"]) == (other.sha256, 1024)
    assert instance["object_key"] == other.object_key
    (waiting,) = quarantine.list_held()
    assert (waiting.quarantine_id, waiting.cause) == (former, "superseded")
    assert quarantine.find_held(former).object_key == first.object_key
    # `check` accounts for the former object by its entry, and for the other by its row.
    assert list(SqlImagingIndex(database).list_quarantined_keys()) == [first.object_key]
    assert actions(database) == [
        "instance-quarantined",
        "instance-superseded",
        "instances-received",
        "quarantine-accepted",
    ]
    assert count(database, OUTBOX) == 2, "the exam is worked out again"
    assert quarantine.contested_uids("HOSP_A", [waiting.sop_instance_uid]) == set()


def test_accepting_the_former_bytes_turns_it_back(
    intake: SqlIntake, database: IndexDatabase, quarantine: SqlQuarantine
) -> None:
    first, other = make_record(), make_record(seed="other")
    intake.record_instance(first)
    former = quarantine.accept_bytes(decision(held(intake, other)), other)

    quarantine.accept_bytes(decision(former), first)

    (instance,) = rows(database, INSTANCE)
    assert instance["sha256"] == first.sha256
    assert [row.cause for row in quarantine.list_held()] == ["superseded"]


def test_a_clash_over_the_patient_is_taken_into_its_study(
    intake: SqlIntake, database: IndexDatabase, quarantine: SqlQuarantine
) -> None:
    intake.record_instance(make_record(1))
    other = make_record(2, patient_id="A-1001-TYPO")
    entry = held(intake, other)
    assert quarantine.contested_uids("HOSP_A", ["1.2.3.1.2", "9"]) == {"1.2.3.1.2"}

    assert quarantine.accept_bytes(decision(entry), other) == ""

    (study,) = rows(database, STUDY)
    (exam,) = rows(database, EXAM)
    assert (study["instance_count"], exam["instance_count"]) == (2, 2)
    assert study["patient_id"] == "A-1001"
    assert count(database, INSTANCE) == 2
    assert quarantine.list_held() == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"number": 1, "study": "1.2.4"}, "another study or series"),
        ({"number": 7, "study": "1.2.4"}, "another study"),
    ],
    ids=["instance", "series"],
)
def test_what_would_tear_a_study_apart_is_refused_and_stays(
    intake: SqlIntake,
    database: IndexDatabase,
    quarantine: SqlQuarantine,
    changes: dict[str, Any],
    word: str,
) -> None:
    intake.record_instance(make_record(1))
    other = make_record(**changes, series_uid="1.2.3.1", seed="other")
    entry = held(intake, other)

    with pytest.raises(Conflict, match=word):
        quarantine.accept_bytes(decision(entry), other)

    assert [row.quarantine_id for row in quarantine.list_held()] == [entry]
    assert count(database, INSTANCE) == 1
    assert "quarantine-accepted" not in actions(database)


def test_discarding_ends_the_entry_and_names_the_object_of_its_own(
    intake: SqlIntake, database: IndexDatabase, quarantine: SqlQuarantine
) -> None:
    intake.record_instance(make_record())
    other = make_record(seed="other")
    entry = held(intake, other)

    assert quarantine.close_entry(decision(entry), "discarded") == other.object_key

    assert quarantine.list_held() == []
    assert [row["state"] for row in rows(database, QUARANTINE)] == ["discarded"]
    assert "quarantine-discarded" in actions(database)
    for act in (quarantine.find_held, lambda one: quarantine.close_entry(decision(one), "x")):
        with pytest.raises(NotFound):
            act(entry)


def test_an_object_that_an_instance_rests_on_is_never_named(
    intake: SqlIntake, quarantine: SqlQuarantine
) -> None:
    """The same data set in another transfer syntax has the same key (docs/adr/0002)."""
    intake.record_instance(make_record())
    entry = held(intake, make_record(transfer_syntax_uid="1.2.840.10008.1.2"))

    assert quarantine.is_referenced(quarantine.find_held(entry))
    assert quarantine.close_entry(decision(entry), "discarded") == ""


def test_the_list_is_filtered(intake: SqlIntake, quarantine: SqlQuarantine) -> None:
    intake.record_instance(make_record())
    differing = held(intake, make_record(seed="other"))
    for institution in ("HOSP_A", "HOSP_B"):
        intake.record_refusal(
            Refusal(
                origin=Origin(institution=institution, kind="stow"),
                cause="truncated",
                message="cut",
                object_key=f"quarantine/{institution}/{'0' * 64}",
                received_at=NOW,
            )
        )

    assert [row.quarantine_id for row in quarantine.list_held(cause="differs")] == [differing]
    assert len(quarantine.list_held(institution="HOSP_A")) == 2
    assert [row.institution for row in quarantine.list_held(institution="HOSP_B")] == ["HOSP_B"]
    assert len(quarantine.list_held(limit=1)) == 1
    assert quarantine.list_held(institution="HOSP_B", cause="differs") == []


def test_a_new_instance_is_not_held_up_by_decisions(
    intake: SqlIntake, quarantine: SqlQuarantine, tmp_path: Path
) -> None:
    intake.record_instance(make_record())
    entry = held(intake, make_record(seed="other"))
    quarantine.close_entry(decision(entry), "discarded")

    assert isinstance(intake.record_instance(make_record(seed="other")), Differs)
    assert intake.record_instance(make_record(2)) == Recorded()
    assert len(quarantine.list_held()) == 1
