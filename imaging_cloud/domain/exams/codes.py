"""Coded procedures and body parts, read as the same terms as words are."""

from typing import Final

from imaging_cloud.domain.exams.descriptor import ProcedureCode
from imaging_cloud.domain.exams.entry import Entry
from imaging_cloud.domain.exams.lexicon import Hit, Term, make_term
from imaging_cloud.domain.exams.reading import Reading, read, reading_of
from imaging_cloud.domain.exams.tables.codes import BY_REGIONS, MODALITIES, SIDES
from imaging_cloud.domain.exams.tables.loinc import NAMES

# DICOM designators of SNOMED CT (SCT) and of the older SNOMED RT (SRT, SNM3, 99SDM).
_SNOMED: Final = frozenset({"SCT", "SRT", "SNM3", "99SDM"})
# LOINC as DICOM and as FHIR name it; an order may give its code without a scheme.
_LOINC: Final = frozenset({"LN", "LOINC", "http://loinc.org", ""})


def _coded_terms() -> dict[str, Term]:
    places = ((Entry("", regions), codes) for regions, codes in BY_REGIONS.items())
    sides = ((Entry("", side=side), codes) for side, codes in SIDES.items())
    made = ((Entry("", modality=modality), codes) for modality, codes in MODALITIES.items())
    rows = (*places, *sides, *made)
    return {code: make_term(entry) for entry, codes in rows for code in codes.split()}


_TERMS: Final = _coded_terms()


def read_codes(codes: tuple[ProcedureCode, ...]) -> tuple[Reading, ...]:
    """Read the codes the table knows as one text, then each code's meaning as words."""
    if not codes:
        return ()
    known = [code for code in codes if code.scheme in _SNOMED and code.value in _TERMS]
    words = tuple(f"{code.scheme} {code.value} {code.meaning}".strip() for code in known)
    hits = tuple(Hit(_TERMS[code.value], at, at + 1) for at, code in enumerate(known))
    meanings = (read(_meaning(code), f"code {code.value}") for code in codes)
    return (reading_of("code", words, hits), *meanings)


def _meaning(code: ProcedureCode) -> str:
    """Give what the table says of a LOINC code; else the meaning as it was sent."""
    known = NAMES.get(code.value, "") if code.scheme in _LOINC else ""
    return known or code.meaning
