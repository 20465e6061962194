"""POST /api/order-check/{id}/decision, the statistics it feeds, and replaying an alert."""

import copy
import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from imaging_cloud.domain.alerts import OrderAlert
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.use_cases.replay_alert import replay_alert
from imaging_cloud.web.order_answer import answer_document
from tests.makers import make_study, uid
from tests.protocol.api.test_order_check import ORDER, changed, physician
from tests.protocol.serving import PATIENT, Web, other_ids


@pytest.fixture
def duplicate(web: Web, tmp_path: Path) -> dict[str, Any]:
    """An order check that was answered: duplicate."""
    web.keep(make_study(tmp_path, OtherPatientIDsSequence=other_ids()))
    web.post("/api/consents", web.token("patient", PATIENT), json={"institution": "HOSP_B"})
    answer: dict[str, Any] = web.post("/api/order-check", physician(web), json=ORDER).json()
    assert answer["outcome"] == "duplicate"
    return answer


def decide(web: Web, alert_id: str, token: str | None = None, **said: Any) -> Any:
    path = f"/api/order-check/{alert_id}/decision"
    return web.post(path, token or physician(web), json=said)


def test_a_repeat_with_its_reason_is_kept_and_audited(web: Web, duplicate: dict[str, Any]) -> None:
    said = {
        "outcome": "repeated",
        "studyInstanceUID": uid("s1"),
        "reason": {"code": "condition-changed", "text": "加重"},
    }
    first = decide(web, duplicate["alertId"], **said)
    again = decide(web, duplicate["alertId"], **said)

    assert (first.status_code, again.status_code) == (200, 200)
    assert {**first.json(), "decidedAt": ""} == {**again.json(), "decidedAt": ""}
    [kept] = web.cloud.decisions.list_decisions("HOSP_B", duplicate["alertId"])
    assert (kept.outcome, kept.reason_code, kept.reason_text, kept.actor, kept.study_uid) == (
        *("repeated", "condition-changed", "加重", "dr-li"),
        uid("s1"),
    )
    actions = [e.action for e in web.cloud.audit.list_events_of(duplicate["identity"]["person"])]
    assert actions.count("alert-decided") == 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"outcome": "repeated"}, "reason.code"),
        ({"outcome": "repeated", "reason": {"code": "because"}}, "reason.code"),
        ({"outcome": "dropped"}, "outcome"),
        ({"outcome": "opened", "studyInstanceUID": "1.2.3"}, "studyInstanceUID"),
        ({}, "outcome"),
    ],
)
def test_what_cannot_be_understood_names_its_field(
    web: Web, duplicate: dict[str, Any], said: dict[str, Any], field: str
) -> None:
    answer = decide(web, duplicate["alertId"], **said)

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert web.cloud.decisions.list_decisions("HOSP_B", duplicate["alertId"]) == []


def test_another_institutions_alert_is_as_unknown_as_none(
    web: Web, duplicate: dict[str, Any]
) -> None:
    other = web.token("physician", "dr-wu", "HOSP_C")

    foreign = decide(web, duplicate["alertId"], other, outcome="opened")
    missing = decide(web, "none-such", other, outcome="opened")

    assert (foreign.status_code, foreign.json()) == (404, missing.json())
    assert web.cloud.decisions.list_decisions("HOSP_B", duplicate["alertId"]) == []


def test_patients_and_technicians_decide_nothing(web: Web, duplicate: dict[str, Any]) -> None:
    for token in (web.token("patient", PATIENT), web.token("technician", "t", "HOSP_B")):
        assert decide(web, duplicate["alertId"], token, outcome="opened").status_code == 403


def say(alert: OrderAlert, web: Web) -> dict[str, Any]:
    return answer_document(alert, region=web.cloud.policy.time_zone, public_url="")


def test_a_replay_by_the_same_rules_gives_the_same_verdict(
    web: Web, duplicate: dict[str, Any]
) -> None:
    logged = web.cloud.alerts.find_alert(duplicate["alertId"])
    assert logged is not None

    again = replay_alert(logged, lambda alert: say(alert, web), web.cloud.catalogue)

    assert again.changes == {}
    assert json.loads(json.dumps(logged.inputs)) == logged.inputs


def test_a_replay_tells_what_other_rules_say(
    web: Web, duplicate: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = web.cloud.alerts.find_alert(duplicate["alertId"])
    assert logged is not None
    monkeypatch.setattr("imaging_cloud.domain.comparability.window_days", lambda _: 1)

    again = replay_alert(logged, lambda alert: say(alert, web), web.cloud.catalogue)

    assert again.changes["outcome"] == ("duplicate", "related")
    assert set(again.changes) == {"outcome", "matches"}


def test_an_order_elsewhere_is_told_until_it_is_dropped(
    web: Web, duplicate: dict[str, Any]
) -> None:
    web.post("/api/consents", web.token("patient", PATIENT), json={"institution": "HOSP_C"})
    elsewhere = web.token("physician", "dr-wu", "HOSP_C")
    order = changed("order.institution", "HOSP_C")
    spine = copy.deepcopy(order)
    spine["order"]["name"] = "腰椎MR平扫"

    own = web.post("/api/order-check", physician(web), json=ORDER).json()
    told = web.post("/api/order-check", elsewhere, json=order).json()
    of_another_kind = web.post("/api/order-check", elsewhere, json=spine).json()
    for alert in (duplicate["alertId"], own["alertId"]):
        decide(web, alert, outcome="recognised")
    dropped = web.post("/api/order-check", elsewhere, json=order).json()

    assert "alreadyOrdered" not in own
    assert [each["institution"] for each in told["alreadyOrdered"]] == ["HOSP_B"]
    assert "alreadyOrdered" not in of_another_kind
    assert "alreadyOrdered" not in dropped
    assert told["outcome"] == "duplicate"


def test_an_order_elsewhere_is_not_told_without_permission(
    web: Web, duplicate: dict[str, Any]
) -> None:
    order = changed("order.institution", "HOSP_C")

    told = web.post("/api/order-check", web.token("physician", "dr-wu", "HOSP_C"), json=order)

    assert "alreadyOrdered" not in told.json()


def log_many(web: Web, answer: dict[str, Any], count: int, days_ago: int = 40) -> list[str]:
    """Copies of the answered alert, so that there are enough to be told."""
    logged = web.cloud.alerts.find_alert(answer["alertId"])
    assert logged is not None
    made = []
    for number in range(count):
        alert_id = f"{days_ago}-{number}"
        at = logged.at - timedelta(days=days_ago)
        event = AuditEvent(at=at, action="order-check", actor="a", role="service")
        web.cloud.alerts.add_alerts([(replace(logged, alert_id=alert_id, at=at), event)])
        made.append(alert_id)
    return made


def test_the_figures_say_what_became_of_the_alerts(web: Web, duplicate: dict[str, Any]) -> None:
    alerts = log_many(web, duplicate, 20)
    for alert in alerts[:8]:
        decide(web, alert, outcome="opened")
        decide(web, alert, outcome="recognised")
    for alert in alerts[8:14]:
        decide(web, alert, outcome="repeated", reason={"code": "emergency"})
    admin = web.token("admin", "op")

    answer = web.get("/api/statistics/order-checks", admin)
    rows = [row for row in answer.json()["rows"] if row["checks"] is not None]
    table = web.get("/api/statistics/order-checks?format=csv", admin)

    [row] = rows
    assert (row["institution"], row["item"]) == ("HOSP_B", "CT CHEST")
    told = ("checks", "alerts", "opened", "recognised", "repeated", "undecided", "trueRepeats")
    assert [row[name] for name in told] == [20, 20, 8, 8, 6, 6, 0]
    assert row["repeatedBecause"] == {"emergency": 6}
    assert (row["saved"], row["moneySaved"], row["doseSavedMilliSievert"]) == (8, None, 56.0)
    read = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [each["recognised"] for each in read if each["checks"]] == ["8"]
    assert table.headers["Content-Type"].startswith("text/csv")


def test_an_exam_made_after_the_alert_is_a_true_repeat(
    web: Web, duplicate: dict[str, Any], tmp_path: Path
) -> None:
    alerts = log_many(web, duplicate, 10)
    for alert in alerts:
        decide(web, alert, outcome="recognised")
    logged = web.cloud.alerts.find_alert(alerts[0])
    assert logged is not None
    day = (logged.at + timedelta(days=3)).strftime("%Y%m%d")
    files = make_study(
        tmp_path / "n", study="later", StudyDate=day, OtherPatientIDsSequence=other_ids()
    )
    web.keep(files)

    answer = web.get("/api/statistics/order-checks", web.token("admin", "op")).json()

    [row] = [row for row in answer["rows"] if row["checks"] is not None]
    assert (row["recognised"], row["trueRepeats"], row["saved"]) == (10, 10, 0)


@pytest.mark.parametrize("month", ["2026-13", "x", "0001-01", "9999-12", "2026-11-31"])
def test_a_month_that_is_none_is_422_and_names_the_field(web: Web, month: str) -> None:
    answer = web.get(f"/api/statistics/order-checks?from={month}", web.token("admin", "op"))

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "from")


def test_a_few_are_not_told(web: Web, duplicate: dict[str, Any]) -> None:
    answer = web.get("/api/statistics/order-checks", web.token("admin", "op")).json()

    [row] = answer["rows"]
    assert {row[name] for name in ("checks", "alerts", "recognised", "saved")} == {None}


def test_figures_are_for_administrators_and_of_their_own(
    web: Web, duplicate: dict[str, Any]
) -> None:
    path = "/api/statistics/order-checks"
    for role in ("physician", "technician", "service"):
        assert web.get(path, web.token(role, "x", "HOSP_B")).status_code == 403
    own = web.token("admin", "op-c", "HOSP_C")

    assert web.get(path, own).json()["rows"] == []
    assert web.get(f"{path}?institution=HOSP_B", own).status_code == 403
    assert web.get(f"{path}?from=2026-13", web.token("admin", "op")).status_code == 422
    page = web.get("/admin/statistics", web.token("admin", "op"), headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "style=" not in page.text
