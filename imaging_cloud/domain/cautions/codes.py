"""Coded facts: the many spellings of a code system, and whether a code falls under a prefix."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from imaging_cloud.domain.orders import Coding


class System(StrEnum):
    ICD10 = "ICD-10"
    ICD10CM = "ICD-10-CM"
    SNOMED = "SNOMED CT"
    ATC = "ATC"
    RXNORM = "RxNorm"


# URIs and OIDs: HL7 Terminology; short names: HL7 v2 table 0396, DICOM PS3.16 Table 8-1. Left out
# on purpose: SRT and SNM3 (SNOMED RT has other codes), ICD-9, ICD-10-PCS (procedures).
_SPELLINGS: dict[System, tuple[str, ...]] = {
    System.ICD10: (
        *("ICD-10", "I10", "GB/T 14396", "GB/T 14396-2016", "2.16.840.1.113883.6.3"),
        *("hl7.org/fhir/sid/icd-10", "id.who.int/icd/release/10"),
    ),
    System.ICD10CM: (
        *("ICD-10-CM", "I10C", "hl7.org/fhir/sid/icd-10-cm", "hl7.org/fhir/sid/icd-10-us"),
        "2.16.840.1.113883.6.90",
    ),
    System.SNOMED: (
        *("SCT", "SNOMED", "SNOMED CT", "SNOMEDCT_US", "SNOMED CT International"),
        *("snomed.info/sct", "2.16.840.1.113883.6.96"),
    ),
    System.ATC: ("ATC", "WHO ATC", "whocc.no/atc", "2.16.840.1.113883.6.73"),
    System.RXNORM: (
        *("RxNorm", "RXN", "nlm.nih.gov/research/umls/rxnorm", "2.16.840.1.113883.6.88"),
    ),
}
# National editions and dated versions: ICD-10-GM, "ICD-10 国临版2.0", a SNOMED CT edition URI.
_BEGINNINGS: tuple[tuple[str, System | None], ...] = (
    ("icd10pcs", None),
    ("icd10cm", System.ICD10CM),
    ("icd10", System.ICD10),
    ("snomedinfosct", System.SNOMED),
)
_SCHEME = re.compile(r"^(?:https?://|urn:oid:|oid:)?(?:www\.)?")
_SEPARATORS = re.compile(r"[\W_]+")
_NOT_CODE = re.compile(r"[^0-9A-Z]+")


def _key(name: str) -> str:
    """Lower case, without scheme and separators."""
    return _SEPARATORS.sub("", _SCHEME.sub("", name.strip().lower()))


_SYSTEMS = {_key(name): system for system, names in _SPELLINGS.items() for name in names}


def system_of(name: str) -> System | None:
    """The code system a name stands for; None for those no rule reads, and for none at all."""
    key = _key(name)
    if key in _SYSTEMS:
        return _SYSTEMS[key]
    return next((system for begin, system in _BEGINNINGS if key.startswith(begin)), None)


@dataclass(frozen=True, slots=True)
class ReadCoding:
    """A coding whose system is known; `code` in capitals, without dot, dagger or blank."""

    system: System
    code: str


def read_codings(codings: Iterable[Coding]) -> tuple[ReadCoding, ...]:
    """The codings a rule can read. A code without its system means nothing and is left out."""
    read = []
    for coding in codings:
        system = system_of(coding.system)
        code = _NOT_CODE.sub("", coding.code.upper())
        if system is not None and code:
            read.append(ReadCoding(system, code))
    return tuple(read)


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """A set of codes by system. ICD-10 and ATC are prefixes, SNOMED CT and RxNorm whole codes.

    `icd10` also reads ICD-10-CM, which refines it; `icd10cm` is for codes only CM has, and
    `icd10cm_not` for those that mean something else there.
    """

    icd10: tuple[str, ...] = ()
    icd10cm: tuple[str, ...] = ()
    icd10cm_not: tuple[str, ...] = ()
    snomed: tuple[str, ...] = ()
    atc: tuple[str, ...] = ()
    rxnorm: tuple[str, ...] = ()

    def hold(self, coding: ReadCoding) -> bool:
        match coding.system:
            case System.ICD10:
                return _begins(coding.code, self.icd10)
            case System.ICD10CM:
                return _begins(coding.code, (*self.icd10, *self.icd10cm)) and not _begins(
                    coding.code, self.icd10cm_not
                )
            case System.SNOMED:
                return coding.code in self.snomed
            case System.ATC:
                return _begins(coding.code, self.atc)
            case System.RXNORM:
                return coding.code in self.rxnorm


def _begins(code: str, prefixes: tuple[str, ...]) -> bool:
    return any(code.startswith(prefix.replace(".", "")) for prefix in prefixes)
