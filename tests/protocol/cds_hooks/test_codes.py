"""Orders by code alone: LOINC, SNOMED CT, DICOM, and the hospital's own items."""

from typing import Any

import pytest

from imaging_cloud.use_cases.import_catalogue import import_catalogue
from tests.protocol.api.test_order_check import ORDER
from tests.protocol.cds_hooks.calling import (
    bundle,
    cards,
    condition,
    is_interruptive,
    order,
    physician,
    sign,
)
from tests.protocol.serving import Web

LOINC, SCT, DCM = (
    "http://loinc.org",
    "http://snomed.info/sct",
    "http://dicom.nema.org/resources/ontology/DCM",
)
OWN = "urn:example:hosp-b:items"


def coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def items(web: Web, *rows: dict[str, str]) -> None:
    import_catalogue(list(enumerate(rows, 2)), "HOSP_B", replace=False, cloud=web.cloud)


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"code": coded(LOINC, "24627-2")}, "CT Chest"),
        ({"code": coded("urn:oid:2.16.840.1.113883.6.1", "24627-2")}, "CT Chest"),
        ({"code": coded(SCT, "77477000"), "bodySite": [coded(SCT, "816094009")]}, "胸部 CT"),
        ({"code": coded(DCM, "CT"), "bodySite": [coded(SCT, "816094009")]}, "胸部 CT"),
    ],
)
@pytest.mark.parametrize("category", [..., []])
def test_a_code_without_words_is_understood(
    known: Web, more: dict[str, Any], name: str, category: Any
) -> None:
    changes = more | ({} if category is ... else {"category": category})

    (card,) = cards(known, sign(order("d1", "", **changes)))

    assert is_interruptive(card)
    assert name in card["summary"]


def test_the_hospitals_own_code_is_understood_and_named(known: Web) -> None:
    items(
        known,
        {
            "code": "CT031",
            "name": "特检三号",
            "modality": "CT",
            "regions": "CHEST",
            "contrast": "none",
        },
        {"code": "RF009", "name": "上消化道钡餐", "modality": "RF"},
    )

    (card,) = cards(known, sign(order("d1", "", category=[], code=coded(OWN, "CT031"))))
    problems = {"problems": bundle(condition("K56.6"))}
    (barium,) = cards(known, sign(order("d2", "", code=coded(OWN, "RF009")), prefetch=problems))

    assert is_interruptive(card)
    assert "特检三号" in card["summary"]
    assert "肠梗阻" in barium["summary"]


@pytest.mark.parametrize(
    "asked",
    [
        {"code": "24627-2"},
        {"code": "816094009", "modality": "CT"},
        {"codings": [{"system": LOINC, "code": "24627-2"}]},
        {"code": "X1", "codings": [{"system": SCT, "code": "816094009"}], "modality": "CT"},
    ],
)
def test_the_plain_call_understands_codes_too(known: Web, asked: dict[str, Any]) -> None:
    document = ORDER | {"order": ORDER["order"] | {"name": None} | asked}

    answer = known.post("/api/order-check", physician(known), json=document).json()

    assert answer["outcome"] == "duplicate"
    assert answer["exam"]["regions"] == ["CHEST"]


@pytest.mark.parametrize("code", ["816094008", "123", "81609400"])
def test_a_number_that_is_no_concept_is_a_hospitals_own(known: Web, code: str) -> None:
    """The last digit of a SNOMED CT concept is a check digit."""
    document = ORDER | {"order": ORDER["order"] | {"name": None, "code": code, "modality": "CT"}}

    answer = known.post("/api/order-check", physician(known), json=document).json()

    assert (answer["outcome"], answer["exam"]["regions"]) == ("none", [])


def test_an_order_nobody_understands_has_no_card_and_comes_on_the_work_list(known: Web) -> None:
    assert cards(known, sign(order("d1", "", code=coded(OWN, "ZZ9")))) == []

    unread = known.cloud.catalogue.list_unread("HOSP_B", 10)

    assert "ZZ9" in {each.code for each in unread}


def test_a_site_never_narrows_what_the_order_says(known: Web) -> None:
    """Chest and abdomen are ordered; a site that names the chest alone does not make it less."""
    site = [coded(SCT, "816094009")]

    (card,) = cards(known, sign(order("d1", "胸部+上腹部CT平扫", bodySite=site)))

    assert not is_interruptive(card)
    assert "partial" in card["detail"]


def test_nulls_say_no_more_than_what_is_left_out(known: Web) -> None:
    code = {"text": None, "coding": [{"system": None, "code": "24627-2", "display": None}]}

    (card,) = cards(known, sign(order("d1", "", code=code), fhirServer=None))

    assert is_interruptive(card)


@pytest.mark.parametrize(
    "changes",
    [
        {"reasonCode": [{"text": "术前检查"}]},
        {"reason": [{"concept": {"text": "随访"}}]},
        {"reasonCode": [coded("http://hl7.org/fhir/sid/icd-10", "Z09.0")]},
        {"code": {"text": "急诊胸部CT平扫"}},
    ],
)
def test_operation_follow_up_and_emergency_are_notes(known: Web, changes: dict[str, Any]) -> None:
    (card,) = cards(known, sign(order("d1", "胸部CT平扫", **changes)))

    assert card["indicator"] == "info"
    assert "overrideReasons" not in card
