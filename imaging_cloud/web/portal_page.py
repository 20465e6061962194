"""The patient's page: own studies, who may see them and by which links, who did."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from imaging_cloud.domain.shares import Share, is_locked, is_standing, may_be_opened
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.use_cases.decide_consent import decide_consent, list_own_consents
from imaging_cloud.use_cases.list_accesses import list_accesses
from imaging_cloud.use_cases.share_studies import list_own_shares
from imaging_cloud.web.bodies import read_form
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.own_studies import StudyCard, study_cards
from imaging_cloud.web.security import principal_of
from imaging_cloud.web.shell import PORTAL_POLICY
from imaging_cloud.web.templates import render_page

_MOST_ACCESSES = 50
_MOST_LINKS = 20
_ONE_LOOK = timedelta(minutes=30)
# What a viewer asks for while somebody looks.
_LOOKING = frozenset({"view", "metadata", "retrieve-frames"})


@dataclass(frozen=True, slots=True)
class Access:
    """One look: a page and its pictures are many events, told as one."""

    at: datetime
    actor: str
    role: str
    institution: str
    action: str
    study_uid: str
    count: int


@dataclass(frozen=True, slots=True)
class Link:
    """A share as the page tells it; `state` is open, revoked, over, locked or used."""

    share: Share
    state: str
    is_standing: bool
    what: str


def get_portal(request: Request) -> Response:
    """The patient's own studies, permissions and accesses."""
    cloud, principal = cloud_of(request), principal_of(request)
    cards = study_cards(request)
    decisions = {each.institution: each for each in list_own_consents(principal, cloud)}
    institutions = cloud.register.list_institutions()
    names = {each.code: each.name for each in institutions}
    accesses = told_once(list_accesses(principal, cloud))
    values = {
        "cards": cards,
        "links": _links(request, cards),
        "names": names,
        "institutions": institutions,
        "decisions": decisions,
        "policy": cloud.policy.consent.value,
        "accesses": accesses[:_MOST_ACCESSES],
        "words": {card.row.study_uid: card.words for card in cards},
        "zone": cloud.policy.time_zone,
    }
    response = render_page(request, "portal.html", values)
    response.headers["Content-Security-Policy"] = PORTAL_POLICY
    return response


def _links(request: Request, cards: list[StudyCard]) -> list[Link]:
    """Those that stand first, then the newest of those that are over."""
    cloud = cloud_of(request)
    now = cloud.clock.now()
    words = {card.row.study_uid: card.words for card in cards}
    links = []
    for share in list_own_shares(principal_of(request), cloud):
        only = share.study_uids[0] if len(share.study_uids) == 1 else ""
        links.append(Link(share, _state(share, now), is_standing(share, now), words.get(only, "")))
    return sorted(links, key=lambda link: not link.is_standing)[:_MOST_LINKS]


def _state(share: Share, now: datetime) -> str:
    if share.revoked_at is not None:
        return "revoked"
    if not is_standing(share, now):
        return "over"
    if is_locked(share):
        return "locked"
    return "open" if may_be_opened(share, now) else "used"


def post_consent(request: Request) -> Response:
    """The permission switches of the page."""
    form = read_form(request)
    granted = form.get("granted") == "yes"
    institution = form.get("institution", "")
    decide_consent(principal_of(request), institution, granted=granted, cloud=cloud_of(request))
    return RedirectResponse("/portal#permissions", status_code=303)


def told_once(events: Iterable[AuditEvent]) -> list[Access]:
    """Newest first. What one actor does with a study within half an hour is one look."""
    found: list[Access] = []
    latest: dict[tuple[str, ...], int] = {}
    for event in events:
        action = "view" if event.action in _LOOKING else event.action
        key = (event.actor, event.role, event.institution, action, event.study_uid)
        at = latest.get(key)
        if at is not None and found[at].at - event.at < _ONE_LOOK:
            found[at] = replace(found[at], count=found[at].count + 1)
            continue
        latest[key] = len(found)
        found.append(Access(event.at, *key, 1))
    return found
