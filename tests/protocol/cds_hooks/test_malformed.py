"""What cannot be understood is refused, as FHIR says it."""

from typing import Any

import pytest

from tests.protocol.cds_hooks.calling import (
    SIGN,
    bundle,
    condition,
    order,
    patient,
    physician,
    select,
    sign,
)
from tests.protocol.serving import Web

CHEST = "胸部CT平扫"


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "hook"),
        (sign(order("d1", CHEST), hook="patient-view"), "hook"),
        (sign(order("d1", CHEST), hookInstance=None), "hookInstance"),
        (sign(order("d1", CHEST), context={"patientId": "p1"}), "context.draftOrders"),
        (sign(order("d1", CHEST), context={"patientId": "../x", "draftOrders": {}}),
         "context.patientId"),
        (sign(order("d1", CHEST), context={"patientId": "p1", "draftOrders": {"a": 1}}),
         "context.draftOrders"),
        (sign({"id": "x"}), "context.draftOrders.entry.0.resource.resourceType"),
        (sign(order("d1", CHEST, code="CT")), "context.draftOrders.entry.0.resource.code"),
        (sign(order("d1", CHEST), prefetch={"patient": "p1"}), "prefetch.patient"),
        (sign(order("d1", CHEST), prefetch={"patient": patient(birthDate=19491231)}),
         "prefetch.patient.birthDate"),
        (sign(order("d1", "钡餐"), prefetch={"problems": bundle(condition("x") | {"code": 7})}),
         "prefetch.problems.entry.0.resource.code"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_400_and_names_the_field(
    empty: Web, document: dict[str, Any], field: str
) -> None:
    answer = empty.post(SIGN, physician(empty), json=document)

    assert answer.status_code == 400, answer.text
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["expression"] == [field]
    assert answer.headers["content-type"] == "application/fhir+json"


def test_a_selection_that_is_not_in_the_basket_is_400(empty: Web) -> None:
    document = select(order("d1", CHEST), selections=["ServiceRequest/d9"])

    answer = empty.post("/cds-services/related-exam-select", physician(empty), json=document)

    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == ["context.selections.0"]


def test_an_unknown_service_is_404_and_a_patients_token_403(empty: Web) -> None:
    call = sign(order("d1", CHEST))

    unknown = empty.post("/cds-services/other", physician(empty), json=call)
    foreign = empty.post(SIGN, empty.token("patient", "A|1"), json=call)

    assert (unknown.status_code, foreign.status_code) == (404, 403)
    assert unknown.json()["resourceType"] == foreign.json()["resourceType"] == "OperationOutcome"
