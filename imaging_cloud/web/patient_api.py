"""A patient's own: studies, permissions, who looked. JSON for the portal and the viewer."""

import json
from datetime import UTC
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from imaging_cloud.domain.access import Consent
from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.queries import ImagingQuery
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.imaging_index import StudyRow
from imaging_cloud.use_cases.decide_consent import decide_consent, list_own_consents
from imaging_cloud.use_cases.list_accesses import list_accesses
from imaging_cloud.web.bodies import read_body
from imaging_cloud.web.calls import cloud_of, scope_of_call
from imaging_cloud.web.order_answer import viewer_address
from imaging_cloud.web.security import principal_of

# Callers name the one who is let in differently; the contract leaves the body open.
_INSTITUTION_KEYS = ("institution", "grantee", "institutionCode", "to")
_MOST_STUDIES = 500


def get_me(request: Request) -> Response:
    """Who the token says is calling."""
    principal = principal_of(request)
    expires = principal.expires_at
    return JSONResponse(
        {
            "role": principal.role.value,
            "subject": principal.subject,
            "institution": principal.institution,
            "expiresAt": expires.astimezone(UTC).isoformat() if expires else None,
        }
    )


def get_consents(request: Request) -> Response:
    """The patient's standing decisions, and what holds where they said nothing."""
    cloud = cloud_of(request)
    consents = list_own_consents(principal_of(request), cloud)
    return JSONResponse(
        {
            "consents": [_consent(each) for each in consents],
            "policy": cloud.policy.consent.value,
        }
    )


def post_consent(request: Request) -> Response:
    """Grant (or, with `granted` false, refuse) an institution the sight of one's exams."""
    body = _json_object(read_body(request))
    return _decide(request, _institution(body), granted=_granted(body), status=201)


def put_consent(request: Request, institution: str) -> Response:
    """Decide about one institution: `granted` true or false."""
    body = _json_object(read_body(request))
    return _decide(request, institution, granted=_granted(body), status=200)


def delete_consent(request: Request, institution: str) -> Response:
    """Withdraw the permission of one institution."""
    return _decide(request, institution, granted=False, status=200)


def delete_consent_by_field(request: Request) -> Response:
    """The same with the institution in the query or the body."""
    given: dict[str, Any] = dict(request.query_params)
    if not any(key in given for key in _INSTITUTION_KEYS):
        given = _json_object(read_body(request))
    return _decide(request, _institution(given), granted=False, status=200)


def _decide(request: Request, institution: str, *, granted: bool, status: int) -> Response:
    consent = decide_consent(
        principal_of(request), institution, granted=granted, cloud=cloud_of(request)
    )
    return JSONResponse(_consent(consent), status_code=status)


def _consent(consent: Consent) -> dict[str, Any]:
    return {
        "institution": consent.institution,
        "granted": consent.granted,
        "decidedAt": consent.decided_at.astimezone(UTC).isoformat(),
    }


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("the body is not JSON") from error
    if not isinstance(value, dict):
        raise InvalidRequest("the body is not a JSON object")
    return value


def _institution(body: dict[str, Any]) -> str:
    for key in _INSTITUTION_KEYS:
        value = body.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    raise InvalidRequest("institution: the code of an institution is needed", field="institution")


def _granted(body: dict[str, Any]) -> bool:
    granted = body.get("granted", True)
    if not isinstance(granted, bool):
        raise InvalidRequest("granted: true or false is needed", field="granted")
    return granted


def get_studies(request: Request) -> Response:
    """The patient's own studies, newest first."""
    cloud = cloud_of(request)
    rows = cloud.index.find_studies(ImagingQuery(limit=_MOST_STUDIES), scope_of_call(request))
    studies = [_study(row, cloud.policy.public_url) for row in newest_first(rows)]
    return JSONResponse({"studies": studies})


def newest_first(rows: list[StudyRow]) -> list[StudyRow]:
    return sorted(rows, key=_moment, reverse=True)


def _moment(row: StudyRow) -> tuple[str, str]:
    day = row.study_date.isoformat() if row.study_date else ""
    return day, row.study_time.isoformat() if row.study_time else ""


def _study(row: StudyRow, public_url: str) -> dict[str, Any]:
    return {
        "studyInstanceUID": row.study_uid,
        "institution": row.institution,
        "studyDate": row.study_date.isoformat() if row.study_date else None,
        "studyTime": row.study_time.isoformat() if row.study_time else None,
        "description": row.description,
        "modalities": list(row.modalities),
        "series": row.series_count,
        "instances": row.instance_count,
        "viewerUrl": viewer_address(row.study_uid, public_url),
    }


def get_access_log(request: Request) -> Response:
    """Who looked at the patient's images, and when."""
    events = list_accesses(principal_of(request), cloud_of(request))
    return JSONResponse({"accesses": [_access(event) for event in events]})


def _access(event: AuditEvent) -> dict[str, Any]:
    return {
        "at": event.at.astimezone(UTC).isoformat(),
        "action": event.action,
        "actor": event.actor,
        "role": event.role,
        "institution": event.institution or None,
        "studyInstanceUID": event.study_uid or None,
        "outcome": event.outcome,
    }
