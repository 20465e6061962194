"""Facts that order screens send as words only: the few that rules wait for, as codes.

Only what names the thing without doubt; a word that denies it in the same text makes it nothing.
"""

import re

from imaging_cloud.domain.orders import Coding

_DENIED = re.compile(
    r"无|否认|不|未|非|\bno\b|\bnot\b|\bnon|denie|negative|without|ruled out|exclu", re.IGNORECASE
)
_ICD10, _SNOMED, _RXNORM, _ATC = "ICD-10", "SNOMED CT", "RxNorm", "ATC"

_ALLERGIES: tuple[tuple[re.Pattern[str], Coding], ...] = (
    (
        re.compile(
            r"碘(?:对比剂|造影剂|海醇|佛醇|克沙醇|普罗胺|帕醇)|(?:对比剂|造影剂)|"
            r"contrast (?:medi|agent|material|dye)|iodinated|radiocontrast|"
            r"io(?:hexol|pamidol|dixanol|promide|versol|meprol)",
            re.IGNORECASE,
        ),
        Coding(_SNOMED, "293637006"),
    ),
    (re.compile(r"钡|\bbarium\b", re.IGNORECASE), Coding(_ATC, "V08BA")),
)
# Contrast that is not iodine: the words above would take it for it.
_NOT_IODINE = re.compile(r"钆|gadolin|\bgado|超声(?:造影|对比)|ultrasound contrast", re.IGNORECASE)
_MEDICINES: tuple[tuple[re.Pattern[str], Coding], ...] = (
    (
        re.compile(r"二甲双胍|格华止|metformin|glucophage", re.IGNORECASE),
        Coding(_RXNORM, "6809"),
    ),
)
_DEVICES: tuple[tuple[re.Pattern[str], Coding], ...] = (
    (
        re.compile(r"起搏器|除颤器|pace ?maker|defibrillator|\bICD\b", re.IGNORECASE),
        Coding(_SNOMED, "441509002"),
    ),
    (
        re.compile(r"人工耳蜗|耳蜗植入|cochlear|神经刺激器|neuro ?stimulator", re.IGNORECASE),
        Coding(_ICD10, "Z96.2"),
    ),
)


def allergies_in(text: str) -> tuple[Coding, ...]:
    found = _read(text, _ALLERGIES)
    if _NOT_IODINE.search(text):
        return tuple(each for each in found if each.system != _SNOMED)
    return found


def medicines_in(text: str) -> tuple[Coding, ...]:
    return _read(text, _MEDICINES)


def devices_in(text: str) -> tuple[Coding, ...]:
    return _read(text, _DEVICES)


def _read(text: str, table: tuple[tuple[re.Pattern[str], Coding], ...]) -> tuple[Coding, ...]:
    if not text or _DENIED.search(_HARMLESS.sub("", text)):
        return ()
    return tuple(coding for pattern, coding in table if pattern.search(text))


# Words that hold a denying one and deny nothing.
_HARMLESS = re.compile(r"non-?ionic|非离子型?|不良反应|不耐受", re.IGNORECASE)
