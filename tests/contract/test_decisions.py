"""What became of an alert is kept: once a card and outcome, the newest statement standing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from imaging_cloud.adapters.sql.decisions import SqlDecisionRegister
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.domain.decisions import AlertDecision

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
REPEATED = AlertDecision(
    alert_id="a1",
    card_id="c1",
    outcome="repeated",
    reason_code="condition-changed",
    reason_text="病情变化",
    decided_at=NOW,
    actor="dr.li",
    institution="HOSP_B",
)


def test_a_decision_is_found_with_its_alert(database: IndexDatabase) -> None:
    register = SqlDecisionRegister(database)
    opened = replace(REPEATED, outcome="opened", reason_code="", reason_text="", study_uid="1.2.3")

    register.record(REPEATED)
    register.record(replace(opened, decided_at=NOW - timedelta(minutes=1)))

    assert register.list_decisions("HOSP_B", "a1") == [
        replace(opened, decided_at=NOW - timedelta(minutes=1)),
        REPEATED,
    ]
    assert register.list_decisions("HOSP_A", "a1") == []
    assert register.list_decisions("HOSP_B", "a2") == []


def test_saying_it_again_is_one_row_and_the_newest_reason_stands(database: IndexDatabase) -> None:
    register = SqlDecisionRegister(database)
    newer = replace(REPEATED, reason_code="emergency", decided_at=NOW + timedelta(minutes=5))

    for said in (REPEATED, REPEATED, newer, REPEATED):
        register.record(said)

    assert register.list_decisions("HOSP_B", "a1") == [newer]


def test_text_no_database_holds_is_cleaned(database: IndexDatabase) -> None:
    register = SqlDecisionRegister(database)

    register.record(replace(REPEATED, reason_text="a\x00b\ud800", card_id="c" * 900))

    kept = register.list_decisions("HOSP_B", "a1")
    assert [(each.reason_text, len(each.card_id)) for each in kept] == [("ab?", 255)]
