"""The contraindication table: every rule fires, stays silent, and stands at its boundary."""

import dataclasses

import pytest

from imaging_cloud.domain.alerts import Severity
from imaging_cloud.domain.cautions.rule import RuleState, fired_rules
from imaging_cloud.domain.contraindications import RULES, cautions_for, fired
from imaging_cloud.domain.exams.descriptor import ExamModality, Purpose, Region
from imaging_cloud.domain.orders import ClinicalFacts, Coding
from tests.unit.domain.caution_cases import (
    CHEST_FILM,
    CONTRAST_CT,
    CONTRAST_MR,
    CORONARY,
    CT,
    ENEMA,
    GROUP_2_MR,
    MEAL,
    METFORMIN,
    MR,
    NM,
    NONE,
    PELVIS_CT,
    PLAIN_MR,
    PT,
    RF,
    TABLE,
    UNSAID,
    US,
    WITH,
    XA,
    XR,
    Exam,
    allergic,
    cm,
    having,
    icd,
    sct,
)

NAMES = [row[0] for row in TABLE]


def codes(exam: Exam, facts: ClinicalFacts) -> set[str]:
    return {rule.code for rule in fired(exam.order(), exam.descriptor, facts)}


def told(exam: Exam, facts: ClinicalFacts, *reasons: Coding) -> list[str]:
    found = cautions_for(exam.order(*reasons), exam.descriptor, facts)
    return [caution.rule for caution in found]


@pytest.mark.parametrize(("code", "exam", "facts", "_other", "_well"), TABLE, ids=NAMES)
def test_a_rule_fires(
    code: str, exam: Exam, facts: ClinicalFacts, _other: Exam, _well: ClinicalFacts
) -> None:
    assert code in codes(exam, facts)


@pytest.mark.parametrize(("code", "_exam", "facts", "other", "_well"), TABLE, ids=NAMES)
def test_a_rule_is_silent_on_another_exam(
    code: str, _exam: Exam, facts: ClinicalFacts, other: Exam, _well: ClinicalFacts
) -> None:
    assert code not in codes(other, facts)


@pytest.mark.parametrize(("code", "exam", "_facts", "_other", "well"), TABLE, ids=NAMES)
def test_a_rule_is_silent_on_another_patient(
    code: str, exam: Exam, _facts: ClinicalFacts, _other: Exam, well: ClinicalFacts
) -> None:
    assert code not in codes(exam, well)


@pytest.mark.parametrize(("code", "exam", "facts", "_other", "_well"), TABLE, ids=NAMES)
def test_a_rule_is_told_only_when_enabled(
    code: str, exam: Exam, facts: ClinicalFacts, _other: Exam, _well: ClinicalFacts
) -> None:
    rule = next(each for each in RULES if each.code == code)

    assert (code in told(exam, facts)) is (rule.state is RuleState.ENABLED)


def test_the_table_of_tests_names_every_rule_once() -> None:
    assert sorted(NAMES) == sorted(rule.code for rule in RULES)


def test_every_rule_yields_to_rules_that_exist() -> None:
    known = {rule.code for rule in RULES}

    assert {code for rule in RULES for code in rule.yields_to} <= known


@pytest.mark.parametrize("exam", [row[1] for row in TABLE], ids=lambda exam: exam.name)
def test_no_facts_give_no_caution(exam: Exam) -> None:
    assert told(exam, ClinicalFacts()) == []


@pytest.mark.parametrize(
    ("egfr", "expected"),
    [
        (0, ["IOD-KIDNEY"]),
        (29, ["IOD-KIDNEY"]),
        (29.9, ["IOD-KIDNEY"]),
        (30, ["IOD-KIDNEY-30-44"]),
        (44, ["IOD-KIDNEY-30-44"]),
        (44.9, ["IOD-KIDNEY-30-44"]),
        (45, []),
        (-1, []),
        (float("nan"), []),
        (None, []),
    ],
)
def test_the_boundaries_of_egfr_for_iodine(egfr: float | None, expected: list[str]) -> None:
    assert told(CONTRAST_CT, having(egfr=egfr)) == expected


@pytest.mark.parametrize(("egfr", "expected"), [(29, ["GAD-KIDNEY"]), (30, []), (44, [])])
def test_the_boundary_of_egfr_for_gadolinium(egfr: float, expected: list[str]) -> None:
    assert told(CONTRAST_MR, having(egfr=egfr)) == expected


@pytest.mark.parametrize(("egfr", "fires"), [(29, True), (30, False)])
def test_the_boundary_of_egfr_for_metformin(egfr: float, fires: bool) -> None:
    assert ("IOD-METFORMIN" in told(CONTRAST_CT, having(METFORMIN, egfr=egfr))) is fires


@pytest.mark.parametrize(("egfr", "fires"), [(29, False), (30, True), (44, True), (45, False)])
def test_the_boundary_of_egfr_in_an_artery(egfr: float, fires: bool) -> None:
    assert ("IOD-KIDNEY-ARTERY" in codes(CORONARY, having(egfr=egfr))) is fires


def test_obstruction_warns_of_a_barium_meal_in_words_a_physician_knows() -> None:
    (caution,) = cautions_for(MEAL.order(), MEAL.descriptor, having(*icd("K56.6")))

    assert caution.severity is Severity.WARNING
    assert "慎用钡餐" in caution.message
    assert "Barosperse" in caution.source


def test_a_plain_chest_film_of_the_same_patient_is_silent() -> None:
    assert told(CHEST_FILM, having(*icd("K56.6"))) == []


def test_the_reason_of_the_order_counts_as_a_condition() -> None:
    assert told(MEAL, ClinicalFacts(), *icd("K56.6")) == ["BA-OBSTRUCTION"]


def test_the_stronger_of_two_rules_about_one_thing_is_told_alone() -> None:
    assert told(ENEMA, having(*icd("K56.6", "C20"))) == ["BA-OBSTRUCTION-COLON"]
    assert told(CONTRAST_CT, having(*icd("E05.5"))) == ["IOD-THYROID-STORM"]
    assert told(GROUP_2_MR, having(egfr=20)) == ["GAD-KIDNEY-GROUP-2"]
    pacemaker = having(devices=icd("Z95.0"))
    assert told(PLAIN_MR, pacemaker) == ["MR-PACEMAKER"]


def test_the_most_severe_caution_comes_first() -> None:
    patient = having(*icd("E05.5", "N17.9"), egfr=20)

    found = cautions_for(CONTRAST_CT.order(), CONTRAST_CT.descriptor, patient)

    assert [each.severity for each in found] == [Severity.CRITICAL, Severity.WARNING]


@pytest.mark.parametrize("modality", [CT, MR, XA, PT])
def test_contrast_that_is_not_said_fires_no_contrast_rule(modality: ExamModality) -> None:
    exam = Exam("检查", modality, UNSAID, (Region.CHEST,))

    assert told(exam, having(*icd("E05.5", "N17.9"), METFORMIN, egfr=10)) == []


def test_dialysis_silences_the_kidney_rule_of_iodine_but_not_of_gadolinium() -> None:
    patient = having(*icd("Z99.2"), egfr=8)

    assert told(CONTRAST_CT, patient) == []
    assert told(CONTRAST_MR, patient) == ["GAD-KIDNEY"]


def test_an_allergy_to_metformin_is_not_taking_it() -> None:
    patient = ClinicalFacts(allergies=(METFORMIN,), egfr=20)

    assert told(CONTRAST_CT, patient) == ["IOD-KIDNEY"]


def test_a_contrast_medium_among_the_conditions_is_no_reaction() -> None:
    given = Coding("ATC", "V08AB02")

    assert told(CONTRAST_CT, having(given)) == []
    assert told(CONTRAST_CT, allergic(given)) == ["IOD-REACTION"]
    assert told(CONTRAST_CT, allergic(*sct("109218004"))) == ["IOD-REACTION"]


@pytest.mark.parametrize("code", ["Z33", "Z34.9", "O10.0", "O26.9", "O48", "O99.8", "z32.1"])
def test_a_code_said_in_pregnancy_counts_while_the_fact_is_not_known(code: str) -> None:
    assert told(PELVIS_CT, having(*icd(code))) == ["DOSE-PREGNANCY"]


@pytest.mark.parametrize("code", ["O03.9", "O80", "O85", "O17", "O49", "Z37", "Z32.0"])
def test_a_code_said_before_or_after_pregnancy_does_not(code: str) -> None:
    assert told(PELVIS_CT, having(*icd(code))) == []


def test_a_termination_in_the_american_edition_is_no_pregnancy() -> None:
    assert told(PELVIS_CT, having(*cm("Z33.2"))) == []
    assert told(PELVIS_CT, having(*cm("Z33.1"))) == ["DOSE-PREGNANCY"]
    assert told(PELVIS_CT, having(*cm("O09.90"))) == ["DOSE-PREGNANCY"]


def test_the_plain_statement_outranks_old_pregnancy_codes() -> None:
    assert told(PELVIS_CT, having(*icd("O26.9"), pregnant=False)) == []


@pytest.mark.parametrize("modality", [CT, XR, RF, NM])
@pytest.mark.parametrize(
    "region",
    [
        *(Region.ABDOMEN, Region.PELVIS, Region.LSPINE, Region.SACRUM, Region.HIP),
        Region.WHOLEBODY,
    ],
)
def test_pregnancy_and_dose_near_the_womb(modality: ExamModality, region: Region) -> None:
    exam = Exam("检查", modality, NONE, (Region.CHEST, region))

    assert told(exam, having(pregnant=True)) == ["DOSE-PREGNANCY"]


@pytest.mark.parametrize(
    "exam",
    [
        Exam("腹部超声", US),
        Exam("胸部CT平扫", CT, NONE, (Region.CHEST,)),
        Exam("右膝正侧位", XR, NONE, (Region.KNEE,)),
        Exam("检查", CT, NONE, ()),
        PLAIN_MR,
    ],
    ids=lambda exam: exam.name,
)
def test_pregnancy_without_dose_near_the_womb_is_silent(exam: Exam) -> None:
    assert told(exam, having(pregnant=True)) == []


def test_a_reconstruction_examines_nobody() -> None:
    exam = Exam("腹部CT三维重建", CT, WITH, purpose=Purpose.OTHER)

    assert told(exam, having(egfr=10, pregnant=True)) == []


def test_a_retired_rule_does_not_fire() -> None:
    retired = tuple(dataclasses.replace(rule, state=RuleState.RETIRED) for rule in RULES)

    assert fired_rules(retired, MEAL.order(), MEAL.descriptor, having(*icd("K56.6"))) == ()
