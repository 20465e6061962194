"""An order's codes as the rules and the hospital's catalogue read them, and the name they mean.

Order screens send codes without words: the hospital's own item, LOINC, SNOMED CT, a DICOM modality.
"""

import re
from collections.abc import Sequence

from imaging_cloud.domain.cautions.codes import System, system_of
from imaging_cloud.domain.exams.descriptor import ExamEvidence, ExamMeaning, ProcedureCode
from imaging_cloud.domain.exams.tables.loinc import NAMES
from imaging_cloud.domain.orders import Coding, Order
from imaging_cloud.ports.catalogue import Catalogue

_LOINC_SYSTEM = re.compile(
    r"(?:https?://)?(?:www\.)?loinc(?:\.org)?/?|LN|.*2\.16\.840\.1\.113883\.6\.1"
)
_DICOM_SYSTEM = re.compile(
    r".*dicom\.nema\.org/resources/ontology/DCM|DCM|.*1\.2\.840\.10008\.2\.16\.4"
)
# A concept of SNOMED CT (its check digit is tested) or an axis code of SNOMED RT, system or not.
_CONCEPT = re.compile(r"[1-9]\d{5,17}")
_AXIS = re.compile(r"[TGRP]-[0-9A-F]{4,5}")
_MODALITIES = frozenset(
    {"CT", "MR", "CR", "DX", "US", "MG", "PT", "NM", "XA", "RF", "IVUS", "PX", "IO", "BMD"}
)


def order_evidence(order: Order) -> ExamEvidence:
    """Gather an order's words and codes as the rules read them."""
    codings = (*((Coding("", order.code),) if order.code else ()), *order.codings)
    told = order.modality or _modality(codings)
    return ExamEvidence(
        name=order.name,
        modalities=(told,) if told else (),
        procedure_codes=_procedure_codes(codings),
        lateralities=(order.laterality,) if order.laterality else (),
        institution=order.institution,
    )


class OrderReader:
    """Reads names and codes as they are meant at one institution."""

    def __init__(self, institution: str, catalogue: Catalogue) -> None:
        self._institution = institution
        self._catalogue = catalogue

    def describe(self, name: str, codings: Sequence[Coding]) -> ExamMeaning:
        return self._catalogue.describe(self._evidence(name, codings))

    def name_of(self, codings: Sequence[Coding]) -> str:
        """What an order without words is called: the hospital's name of the item, else LOINC's."""
        own = self._catalogue.name_of(self._evidence("", codings))
        known = (NAMES[each.code] for each in codings if _is_loinc(each) and each.code in NAMES)
        return own or next(known, "")

    def _evidence(self, name: str, codings: Sequence[Coding]) -> ExamEvidence:
        told = _modality(codings)
        return ExamEvidence(
            name=name,
            modalities=(told,) if told else (),
            procedure_codes=_procedure_codes(codings),
            institution=self._institution,
        )


def _procedure_codes(codings: Sequence[Coding]) -> tuple[ProcedureCode, ...]:
    found: dict[ProcedureCode, None] = {}
    for each in codings:
        found[ProcedureCode(value=each.code, scheme=_scheme(each))] = None
    return tuple(found)


def _scheme(coding: Coding) -> str:
    """The designator of DICOM PS3.16 Table 8-1, as the tables of codes are kept by."""
    system = coding.system.strip()
    if system_of(system) is System.SNOMED:
        return "SCT"
    if not system and (_is_concept(coding.code) or _AXIS.fullmatch(coding.code)):
        return "SCT"
    if _LOINC_SYSTEM.fullmatch(system):
        return "LN"
    return system


def _is_loinc(coding: Coding) -> bool:
    return not coding.system.strip() or _scheme(coding) == "LN"


def _modality(codings: Sequence[Coding]) -> str | None:
    """A DICOM modality said as a code (CID 29, 33)."""
    told = (each.code for each in codings if _DICOM_SYSTEM.fullmatch(each.system.strip()))
    return next((code for code in told if code in _MODALITIES), None)


_D5 = (
    *("0123456789", "1234067895", "2340178956", "3401289567", "4012395678"),
    *("5987604321", "6598710432", "7659821043", "8765932104", "9876543210"),
)
_PERMUTATIONS = (
    *("0123456789", "1576283094", "5803796142", "8916043527"),
    *("9453126870", "4286573901", "2793806415", "7046913258"),
)


def _is_concept(code: str) -> bool:
    """Whether the digits end in the check digit of SNOMED CT (Verhoeff, Release File Guide 5.5)."""
    if _CONCEPT.fullmatch(code) is None:
        return False
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = int(_D5[check][int(_PERMUTATIONS[place % 8][int(digit)])])
    return check == 0
