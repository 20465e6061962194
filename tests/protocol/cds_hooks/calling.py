"""CDS Hooks calls as an order screen makes them, and the rules their answers must keep."""

import json
import uuid
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.protocol.serving import PATIENT, RESIDENT, Web

SELECT, SIGN = "/cds-services/related-exam-select", "/cds-services/related-exam-sign"
WRITTEN = "2026-11-20T10:00:00+08:00"
IMAGING = {"coding": [{"system": "http://snomed.info/sct", "code": "363679005"}]}


def patient(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [
            {"system": "urn:imaging-cloud:issuer:HOSP_B", "value": "B-1002"},
            {"system": "urn:imaging-cloud:issuer:CN-RESIDENT-ID", "value": RESIDENT},
        ],
        "name": [{"text": "张伟"}],
        "gender": "male",
        "birthDate": "1949-12-31",
    } | changes


def order(number: str, text: str, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "id": number,
        "status": "draft",
        "intent": "order",
        "category": [IMAGING],
        "code": {"text": text},
        "subject": {"reference": "Patient/p1"},
        "authoredOn": WRITTEN,
    } | changes


def bundle(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    entries = [{"resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries} | more


def condition(code: str, system: str = "http://hl7.org/fhir/sid/icd-10", **more: Any) -> Any:
    coding = {"system": system, "code": code}
    return {"resourceType": "Condition", "id": f"c-{code}", "code": {"coding": [coding]}} | more


def egfr(value: float, at: str = "2026-11-10", loinc: str = "62238-1", **more: Any) -> Any:
    quantity = {
        "value": value,
        "unit": "mL/min/1.73m2",
        "system": "http://unitsofmeasure.org",
        "code": "mL/min/{1.73_m2}",
    }
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "effectiveDateTime": at,
        "valueQuantity": quantity,
    } | more


def sign(*orders: dict[str, Any], prefetch: Any = ..., **changes: Any) -> dict[str, Any]:
    """An order-sign call; the patient is sent along unless `prefetch` says otherwise."""
    document = {
        "hook": "order-sign",
        "hookInstance": str(uuid.uuid4()),
        "context": {
            "userId": "Practitioner/dr-li",
            "patientId": "p1",
            "draftOrders": bundle(*orders),
        },
        "prefetch": {"patient": patient()} | ({} if prefetch is ... else prefetch),
    }
    return document | changes


def select(*orders: dict[str, Any], selections: list[str], **more: Any) -> dict[str, Any]:
    document = sign(*orders, **more) | {"hook": "order-select"}
    document["context"] = document["context"] | {"selections": selections}
    return document


def physician(web: Web) -> str:
    return web.token("physician", "dr-li", "HOSP_B")


def permit(web: Web, institution: str = "HOSP_B") -> None:
    token = web.token("patient", PATIENT)
    assert web.post("/api/consents", token, json={"institution": institution}).status_code == 201


def cards(web: Web, document: dict[str, Any], path: str = "") -> list[dict[str, Any]]:
    """The cards of a call, each held against the rules of the specification."""
    path = path or (SELECT if document["hook"] == "order-select" else SIGN)
    answer = web.post(path, physician(web), json=document)
    return checked(answer)


def checked(answer: requests.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"cards"}
    assert_no_empties(body["cards"])
    for card in body["cards"]:
        assert_card(card)
    return list(body["cards"])


def assert_no_empties(value: Any) -> None:
    """FHIR and CDS Hooks know no null, "", [] or {} inside a document."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            assert each not in (None, "", [], {}), json.dumps(value, ensure_ascii=False)
            assert_no_empties(each)


def assert_coding(coding: dict[str, Any]) -> None:
    assert set(coding) <= {"system", "code", "display"}
    assert coding["code"]
    assert coding["display"]


def assert_card(card: dict[str, Any]) -> None:
    """The tables of CDS Hooks 2.0.1 "CDS Service Response" and the invariants cds-resp-*."""
    assert set(card) <= {
        *("uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior"),
        *("overrideReasons", "links"),
    }
    uuid.UUID(card["uuid"])
    assert 0 < len(card["summary"]) < 140
    assert card["indicator"] in {"info", "warning", "critical"}
    assert set(card["source"]) <= {"label", "url", "icon", "topic"}
    assert card["source"]["label"]
    assert_coding(card["source"]["topic"])
    if "suggestions" in card:  # cds-resp-1 and cds-resp-6
        assert card["selectionBehavior"] in {"at-most-one", "any"}
        assert sum(each.get("isRecommended", False) for each in card["suggestions"]) <= 1
    for suggestion in card.get("suggestions", []):
        assert suggestion["label"]
        for action in suggestion["actions"]:
            assert action["type"] in {"create", "update", "delete"}
            assert action["description"]  # cds-resp-5
            if action["type"] == "delete":  # cds-resp-2
                assert "resource" not in action
                assert action["resourceId"].startswith("ServiceRequest/")
    for reason in card.get("overrideReasons", []):  # cds-resp-4
        assert_coding(reason)
    for link in card.get("links", []):
        assert link["type"] in {"absolute", "smart"}
        assert link["label"]
        assert urlsplit(link["url"]).scheme in {"http", "https"}
        assert link["type"] == "smart" or "appContext" not in link  # cds-resp-3


def is_interruptive(card: dict[str, Any]) -> bool:
    return card["indicator"] in {"warning", "critical"} and "overrideReasons" in card
