"""Who is who: which person a study belongs to, and how sure an order's patient is that person.

Only identifiers link; names, birth dates and sex can contradict a link but never make one.
Doubt keeps people apart and is shown as doubt.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.imaging import PatientAttributes
from imaging_cloud.domain.orders import OrderedPatient

RESIDENT_ID = "CN-RESIDENT-ID"

# Issued once for a life and nation-wide, so two different values are two different people.
NATIONAL_ISSUERS = frozenset({RESIDENT_ID, "CN-HEALTH-CARD", "CN-SOCIAL-SECURITY", "CN-INSURANCE"})

# What consoles write when nobody typed a number. Linking by these would join strangers.
_PLACEHOLDERS = frozenset(
    {
        "ANON",
        "ANONYMOUS",
        "ANONYMIZED",
        "N/A",
        "NA",
        "NIL",
        "NO ID",
        "NOID",
        "NONE",
        "NOT AVAILABLE",
        "NULL",
        "PATIENT ID",
        "PATIENTID",
        "TEST",
        "UNKNOWN",
        "UNNAMED",
        "无",
        "无名",
        "无名氏",
        "未知",
        "不详",
    }
)
_ONE_CHARACTER_REPEATED = re.compile(r"(.)\1*", re.DOTALL)
_NOT_LETTERS = re.compile(r"[\W_]+")

# GB 11643-1999: weights of the first 17 digits, and the check character by remainder.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_RESIDENT_ID = re.compile(r"[0-9]{17}[0-9X]")


def is_resident_id(text: str) -> bool:
    """Whether the text is an 18-character resident number (GB 11643).

    The check digit must be right and digits 7 to 14 a birth date: of numbers typed to get past a
    form every eleventh has a right check digit.
    """
    if _RESIDENT_ID.fullmatch(text) is None:
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, text[:17], strict=True))
    return _CHECK[total % 11] == text[17]


def usable_identifier(identifier: PatientIdentifier) -> PatientIdentifier | None:
    """The identifier in the form that links, or None when it is a placeholder or malformed."""
    value = identifier.value.strip()
    if identifier.issuer == RESIDENT_ID:
        value = value.upper()
        return PatientIdentifier(RESIDENT_ID, value) if is_resident_id(value) else None
    if not value or value.upper() in _PLACEHOLDERS:
        return None
    if _ONE_CHARACTER_REPEATED.fullmatch(value):
        return None
    return PatientIdentifier(identifier.issuer, value)


def identifiers_of(patient: PatientAttributes, institution: str) -> tuple[PatientIdentifier, ...]:
    """The identifiers that link this patient, the local number first, each once.

    A PatientID without issuer was issued by the institution that sent it (PS3.3 C.7.1.1:
    IssuerOfPatientID is optional; the number is unique only within its issuer).
    """
    local = PatientIdentifier(patient.issuer or institution, patient.patient_id)
    usable = (usable_identifier(each) for each in (local, *patient.other_identifiers))
    return tuple(dict.fromkeys(each for each in usable if each is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """What can confirm or contradict that two records are of one person."""

    identifiers: tuple[PatientIdentifier, ...] = ()
    names: tuple[str, ...] = ()
    birth_date: date | None = None
    sex: str = ""


def facts_of_study(patient: PatientAttributes, institution: str) -> PersonFacts:
    return PersonFacts(
        identifiers=identifiers_of(patient, institution),
        names=(patient.name,) if patient.name else (),
        birth_date=patient.birth_date,
        sex=patient.sex,
    )


def facts_of_order(patient: OrderedPatient) -> PersonFacts:
    usable = (usable_identifier(each) for each in patient.identifiers)
    return PersonFacts(
        identifiers=tuple(each for each in usable if each is not None),
        names=(patient.name,) if patient.name else (),
        birth_date=patient.birth_date,
        sex=patient.sex,
    )


def contradiction(one: PersonFacts, other: PersonFacts) -> str | None:
    """The first reason why two records cannot safely be called one person; None when none.

    Unknown never contradicts. The answer names the kind of fact, never its value.
    """
    for issuer in sorted(NATIONAL_ISSUERS):
        mine, theirs = _values_of(one, issuer), _values_of(other, issuer)
        if mine and theirs and mine.isdisjoint(theirs):
            return f"other {issuer}"
    if one.birth_date and other.birth_date and one.birth_date != other.birth_date:
        return "other birth date"
    if {one.sex, other.sex} == {"M", "F"}:
        return "other sex"
    if _names_differ(one.names, other.names) and not _share_national(one, other):
        return "other name"
    return None


def _values_of(facts: PersonFacts, issuer: str) -> set[str]:
    return {each.value for each in facts.identifiers if each.issuer == issuer}


def _share_national(one: PersonFacts, other: PersonFacts) -> bool:
    shared = set(one.identifiers) & set(other.identifiers)
    return any(each.issuer in NATIONAL_ISSUERS for each in shared)


def _names_differ(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether names in one script are there on both sides and none of them agree.

    Characters decide where both sides have them, for many names sound alike (张伟, 章卫).
    Letters are compared without order and case: `Zhang^Wei` and `WEI ZHANG` agree. A name in
    another script says nothing: readings of characters are not unique (单 is Shàn or Dān).
    """
    left = {form for name in mine for form in _name_forms(name)}
    right = {form for name in theirs for form in _name_forms(name)}
    for script in (True, False):
        ours = {letters for ideographic, letters in left if ideographic is script}
        others = {letters for ideographic, letters in right if ideographic is script}
        if ours and others:
            return ours.isdisjoint(others)
    return False


def _name_forms(name: str) -> set[tuple[bool, str]]:
    """(is it ideographic, its letters) for each component group of a PN value (PS3.5 6.2.1)."""
    forms = set()
    for group in name.split("="):
        letters = _NOT_LETTERS.sub("", group).casefold()
        if not letters:
            continue
        ideographic = any(ord(letter) >= 0x2E80 for letter in letters)  # noqa: PLR2004 - CJK begins
        forms.add((ideographic, letters if ideographic else "".join(sorted(letters))))
    return forms


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A known person who shares at least one identifier with what has arrived."""

    person_id: str
    facts: PersonFacts


def choose_person(arriving: PersonFacts, candidates: Sequence[Candidate]) -> str | None:
    """The person an arriving study belongs to; None when a new person must be made.

    A study without a usable identifier is always a person of its own. Of several candidates
    without contradiction the one with a national number wins, then the oldest (lowest id), so
    that every process decides alike. Candidates that contradict are left alone; the new person
    made instead holds the same identifier, and a later question sees both, as doubt.
    """
    fitting = [each for each in candidates if contradiction(arriving, each.facts) is None]
    if not fitting:
        return None
    return min(fitting, key=lambda each: (not _has_national(each.facts), each.person_id)).person_id


def _has_national(facts: PersonFacts) -> bool:
    return any(each.issuer in NATIONAL_ISSUERS for each in facts.identifiers)


class Certainty(StrEnum):
    CERTAIN = "certain"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How sure each found person is the order's patient; `doubts` says why, person by person."""

    certain: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    doubts: tuple[tuple[str, str], ...] = ()

    @property
    def certainty(self) -> Certainty:
        if self.certain:
            return Certainty.CERTAIN
        return Certainty.POSSIBLE if self.possible else Certainty.UNKNOWN


def judge_identity(ordered: PersonFacts, found: Sequence[Candidate]) -> Identity:
    """Certain are those who share an identifier and contradict neither the order nor each other.

    Two persons under the order's identifiers who contradict one another cannot both be the
    patient; unless the order's own facts rule one out, both become merely possible.
    """
    doubts = {each.person_id: contradiction(ordered, each.facts) for each in found}
    agreeing = [each for each in found if doubts[each.person_id] is None]
    for each in agreeing:
        for other in agreeing:
            if each is not other and contradiction(each.facts, other.facts) is not None:
                doubts[each.person_id] = "another person has the same identifier"
    return Identity(
        certain=tuple(person for person, doubt in doubts.items() if doubt is None),
        possible=tuple(person for person, doubt in doubts.items() if doubt is not None),
        doubts=tuple((person, doubt) for person, doubt in doubts.items() if doubt is not None),
    )
