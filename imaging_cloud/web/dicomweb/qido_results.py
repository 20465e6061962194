"""QIDO-RS answers: index rows as DICOM JSON (PS3.18 10.6.3.3)."""

from datetime import date, time
from typing import Any

from pydicom.datadict import dictionary_VR

from imaging_cloud.dicom.attributes import tag_of
from imaging_cloud.dicom.json_model import Json, json_element, json_name
from imaging_cloud.ports.imaging_index import InstanceRow, SeriesRow, StudyRow

Values = dict[str, Any]


def study_json(study: StudyRow, base: str) -> Json:
    return _elements(_study_values(study, base))


def series_json(study: StudyRow, series: SeriesRow, base: str, *, with_study: bool) -> Json:
    """`with_study`: the request did not name the study, so its attributes come along."""
    values = _study_values(study, base) if with_study else _study_reference(study)
    return _elements(values | _series_values(series, base))


def instance_json(
    study: StudyRow, series: SeriesRow, instance: InstanceRow, base: str, *, with_parents: bool
) -> Json:
    values: Values = {}
    if with_parents:
        values = _study_values(study, base) | _series_values(series, base)
    values |= _study_reference(study)
    return _elements(values | _instance_values(instance, base))


def _elements(values: Values) -> Json:
    found = {}
    for keyword, value in values.items():
        tag = tag_of(keyword)
        each = value if isinstance(value, tuple) else (value,)
        found[json_name(tag)] = json_element(dictionary_VR(tag), each)
    return dict(sorted(found.items()))


def _study_values(study: StudyRow, base: str) -> Values:
    """PS3.18 Table 10.6.3-3, and the description and issuer, which everybody asks for."""
    return {
        "SpecificCharacterSet": "ISO_IR 192",
        "StudyDate": _date(study.study_date),
        "StudyTime": _time(study.study_time),
        "AccessionNumber": study.accession_number,
        "InstanceAvailability": "ONLINE",
        "ModalitiesInStudy": study.modalities,
        "ReferringPhysicianName": study.referring_physician,
        "TimezoneOffsetFromUTC": study.timezone_offset,
        "InstitutionName": study.institution,
        "StudyDescription": study.description,
        "RetrieveURL": f"{base}/studies/{study.study_uid}",
        "PatientName": study.patient_name,
        "PatientID": study.patient_id,
        "IssuerOfPatientID": study.issuer,
        "PatientBirthDate": _date(study.birth_date),
        "PatientSex": study.sex,
        "StudyInstanceUID": study.study_uid,
        "StudyID": study.study_id,
        "NumberOfStudyRelatedSeries": study.series_count,
        "NumberOfStudyRelatedInstances": study.instance_count,
    }


def _study_reference(study: StudyRow) -> Values:
    return {"SpecificCharacterSet": "ISO_IR 192", "StudyInstanceUID": study.study_uid}


def _series_values(series: SeriesRow, base: str) -> Values:
    """PS3.18 Table 10.6.3-4."""
    return {
        "Modality": series.modality,
        "SeriesDescription": series.description,
        "BodyPartExamined": series.body_part,
        "Laterality": series.laterality,
        "RetrieveURL": f"{base}/studies/{series.study_uid}/series/{series.series_uid}",
        "SeriesInstanceUID": series.series_uid,
        "SeriesNumber": series.series_number,
        "NumberOfSeriesRelatedInstances": series.instance_count,
    }


def _instance_values(instance: InstanceRow, base: str) -> Values:
    """PS3.18 Table 10.6.3-5."""
    address = f"{base}/studies/{instance.study_uid}/series/{instance.series_uid}"
    return {
        "SOPClassUID": instance.sop_class_uid,
        "SOPInstanceUID": instance.sop_instance_uid,
        "InstanceAvailability": "ONLINE",
        "SeriesInstanceUID": instance.series_uid,
        "RetrieveURL": f"{address}/instances/{instance.sop_instance_uid}",
        "AvailableTransferSyntaxUID": instance.transfer_syntax_uid,
        "InstanceNumber": instance.instance_number,
        "NumberOfFrames": instance.frames if instance.frames > 1 else None,
        "Rows": instance.rows,
        "Columns": instance.columns,
        "BitsAllocated": instance.bits_allocated,
    }


def _date(value: date | None) -> str | None:
    """YYYYMMDD; strftime's %Y leaves out the zeros of early years."""
    return f"{value.year:04}{value.month:02}{value.day:02}" if value else None


def _time(value: time | None) -> str | None:
    if value is None:
        return None
    whole = value.strftime("%H%M%S")
    return f"{whole}.{value.microsecond:06}" if value.microsecond else whole
