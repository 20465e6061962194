"""The FHIR face: what it answers, to whom, and that it is FHIR."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fhirkit
import pytest

from tests.makers import make_study, uid
from tests.protocol.cds_hooks.calling import (
    SIGN,
    bundle,
    checked,
    condition,
    order,
    permit,
    physician,
    sign,
)
from tests.protocol.serving import PATIENT, RESIDENT, Web, other_ids, serving

RESIDENT_TOKEN = f"urn:imaging-cloud:issuer:CN-RESIDENT-ID|{RESIDENT}"
STUDY = uid("s1")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A chest CT at HOSP_A, opened to HOSP_B alone; shared."""
    folder = tmp_path_factory.mktemp("fhir")
    with serving(folder / "home") as web:
        web.keep(make_study(folder / "s", count=2, OtherPatientIDsSequence=other_ids()))
        permit(web)
        yield web


def read(web: Web, path: str, token: str, **query: str) -> dict[str, Any]:
    answer = web.get(f"/fhir/{path}", token, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    document: dict[str, Any] = answer.json()
    assert_fhir(document)
    return document


def assert_fhir(document: dict[str, Any]) -> None:
    """Nothing empty anywhere (FHIR JSON), and what an R4 validator says."""
    text = json.dumps(document)
    for empty in ('""', "null", "[]", "{}"):
        assert empty not in text, text
    found = [f"{each.path}: {each.message}" for each in fhirkit.validate(text)]
    assert found == []


def resources(bundle_document: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle_document.get("entry", [])]


def alert(web: Web, name: str = "胸部CT平扫", **prefetch: Any) -> str:
    [card] = checked(
        web.post(SIGN, physician(web), json=sign(order("d1", name), prefetch=prefetch))
    )
    return str(card["uuid"])


def test_studies_are_found_by_any_number_of_the_patient(known: Web) -> None:
    for text in (RESIDENT_TOKEN, "urn:imaging-cloud:issuer:HOSP_A|A-1001"):
        found = read(known, "ImagingStudy", physician(known), **{"patient.identifier": text})
        assert [each["id"] for each in resources(found)] == [STUDY]

    [study] = resources(found)
    assert study["status"] == "available"
    assert study["started"] == "2026-11-08T09:30:00+08:00"
    assert study["identifier"] == [{"system": "urn:dicom:uid", "value": f"urn:oid:{STUDY}"}]
    assert study["modality"][0]["code"] == "CT"
    assert (study["numberOfSeries"], study["numberOfInstances"]) == (1, 2)
    assert RESIDENT not in json.dumps(found["link"])


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"identifier": f"urn:dicom:uid|urn:oid:{STUDY}"}, 1),
        ({"identifier": f"urn:oid:{uid('other')}"}, 0),
        ({"started": "2026-11-08"}, 1),
        ({"started": "ge2026-11-09"}, 0),
        ({"modality": "MR"}, 0),
        ({"patient.identifier": RESIDENT_TOKEN, "started": "le2026-11-07"}, 0),
        ({"patient.identifier": "urn:imaging-cloud:issuer:HOSP_A|nobody"}, 0),
    ],
)
def test_searches_narrow(known: Web, query: dict[str, str], count: int) -> None:
    found = read(known, "ImagingStudy", physician(known), **query)

    assert found["total"] == len(resources(found)) == count


def test_a_study_is_read_with_its_series(known: Web) -> None:
    study = read(known, f"ImagingStudy/{STUDY}", physician(known))

    [series] = study["series"]
    assert series["uid"] == uid("s1", "series")
    assert series["modality"]["code"] == "CT"


def test_the_rules_of_sight_hold_here_too(known: Web) -> None:
    stranger = known.token("physician", "dr-x", "HOSP_C")
    other = known.token("patient", "HOSP_A|A-9999")
    query = {"patient.identifier": RESIDENT_TOKEN}

    for token in (stranger, other):
        assert resources(read(known, "ImagingStudy", token, **query)) == []
        answer = known.get(f"/fhir/ImagingStudy/{STUDY}", token)
        assert answer.status_code == 404
        assert answer.json()["resourceType"] == "OperationOutcome"
    own = read(known, "ImagingStudy", known.token("patient", PATIENT), **query)
    assert len(resources(own)) == 1


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("ImagingStudy", {"patient.identifier": "http://unknown|1"}, 400),
        ("ImagingStudy", {"patient.identifier": "1"}, 400),
        ("ImagingStudy", {"patient.name": "x"}, 400),
        ("ImagingStudy", {"started": "yesterday"}, 400),
        ("ImagingStudy", {"_count": "many"}, 400),
        ("ImagingStudy/no-uid", {}, 404),
        ("DetectedIssue", {}, 400),
        ("DetectedIssue/x", {}, 404),
        ("Patient/$ihe-pix", {}, 400),
        ("Patient/$ihe-pix", {"sourceIdentifier": "http://unknown|1"}, 400),
        ("Patient/$ihe-pix", {"sourceIdentifier": "urn:imaging-cloud:issuer:HOSP_A|x"}, 404),
        (
            "Patient/$ihe-pix",
            {"sourceIdentifier": RESIDENT_TOKEN, "targetSystem": "urn:imaging-cloud:issuer:NO"},
            403,
        ),
        ("Medication", {}, 404),
    ],
)
def test_errors_are_operation_outcomes(
    known: Web, path: str, query: dict[str, str], status: int
) -> None:
    answer = known.get(f"/fhir/{path}", physician(known), params=query)

    assert answer.status_code == status, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert_fhir(answer.json())


def test_numbers_elsewhere_are_told_under_the_patients_permission(known: Web) -> None:
    def numbers(institution: str, **more: str) -> set[str]:
        token = known.token("physician", "dr", institution)
        query = {"sourceIdentifier": RESIDENT_TOKEN, **more}
        document = read(known, "Patient/$ihe-pix", token, **query)
        return {each["valueIdentifier"]["value"] for each in document.get("parameter", [])}

    assert numbers("HOSP_B") == {"A-1001"}
    assert numbers("HOSP_A") == {"A-1001"}
    assert numbers("HOSP_C") == set()
    assert numbers("HOSP_B", targetSystem="urn:imaging-cloud:issuer:HOSP_C") == set()


def test_a_repeat_is_a_detected_issue_that_points_at_the_study(known: Web) -> None:
    alert_id = alert(known)

    issue = read(known, f"DetectedIssue/{alert_id}", physician(known))

    assert issue["status"] == "final"
    assert issue["code"]["coding"][0]["code"] == "DUPTHPY"
    assert issue["implicated"] == [{"reference": f"ImagingStudy/{STUDY}"}]
    assert issue["evidence"][0]["detail"] == issue["implicated"]
    assert issue["id"] == issue["identifier"][0]["value"] == alert_id


def test_a_caution_is_a_detected_issue_with_its_own_code(known: Web) -> None:
    alert_id = alert(known, "上消化道钡餐", problems=bundle(condition("K56.6")))

    issue = read(known, f"DetectedIssue/{alert_id}.BA-OBSTRUCTION", physician(known))
    found = read(known, "DetectedIssue", physician(known), identifier=alert_id)

    assert issue["code"]["coding"][0]["code"] == "COND"
    assert "慎用钡餐" in issue["detail"]
    assert issue["id"] in {each["id"] for each in resources(found)}
    assert known.get(f"/fhir/DetectedIssue/{alert_id}.BA-X", physician(known)).status_code == 404


def test_an_alert_is_its_own_institutions_and_shows_only_what_may_be_seen_now(
    known: Web,
) -> None:
    alert_id = alert(known)
    stranger = known.token("physician", "dr-x", "HOSP_C")
    assert known.get(f"/fhir/DetectedIssue/{alert_id}", stranger).status_code == 404

    known.call("DELETE", "/api/consents/HOSP_B", known.token("patient", PATIENT))
    closed = known.get(f"/fhir/DetectedIssue/{alert_id}", physician(known))
    permit(known)

    assert closed.status_code == 404
    assert read(known, f"DetectedIssue/{alert_id}", physician(known))["implicated"]


def test_a_patient_reads_their_own_consents_and_accesses(known: Web) -> None:
    token = known.token("patient", PATIENT)
    known.get(f"/fhir/ImagingStudy/{STUDY}", physician(known))

    [consent] = resources(read(known, "Consent", token))
    events = resources(read(known, "AuditEvent", token))

    assert consent["provision"]["type"] == "permit"
    assert consent["provision"]["actor"][0]["reference"]["display"] == "HOSP_B"
    assert {"recorded", "agent", "source", "type"} <= set(events[0])
    assert f"ImagingStudy/{STUDY}" in json.dumps(events)


def test_metadata_names_every_resource_that_is_served(known: Web) -> None:
    document = read(known, "metadata", physician(known))

    [rest] = document["rest"]
    assert {each["type"] for each in rest["resource"]} == {
        *("AuditEvent", "Consent", "DetectedIssue", "ImagingStudy", "Patient"),
    }


def test_one_number_of_two_people_is_a_conflict(tmp_path: Path) -> None:
    with serving(tmp_path / "home") as web:
        web.keep(make_study(tmp_path / "a", count=1))
        web.keep(
            make_study(
                tmp_path / "b",
                count=1,
                study="s2",
                PatientName="Li^Na=李^娜",
                PatientBirthDate="19900101",
                PatientSex="F",
            )
        )
        token = web.token("physician", "dr", "HOSP_A")
        query = {"patient.identifier": "urn:imaging-cloud:issuer:HOSP_A|A-1001"}
        answer = web.get("/fhir/ImagingStudy", token, params=query)

    assert answer.status_code == 409
    assert answer.json()["issue"][0]["code"] == "conflict"
