"""Rules for barium and other contrast in the gut.

Basis: US labels of barium sulfate (Liquid Barosperse, E-Z-HD, Varibar), section 4. The codes were
checked against the ICD-10 and ICD-10-CM tables.
"""

from imaging_cloud.domain.alerts import Severity
from imaging_cloud.domain.cautions.agents import Agent
from imaging_cloud.domain.cautions.codes import Codes
from imaging_cloud.domain.cautions.rule import ExamTest, Finding, Rule, RuleState

_LABEL = "Barium sulfate labels, section 4 (Liquid Barosperse, E-Z-HD, Varibar)"
_BARIUM = ExamTest(agents=(Agent.BARIUM,))
_BY_MOUTH = ExamTest(agents=(Agent.BARIUM_BY_MOUTH,))

# K56.0 and K56.7 are ileus, K56.6 says neither colon nor small bowel: hence a warning.
_OBSTRUCTION = Codes(icd10=("K56",), snomed=("81060008",))

BARIUM_RULES: tuple[Rule, ...] = (
    Rule(
        code="BA-PERFORATION",
        title="Perforation of the gut",
        severity=Severity.CRITICAL,
        message="消化道穿孔或可疑穿孔：禁用钡剂，改用水溶性对比剂或 CT。"
        " Perforation of the gut: no barium; water-soluble agent or CT.",
        source=_LABEL,
        exam=_BARIUM,
        findings=(
            Finding(
                codes=Codes(
                    icd10=(
                        *("K63.1", "K22.3", "K25.1", "K25.2", "K25.5", "K25.6"),
                        *("K26.1", "K26.2", "K26.5", "K26.6", "K57.0", "K57.2", "K65"),
                    ),
                    snomed=("56905009",),
                )
            ),
        ),
    ),
    Rule(
        code="BA-OBSTRUCTION-COLON",
        title="Obstruction with a tumour of the large bowel",
        severity=Severity.CRITICAL,
        message="肠梗阻合并结直肠肿瘤：疑结肠梗阻，禁用钡剂，改用水溶性对比剂或 CT。"
        " Obstruction with a large-bowel tumour: no barium; water-soluble agent or CT.",
        source=_LABEL,
        exam=_BARIUM,
        findings=(
            Finding(codes=_OBSTRUCTION),
            Finding(codes=Codes(icd10=("C18", "C19", "C20"))),
        ),
    ),
    Rule(
        code="BA-OBSTRUCTION",
        title="Intestinal obstruction",
        severity=Severity.WARNING,
        message="肠梗阻：慎用钡餐，结肠梗阻禁用；宜用水溶性对比剂或 CT。"
        " Intestinal obstruction: barium with caution, none in colonic obstruction;"
        " prefer a water-soluble agent or CT.",
        source=_LABEL,
        exam=_BARIUM,
        findings=(Finding(codes=_OBSTRUCTION),),
        yields_to=("BA-OBSTRUCTION-COLON", "BA-MEGACOLON"),
    ),
    Rule(
        code="BA-OUTLET",
        title="Pyloric or duodenal obstruction",
        severity=Severity.WARNING,
        message="幽门或十二指肠梗阻：慎用口服钡剂，宜用水溶性对比剂或 CT。"
        " Pyloric or duodenal obstruction: barium by mouth with caution;"
        " prefer a water-soluble agent or CT.",
        source=_LABEL,
        exam=_BY_MOUTH,
        findings=(Finding(codes=Codes(icd10=("K31.1", "K31.5"))),),
    ),
    Rule(
        code="BA-HIRSCHSPRUNG",
        state=RuleState.EVALUATION,
        title="Hirschsprung disease, barium by mouth",
        severity=Severity.WARNING,
        message="先天性巨结肠：慎用口服钡剂。 Hirschsprung disease: barium by mouth with caution.",
        source=_LABEL,
        exam=_BY_MOUTH,
        findings=(Finding(codes=Codes(icd10=("Q43.1",))),),
    ),
    Rule(
        code="BA-MEGACOLON",
        title="Toxic megacolon",
        severity=Severity.CRITICAL,
        message="中毒性巨结肠：禁用钡剂，首选腹平片或 CT。"
        " Toxic megacolon: no barium; plain film or CT.",
        source="General teaching (perforation risk); not read in a label",
        exam=_BARIUM,
        findings=(Finding(codes=Codes(icd10cm=("K59.31",))),),
    ),
    Rule(
        code="BA-MEGACOLON-UNSAID",
        state=RuleState.EVALUATION,
        title="Megacolon, not said whether toxic",
        severity=Severity.WARNING,
        message="巨结肠：如为中毒性，禁用钡剂。 Megacolon: if toxic, no barium.",
        source="General teaching; WHO K59.3 does not say toxic",
        exam=_BARIUM,
        findings=(Finding(codes=Codes(icd10=("K59.3",))),),
        yields_to=("BA-MEGACOLON",),
    ),
    Rule(
        code="BA-FISTULA",
        title="Fistula between gullet and airway",
        severity=Severity.CRITICAL,
        message="食管气管瘘：禁用口服钡剂，改用非离子型低渗水溶性对比剂。"
        " Fistula to the airway: no barium by mouth; non-ionic low-osmolar agent.",
        source=_LABEL,
        exam=_BY_MOUTH,
        findings=(Finding(codes=Codes(icd10=("Q39.1", "Q39.2"))),),
    ),
    Rule(
        code="BA-ASPIRATION",
        title="Aspiration",
        severity=Severity.WARNING,
        message="有误吸史：慎用口服钡剂，备吸引。"
        " Aspiration: barium by mouth with caution, suction at hand.",
        source=_LABEL,
        exam=_BY_MOUTH,
        findings=(Finding(codes=Codes(icd10=("J69.0",))),),
    ),
    Rule(
        code="BA-ALLERGY",
        title="Earlier reaction to barium",
        severity=Severity.CRITICAL,
        message="既往钡剂过敏：禁用。 Earlier reaction to barium sulfate: do not give it.",
        source=_LABEL,
        exam=_BARIUM,
        findings=(Finding(substances=Codes(atc=("V08BA",), snomed=("25419009",))),),
    ),
    Rule(
        code="WS-ASPIRATION",
        state=RuleState.EVALUATION,
        title="Aspiration or fistula, water-soluble agent by mouth",
        severity=Severity.WARNING,
        message="误吸或气管瘘：勿用高渗水溶性对比剂（肺水肿）。"
        " Aspiration or fistula: no high-osmolar water-soluble agent (lung oedema).",
        source="General teaching; not read in a label",
        exam=ExamTest(agents=(Agent.IODINE_IN_GUT,)),
        findings=(Finding(codes=Codes(icd10=("J69.0", "Q39.1", "Q39.2"))),),
    ),
)
