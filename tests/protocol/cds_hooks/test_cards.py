"""order-select and order-sign: when a card comes, and what it says."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imaging_cloud.domain.exams.descriptor import Contrast, ExamModality, Region
from imaging_cloud.domain.exams.mapping import CatalogueItem
from tests.makers import make_study, uid
from tests.protocol.api.test_order_check import changed
from tests.protocol.cds_hooks.calling import (
    SIGN,
    bundle,
    cards,
    checked,
    condition,
    egfr,
    is_interruptive,
    order,
    patient,
    permit,
    physician,
    select,
    sign,
)
from tests.protocol.serving import Web, other_ids, serving

CHEST = "胸部CT平扫"
METFORMIN = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "medicationCodeableConcept": {"text": "盐酸二甲双胍片 0.5g"},
}


def test_discovery_names_both_services_without_a_token(empty: Web) -> None:
    services = empty.get("/cds-services").json()["services"]

    assert {(each["id"], each["hook"]) for each in services} == {
        ("related-exam-select", "order-select"),
        ("related-exam-sign", "order-sign"),
    }
    for service in services:
        assert service["description"]
        assert service["title"]
        assert all(isinstance(query, str) for query in service["prefetch"].values())
        assert service["prefetch"]["patient"] == "Patient/{{context.patientId}}"


def test_a_repeat_is_one_card_that_offers_the_prior(known: Web) -> None:
    [card] = cards(known, sign(order("d1", CHEST)))

    assert is_interruptive(card)
    assert card["indicator"] == "warning"
    assert "2026-11-08" in card["summary"]
    assert "医院 HOSP_A" in card["summary"]
    assert card["links"] == [
        {
            "label": card["links"][0]["label"],
            "url": f"{known.url}/view/{uid('s1')}",
            "type": "absolute",
        }
    ]
    [suggestion] = card["suggestions"]
    assert suggestion["isRecommended"] is True
    assert [(each["type"], each["resourceId"]) for each in suggestion["actions"]] == [
        ("delete", "ServiceRequest/d1")
    ]
    assert {each["code"] for each in card["overrideReasons"]} == {
        *("condition-changed", "fast-changing", "high-significance"),
        *("emergency", "appraisal", "other"),
    }
    assert "互认时限至 2027-02-06" in card["detail"]


def test_the_card_has_the_id_of_the_logged_alert(known: Web) -> None:
    [card] = cards(known, sign(order("d1", CHEST)))

    logged = known.cloud.alerts.find_alert(card["uuid"])

    assert logged is not None
    assert (logged.institution, logged.actor, logged.outcome) == ("HOSP_B", "dr-li", "duplicate")


@pytest.mark.parametrize(
    "changes",
    [
        {"priority": "stat"},
        {
            "reasonCode": [
                {"coding": [{"system": "urn:imaging-cloud:reexam-reason", "code": "emergency"}]}
            ]
        },
        {"code": {"text": "CT引导下肺穿刺活检"}},
    ],
    ids=["emergency", "statutory reason", "guidance"],
)
def test_what_may_well_be_repeated_is_a_note(known: Web, changes: dict[str, Any]) -> None:
    [card] = cards(known, sign(order("d1", CHEST, **changes)))

    assert card["indicator"] == "info"
    assert "overrideReasons" not in card
    assert "suggestions" not in card


def test_without_permission_only_the_number_is_told(web: Web, tmp_path: Path) -> None:
    web.keep(make_study(tmp_path / "s", count=1, OtherPatientIDsSequence=other_ids()))

    [card] = cards(web, sign(order("d1", CHEST)))

    assert card["indicator"] == "info"
    assert "HOSP_A" not in str(card)
    assert "2026-11-08" not in str(card)
    assert "links" not in card


def test_nothing_known_is_no_card(empty: Web) -> None:
    assert cards(empty, sign(order("d1", CHEST))) == []


def test_at_most_three_priors_the_newest_first(web: Web, tmp_path: Path) -> None:
    for day in (3, 5, 8, 9):
        web.keep(
            make_study(
                tmp_path / str(day),
                count=1,
                study=f"s{day}",
                StudyDate=f"202611{day:02}",
                OtherPatientIDsSequence=other_ids(),
            )
        )
    permit(web)

    [card] = cards(web, sign(order("d1", CHEST)))

    assert [link["url"].rpartition("/")[2] for link in card["links"]] == [
        uid(f"s{day}") for day in (9, 8, 5)
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"category": [{"coding": [{"code": "108252007"}]}], "code": {"text": "血常规"}},
        {"category": [], "code": {"text": "血常规"}},
        {"code": {}},
        {"status": "revoked"},
        {"doNotPerform": True},
    ],
)
def test_what_is_no_imaging_to_be_done_has_no_cards(known: Web, changes: dict[str, Any]) -> None:
    assert cards(known, sign(order("d1", CHEST, **changes))) == []


def test_other_kinds_of_drafts_have_no_cards(known: Web) -> None:
    assert cards(known, sign({"resourceType": "NutritionOrder", "id": "n1"}, METFORMIN)) == []


def test_the_shape_of_r5_is_read_too(known: Web) -> None:
    concept = {"concept": {"coding": [{"system": "x", "code": "1", "display": CHEST}]}}

    [card] = cards(known, sign(order("d1", "", code=concept, category=IMAGING_ALONE)))

    assert is_interruptive(card)


def test_a_name_that_only_the_hospitals_mapping_knows_is_imaging(known: Web) -> None:
    name = "特检 三号"
    assert cards(known, sign(order("d1", name, category=[]))) == []
    item = CatalogueItem(
        institution="HOSP_B",
        name=name,
        modality=ExamModality.CT,
        regions=(Region.CHEST,),
        contrast=Contrast.NONE,
    )

    now = known.cloud.clock.now()
    known.cloud.catalogue.save_items("HOSP_B", [item], replace=False, at=now)

    [card] = cards(known, sign(order("d1", name, category=[])))
    assert is_interruptive(card)


IMAGING_ALONE = {"text": "影像检查"}


def test_the_body_site_completes_the_name(known: Web) -> None:
    site = [{"coding": [{"system": "http://snomed.info/sct", "display": "胸部"}]}]

    [card] = cards(known, sign(order("d1", "CT平扫", bodySite=site)))

    assert is_interruptive(card)


def test_select_judges_the_selection_alone(known: Web) -> None:
    drafts = [order("d1", CHEST), order("d2", "头颅MRI平扫")]

    assert cards(known, select(*drafts, selections=["ServiceRequest/d2"])) == []
    assert len(cards(known, select(*drafts, selections=["ServiceRequest/d1"]))) == 1


def test_the_same_exam_twice_in_the_basket_is_said_once(empty: Web) -> None:
    drafts = [order("d1", "头颅MRI平扫"), order("d2", CHEST), order("d3", "头部磁共振平扫")]

    [card] = cards(empty, sign(*drafts))

    assert is_interruptive(card)
    assert card["suggestions"][0]["actions"][0]["resourceId"] == "ServiceRequest/d3"
    [card] = cards(empty, select(*drafts, selections=["ServiceRequest/d1"]))
    assert card["suggestions"][0]["actions"][0]["resourceId"] == "ServiceRequest/d1"


@pytest.mark.parametrize(("status", "count"), [("active", 1), ("completed", 0), ("revoked", 0)])
def test_an_order_that_is_placed_already_counts(empty: Web, status: str, count: int) -> None:
    placed = bundle(order("old", CHEST, status=status, authoredOn="2026-11-18"))

    found = cards(empty, sign(order("d1", CHEST), prefetch={"orders": placed}))

    assert len(found) == count


def test_a_signed_order_is_not_its_own_repeat(empty: Web) -> None:
    placed = bundle(order("d1", CHEST, status="active"))

    assert (
        cards(empty, sign(order("d1", CHEST, status="active"), prefetch={"orders": placed})) == []
    )


def problems(*conditions: Any, **more: Any) -> dict[str, Any]:
    return {"problems": bundle(*conditions), **more}


def test_barium_with_obstruction_warns_and_a_chest_film_does_not(empty: Web) -> None:
    sent = problems(condition("K56.6"))

    [card] = cards(empty, sign(order("d1", "上消化道钡餐"), prefetch=sent))

    assert is_interruptive(card)
    assert "慎用钡餐" in card["summary"]
    assert card["source"]["label"].startswith("Barium sulfate labels")
    assert cards(empty, sign(order("d1", "胸部正位片"), prefetch=sent)) == []


def test_the_plain_call_says_the_same(empty: Web) -> None:
    for name, expected in (("上消化道钡餐", ["BA-OBSTRUCTION"]), ("胸部正位片", [])):
        document = changed("order.name", name)
        answer = empty.post("/api/order-check", physician(empty), json=document).json()
        assert [each["rule"] for each in answer["cautions"]] == expected


@pytest.mark.parametrize(
    ("more", "warns"),
    [
        ({}, True),
        ({"clinicalStatus": {"coding": [{"code": "active"}]}}, True),
        ({"clinicalStatus": {"coding": [{"code": "resolved"}]}}, False),
        ({"verificationStatus": {"coding": [{"code": "refuted"}]}}, False),
        ({"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}, False),
        ({"abatementDateTime": "2020-01-01"}, False),
    ],
)
def test_only_problems_that_hold_count(empty: Web, more: dict[str, Any], warns: bool) -> None:
    sent = problems(condition("K56.6", **more))

    assert bool(cards(empty, sign(order("d1", "上消化道钡餐"), prefetch=sent))) is warns


CONTRAST = "腹部CT增强"


@pytest.mark.parametrize(
    ("observation", "says"),
    [
        (egfr(29), "eGFR < 30"),
        (egfr(30), "eGFR 30–44"),
        (egfr(44), "eGFR 30–44"),
        (egfr(45), ""),
        (egfr(29, loinc="98979-8"), "eGFR < 30"),
        (egfr(29, loinc="77147-7"), "eGFR < 30"),
        (egfr(29, loinc="2160-0"), ""),
        (egfr(29, at="2026-08-24"), "eGFR < 30"),
        (egfr(29, at="2026-08-23"), ""),
        (egfr(29, status="entered-in-error"), ""),
        (egfr(29, valueQuantity={"value": 29, "unit": "mL/min"}), ""),
        (egfr(29, valueQuantity={"value": 0.45, "unit": "mL/s/1.73m2"}), "eGFR < 30"),
        (
            egfr(29, valueQuantity={"value": 30, "comparator": "<", "unit": "mL/min/1.73m2"}),
            "eGFR < 30",
        ),
    ],
)
def test_kidney_function_by_its_unit_and_date(empty: Web, observation: Any, says: str) -> None:
    sent = {"renal": bundle(observation)}

    found = cards(empty, sign(order("d1", CONTRAST), prefetch=sent))

    assert [says in card["summary"] for card in found] == ([True] if says else [])


def test_the_newest_kidney_value_counts(empty: Web) -> None:
    sent = {"renal": bundle(egfr(20, at="2026-11-01"), egfr(60, at="2026-11-09"))}

    assert cards(empty, sign(order("d1", CONTRAST), prefetch=sent)) == []


def test_metformin_allergy_device_and_pregnancy_are_read(empty: Web) -> None:
    allergy = {
        "resourceType": "AllergyIntolerance",
        "code": {"text": "碘对比剂过敏"},
    }
    device = {"resourceType": "Device", "status": "active", "type": {"text": "心脏起搏器"}}
    pregnancy = egfr(1, loinc="82810-3") | {
        "valueCodeableConcept": {"coding": [{"code": "77386006"}]}
    }
    cases = [
        (CONTRAST, {"medications": bundle(METFORMIN), "renal": bundle(egfr(25))}, "二甲双胍"),
        (CONTRAST, {"allergies": bundle(allergy)}, "既往对比剂反应"),
        ("头颅MRI平扫", {"devices": bundle(device)}, "起搏器"),
        ("盆腔CT平扫", {"pregnancy": bundle(pregnancy)}, "妊娠"),
    ]
    for name, sent, word in cases:
        [card] = cards(empty, sign(order("d1", name), prefetch=sent))
        assert word in card["detail"], name
    denied = allergy | {"verificationStatus": {"coding": [{"code": "refuted"}]}}
    assert cards(empty, sign(order("d1", CONTRAST), prefetch={"allergies": bundle(denied)})) == []


def test_harm_and_repeat_are_one_card(known: Web) -> None:
    sent = problems(condition("E05.5"))
    contrast = "胸部CT增强"
    drafts = [order("d0", contrast), order("d1", contrast)]

    found = cards(known, sign(*drafts, prefetch=sent))

    assert [is_interruptive(card) for card in found] == [True, True]
    assert found[1]["indicator"] == "critical"
    assert "甲状腺危象" in found[1]["summary"]
    assert "重复 Repeat" in found[1]["detail"]


def test_text_of_others_cannot_write_markdown(empty: Web) -> None:
    name = "胸部CT平扫 [x](https://evil.example) <img src=x>"
    drafts = [order("d1", name), order("d2", name)]

    [card] = cards(empty, sign(*drafts))

    assert "](http" not in card["detail"]
    assert "\\<img" in card["detail"]


def test_a_smart_launch_where_one_is_set_up(known: Web, tmp_path: Path) -> None:
    launch = "https://viewer.example.org/launch"
    cloud = replace(known.cloud, policy=replace(known.cloud.policy, smart_launch_url=launch))
    with serving(tmp_path / "other", cloud) as smart:
        [card] = cards(smart, sign(order("d1", CHEST)))

    [link] = card["links"]
    assert (link["type"], link["url"]) == ("smart", launch)
    assert uid("s1") in link["appContext"]


def test_a_token_of_no_institution_asks_for_the_one_whose_number_was_sent(known: Web) -> None:
    service = known.token("service", "his")
    nobody = sign(order("d1", CHEST), prefetch={"patient": patient(identifier=[])})

    [card] = checked(known.post(SIGN, service, json=sign(order("d1", CHEST))))
    refused = known.post(SIGN, service, json=nobody)

    assert is_interruptive(card)
    assert refused.status_code == 400
