"""FHIR answers (R4 4.0.1): media type, search bundles, references, search parameters."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.identifiers import PatientIdentifier, checked_identifier
from imaging_cloud.ports.cloud import Cloud, Policy
from imaging_cloud.web.fhir.people import issuer_of, system_of_issuer
from imaging_cloud.web.outcomes import FHIR_JSON

UID_SYSTEM = "urn:dicom:uid"
_MOST = 500


def fhir_answer(document: dict[str, Any]) -> Response:
    return JSONResponse(document, media_type=FHIR_JSON)


def search_answer(resources: Sequence[dict[str, Any]], request: Request, cloud: Cloud) -> Response:
    """A searchset. Its self link leaves the parameters out: they name patients."""
    base = f"{cloud.policy.public_url}{request.url.path}"
    entries = [
        {"fullUrl": f"{base}/{each['id']}", "resource": each, "search": {"mode": "match"}}
        for each in resources
    ]
    document: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(entries),
        "link": [{"relation": "self", "url": base}],
    }
    if entries:
        document["entry"] = entries
    return fhir_answer(document)


def identifier_element(identifier: PatientIdentifier, policy: Policy) -> dict[str, str]:
    system = system_of_issuer(identifier.issuer, policy)
    return {"system": system, "value": identifier.value}


def token_parameter(text: str, name: str, policy: Policy) -> PatientIdentifier:
    """`SYSTEM|VALUE` of a search. Raises InvalidRequest for an unknown system."""
    system, separator, value = text.partition("|")
    issuer = issuer_of(system, policy) if separator else None
    if issuer is None:
        raise InvalidRequest(f"{name}: SYSTEM|VALUE with a known system is needed", field=name)
    try:
        return checked_identifier(issuer, value)
    except InvalidRequest as error:
        raise InvalidRequest(f"{name}: SYSTEM|VALUE is needed", field=name) from error


def count_parameter(request: Request) -> int:
    text = request.query_params.get("_count", "100")
    if not text.isascii() or not text.isdecimal() or len(text) > 6:  # noqa: PLR2004 - no number
        raise InvalidRequest("_count: a number is needed", field="_count")
    return min(int(text), _MOST)


def known_parameters(request: Request, *names: str) -> None:
    """Raises InvalidRequest for a search parameter that would silently widen the search."""
    for name in request.query_params:
        if name not in {*names, "_count", "_format", "_pretty"}:
            raise InvalidRequest("a search parameter is not known here", field=name[:64])
