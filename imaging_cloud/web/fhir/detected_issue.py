"""FHIR DetectedIssue (R4 4.0.1): what an order check found, by the id of its alert."""

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from imaging_cloud.domain.access import Principal
from imaging_cloud.domain.errors import InvalidRequest, NotFound
from imaging_cloud.domain.queries import ImagingQuery
from imaging_cloud.ports.alert_log import LoggedAlert
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.open_study import actor_of
from imaging_cloud.web.calls import cloud_of, scope_of_call
from imaging_cloud.web.fhir.answers import fhir_answer, known_parameters, search_answer
from imaging_cloud.web.security import principal_of

_ACT_CODES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ALERT_SYSTEM = "urn:imaging-cloud:alert"
PERSON_SYSTEM = "urn:imaging-cloud:person"
_DUPLICATE = ("DUPTHPY", "Duplicate Therapy Alert")
# v3 ActCode, observation issues, by the beginning of a rule's code; the first that fits.
_CODES: tuple[tuple[str, tuple[str, str]], ...] = (
    ("GAD-PREGNANCY", ("PREG", "Pregnancy Alert")),
    ("DOSE-PREGNANCY", ("PREG", "Pregnancy Alert")),
    ("IOD-METFORMIN", ("DRG", "Drug Interaction Alert")),
    ("IOD-REACTION", ("REACT", "Reaction Alert")),
    ("GAD-REACTION", ("REACT", "Reaction Alert")),
    ("BA-ALLERGY", ("REACT", "Reaction Alert")),
    ("IOD-KIDNEY", ("LAB", "Lab Alert")),
    ("GAD-KIDNEY", ("LAB", "Lab Alert")),
    ("", ("COND", "Condition Alert")),
)
_SEVERITY = {"critical": "high", "warning": "moderate", "info": "low"}
_GRADE_SEVERITY = {"duplicate": "moderate", "partial": "low", "related": "low"}


def get_detected_issue(request: Request, issue_id: str) -> Response:
    """What one order check found: the repeat, else the gravest caution; with a rule's code, it."""
    cloud, principal = cloud_of(request), principal_of(request)
    alert_id, _, rule = issue_id.partition(".")
    alert = _alert(alert_id, principal, cloud)
    issues = _issues(alert, request, cloud)
    found = [each for each in issues if not rule or each["id"] == issue_id]
    if not found:
        raise NotFound("no such detected issue, or not for this caller")
    _note(alert, principal, cloud)
    return fhir_answer(found[0] | {"id": issue_id})


def search_detected_issues(request: Request) -> Response:
    """All that one order check found, by the id of its alert."""
    known_parameters(request, "identifier", "_id")
    cloud, principal = cloud_of(request), principal_of(request)
    text = request.query_params.get("identifier") or request.query_params.get("_id") or ""
    alert_id = text.removeprefix(f"{ALERT_SYSTEM}|")
    if not alert_id:
        raise InvalidRequest("identifier: the id of an alert is needed", field="identifier")
    try:
        alert = _alert(alert_id, principal, cloud)
    except NotFound:
        return search_answer([], request, cloud)
    _note(alert, principal, cloud)
    return search_answer(_issues(alert, request, cloud), request, cloud)


def _alert(alert_id: str, principal: Principal, cloud: Cloud) -> LoggedAlert:
    """The alerts of one's own institution only."""
    alert = cloud.alerts.find_alert(alert_id)
    if alert is None or principal.institution not in {None, alert.institution}:
        raise NotFound("no such detected issue, or not for this caller")
    return alert


def _note(alert: LoggedAlert, principal: Principal, cloud: Cloud) -> None:
    cloud.audit.append_event(
        AuditEvent(
            at=cloud.clock.now(),
            action="alert-read",
            actor=actor_of(principal),
            role=principal.role.value,
            institution=principal.institution or "",
            person_id=alert.person_id,
            detail=alert.alert_id,
        )
    )


def _issues(alert: LoggedAlert, request: Request, cloud: Cloud) -> list[dict[str, Any]]:
    """Priors that were opened then but may not be seen now are left out."""
    matches = alert.answer["matches"]
    uids = tuple(each["studyInstanceUID"] for each in matches)
    query = ImagingQuery(study_uids=uids, limit=max(1, len(uids)))
    rows = cloud.index.find_studies(query, scope_of_call(request)) if uids else []
    seen = {row.study_uid for row in rows}
    shown = [each for each in matches if each["studyInstanceUID"] in seen]
    issues = [_duplicate(alert, shown)] if shown else []
    return [*issues, *(_caution(alert, each) for each in alert.answer["cautions"])]


def _duplicate(alert: LoggedAlert, matches: list[dict[str, Any]]) -> dict[str, Any]:
    studies = [{"reference": f"ImagingStudy/{each['studyInstanceUID']}"} for each in matches]
    lines = [
        f"{each['grade']}: {(each['performedAt'] or 'no date')[:10]}, {'; '.join(each['reasons'])}"
        for each in matches
    ]
    issue = _issue(alert, alert.alert_id, _DUPLICATE, _GRADE_SEVERITY[matches[0]["grade"]])
    return issue | {
        "implicated": studies,
        "evidence": [{"detail": [study]} for study in studies],
        "detail": "\n".join(lines),
    }


def _caution(alert: LoggedAlert, caution: dict[str, Any]) -> dict[str, Any]:
    rule = caution["rule"]
    code = next(code for start, code in _CODES if rule.startswith(start))
    issue = _issue(alert, f"{alert.alert_id}.{rule}", code, _SEVERITY[caution["severity"]])
    basis = {"text": f"{rule}: {caution['source']}"}
    return issue | {"detail": caution["message"], "evidence": [{"code": [basis]}]}


def _issue(
    alert: LoggedAlert, issue_id: str, code: tuple[str, str], severity: str
) -> dict[str, Any]:
    person = alert.answer["identity"]["person"]
    patient = {"identifier": {"system": PERSON_SYSTEM, "value": person}} if person else None
    return {
        "resourceType": "DetectedIssue",
        "id": issue_id,
        **({"patient": patient} if patient else {}),
        "identifier": [{"system": ALERT_SYSTEM, "value": alert.alert_id}],
        "status": "final",
        "code": {"coding": [{"system": _ACT_CODES, "code": code[0], "display": code[1]}]},
        "severity": severity,
        "identifiedDateTime": alert.answer["checkedAt"],
        "author": {"display": f"Imaging cloud, rules {alert.rules_version}"},
    }
