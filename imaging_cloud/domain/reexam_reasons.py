"""The six situations in which an exam may be repeated.

国卫医发〔2022〕6号 (mutual recognition of examinations): condition changed, fast-changing
disease, an item of great significance, emergency, appraisal, other need.
"""

from dataclasses import dataclass

REASONS_SYSTEM = "urn:imaging-cloud:reexam-reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReexamReason:
    """`words` as a physician reads them, Chinese then English."""

    code: str
    words: str


REEXAM_REASONS: tuple[ReexamReason, ...] = (
    ReexamReason(code="condition-changed", words="病情变化，与临床表现不符 Condition changed"),
    ReexamReason(code="fast-changing", words="疾病发展变化快 Result changes fast in this disease"),
    ReexamReason(
        code="high-significance",
        words="对诊疗意义重大（如术前） Of great significance, e.g. surgery",
    ),
    ReexamReason(code="emergency", words="急诊、抢救 Emergency or rescue"),
    ReexamReason(code="appraisal", words="司法、伤残、病退等鉴定 Judicial or disability appraisal"),
    ReexamReason(code="other", words="其他确需复查的情形 Other need"),
)
