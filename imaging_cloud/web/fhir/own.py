"""A patient's own Consents and AuditEvents as FHIR (R4 4.0.1)."""

from datetime import UTC
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from fastapi import Request
from fastapi.responses import Response

from imaging_cloud.domain.access import Consent
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.use_cases.decide_consent import list_own_consents
from imaging_cloud.use_cases.list_accesses import list_accesses
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.fhir.answers import count_parameter, known_parameters, search_answer
from imaging_cloud.web.security import principal_of

_TERMS = "http://terminology.hl7.org/CodeSystem/"
_DCM = "http://dicom.nema.org/resources/ontology/DCM"


def search_consents(request: Request) -> Response:
    """The calling patient's standing decisions."""
    known_parameters(request)
    cloud = cloud_of(request)
    consents = list_own_consents(principal_of(request), cloud)[: count_parameter(request)]
    return search_answer([_consent(each) for each in consents], request, cloud)


def search_audit_events(request: Request) -> Response:
    """Who looked at the calling patient's images, and when."""
    known_parameters(request)
    cloud = cloud_of(request)
    events = list_accesses(principal_of(request), cloud, count_parameter(request))
    return search_answer([_event(each) for each in events], request, cloud)


def _consent(consent: Consent) -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "id": str(uuid5(NAMESPACE_URL, f"{consent.person_id}/{consent.institution}")),
        "status": "active",
        "scope": {"coding": [{"system": f"{_TERMS}consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "dateTime": consent.decided_at.astimezone(UTC).isoformat(),
        "policyRule": {"text": "sight of exams made at other institutions"},
        "provision": {
            "type": "permit" if consent.granted else "deny",
            "actor": [
                {
                    "role": {
                        "coding": [{"system": f"{_TERMS}v3-ParticipationType", "code": "IRCP"}]
                    },
                    "reference": {"display": consent.institution},
                }
            ],
        },
    }


def _event(event: AuditEvent) -> dict[str, Any]:
    at = event.at.astimezone(UTC).isoformat()
    agent: dict[str, Any] = {"requestor": True, "who": {"display": event.actor or "unknown"}}
    if event.role:
        agent["role"] = [{"text": event.role}]
    document: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": str(uuid5(NAMESPACE_URL, f"{at}/{event.action}/{event.actor}/{event.study_uid}")),
        "type": {"system": _DCM, "code": "110103", "display": "DICOM Instances Accessed"},
        "subtype": [{"system": "urn:imaging-cloud:audit-action", "code": event.action}],
        "action": "R",
        "recorded": at,
        "outcome": "0" if event.outcome == "success" else "8",
        "agent": [agent],
        "source": {"observer": {"display": "Imaging cloud"}},
    }
    if event.study_uid:
        document["entity"] = [{"what": {"reference": f"ImagingStudy/{event.study_uid}"}}]
    return document
