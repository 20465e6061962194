"""The exam row: what a study means, worked out from its study and series rows."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache

from imaging_cloud.adapters.sql.intake_rows import (
    Row,
    series_attributes,
    study_attributes,
    utc_or_none,
)
from imaging_cloud.adapters.sql.listing import read_list, write_list
from imaging_cloud.domain.arrivals import evidence_of, performed_at
from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamDescriptor,
    ExamEvidence,
    ExamMeaning,
    ExamModality,
    Laterality,
    Purpose,
    Region,
)
from imaging_cloud.domain.imaging import StudyAttributes

_YEARS = range(1896, 2201)

_log = logging.getLogger(__name__)

_NO_MEANING = ExamMeaning(descriptor=ExamDescriptor(modality=ExamModality.UNKNOWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamRules:
    """How exam rows are worked out: the region's time zone, and the rules with their version."""

    region: tzinfo
    describe: Callable[[ExamEvidence], ExamMeaning]
    version: str


def meaning_columns(study: Row, series: Iterable[Row], rules: ExamRules) -> Row:
    """Work out the columns of an exam row that follow from evidence: when, what and why."""
    attributes = study_attributes(study)
    ordered = sorted(series, key=_series_order)
    evidence = evidence_of(
        attributes.description,
        attributes.procedure_codes,
        [series_attributes(row) for row in ordered],
        read_list(study["image_lateralities"]),
        institution=study["institution"],
    )
    meaning = _described(evidence, rules)
    return {
        "performed_at": utc_or_none(_performed(attributes, rules)),
        "description": attributes.description,
        "because": [list(pair) for pair in meaning.because],
        "rules_version": rules.version,
        **descriptor_columns(meaning.descriptor),
    }


def _series_order(row: Row) -> tuple[bool, int, str]:
    number = row["series_number"]
    return (number is None, number or 0, row["series_uid"])


def _performed(study: StudyAttributes, rules: ExamRules) -> datetime | None:
    """None for a date that time zones cannot reckon with: nobody was examined then."""
    try:
        moment = performed_at(study, rules.region)
    except (OverflowError, ValueError):
        return None
    return moment if moment is None or moment.year in _YEARS else None


def _described(evidence: ExamEvidence, rules: ExamRules) -> ExamMeaning:
    """Ask the rules; a failure of theirs must not refuse the instance, so it means "unknown"."""
    try:
        return rules.describe(evidence)
    except Exception as exc:  # noqa: BLE001 - the instance is kept; the text may name a patient
        _log.error("an exam could not be described (%s)", type(exc).__name__)
        return _NO_MEANING


def descriptor_columns(descriptor: ExamDescriptor) -> Row:
    return {
        "modality": descriptor.modality.value,
        "regions": write_list(region.value for region in descriptor.regions),
        "focus": descriptor.focus,
        "laterality": descriptor.laterality.value,
        "contrast": descriptor.contrast.value,
        "angio": descriptor.angio,
        "purpose": descriptor.purpose.value,
    }


@lru_cache(maxsize=4096)
def descriptor_from(  # noqa: PLR0913 - the columns of one row, in order
    modality: str,
    regions: str,
    focus: str,
    laterality: str,
    contrast: str,
    angio: bool,
    purpose: str,
) -> ExamDescriptor:
    """Read a descriptor back; a region is a few thousand different meanings, so they are kept."""
    return ExamDescriptor(
        modality=ExamModality(modality),
        regions=tuple(Region(each) for each in read_list(regions)),
        focus=focus,
        laterality=Laterality(laterality),
        contrast=Contrast(contrast),
        angio=angio,
        purpose=Purpose(purpose),
    )


def descriptor_of_document(document: Row) -> ExamDescriptor:
    """Read a descriptor from the `exam` of an order check's answer."""
    return descriptor_from(
        document["modality"],
        write_list(document["regions"]),
        *(document[name] for name in ("focus", "laterality", "contrast", "angio", "purpose")),
    )
