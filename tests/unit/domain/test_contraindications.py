"""The contraindication table: every rule fires, stays silent, and stands at its boundary."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from imaging_cloud.domain.alerts import Severity
from imaging_cloud.domain.cautions.agents import Agent, agents_of
from imaging_cloud.domain.cautions.rule import RuleState, fired_rules
from imaging_cloud.domain.contraindications import RULES, cautions_for, fired
from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamDescriptor,
    ExamModality,
    Purpose,
    Region,
)
from imaging_cloud.domain.orders import ClinicalFacts, Coding, Order

CT, MR, XR, RF, XA, NM, PT, US, MG, UNKNOWN = (
    ExamModality.CT,
    ExamModality.MR,
    ExamModality.XR,
    ExamModality.RF,
    ExamModality.XA,
    ExamModality.NM,
    ExamModality.PT,
    ExamModality.US,
    ExamModality.MG,
    ExamModality.UNKNOWN,
)
WITH, BOTH, NONE, ORAL, UNSAID = (
    Contrast.WITH,
    Contrast.BOTH,
    Contrast.NONE,
    Contrast.ORAL,
    Contrast.UNKNOWN,
)


@dataclass(frozen=True)
class Exam:
    name: str
    modality: ExamModality
    contrast: Contrast = NONE
    regions: tuple[Region, ...] = (Region.ABDOMEN,)
    purpose: Purpose = Purpose.DIAGNOSTIC

    def order(self, *reasons: Coding) -> Order:
        placed = datetime(2026, 11, 20, 10, tzinfo=UTC)
        return Order(name=self.name, institution="HOSP_B", placed_at=placed, reasons=reasons)

    @property
    def descriptor(self) -> ExamDescriptor:
        return ExamDescriptor(
            modality=self.modality,
            contrast=self.contrast,
            regions=self.regions,
            purpose=self.purpose,
        )


MEAL = Exam("上消化道钡餐", RF, ORAL)
ENEMA = Exam("钡灌肠", RF, ORAL, (Region.ABDOMEN, Region.PELVIS))
SOLUBLE = Exam("上消化道泛影葡胺造影", RF, ORAL)
CHEST_FILM = Exam("胸部正位片", XR, NONE, (Region.CHEST,))
CONTRAST_CT = Exam("腹部CT增强", CT, WITH)
PLAIN_CT = Exam("腹部CT平扫", CT, NONE)
CORONARY = Exam("冠状动脉造影", XA, WITH, (Region.HEART,))
PLAIN_MR = Exam("头颅MR平扫", MR, NONE, (Region.HEAD,))
CONTRAST_MR = Exam("肝脏MR平扫+增强", MR, BOTH)
GROUP_1_MR = Exam("肝脏MR增强(马根维显)", MR, WITH)
GROUP_2_MR = Exam("头颅MR增强 加乐显", MR, WITH, (Region.HEAD,))
PELVIS_CT = Exam("盆腔CT平扫", CT, NONE, (Region.PELVIS,))


def icd(*codes: str) -> tuple[Coding, ...]:
    return tuple(Coding("ICD-10", code) for code in codes)


def cm(*codes: str) -> tuple[Coding, ...]:
    return tuple(Coding("http://hl7.org/fhir/sid/icd-10-cm", code) for code in codes)


def sct(*codes: str) -> tuple[Coding, ...]:
    return tuple(Coding("http://snomed.info/sct", code) for code in codes)


def having(*codings: Coding, **more: object) -> ClinicalFacts:
    return ClinicalFacts(conditions=codings, **more)  # type: ignore[arg-type]


def allergic(*codings: Coding) -> ClinicalFacts:
    return ClinicalFacts(allergies=codings)


METFORMIN = Coding("RxNorm", "6809")

# rule, an exam and facts that make it fire, then the same facts with an exam that must not, then
# the same exam with facts that must not.
TABLE: list[tuple[str, Exam, ClinicalFacts, Exam, ClinicalFacts]] = [
    ("BA-PERFORATION", MEAL, having(*icd("K25.1")), SOLUBLE, having(*icd("K25.0"))),
    ("BA-OBSTRUCTION", MEAL, having(*icd("K56.6")), CHEST_FILM, having(*icd("K57.3"))),
    (
        *("BA-OBSTRUCTION-COLON", ENEMA, having(*icd("K56.6", "C18.7"))),
        *(SOLUBLE, having(*icd("C18.7"))),
    ),
    ("BA-OUTLET", MEAL, having(*icd("K31.1")), ENEMA, having(*icd("K31.7"))),
    ("BA-HIRSCHSPRUNG", MEAL, having(*icd("Q43.1")), ENEMA, having(*icd("Q43.2"))),
    ("BA-MEGACOLON", ENEMA, having(*cm("K59.31")), PLAIN_CT, having(*cm("K59.39"))),
    ("BA-MEGACOLON-UNSAID", ENEMA, having(*icd("K59.3")), PLAIN_CT, having(*icd("K59.0"))),
    ("BA-FISTULA", MEAL, having(*icd("Q39.1")), ENEMA, having(*icd("Q39.0"))),
    ("BA-ASPIRATION", MEAL, having(*icd("J69.0")), ENEMA, having(*icd("J69.1"))),
    (
        *("BA-ALLERGY", MEAL, allergic(Coding("ATC", "V08BA01"))),
        *(SOLUBLE, having(Coding("ATC", "V08BA01"))),
    ),
    ("WS-ASPIRATION", SOLUBLE, having(*icd("J69.0")), MEAL, having(*icd("J18.9"))),
    ("IOD-KIDNEY", CONTRAST_CT, having(*icd("N17.9")), PLAIN_CT, having(*icd("N18.3"))),
    ("IOD-KIDNEY-30-44", CONTRAST_CT, having(egfr=35), PLAIN_CT, having(egfr=60)),
    (
        *("IOD-KIDNEY-UNSTAGED", CONTRAST_CT, having(*sct("723188008"))),
        *(PLAIN_CT, having(*sct("723188008"), egfr=80)),
    ),
    ("IOD-KIDNEY-ARTERY", CORONARY, having(egfr=40), CONTRAST_CT, having(egfr=50)),
    (
        *("IOD-METFORMIN", CONTRAST_CT, having(METFORMIN, egfr=25)),
        *(PLAIN_CT, having(METFORMIN, egfr=35)),
    ),
    (
        *("IOD-REACTION", CONTRAST_CT, allergic(*cm("Z91.041"))),
        *(PLAIN_CT, allergic(*cm("Z91.040"))),
    ),
    (
        "IOD-REACTION-UNSAID",
        CONTRAST_CT,
        allergic(*icd("Z88.8")),
        PLAIN_CT,
        allergic(*icd("Z88.0")),
    ),
    ("IOD-REACTION-GUT", SOLUBLE, allergic(*sct("293637006")), MEAL, allergic(*sct("1"))),
    ("IOD-THYROID-STORM", CONTRAST_CT, having(*icd("E05.5")), PLAIN_CT, having(*icd("E05.0"))),
    ("IOD-THYROID", CONTRAST_CT, having(*icd("E05.0")), PLAIN_CT, having(*icd("E03.9"))),
    ("IOD-COMPANION", CONTRAST_CT, having(*sct("73211009")), PLAIN_CT, having(*sct("1"))),
    ("GAD-KIDNEY", CONTRAST_MR, having(*icd("Z99.2")), PLAIN_MR, having(*icd("N18.3"))),
    ("GAD-KIDNEY-GROUP-1-3", GROUP_1_MR, having(egfr=20), GROUP_2_MR, having(egfr=60)),
    ("GAD-KIDNEY-GROUP-2", GROUP_2_MR, having(egfr=20), GROUP_1_MR, having(egfr=60)),
    ("GAD-PREGNANCY", CONTRAST_MR, having(pregnant=True), PLAIN_MR, having(pregnant=False)),
    (
        *("GAD-REACTION", CONTRAST_MR, allergic(Coding("ATC", "V08CA09"))),
        *(PLAIN_MR, allergic(Coding("ATC", "V08AB02"))),
    ),
    ("MR-PACEMAKER", PLAIN_MR, having(*icd("Z95.0")), PLAIN_CT, having(*icd("Z95.1"))),
    ("MR-STIMULATOR", PLAIN_MR, having(*icd("Z96.2")), PLAIN_CT, having(*icd("Z96.1"))),
    (
        *("MR-DEVICE", PLAIN_MR, having(devices=(Coding("UDI", "0123"),))),
        *(PLAIN_CT, having(devices=())),
    ),
    ("MR-CLIP", PLAIN_MR, having(*icd("I67.1", "Z98.8")), PLAIN_CT, having(*icd("I67.1"))),
    ("MR-METAL-EYE", PLAIN_MR, having(*icd("H05.5")), PLAIN_CT, having(*icd("H05.2"))),
    ("MR-METAL-UNSAID", PLAIN_MR, having(*icd("T15.0")), PLAIN_CT, having(*icd("T16"))),
    ("MR-CLAUSTROPHOBIA", PLAIN_MR, having(*sct("19887002")), PLAIN_CT, having(*icd("F40.1"))),
    ("DOSE-PREGNANCY", PELVIS_CT, having(pregnant=True), CHEST_FILM, having(pregnant=False)),
]
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
    import dataclasses  # noqa: PLC0415 - only here

    retired = tuple(dataclasses.replace(rule, state=RuleState.RETIRED) for rule in RULES)

    assert fired_rules(retired, MEAL.order(), MEAL.descriptor, having(*icd("K56.6"))) == ()


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
