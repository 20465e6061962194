"""FHIR ImagingStudy (R4 4.0.1): search by patient, UID, date or modality; read by Study UID."""

from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from imaging_cloud.domain.errors import InvalidRequest, NotFound
from imaging_cloud.domain.identifiers import PatientIdentifier, is_uid
from imaging_cloud.domain.queries import DateRange, ImagingQuery
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import SeriesRow, StudyRow
from imaging_cloud.use_cases.find_imaging import find_imaging
from imaging_cloud.use_cases.open_study import StudyPart, open_study
from imaging_cloud.use_cases.search_imaging import search_imaging
from imaging_cloud.web.calls import cloud_of, scope_of_call
from imaging_cloud.web.fhir.answers import (
    UID_SYSTEM,
    count_parameter,
    fhir_answer,
    identifier_element,
    known_parameters,
    search_answer,
    token_parameter,
)
from imaging_cloud.web.order_answer import viewer_address
from imaging_cloud.web.security import principal_of

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_COMPARATORS = ("ge", "le", "eq")


def get_imaging_study(request: Request, study_uid: str) -> Response:
    """One study with its series, as FHIR."""
    cloud, scope = cloud_of(request), scope_of_call(request)
    part = StudyPart(study_uid=study_uid)
    opened = open_study(part, "metadata", principal_of(request), scope, cloud)
    series = cloud.index.find_series(ImagingQuery(study_uids=(study_uid,), limit=5000), scope)
    document = study_document(opened.study, cloud)
    listed = [_series(row) for study, row in series if study.person_id == opened.study.person_id]
    return fhir_answer(document | ({"series": listed} if listed else {}))


def search_imaging_studies(request: Request) -> Response:
    """Studies by patient.identifier, identifier (Study UID), started, modality."""
    known_parameters(request, "patient.identifier", "identifier", "_id", "started", "modality")
    cloud, scope, principal = cloud_of(request), scope_of_call(request), principal_of(request)
    asked = request.query_params
    patient = asked.get("patient.identifier")
    started = _started(asked.getlist("started"))
    uids = _uids(request)

    def find() -> list[StudyRow]:
        if patient is not None:
            identifier = token_parameter(patient, "patient.identifier", cloud.policy)
            rows = find_imaging(identifier, principal, scope, cloud)
        else:
            query = ImagingQuery(
                study_uids=uids, study_date=started, limit=count_parameter(request)
            )
            rows = cloud.index.find_studies(query, scope)
        return [row for row in rows if _fits(row, uids, started, asked.get("modality", ""))]

    rows = search_imaging(find, principal, cloud)[: count_parameter(request)]
    return search_answer([study_document(row, cloud) for row in rows], request, cloud)


def _uids(request: Request) -> tuple[str, ...]:
    asked = request.query_params
    identifier = asked.get("identifier", "")
    system, separator, value = identifier.partition("|")
    if separator and system != UID_SYSTEM:
        raise InvalidRequest(f"identifier: {UID_SYSTEM}|urn:oid:UID is needed", field="identifier")
    texts = [(value if separator else identifier).removeprefix("urn:oid:"), asked.get("_id", "")]
    given = tuple(text for text in texts if text)
    if not all(is_uid(text) for text in given):
        raise NotFound("no such study, or not for this caller")
    return given


def _started(texts: list[str]) -> DateRange | None:
    """`started=2026-11-08`, `ge…`, `le…`; days only."""
    first, last = None, None
    for text in texts:
        sign = next((each for each in _COMPARATORS if text.startswith(each)), "")
        try:
            day = date.fromisoformat(text.removeprefix(sign))
        except ValueError as error:
            raise InvalidRequest("started: ge, le or eq and YYYY-MM-DD", field="started") from error
        first = day if sign != "le" else first
        last = day if sign != "ge" else last
    return DateRange(first=first, last=last) if texts else None


def _fits(row: StudyRow, uids: tuple[str, ...], started: DateRange | None, modality: str) -> bool:
    if uids and row.study_uid not in uids:
        return False
    if modality and modality.rpartition("|")[2] not in row.modalities:
        return False
    if started is None:
        return True
    day = row.study_date
    return (
        day is not None
        and (started.first is None or started.first <= day)
        and (started.last is None or day <= started.last)
    )


def study_document(row: StudyRow, cloud: Cloud) -> dict[str, Any]:
    """One study without its series; nothing empty is written."""
    policy = cloud.policy
    subject: dict[str, Any] = {"type": "Patient"}
    if row.patient_id:
        number = PatientIdentifier(row.issuer or row.institution, row.patient_id)
        subject["identifier"] = identifier_element(number, policy)
    else:
        subject["display"] = "without a number"
    document: dict[str, Any] = {
        "resourceType": "ImagingStudy",
        "id": row.study_uid,
        "identifier": [{"system": UID_SYSTEM, "value": f"urn:oid:{row.study_uid}"}],
        "status": "available",
        "subject": subject,
        "numberOfSeries": row.series_count,
        "numberOfInstances": row.instance_count,
        "endpoint": [
            {"reference": "#wado", "display": viewer_address(row.study_uid, policy.public_url)}
        ],
        "contained": [_endpoint(policy.public_url)],
    }
    if row.modalities:
        document["modality"] = [{"system": _DCM, "code": each} for each in row.modalities]
    started = _moment(row, policy.time_zone)
    if started:
        document["started"] = started
    if row.description.strip():
        document["description"] = row.description
    return document


def _endpoint(public_url: str) -> dict[str, Any]:
    system = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"
    return {
        "resourceType": "Endpoint",
        "id": "wado",
        "status": "active",
        "connectionType": {"system": system, "code": "dicom-wado-rs"},
        "payloadType": [{"text": "DICOM WADO-RS"}],
        "address": f"{public_url}/dicom-web",
    }


def _moment(row: StudyRow, zone: tzinfo) -> str:
    """A day alone where no time is known; else with the study's own offset, or the region's."""
    if row.study_date is None:
        return ""
    if row.study_time is None:
        return row.study_date.isoformat()
    offset = row.timezone_offset
    naive = datetime.combine(row.study_date, row.study_time)
    if len(offset) == len("+0800") and offset[1:].isdecimal():
        sign = -1 if offset[0] == "-" else 1
        shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
        try:
            return naive.replace(tzinfo=timezone(sign * shift)).isoformat()
        except ValueError:
            pass
    return naive.replace(tzinfo=zone).isoformat()


def _series(row: SeriesRow) -> dict[str, Any]:
    document: dict[str, Any] = {
        "uid": row.series_uid,
        "modality": {"system": _DCM, "code": row.modality or "OT"},
        "numberOfInstances": row.instance_count,
    }
    if row.series_number is not None and row.series_number >= 0:
        document["number"] = row.series_number
    if row.description.strip():
        document["description"] = row.description
    if row.body_part.strip():
        document["bodySite"] = {"display": row.body_part}
    if row.laterality in {"L", "R"}:
        document["laterality"] = {"display": row.laterality}
    return document
