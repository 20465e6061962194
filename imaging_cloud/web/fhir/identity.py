"""Patient/$ihe-pix: one person's numbers elsewhere (IHE PIXm, ITI-83)."""

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from imaging_cloud.domain.access import Principal, institution_may_see
from imaging_cloud.domain.errors import InvalidRequest, NotFound, NotPermitted
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.patients import NATIONAL_ISSUERS
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.find_imaging import persons_of
from imaging_cloud.use_cases.open_study import actor_of
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.fhir.answers import (
    fhir_answer,
    identifier_element,
    known_parameters,
    token_parameter,
)
from imaging_cloud.web.fhir.people import issuer_of
from imaging_cloud.web.security import principal_of


def get_ihe_pix(request: Request) -> Response:
    """The identifiers of the patient with `sourceIdentifier`, of one `targetSystem` or all."""
    known_parameters(request, "sourceIdentifier", "targetSystem")
    cloud, principal = cloud_of(request), principal_of(request)
    text = request.query_params.get("sourceIdentifier", "")
    source = token_parameter(text, "sourceIdentifier", cloud.policy)
    targets = {_target(each, cloud) for each in request.query_params.getlist("targetSystem")}
    persons = persons_of(source, principal, cloud)
    if not persons:
        raise NotFound("no patient with this identifier")
    cloud.audit.append_event(
        AuditEvent(
            at=cloud.clock.now(),
            action="identity-lookup",
            actor=actor_of(principal),
            role=principal.role.value,
            institution=principal.institution or "",
            person_id=persons[0].person_id,
        )
    )
    found = [
        each
        for each in _identifiers(source, principal, cloud)
        if each != source and (not targets or each.issuer in targets)
    ]
    parameters: list[dict[str, Any]] = [
        {
            "name": "targetIdentifier",
            "valueIdentifier": identifier_element(each, cloud.policy),
        }
        for each in found
    ]
    document: dict[str, Any] = {"resourceType": "Parameters"}
    return fhir_answer(document | ({"parameter": parameters} if parameters else {}))


def _target(system: str, cloud: Cloud) -> str:
    """The issuer a target system stands for. Raises NotPermitted when there is none (ITI-83)."""
    issuer = issuer_of(system, cloud.policy)
    known = {each.code for each in cloud.register.list_institutions()} | NATIONAL_ISSUERS
    if issuer is None:
        raise InvalidRequest("targetSystem: the system is not known here", field="targetSystem")
    if issuer not in known:
        raise NotPermitted("targetSystem: no numbers of this system are kept here")
    return issuer


def _identifiers(
    source: PatientIdentifier, principal: Principal, cloud: Cloud
) -> list[PatientIdentifier]:
    """National numbers and one's own; those of others only where the patient opened to us."""
    asking = principal.institution or ""
    known = cloud.exams.find_exams_of((source,), asking_institution=asking)
    found: dict[PatientIdentifier, None] = {}
    for person in known.persons:
        opened = principal.institution is None or institution_may_see(
            cloud.policy.consent, known.decisions.get(person.person_id)
        )
        for each in person.identifiers:
            if opened or each.issuer == asking or each.issuer in NATIONAL_ISSUERS:
                found[each] = None
    return list(found)
