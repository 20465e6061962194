"""When an exam may well be repeated: a match is then a note beside the order, never a pop-up.

The six situations of the recognition rules (国卫医发〔2022〕6号) come as `reexam_reason`;
emergency, operation, follow-up, intervention and planning are known from the order itself.
"""

import re
from collections.abc import Iterable

from imaging_cloud.domain.alerts import Comparison, Grade
from imaging_cloud.domain.cautions.codes import ReadCoding, System, read_codings
from imaging_cloud.domain.comparison_words import why_in_chinese
from imaging_cloud.domain.exams.descriptor import ExamDescriptor, Purpose
from imaging_cloud.domain.orders import Coding, Order, Priority

# Situations that an order screen's words were read as; codes are those of `_WORDS`.
SITUATION_SYSTEM = "urn:imaging-cloud:situation"
EMERGENCY, OPERATION, FOLLOW_UP = "emergency", "operation", "follow-up"
_WHY = {
    EMERGENCY: "emergency order",
    OPERATION: "before an operation",
    FOLLOW_UP: "a follow-up",
}
_WORDS = {
    EMERGENCY: re.compile(r"急诊|急診|抢救|搶救|\bemergenc(?:y|ies)\b|\bstat\b", re.IGNORECASE),
    OPERATION: re.compile(
        r"术前|術前|手术前|手術前|\bpre[- ]?op(?:erative(?:ly)?)?\b|\bbefore surgery\b",
        re.IGNORECASE,
    ),
    FOLLOW_UP: re.compile(
        r"复查|複查|复检|随访|隨訪|随诊|复诊|术后|術後|疗效评[估价]|再分期|"
        r"\bfollow[- ]?ups?\b|\bf/u\b|\bpost[- ]?op(?:erative)?\b|\bre-?staging\b|\bsurveillance\b",
        re.IGNORECASE,
    ),
}
# Reasons for encounters: ICD-10 Z01.8 holds more than operations, so only the American Z01.81 does.
CODES: tuple[tuple[str, System, tuple[str, ...]], ...] = (
    (OPERATION, System.ICD10CM, ("Z0181",)),
    (OPERATION, System.SNOMED, ("262068006",)),
    (FOLLOW_UP, System.ICD10, ("Z08", "Z09", "Z48", "Z54")),
    (FOLLOW_UP, System.ICD10CM, ("Z08", "Z09", "Z48")),
    (FOLLOW_UP, System.SNOMED, ("390906007",)),
)


def situations_in(words: str) -> tuple[str, ...]:
    """The situations that the words of an order or of its reason name."""
    return tuple(code for code, pattern in _WORDS.items() if pattern.search(words))


def downgrade_reason(order: Order, ordered: ExamDescriptor) -> str | None:
    """Why this order may well repeat an exam; None when nothing says so."""
    if order.priority is Priority.STAT:
        return _WHY[EMERGENCY]
    if ordered.purpose in (Purpose.GUIDANCE, Purpose.PLANNING):
        return f"ordered for {ordered.purpose}"
    if order.reexam_reason:
        return "a reason for repeating was given"
    said = {*situations_in(order.name), *_coded(order.reasons)}
    return next((why for code, why in _WHY.items() if code in said), None)


def _coded(reasons: Iterable[Coding]) -> set[str]:
    given = tuple(reasons)
    found = {each.code for each in given if each.system == SITUATION_SYSTEM}
    read = read_codings(given)
    return found | {
        situation
        for situation, system, prefixes in CODES
        if any(_is_under(each, system, prefixes) for each in read)
    }


def _is_under(coding: ReadCoding, system: System, prefixes: tuple[str, ...]) -> bool:
    if coding.system is not system:
        return False
    if system is System.SNOMED:
        return coding.code in prefixes
    return coding.code.startswith(prefixes)


def as_note(comparison: Comparison, why: str) -> Comparison:
    """The same comparison, at most related, saying why."""
    return Comparison(
        grade=Grade.RELATED,
        reasons=(*comparison.reasons, why),
        reasons_zh=(*comparison.reasons_zh, why_in_chinese(why)),
        age_days=comparison.age_days,
        valid_until=comparison.valid_until,
    )
