"""The patient's page: own studies, who may see them, who did."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from imaging_cloud.domain.queries import ImagingQuery
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.use_cases.decide_consent import decide_consent, list_own_consents
from imaging_cloud.use_cases.list_accesses import list_accesses
from imaging_cloud.web.bodies import read_form
from imaging_cloud.web.calls import cloud_of, scope_of_call
from imaging_cloud.web.patient_api import newest_first
from imaging_cloud.web.security import principal_of
from imaging_cloud.web.templates import render_page

_MOST_STUDIES = 100
_MOST_ACCESSES = 50


@dataclass(frozen=True, slots=True)
class Access:
    """One look: a page and its pictures are many events within a minute, told as one."""

    at: datetime
    actor: str
    role: str
    institution: str
    action: str
    study_uid: str
    count: int


def get_portal(request: Request) -> Response:
    """The patient's own studies, permissions and accesses."""
    cloud, principal = cloud_of(request), principal_of(request)
    rows = cloud.index.find_studies(ImagingQuery(limit=_MOST_STUDIES), scope_of_call(request))
    decisions = {each.institution: each for each in list_own_consents(principal, cloud)}
    institutions = cloud.register.list_institutions()
    names = {each.code: each.name for each in institutions}
    accesses = told_once(list_accesses(principal, cloud))
    values = {
        "studies": newest_first(rows),
        "names": names,
        "institutions": institutions,
        "decisions": decisions,
        "policy": cloud.policy.consent.value,
        "accesses": accesses[:_MOST_ACCESSES],
        "zone": cloud.policy.time_zone,
    }
    return render_page(request, "portal.html", values)


def post_consent(request: Request) -> Response:
    """The permission switches of the page."""
    form = read_form(request)
    granted = form.get("granted") == "yes"
    institution = form.get("institution", "")
    decide_consent(principal_of(request), institution, granted=granted, cloud=cloud_of(request))
    return RedirectResponse("/portal#permissions", status_code=303)


def told_once(events: Iterable[AuditEvent]) -> list[Access]:
    """Newest first; neighbours of one actor, study and minute become one."""
    found = []
    for key, group in groupby(events, key=_look):
        first, *rest = group
        actor, role, institution, action, study_uid, _ = key
        found.append(Access(first.at, actor, role, institution, action, study_uid, 1 + len(rest)))
    return found


def _look(event: AuditEvent) -> tuple[str, str, str, str, str, str]:
    return (
        event.actor,
        event.role,
        event.institution,
        event.action,
        event.study_uid,
        event.at.strftime("%Y%m%d%H%M"),
    )
