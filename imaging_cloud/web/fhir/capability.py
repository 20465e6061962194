"""GET /fhir/metadata: what of FHIR is offered here (R4 4.0.1 CapabilityStatement)."""

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.fhir.answers import fhir_answer

_DATE = "2026-11-22"
_SEARCHES: dict[str, tuple[tuple[str, ...], tuple[tuple[str, str], ...]]] = {
    "AuditEvent": (("search-type",), ()),
    "Consent": (("search-type",), ()),
    "DetectedIssue": (("read", "search-type"), (("identifier", "token"),)),
    "ImagingStudy": (
        ("read", "search-type"),
        (
            ("patient.identifier", "token"),
            ("identifier", "token"),
            ("started", "date"),
            ("modality", "token"),
        ),
    ),
}


def get_metadata(request: Request) -> Response:
    """What of FHIR is offered here, and how to search it."""
    public_url = cloud_of(request).policy.public_url
    resources: list[dict[str, Any]] = [_resource(name) for name in _SEARCHES]
    operation = {
        "name": "ihe-pix",
        "definition": "https://profiles.ihe.net/ITI/PIXm/OperationDefinition/IHE.PIXm.pix",
    }
    resources.append({"type": "Patient", "operation": [operation]})
    return fhir_answer(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": _DATE,
            "kind": "instance",
            "software": {"name": "Imaging cloud"},
            "implementation": {"description": "Imaging cloud", "url": f"{public_url}/fhir"},
            "fhirVersion": "4.0.1",
            "format": ["json"],
            "rest": [
                {
                    "mode": "server",
                    "security": {"description": "Bearer tokens (docs/http.md)"},
                    "resource": resources,
                }
            ],
        }
    )


def _resource(name: str) -> dict[str, Any]:
    interactions, parameters = _SEARCHES[name]
    document: dict[str, Any] = {
        "type": name,
        "interaction": [{"code": each} for each in interactions],
    }
    if parameters:
        document["searchParam"] = [{"name": each, "type": kind} for each, kind in parameters]
    return document
