"""Rules for iodinated contrast.

Basis: ACR-NKF consensus 2020 (PMC7525144) and the ACR manual for kidney and metformin; ESUR and
ACR guidance for reactions and thyroid, known by quotation only.
"""

from imaging_cloud.domain.alerts import Severity
from imaging_cloud.domain.cautions.agents import Agent
from imaging_cloud.domain.cautions.codes import Codes
from imaging_cloud.domain.cautions.rule import (
    Between,
    ExamTest,
    Finding,
    Place,
    Rule,
    RuleState,
)

_VESSEL = ExamTest(agents=(Agent.IODINE_IN_VESSEL,))
_ANYWHERE = ExamTest(agents=(Agent.IODINE_IN_VESSEL, Agent.IODINE_ELSEWHERE))
_ACR_NKF = "ACR-NKF consensus 2020 (PMC7525144)"
# Acute kidney injury and stages 4 and 5; the stage is below 30 by definition (KDIGO).
_KIDNEY = Finding(
    codes=Codes(
        icd10=("N17", "N18.4", "N18.5"),
        snomed=("14669001", "431857002", "433146000"),
    ),
    egfr=Between(at_least=0, below=30),
)
_DIALYSIS = Finding(codes=Codes(icd10=("Z99.2",)))
_METFORMIN = Finding(codes=Codes(snomed=("372567009",), rxnorm=("6809",), atc=("A10BA02",)))
# V08A is the ATC group of iodinated X-ray media; SNOMED CT substances from DICOM CID 12: iohexol,
# iopamidol, iodixanol, iopromide, iothalamate, ioversol, ioxaglate, diatrizoate and its salt.
_MEDIA = Codes(
    atc=("V08A",),
    snomed=(
        *("109218004", "109219007", "353962003", "353903006", "353912008", "109222009"),
        *("412228003", "12335007", "47192000"),
    ),
)

IODINE_RULES: tuple[Rule, ...] = (
    Rule(
        code="IOD-KIDNEY",
        title="Acute kidney injury or eGFR below 30",
        severity=Severity.WARNING,
        message="急性肾损伤或 eGFR < 30：权衡碘对比剂必要性，检查前后水化。"
        " Acute kidney injury or eGFR < 30: weigh iodinated contrast, give saline.",
        source=_ACR_NKF,
        exam=_VESSEL,
        findings=(_KIDNEY,),
        unless=_DIALYSIS,
    ),
    Rule(
        code="IOD-KIDNEY-30-44",
        title="eGFR 30 to 44",
        severity=Severity.INFO,
        message="eGFR 30–44：高危者可考虑水化。"
        " eGFR 30-44: saline may be considered where other risks add up.",
        source=_ACR_NKF,
        exam=_VESSEL,
        findings=(Finding(egfr=Between(at_least=30, below=45)),),
        unless=_DIALYSIS,
        yields_to=("IOD-KIDNEY",),
    ),
    Rule(
        code="IOD-KIDNEY-UNSTAGED",
        title="Renal insufficiency without eGFR",
        severity=Severity.INFO,
        message="肾功能不全而无 eGFR：检查前先测。"
        " Renal insufficiency and no eGFR given: measure it first.",
        source=_ACR_NKF,
        exam=_VESSEL,
        findings=(Finding(codes=Codes(snomed=("723188008",))), Finding(egfr_unknown=True)),
        unless=_DIALYSIS,
        yields_to=("IOD-KIDNEY",),
    ),
    Rule(
        code="IOD-KIDNEY-ARTERY",
        state=RuleState.EVALUATION,
        title="Catheter angiography, eGFR 30 to 44",
        severity=Severity.WARNING,
        message="动脉内给药且 eGFR 30–44：建议水化。"
        " Intra-arterial contrast, eGFR 30-44: give saline.",
        source="ESUR 10, below 45 for arterial first pass; from memory",
        exam=ExamTest(agents=(Agent.IODINE_IN_ARTERY,)),
        findings=(Finding(egfr=Between(at_least=30, below=45)),),
        unless=_DIALYSIS,
    ),
    Rule(
        code="IOD-METFORMIN",
        title="Metformin with kidney failure",
        severity=Severity.WARNING,
        message="二甲双胍且急性肾损伤或 eGFR < 30：停药 48 小时，复查肾功能后再用。"
        " Metformin with acute kidney injury or eGFR < 30: stop for 48 h, re-check first.",
        source="ACR Manual on Contrast Media 2021, metformin",
        exam=_VESSEL,
        findings=(_METFORMIN, _KIDNEY),
    ),
    Rule(
        code="IOD-REACTION",
        title="Earlier reaction to contrast medium",
        severity=Severity.WARNING,
        message="既往对比剂反应：核实药名与程度；严重者避免，轻中度换药并遵预防方案。"
        " Earlier contrast reaction: find agent and severity; avoid after a severe one.",
        source="ACR Manual on Contrast Media; ESUR 10; by quotation",
        exam=_ANYWHERE,
        findings=(
            Finding(
                codes=Codes(icd10=("Z91.041", "T50.8X5"), snomed=("293637006",)),
                places=(Place.ALLERGIES, Place.CONDITIONS),
                substances=_MEDIA,
            ),
        ),
    ),
    Rule(
        code="IOD-REACTION-UNSAID",
        state=RuleState.EVALUATION,
        title="Drug allergy or diagnostic agent poisoning, agent not said",
        severity=Severity.INFO,
        message="有药物过敏或诊断用药不良反应记录：核实是否为对比剂。"
        " Recorded drug reaction: ask whether it was contrast.",
        source="WHO Z88.8 and T50.8 do not name contrast media",
        exam=_ANYWHERE,
        findings=(
            Finding(
                codes=Codes(icd10=("Z88.8", "T50.8")),
                places=(Place.ALLERGIES, Place.CONDITIONS),
            ),
        ),
        yields_to=("IOD-REACTION",),
    ),
    Rule(
        code="IOD-REACTION-GUT",
        state=RuleState.EVALUATION,
        title="Earlier reaction, iodine in the gut",
        severity=Severity.INFO,
        message="既往碘对比剂反应：胃肠道用碘剂亦可少量吸收。"
        " Earlier contrast reaction: a little is absorbed from the gut too.",
        source="General teaching; from memory",
        exam=ExamTest(agents=(Agent.IODINE_IN_GUT,)),
        findings=(
            Finding(
                codes=Codes(icd10=("Z91.041",), snomed=("293637006",)),
                places=(Place.ALLERGIES, Place.CONDITIONS),
                substances=_MEDIA,
            ),
        ),
    ),
    Rule(
        code="IOD-THYROID-STORM",
        title="Thyroid storm",
        severity=Severity.CRITICAL,
        message="甲状腺危象：禁用碘对比剂。 Thyroid storm: no iodinated contrast.",
        source="ACR Manual; ESUR 10; iohexol label; from memory",
        exam=_ANYWHERE,
        findings=(Finding(codes=Codes(icd10=("E05.5",))),),
    ),
    Rule(
        code="IOD-THYROID",
        title="Hyperthyroidism",
        severity=Severity.WARNING,
        message="甲状腺功能亢进：未控制者禁用碘对比剂，且影响碘-131 治疗。"
        " Hyperthyroidism: no iodinated contrast while manifest; it also blocks radioiodine.",
        source="ACR Manual; ESUR 10; iohexol label; from memory",
        exam=_ANYWHERE,
        findings=(Finding(codes=Codes(icd10=("E05",), snomed=("34486009",))),),
        yields_to=("IOD-THYROID-STORM",),
    ),
    Rule(
        code="IOD-COMPANION",
        state=RuleState.EVALUATION,
        title="Coagulation disorder, beta blocker or diabetes",
        severity=Severity.INFO,
        message="凝血障碍、β 受体阻滞剂或糖尿病：告知影像科。"
        " Coagulation disorder, beta blocker or diabetes: tell the imaging department.",
        source="A published order-form guide (CH RAD-Order caveats)",
        exam=_VESSEL,
        findings=(Finding(codes=Codes(snomed=("64779008", "373254001", "73211009"))),),
    ),
)
