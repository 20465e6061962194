"""The way of one exam's evidence: from what a study's series say to an ExamEvidence."""

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone, tzinfo

from imaging_cloud.domain.exams.descriptor import ExamEvidence, ProcedureCode
from imaging_cloud.domain.imaging import SeriesAttributes, StudyAttributes

# DICOM dates are in whole days and times in fractions; +HHMM or -HHMM (PS3.3 C.12.1.1.8).
_OFFSET_LENGTH = 5
_MAX_OFFSET = timedelta(hours=14)


def evidence_of(
    description: str,
    procedure_codes: tuple[ProcedureCode, ...],
    series: Iterable[SeriesAttributes],
    image_lateralities: Iterable[str] = (),
    *,
    institution: str = "",
) -> ExamEvidence:
    """Gather a study's evidence; series in their given order, each value once."""
    rows = tuple(series)
    described = [row.description or row.protocol_name for row in rows]
    return ExamEvidence(
        name=description,
        modalities=_each_once(row.modality for row in rows),
        series_descriptions=_each_once(described),
        body_parts=_each_once(row.body_part for row in rows),
        procedure_codes=procedure_codes,
        lateralities=_each_once([*(row.laterality for row in rows), *image_lateralities]),
        contrast_agents=_each_once(row.contrast_agent for row in rows),
        institution=institution,
    )


def _each_once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def performed_at(study: StudyAttributes, region: tzinfo) -> datetime | None:
    """When the exam was made, aware; None without a StudyDate.

    StudyTime is local to TimezoneOffsetFromUTC where that is given (PS3.3 C.12.1.1.8), else to
    the region's time zone. A missing time counts as the start of the day.
    """
    if study.study_date is None:
        return None
    zone = _offset_zone(study.timezone_offset) or region
    moment = study.study_time
    at = datetime(study.study_date.year, study.study_date.month, study.study_date.day, tzinfo=zone)
    if moment is None:
        return at
    return at.replace(
        hour=moment.hour,
        minute=moment.minute,
        second=moment.second,
        microsecond=moment.microsecond,
    )


def _offset_zone(text: str) -> tzinfo | None:
    if len(text) != _OFFSET_LENGTH or text[0] not in "+-" or not text[1:].isdecimal():
        return None
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))
    if offset > _MAX_OFFSET:
        return None
    return timezone(offset if text[0] == "+" else -offset)
