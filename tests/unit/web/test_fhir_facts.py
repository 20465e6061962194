"""FHIR resources become the facts that hold now, in the right unit, or nothing."""

import math
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from imaging_cloud.domain.orders import Coding
from imaging_cloud.web.fhir.facts import Facts, facts_of
from imaging_cloud.web.fhir.resources import read_resource

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def facts(*documents: dict[str, Any]) -> Facts:
    read = [read_resource(each, "x") for each in documents]
    return facts_of([each for each in read if each is not None], now=NOW, zone=ZONE)


def observation(loinc: str, at: str = "2026-11-10", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "effectiveDateTime": at,
    } | more


def filtration(at: str = "2026-11-10", **quantity: Any) -> dict[str, Any]:
    return observation("62238-1", at, valueQuantity=quantity)


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        ({"value": 29, "unit": "mL/min/{1.73_m2}"}, 29),
        ({"value": 29, "unit": "ml/min/1,73m²"}, 29),
        ({"value": 29, "code": "mL/min/{1.73_m2}"}, 29),
        ({"value": 29, "code": "mL/min", "unit": "mL/min/1.73 m2"}, 29),
        ({"value": 0.5, "unit": "mL/s/1.73m2"}, 30),
        ({"value": 29}, 29),
        ({"value": 0.5}, None),
        ({"value": 29, "unit": "mL/min"}, None),
        ({"value": 29, "unit": "%"}, None),
        ({"value": -1, "unit": "mL/min/1.73m2"}, None),
        ({"value": 60, "comparator": ">", "unit": "mL/min/1.73m2"}, 60),
        ({"value": 30, "comparator": "<", "unit": "mL/min/1.73m2"}, math.nextafter(30, 0)),
        ({}, None),
    ],
)
def test_filtration_is_read_in_its_unit(quantity: dict[str, Any], value: float | None) -> None:
    assert facts(filtration(**quantity)).egfr == value


@pytest.mark.parametrize(
    ("at", "known"),
    [
        ("2026-11-22T09:00:00+08:00", True),
        ("2026-08-24", True),
        ("2026-08-23", False),
        ("2026-08-23T23:59:59Z", True),
        ("2026-11-23", False),
        ("2026-11", False),
        ("", False),
        ("soon", False),
    ],
)
def test_only_values_of_the_last_90_days_of_the_region_count(at: str, known: bool) -> None:
    found = facts(filtration(at, value=50, unit="mL/min/1.73m2"))

    assert (found.egfr is not None) is known


@pytest.mark.parametrize(
    ("code", "at", "pregnant"),
    [
        ("77386006", "2026-11-01", True),
        ("77386006", "2025-11-01", None),
        ("60001007", "2026-11-01", False),
        ("60001007", "2026-09-01", None),
        ("LA4489-6", "2026-11-01", None),
    ],
)
def test_pregnancy_holds_for_its_time(code: str, at: str, pregnant: bool | None) -> None:
    told = {"valueCodeableConcept": {"coding": [{"code": code}]}}

    assert facts(observation("82810-3", at, **told)).pregnant is pregnant


def medicine(**more: Any) -> dict[str, Any]:
    return {"resourceType": "MedicationRequest", "status": "active"} | more


METFORMIN = Coding("RxNorm", "6809")


@pytest.mark.parametrize(
    "document",
    [
        medicine(medicationCodeableConcept={"text": "Metformin 500 mg"}),
        medicine(medication={"concept": {"text": "二甲双胍缓释片"}}),
        medicine(
            medicationReference={"reference": "#m"},
            contained=[{"resourceType": "Medication", "id": "m", "code": {"text": "格华止"}}],
        ),
        medicine(medicationCodeableConcept={"text": "Metformin"})
        | {"resourceType": "MedicationStatement"},
    ],
)
def test_metformin_is_known_by_its_words(document: dict[str, Any]) -> None:
    assert METFORMIN in facts(document).conditions
    assert facts(document | {"status": "stopped"}).conditions == ()


@pytest.mark.parametrize("system", ["http://www.whocc.no/atc", "http://snomed.info/sct"])
def test_codes_are_passed_on_as_they_are(system: str) -> None:
    concept = {"coding": [{"system": system, "code": "A10BA02"}]}

    assert facts(medicine(medicationCodeableConcept=concept)).conditions == (
        Coding(system, "A10BA02"),
    )


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("碘对比剂过敏", True),
        ("Iodinated contrast media", True),
        ("非离子型造影剂过敏", True),
        ("无碘对比剂过敏", False),
        ("No known contrast media allergy", False),
        ("钆对比剂过敏", False),
        ("青霉素过敏", False),
    ],
)
def test_an_allergy_to_contrast_is_known_by_its_words(text: str, known: bool) -> None:
    found = facts({"resourceType": "AllergyIntolerance", "code": {"text": text}})

    assert (Coding("SNOMED CT", "293637006") in found.allergies) is known


def test_the_substance_of_a_reaction_counts() -> None:
    document = {
        "resourceType": "AllergyIntolerance",
        "reaction": [{"substance": {"text": "碘海醇"}}],
    }

    assert facts(document).allergies == (Coding("SNOMED CT", "293637006"),)


def test_devices_are_known_by_words_and_an_unsaid_one_is_one_all_the_same() -> None:
    pacemaker = {"resourceType": "Device", "type": [{"text": "心脏起搏器"}]}
    unsaid = {"resourceType": "Device", "status": "active"}

    assert Coding("SNOMED CT", "441509002") in facts(pacemaker).devices
    assert len(facts(unsaid).devices) == 1
    assert facts(unsaid | {"status": "inactive"}).devices == ()
