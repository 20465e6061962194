"""What became of cards comes back to their alerts."""

from typing import Any
from uuid import uuid4

import pytest

from tests.protocol.cds_hooks.calling import SIGN, cards, order, physician, sign
from tests.protocol.serving import Web

PATH = f"{SIGN}/feedback"
AT = "2026-11-20T02:00:05Z"


@pytest.fixture
def card(known: Web) -> dict[str, Any]:
    [found] = cards(known, sign(order("d1", "胸部CT平扫")))
    return found


def item(card: dict[str, Any], outcome: str, **more: Any) -> dict[str, Any]:
    return {"card": card["uuid"], "outcome": outcome, "outcomeTimestamp": AT} | more


def told(known: Web, card: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    found = known.cloud.decisions.list_decisions("HOSP_B", card["uuid"])
    return [(each.outcome, each.reason_code, each.reason_text, each.actor) for each in found]


def test_an_accepted_suggestion_means_recognised(known: Web, card: dict[str, Any]) -> None:
    accepted = item(card, "accepted", acceptedSuggestions=[{"id": card["suggestions"][0]["uuid"]}])

    for _ in range(2):
        answer = known.post(PATH, physician(known), json={"feedback": [accepted]})
        assert (answer.status_code, answer.content) == (200, b"")

    assert told(known, card) == [("recognised", "", "", "dr-li")]


def test_an_override_keeps_its_reason(known: Web, card: dict[str, Any]) -> None:
    reason = card["overrideReasons"][0]
    given = {"reason": reason, "userComment": "咳血加重"}
    overridden = item(card, "overridden", overrideReason=given)

    answer = known.post(PATH, physician(known), json={"feedback": [overridden]})

    assert answer.status_code == 200
    assert told(known, card) == [("repeated", reason["code"], "咳血加重", "dr-li")]


def test_an_override_without_a_reason_counts_too(known: Web, card: dict[str, Any]) -> None:
    document = {"feedback": [item(card, "overridden")]}

    assert known.post(PATH, physician(known), json=document).status_code == 200
    assert [each[0] for each in told(known, card)] == ["repeated"]


def test_unknown_cards_are_told_and_the_known_ones_kept(known: Web, card: dict[str, Any]) -> None:
    stranger = item({"uuid": str(uuid4())}, "overridden")

    alone = known.post(PATH, physician(known), json={"feedback": [stranger]})
    beside = known.post(
        PATH, physician(known), json={"feedback": [item(card, "overridden"), stranger]}
    )

    assert alone.status_code == 404
    assert beside.status_code == 200
    assert beside.json()["issue"][0]["expression"] == ["feedback.1.card"]
    assert len(told(known, card)) == 1


def test_another_institution_cannot_speak_of_it(known: Web, card: dict[str, Any]) -> None:
    foreign = known.token("physician", "dr-x", "HOSP_C")

    answer = known.post(PATH, foreign, json={"feedback": [item(card, "overridden")]})

    assert answer.status_code == 404
    assert told(known, card) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"outcome": "ignored"}, "feedback.0.outcome"),
        ({"outcome": "accepted"}, "feedback.0.acceptedSuggestions"),
        ({"outcomeTimestamp": "yesterday"}, "feedback.0.outcomeTimestamp"),
        ({"outcomeTimestamp": None}, "feedback.0.outcomeTimestamp"),
        ({"card": ""}, "feedback.0.card"),
    ],
)
def test_malformed_feedback_is_400_and_names_the_field(
    known: Web, change: dict[str, Any], field: str
) -> None:
    document = {"feedback": [item({"uuid": str(uuid4())}, "overridden") | change]}

    answer = known.post(PATH, physician(known), json=document)

    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == [field]


def test_no_feedback_at_all_is_400(known: Web) -> None:
    for document in ({}, {"feedback": []}, []):
        assert known.post(PATH, physician(known), json=document).status_code == 400
