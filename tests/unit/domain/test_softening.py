"""When a match is a note and not a pop-up."""

from datetime import UTC, date, datetime

import pytest

from imaging_cloud.domain.alerts import Grade
from imaging_cloud.domain.comparability import compare
from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamDescriptor,
    ExamModality,
    Purpose,
    Region,
)
from imaging_cloud.domain.orders import Coding, Order, Priority
from imaging_cloud.domain.reexam_reasons import REEXAM_REASONS
from imaging_cloud.domain.softening import SITUATION_SYSTEM, as_note, downgrade_reason

CHEST = ExamDescriptor(modality=ExamModality.CT, regions=(Region.CHEST,), contrast=Contrast.NONE)
EMERGENCY, OPERATION, FOLLOW_UP = "emergency order", "before an operation", "a follow-up"
ICD, CM, SCT = "ICD-10", "ICD-10-CM", "http://snomed.info/sct"


def order(name: str = "胸部CT平扫", **more: object) -> Order:
    placed = datetime(2026, 11, 20, 10, tzinfo=UTC)
    return Order(name=name, institution="HOSP_B", placed_at=placed, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "purpose", "why"),
    [
        (order(priority=Priority.STAT), Purpose.DIAGNOSTIC, EMERGENCY),
        (order(), Purpose.GUIDANCE, "ordered for guidance"),
        (order(), Purpose.PLANNING, "ordered for planning"),
        (order("急诊头颅CT平扫"), Purpose.DIAGNOSTIC, EMERGENCY),
        (order("CT head, emergency"), Purpose.DIAGNOSTIC, EMERGENCY),
        (order("术前胸部CT"), Purpose.DIAGNOSTIC, OPERATION),
        (order("Chest CT pre-op"), Purpose.DIAGNOSTIC, OPERATION),
        (order(reasons=(Coding(CM, "Z01.818"),)), Purpose.DIAGNOSTIC, OPERATION),
        (order(reasons=(Coding(SCT, "262068006"),)), Purpose.DIAGNOSTIC, OPERATION),
        (order("胸部CT平扫（复查）"), Purpose.DIAGNOSTIC, FOLLOW_UP),
        (order("CT chest follow-up"), Purpose.DIAGNOSTIC, FOLLOW_UP),
        (order("术后腹部CT"), Purpose.DIAGNOSTIC, FOLLOW_UP),
        (order(reasons=(Coding(ICD, "Z08.0"),)), Purpose.DIAGNOSTIC, FOLLOW_UP),
        (order(reasons=(Coding(CM, "Z09"),)), Purpose.DIAGNOSTIC, FOLLOW_UP),
        (order(reasons=(Coding(SITUATION_SYSTEM, "follow-up"),)), Purpose.DIAGNOSTIC, FOLLOW_UP),
        (order(priority=Priority.URGENT), Purpose.DIAGNOSTIC, None),
        (order(), Purpose.SCREENING, None),
        (order("小肠钡剂造影 barium follow through"), Purpose.DIAGNOSTIC, None),
        (order("CT chest static"), Purpose.DIAGNOSTIC, None),
        (order(reasons=(Coding(ICD, "Z01.8"),)), Purpose.DIAGNOSTIC, None),
        (order(reasons=(Coding(ICD, "J18.9"), Coding("", "Z09"))), Purpose.DIAGNOSTIC, None),
    ],
)
def test_why_an_order_may_well_repeat(asked: Order, purpose: Purpose, why: str | None) -> None:
    ordered = ExamDescriptor(modality=ExamModality.CT, regions=(Region.CHEST,), purpose=purpose)

    assert downgrade_reason(asked, ordered) == why


@pytest.mark.parametrize("reason", [each.code for each in REEXAM_REASONS])
def test_each_of_the_six_reasons_is_one(reason: str) -> None:
    found = downgrade_reason(order(reexam_reason=reason), CHEST)

    assert found == "a reason for repeating was given"


def test_a_note_is_related_and_says_why() -> None:
    day = date(2026, 11, 20)
    found = compare(CHEST, CHEST, performed_on=day, ordered_on=day)
    assert found is not None

    for why, zh in ((EMERGENCY, "急诊申请"), (OPERATION, "手术前检查"), (FOLLOW_UP, "随访复查")):
        note = as_note(found, why)

        assert note.grade is Grade.RELATED
        assert note.reasons == (*found.reasons, why)
        assert note.reasons_zh == (*found.reasons_zh, zh)
        assert note.valid_until == found.valid_until
