"""Exams, patients, and for every rule one case that fires and two that do not."""

from dataclasses import dataclass
from datetime import UTC, datetime

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
