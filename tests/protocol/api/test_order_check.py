"""POST /api/order-check: the contract's JSON, in and out."""

import copy
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imaging_cloud.domain.errors import Unavailable
from imaging_cloud.ports.access_register import AccessRegister
from tests.makers import make_study, uid
from tests.protocol.serving import PATIENT, RESIDENT, Web, other_ids, serving

ORDER: dict[str, Any] = {
    "patient": {
        "identifiers": [
            {"issuer": "HOSP_B", "value": "B-1002"},
            {"issuer": "CN-RESIDENT-ID", "value": RESIDENT},
        ],
        "name": "张伟",
        "birthDate": "1949-12-31",
        "sex": "M",
    },
    "order": {
        "name": "胸部CT平扫",
        "code": None,
        "modality": None,
        "laterality": None,
        "priority": "routine",
        "reasonCodes": [{"system": "ICD-10", "code": "J18.9"}],
        "reexamReason": None,
        "institution": "HOSP_B",
        "placedAt": "2026-11-20T10:00:00+08:00",
    },
    "facts": {
        "conditions": [{"system": "ICD-10", "code": "K56.6"}],
        "allergies": [],
        "eGFR": None,
        "pregnant": None,
        "devices": [],
    },
}
KEYS = {
    "alertId",
    "outcome",
    "exam",
    "identity",
    "matches",
    "cautions",
    "withheld",
    "checkedAt",
    "rulesVersion",
}
EXAM_KEYS = {"modality", "regions", "focus", "laterality", "contrast", "angio", "purpose"}
MATCH_KEYS = {
    "grade",
    "studyInstanceUID",
    "institution",
    "performedAt",
    "ageDays",
    "validUntil",
    "exam",
    "reasons",
    "reasonsZh",
    "arriving",
    "viewerUrl",
}


def changed(path: str, value: Any = ...) -> dict[str, Any]:
    """The order with one field replaced, or left out."""
    document = copy.deepcopy(ORDER)
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
    holder: Any = document
    for step in steps:
        holder = holder[step]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return document


def physician(web: Web) -> str:
    return web.token("physician", "dr-li", "HOSP_B")


def test_an_order_finds_the_prior_once_the_patient_has_opened_it(web: Web, tmp_path: Path) -> None:
    web.keep(make_study(tmp_path, OtherPatientIDsSequence=other_ids()))

    before = web.post("/api/order-check", physician(web), json=ORDER).json()
    web.post("/api/consents", web.token("patient", PATIENT), json={"institution": "HOSP_B"})
    after = web.post("/api/order-check", physician(web), json=ORDER).json()

    assert set(before) == set(after) == KEYS
    assert (before["outcome"], before["matches"], before["withheld"]) == ("none", [], 1)
    assert (after["outcome"], after["withheld"]) == ("duplicate", 0)
    assert set(after["exam"]) == EXAM_KEYS
    [match] = after["matches"]
    assert set(match) == MATCH_KEYS
    assert set(match["exam"]) == EXAM_KEYS
    assert match["studyInstanceUID"] == uid("s1")
    assert match["performedAt"] == "2026-11-08T09:30:00+08:00"
    assert match["viewerUrl"] == f"{web.url}/view/{uid('s1')}"
    assert after["identity"]["certainty"] == "certain"


def test_the_verdict_is_logged_with_its_inputs(web: Web) -> None:
    answer = web.post("/api/order-check", physician(web), json=ORDER).json()

    logged = web.cloud.alerts.find_alert(answer["alertId"])

    assert logged is not None
    assert logged.answer == answer
    assert logged.inputs["order"]["name"] == "胸部CT平扫"
    assert not {"张伟", RESIDENT, "1949-12-31"} & set(re.findall(r'[^"]+', repr(logged)))
    assert (logged.actor, logged.institution) == ("dr-li", "HOSP_B")


def test_orders_that_come_together_have_each_their_own_verdict_and_log(web: Web) -> None:
    names = ["胸部CT平扫", "头颅CT平扫", "左膝关节MR平扫", ""] * 6
    orders = [ORDER | {"order": ORDER["order"] | {"name": name}} for name in names]
    doctor = physician(web)

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda order: web.post("/api/order-check", doctor, json=order), orders)
        )

    made = [(name, answer) for name, answer in zip(names, answers, strict=True) if name]
    assert {answer.status_code for _, answer in made} == {200}
    refused = [answer for name, answer in zip(names, answers, strict=True) if not name]
    assert {answer.status_code for answer in refused} == {422}
    for name, answer in made:
        logged = web.cloud.alerts.find_alert(answer.json()["alertId"])
        assert logged is not None
        assert (logged.inputs["order"]["name"], logged.answer) == (name, answer.json())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("patient", ...),
        ("patient", []),
        ("patient.identifiers", ...),
        ("patient.identifiers", None),
        ("patient.identifiers.0.issuer", ...),
        ("patient.identifiers.1.value", 7),
        ("patient.birthDate", "1949-13-01"),
        ("patient.birthDate", 19491231),
        ("patient.sex", "X"),
        ("patient.name", 3),
        ("order", ...),
        ("order", "CT"),
        ("order.name", 7),
        ("order.priority", "now"),
        ("order.laterality", "Q"),
        ("order.institution", ...),
        ("order.institution", ""),
        ("order.placedAt", ...),
        ("order.placedAt", "yesterday"),
        ("order.placedAt", "2026-11-20"),
        ("order.placedAt", 1795000000),
        ("order.placedAt", "0001-01-01T00:00:00+14:00"),
        ("order.placedAt", "9999-12-31T23:59:59-12:00"),
        ("order.codings", "24627-2"),
        ("preview", "yes"),
        ("order.reasonCodes", "J18.9"),
        ("order.reasonCodes.0.code", ...),
        ("facts", 3),
        ("facts.eGFR", "45"),
        ("facts.eGFR", -1),
        ("facts.pregnant", "no"),
        ("facts.conditions.0", "K56.6"),
    ],
)
def test_what_cannot_be_understood_is_422_and_names_the_field(
    web: Web, path: str, value: Any
) -> None:
    answer = web.post("/api/order-check", physician(web), json=changed(path, value))

    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == path


@pytest.mark.parametrize("day", ["00010101", "99991231"])
def test_a_prior_from_the_end_of_time_is_one_without_a_date(
    web: Web, tmp_path: Path, day: str
) -> None:
    changes = {"StudyDate": day, "TimezoneOffsetFromUTC": "+0000", "StudyTime": "200000"}
    web.keep(make_study(tmp_path, OtherPatientIDsSequence=other_ids(), **changes), "HOSP_B")

    answer = web.post("/api/order-check", physician(web), json=ORDER)

    assert answer.status_code == 200, answer.text
    (match,) = answer.json()["matches"]
    assert (match["grade"], match["performedAt"]) == ("related", None)


def test_neither_name_nor_code_is_422(web: Web) -> None:
    answer = web.post("/api/order-check", physician(web), json=changed("order.name", None))

    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "order.name"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'"x"', b"[" * 100_000])
def test_malformed_json_is_422(web: Web, body: bytes) -> None:
    answer = web.post("/api/order-check", physician(web), data=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "body"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("facts", ...),
        ("facts", None),
        ("patient.identifiers", []),
        ("patient.birthDate", "19491231"),
        ("patient.sex", "male"),
        ("patient.unheardOf", {"x": 1}),
        ("order.placedAt", "2026-11-20T10:00:00"),
        ("order.priority", None),
        ("order.reasonCodes", None),
        ("facts.eGFR", 45),
        ("facts.devices", None),
    ],
)
def test_what_can_be_understood_is_taken(web: Web, path: str, value: Any) -> None:
    answer = web.post("/api/order-check", physician(web), json=changed(path, value))

    assert answer.status_code == 200, answer.text


def test_without_an_identifier_the_patient_is_unknown(web: Web) -> None:
    document = changed("patient.identifiers", [])

    answer = web.post("/api/order-check", physician(web), json=document).json()

    assert answer["identity"] == {"certainty": "unknown", "person": None}


def test_a_token_of_one_institution_cannot_ask_for_another(web: Web) -> None:
    token = web.token("physician", "dr-x", "HOSP_A")

    assert web.post("/api/order-check", token, json=ORDER).status_code == 403


def test_a_token_without_institution_asks_for_the_orders(web: Web) -> None:
    service = web.token("service", "his")

    known = web.post("/api/order-check", service, json=ORDER)
    unknown = web.post("/api/order-check", service, json=changed("order.institution", "HOSP_X"))

    assert known.status_code == 200
    assert (unknown.status_code, unknown.json()["error"]["field"]) == (422, "order.institution")


def test_errors_never_repeat_what_was_sent(web: Web) -> None:
    document = changed("patient.birthDate", "张伟的生日")

    assert "张伟" not in web.post("/api/order-check", physician(web), json=document).text


# Longer than the 2 s of the contract and what a crowded machine adds to them.
LONGEST = 6.0


class _Away:
    """An exam register that cannot answer, at once or never."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def find_exams_of(self, *_: object, **__: object) -> None:
        time.sleep(self._seconds)
        raise Unavailable("the index is away")

    find_persons = find_exams_of


class _Slow:
    """A register whose every answer takes its time."""

    def __init__(self, register: AccessRegister, seconds: float) -> None:
        self._register = register
        self._seconds = seconds

    def __getattr__(self, name: str) -> Any:
        time.sleep(self._seconds)
        return getattr(self._register, name)


def test_the_two_seconds_include_finding_out_who_asks(web: Web, tmp_path: Path) -> None:
    slow_register: Any = _Slow(web.cloud.register, 0.8)
    broken: Any = _Away(LONGEST)
    with serving(tmp_path / "o", replace(web.cloud, exams=broken, register=slow_register)) as slow:
        began = time.monotonic()
        answer = slow.post("/api/order-check", physician(slow), json=ORDER)

        assert time.monotonic() - began < LONGEST - 0.5
        assert answer.status_code == 503


@pytest.mark.parametrize("seconds", [0.0, LONGEST])
def test_an_index_that_is_away_is_503_within_two_seconds(
    web: Web, tmp_path: Path, seconds: float
) -> None:
    broken = replace(web.cloud, exams=_Away(seconds))  # type: ignore[arg-type]
    with serving(tmp_path / "other", broken) as slow:
        began = time.monotonic()
        answer = slow.post("/api/order-check", physician(slow), json=ORDER)

        assert time.monotonic() - began < LONGEST - 0.5
        assert answer.status_code == 503
        assert "Retry-After" in answer.headers
