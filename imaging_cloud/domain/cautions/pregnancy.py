"""Rules for ionising radiation in pregnancy, and what counts as pregnant.

Basis: ACR-SPR practice parameter (conceptus dose at most 50 mGy, better below 30).
"""

from imaging_cloud.domain.alerts import Severity
from imaging_cloud.domain.cautions.agents import Agent
from imaging_cloud.domain.cautions.codes import Codes
from imaging_cloud.domain.cautions.rule import ExamTest, Finding, Rule
from imaging_cloud.domain.exams.descriptor import Region

# Of chapter O only what is said during pregnancy: O00-O08 have ended (abortive outcome), O70-O92
# are delivery and the weeks after it, O94-O97 sequelae and death. CM Z33.2 is a termination.
PREGNANT = Finding(
    codes=Codes(
        icd10=(
            *("Z32.1", "Z33", "Z34", "Z35", "Z36"),
            *(f"O{number}" for number in (*range(10, 17), *range(20, 49), *range(60, 70))),
            *("O98", "O99"),
        ),
        icd10cm=("O09", "Z32.01", "Z3A"),
        icd10cm_not=("Z33.2",),
        snomed=("77386006", "366321006"),
    ),
    pregnant=True,
)

PREGNANCY_RULES: tuple[Rule, ...] = (
    Rule(
        code="DOSE-PREGNANCY",
        title="Pregnancy, the womb in or near the beam",
        severity=Severity.WARNING,
        message="妊娠：该检查胎儿受照，首选超声或 MR；必须做时估算剂量（≤ 50 mGy）。"
        " Pregnancy: prefer ultrasound or MR; if needed, estimate the dose (at most 50 mGy).",
        source="ACR-SPR practice parameter, imaging in pregnancy",
        exam=ExamTest(
            agents=(Agent.DOSE,),
            regions=(
                *(Region.ABDOMEN, Region.PELVIS, Region.LSPINE, Region.SACRUM, Region.HIP),
                Region.WHOLEBODY,
            ),
        ),
        findings=(PREGNANT,),
    ),
)
