"""From an instance's header to the rows of study, series and instance."""

from datetime import UTC, date, datetime
from typing import Any

from imaging_cloud.adapters.sql.column_types import clean_identifier, clean_text
from imaging_cloud.adapters.sql.listing import write_list
from imaging_cloud.adapters.sql.names import name_forms, referring_form
from imaging_cloud.adapters.sql.table_base import (
    KEY_LENGTH,
    SHORT_LENGTH,
    TEXT_LENGTH,
    UID_LENGTH,
)
from imaging_cloud.domain.exams.descriptor import ProcedureCode
from imaging_cloud.domain.imaging import PatientAttributes, SeriesAttributes, StudyAttributes
from imaging_cloud.ports.intake import InstanceRecord

Row = dict[str, Any]

# PostgreSQL's integer; an IS value beyond it is nonsense, so the index says "not given".
_MAX_INTEGER = 2**31 - 1
_MAX_PROCEDURE_CODES = 16
_TINY = 16


def study_row(record: InstanceRecord, patient: PatientAttributes) -> Row:
    """Make the row of a study that is new; its person and counters are filled in later."""
    study = record.header.study
    forms = name_forms(patient.name)
    physician = clean_text(study.referring_physician, TEXT_LENGTH)
    return {
        "institution": record.origin.institution,
        "study_uid": clean_text(study.study_uid, UID_LENGTH),
        "person_id": "",
        "patient_id": patient.patient_id,
        "issuer": patient.issuer,
        "patient_name": patient.name,
        "name_alphabetic": forms.alphabetic,
        "name_ideographic": forms.ideographic,
        "name_phonetic": forms.phonetic,
        "name_words": forms.words,
        "birth_date": patient.birth_date,
        "sex": patient.sex,
        "study_date": study.study_date,
        "date_order": date_order(study.study_date),
        "study_time": study.study_time,
        "timezone_offset": clean_text(study.timezone_offset, _TINY),
        "description": clean_text(study.description, TEXT_LENGTH),
        "accession_number": clean_identifier(study.accession_number, SHORT_LENGTH),
        "study_id": clean_identifier(study.study_id, SHORT_LENGTH),
        "referring_physician": physician,
        "referring_search": referring_form(physician),
        "procedure_codes": codes_to_json(study.procedure_codes),
        "image_lateralities": "",
        "modalities": "",
        "series_count": 0,
        "instance_count": 0,
        **study_expectation(study),
        "first_received_at": record.received_at,
        "last_received_at": record.received_at,
    }


def study_expectation(study: StudyAttributes) -> Row:
    """How many series and instances the sender says that the study has; None without a word."""
    return {
        "series_expected": _integer(study.series_expected),
        "instances_expected": _integer(study.instances_expected),
    }


def date_order(day: date | None) -> int:
    """Minus the day number: the newest day first, no date last (0)."""
    return -day.toordinal() if day else 0


def codes_to_json(codes: tuple[ProcedureCode, ...]) -> list[list[str]]:
    return [
        [clean_text(part, TEXT_LENGTH) for part in (code.value, code.scheme, code.meaning)]
        for code in codes[:_MAX_PROCEDURE_CODES]
    ]


def codes_from_json(rows: list[list[str]]) -> tuple[ProcedureCode, ...]:
    return tuple(
        ProcedureCode(value=value, scheme=scheme, meaning=meaning)
        for value, scheme, meaning in rows
    )


def series_row(record: InstanceRecord) -> Row:
    series = record.header.series
    return {
        "institution": record.origin.institution,
        "series_uid": clean_text(series.series_uid, UID_LENGTH),
        "study_uid": clean_text(record.header.study.study_uid, UID_LENGTH),
        "modality": clean_text(series.modality, SHORT_LENGTH),
        "series_number": _integer(series.series_number),
        **series_evidence(series),
        "instance_count": 0,
    }


def series_evidence(series: SeriesAttributes) -> Row:
    """List what a series says about the meaning and the size of its study."""
    return {
        "description": clean_text(series.description, TEXT_LENGTH),
        "protocol_name": clean_text(series.protocol_name, TEXT_LENGTH),
        "body_part": clean_text(series.body_part, SHORT_LENGTH),
        "laterality": clean_text(series.laterality, _TINY),
        "contrast_agent": clean_text(series.contrast_agent, TEXT_LENGTH),
        "instances_expected": _integer(series.instances_expected),
    }


def series_attributes(row: Row) -> SeriesAttributes:
    return SeriesAttributes(
        series_uid=row["series_uid"],
        modality=row["modality"],
        series_number=row["series_number"],
        description=row["description"],
        protocol_name=row["protocol_name"],
        body_part=row["body_part"],
        laterality=row["laterality"],
        contrast_agent=row["contrast_agent"],
    )


def instance_row(record: InstanceRecord) -> Row:
    instance = record.header.instance
    return {
        "institution": record.origin.institution,
        "sop_instance_uid": clean_text(instance.sop_instance_uid, UID_LENGTH),
        "study_uid": clean_text(record.header.study.study_uid, UID_LENGTH),
        "series_uid": clean_text(record.header.series.series_uid, UID_LENGTH),
        "sop_class_uid": clean_text(instance.sop_class_uid, UID_LENGTH),
        "transfer_syntax_uid": clean_text(instance.transfer_syntax_uid, UID_LENGTH),
        "instance_number": _integer(instance.instance_number),
        "rows": _integer(instance.rows),
        "columns": _integer(instance.columns),
        "frames": _integer(instance.frames) or 1,
        "bits_allocated": _integer(instance.bits_allocated),
        "object_key": clean_text(record.object_key, KEY_LENGTH),
        "sha256": record.sha256,
        "size": record.size,
        "received_at": record.received_at,
    }


def image_laterality(record: InstanceRecord) -> str:
    return clean_text(record.header.instance.image_laterality, _TINY)


def _integer(value: int | None) -> int | None:
    return value if value is None or abs(value) <= _MAX_INTEGER else None


def study_attributes(row: Row) -> StudyAttributes:
    """Read the study back from its row, for what is worked out from several instances."""
    return StudyAttributes(
        study_uid=row["study_uid"],
        study_date=row["study_date"],
        study_time=row["study_time"],
        timezone_offset=row["timezone_offset"],
        description=row["description"],
        procedure_codes=codes_from_json(row["procedure_codes"]),
    )


def add_to_list(written: str, known: tuple[str, ...], value: str) -> str:
    """Add a value to a `|A|B|` list, unless it is empty or there already."""
    return written if not value or value in known else write_list((*known, value))


def utc_or_none(moment: datetime | None) -> datetime | None:
    """Turn the moment to UTC; None at the ends of the calendar, where its zone would leave it."""
    if moment is None:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None
