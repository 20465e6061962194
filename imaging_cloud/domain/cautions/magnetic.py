"""Rules for MR: gadolinium, implants, metal, narrow space.

Basis: ACR Manual on Contrast Media 10.3 and the FDA label of gadolinium agents, read as quoted in
a hospital policy; implants as in ASTM F2503 practice, secondary sources.
"""

from imaging_cloud.domain.alerts import Severity
from imaging_cloud.domain.cautions.agents import Agent
from imaging_cloud.domain.cautions.codes import Codes
from imaging_cloud.domain.cautions.pregnancy import PREGNANT
from imaging_cloud.domain.cautions.rule import (
    Between,
    ExamTest,
    Finding,
    Place,
    Rule,
    RuleState,
)

_ACR_FDA = "ACR Manual 10.3 (NSF); FDA label of gadolinium agents"
_MAGNET = ExamTest(agents=(Agent.MAGNET,))
_BODY = (Place.CONDITIONS, Place.DEVICES)
_KIDNEY = Finding(
    codes=Codes(
        icd10=("N17", "N18.4", "N18.5", "Z99.2"),
        icd10cm=("N18.6",),
        snomed=("14669001", "431857002", "433146000", "46177005"),
    ),
    egfr=Between(at_least=0, below=30),
)

MAGNETIC_RULES: tuple[Rule, ...] = (
    Rule(
        code="GAD-KIDNEY-GROUP-1-3",
        title="Kidney failure and a group I or III agent",
        severity=Severity.CRITICAL,
        message="急性肾损伤、透析或 eGFR < 30：禁用 I/III 组钆剂（NSF），改用 II 组。"
        " Kidney failure: no group I or III gadolinium (NSF); take group II.",
        source=_ACR_FDA,
        exam=ExamTest(agents=(Agent.GADOLINIUM_HIGH,)),
        findings=(_KIDNEY,),
    ),
    Rule(
        code="GAD-KIDNEY-GROUP-2",
        title="Kidney failure and a group II agent",
        severity=Severity.INFO,
        message="急性肾损伤、透析或 eGFR < 30：II 组钆剂 NSF 风险极低，用最小剂量。"
        " Kidney failure: group II gadolinium, very low NSF risk, lowest dose.",
        source=_ACR_FDA,
        exam=ExamTest(agents=(Agent.GADOLINIUM_LOW,)),
        findings=(_KIDNEY,),
    ),
    Rule(
        code="GAD-KIDNEY",
        title="Kidney failure, gadolinium group not known",
        severity=Severity.WARNING,
        message="急性肾损伤、透析或 eGFR < 30，钆剂组别未知：禁用 I/III 组（NSF），用 II 组。"
        " Kidney failure, gadolinium group not known: no group I or III (NSF); take group II.",
        source=_ACR_FDA,
        exam=ExamTest(agents=(Agent.GADOLINIUM,)),
        findings=(_KIDNEY,),
        yields_to=("GAD-KIDNEY-GROUP-1-3", "GAD-KIDNEY-GROUP-2"),
    ),
    Rule(
        code="GAD-PREGNANCY",
        title="Pregnancy",
        severity=Severity.WARNING,
        message="妊娠：避免钆剂，仅在必需时使用。"
        " Pregnancy: avoid gadolinium unless it is essential.",
        source="ACR Manual; FDA label, section 8.1; from memory",
        exam=ExamTest(agents=(Agent.GADOLINIUM,)),
        findings=(PREGNANT,),
    ),
    Rule(
        code="GAD-REACTION",
        state=RuleState.EVALUATION,
        title="Earlier reaction to a gadolinium agent",
        severity=Severity.WARNING,
        message="既往钆剂反应：核实药名与程度。"
        " Earlier gadolinium reaction: find agent and severity.",
        source="General teaching; from memory",
        exam=ExamTest(agents=(Agent.GADOLINIUM,)),
        findings=(Finding(substances=Codes(atc=("V08CA",))),),
    ),
    Rule(
        code="MR-PACEMAKER",
        title="Pacemaker or defibrillator",
        severity=Severity.WARNING,
        message="心脏起搏器或除颤器：核实主机与电极均为 MR 条件安全后再检查。"
        " Pacemaker or defibrillator: check that device and leads are MR conditional.",
        source="ACR MR safety guidance (relative contraindication), secondary",
        exam=_MAGNET,
        findings=(
            Finding(
                codes=Codes(icd10=("Z95.0",), icd10cm=("Z95.810",), snomed=("441509002",)),
                places=_BODY,
            ),
        ),
    ),
    Rule(
        code="MR-STIMULATOR",
        title="Cochlear implant or stimulator",
        severity=Severity.WARNING,
        message="人工耳蜗或神经刺激器：核实型号的 MR 条件。"
        " Cochlear implant or stimulator: check the model's MR conditions.",
        source="ACR MR safety guidance, secondary",
        exam=_MAGNET,
        findings=(Finding(codes=Codes(icd10=("Z96.2",), icd10cm=("Z96.82",)), places=_BODY),),
    ),
    Rule(
        code="MR-DEVICE",
        title="A device is recorded",
        severity=Severity.INFO,
        message="有植入物记录：核实其 MR 条件。 A device is recorded: check its MR conditions.",
        source="CH RAD-Order caveats: 397578001 is 'Device in situ'",
        exam=_MAGNET,
        findings=(Finding(codes=Codes(snomed=("397578001",)), places=_BODY, any_device=True),),
        yields_to=("MR-PACEMAKER", "MR-STIMULATOR"),
    ),
    Rule(
        code="MR-CLIP",
        state=RuleState.EVALUATION,
        title="Aneurysm that may be clipped",
        severity=Severity.CRITICAL,
        message="脑动脉瘤术后：夹材质为铁磁性或不明者禁做 MR。"
        " Operated brain aneurysm: no MR while the clip may be ferromagnetic.",
        source="ACR MR safety guidance; no code tells a clip",
        exam=_MAGNET,
        findings=(
            Finding(codes=Codes(icd10=("I67.1",))),
            Finding(codes=Codes(icd10=("Z98.8",))),
        ),
    ),
    Rule(
        code="MR-METAL-EYE",
        title="Foreign body in the eye or orbit",
        severity=Severity.CRITICAL,
        message="眼内或眶内异物：排除金属（眼眶平片或 CT）前禁做 MR。"
        " Foreign body in eye or orbit: no MR until a film or CT rules out metal.",
        source="ACR MR safety guidance, secondary",
        exam=_MAGNET,
        findings=(Finding(codes=Codes(icd10=("H05.5", "S05.5"))),),
    ),
    Rule(
        code="MR-METAL-UNSAID",
        state=RuleState.EVALUATION,
        title="Foreign body on the eye, or metal fragments somewhere",
        severity=Severity.WARNING,
        message="外眼异物或体内金属碎片：核实材质与部位。"
        " Foreign body on the eye or metal fragments: find out what and where.",
        source="T15 need not be metal, Z18.10 not in the eye",
        exam=_MAGNET,
        findings=(Finding(codes=Codes(icd10=("T15",), icd10cm=("Z18.10",))),),
        yields_to=("MR-METAL-EYE",),
    ),
    Rule(
        code="MR-CLAUSTROPHOBIA",
        title="Claustrophobia",
        severity=Severity.INFO,
        message="幽闭恐惧：提前告知影像科。 Claustrophobia: tell the MR unit beforehand.",
        source="A published order-form guide (CH RAD-Order caveats)",
        exam=_MAGNET,
        findings=(Finding(codes=Codes(icd10cm=("F40.240",), snomed=("19887002",))),),
    ),
)
