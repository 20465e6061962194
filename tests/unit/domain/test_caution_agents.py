"""What an ordered exam brings: barium, iodine, gadolinium, magnet, dose."""

from datetime import UTC, datetime

import pytest

from imaging_cloud.domain.cautions.agents import Agent, agents_of
from imaging_cloud.domain.contraindications import cautions_for
from imaging_cloud.domain.exams.descriptor import Contrast, ExamModality
from imaging_cloud.domain.orders import ClinicalFacts, Coding, Order
from imaging_cloud.use_cases.check_order import describe_order
from tests.unit.domain.caution_cases import (
    CT,
    MG,
    MR,
    NONE,
    ORAL,
    PT,
    RF,
    UNKNOWN,
    UNSAID,
    US,
    WITH,
    XA,
    XR,
    Exam,
)

AGENTS: list[tuple[str, ExamModality, Contrast, set[Agent]]] = [
    ("上消化道钡餐", RF, ORAL, {Agent.BARIUM, Agent.BARIUM_BY_MOUTH, Agent.DOSE}),
    ("上消化道造影", RF, ORAL, {Agent.BARIUM, Agent.BARIUM_BY_MOUTH, Agent.DOSE}),
    ("Barium swallow", UNKNOWN, UNSAID, {Agent.BARIUM, Agent.BARIUM_BY_MOUTH}),
    ("钡灌肠造影", RF, ORAL, {Agent.BARIUM, Agent.DOSE}),
    ("全消化道钡餐(含结肠)", RF, ORAL, {Agent.BARIUM, Agent.BARIUM_BY_MOUTH, Agent.DOSE}),
    ("上消化道碘水造影", RF, ORAL, {Agent.IODINE_IN_GUT, Agent.DOSE}),
    ("Gastrografin swallow", RF, ORAL, {Agent.IODINE_IN_GUT, Agent.DOSE}),
    ("上消化道造影(禁钡)", RF, ORAL, {Agent.IODINE_IN_GUT, Agent.DOSE}),
    ("腹部平片(钡剂复查)", XR, NONE, {Agent.DOSE}),
    ("腹部CT增强", CT, WITH, {Agent.IODINE_IN_VESSEL, Agent.DOSE}),
    ("肩关节造影CT", CT, WITH, {Agent.IODINE_ELSEWHERE, Agent.DOSE}),
    ("静脉尿路造影", RF, WITH, {Agent.IODINE_IN_VESSEL, Agent.DOSE}),
    ("IVP", RF, WITH, {Agent.IODINE_IN_VESSEL, Agent.DOSE}),
    ("子宫输卵管造影", RF, WITH, {Agent.IODINE_ELSEWHERE, Agent.DOSE}),
    ("冠状动脉造影", XA, WITH, {Agent.IODINE_IN_VESSEL, Agent.IODINE_IN_ARTERY}),
    ("脊髓造影", XA, WITH, {Agent.IODINE_ELSEWHERE}),
    ("对比增强乳腺摄影", MG, WITH, {Agent.IODINE_IN_VESSEL}),
    ("乳腺导管造影", MG, WITH, {Agent.IODINE_ELSEWHERE}),
    ("PET/CT增强", PT, WITH, {Agent.IODINE_IN_VESSEL}),
    ("PET/MR增强", PT, WITH, {Agent.MAGNET, Agent.GADOLINIUM}),
    ("PET/CT", PT, NONE, set()),
    ("头颅MR增强", MR, WITH, {Agent.MAGNET, Agent.GADOLINIUM}),
    ("肩关节MR造影", MR, WITH, {Agent.MAGNET}),
    ("肩关节造影MR", MR, WITH, {Agent.MAGNET}),
    ("肝脏普美显增强MR", MR, WITH, {Agent.MAGNET, Agent.GADOLINIUM, Agent.GADOLINIUM_HIGH}),
    ("头颅MR增强 Dotarem", MR, WITH, {Agent.MAGNET, Agent.GADOLINIUM, Agent.GADOLINIUM_LOW}),
    ("肝脏超声造影", US, WITH, set()),
]


@pytest.mark.parametrize(("name", "modality", "contrast", "expected"), AGENTS)
def test_what_an_exam_brings(
    name: str, modality: ExamModality, contrast: Contrast, expected: set[Agent]
) -> None:
    exam = Exam(name, modality, contrast)

    assert agents_of(exam.order(), exam.descriptor) == expected


NAMED = [
    ("上消化道钡餐", ["BA-OBSTRUCTION"]),
    ("钡灌肠", ["BA-OBSTRUCTION"]),
    ("胃肠造影", ["BA-OBSTRUCTION"]),
    ("Barium enema", ["BA-OBSTRUCTION"]),
    ("上消化道泛影葡胺造影", []),
    ("胸部正位片", []),
    ("腹部CT平扫", []),
    ("腹部立位平片", []),
]


@pytest.mark.parametrize(("name", "expected"), NAMED)
def test_an_order_s_name_alone_leads_to_the_caution(name: str, expected: list[str]) -> None:
    placed = datetime(2026, 11, 20, 10, tzinfo=UTC)
    order = Order(name=name, institution="HOSP_B", placed_at=placed)
    patient = ClinicalFacts(conditions=(Coding("ICD-10", "K56.6"),))

    found = cautions_for(order, describe_order(order), patient)

    assert [each.rule for each in found] == expected
