"""The other side of a patient's link: open it, with a passcode where one was set, and look."""

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from imaging_cloud.domain.access import Role
from imaging_cloud.domain.errors import CloudError, NotFound, NotPermitted, TooManyTries
from imaging_cloud.domain.shares import Share
from imaging_cloud.use_cases.identify_caller import identify_caller, standing_share
from imaging_cloud.use_cases.open_share import WrongPasscode, find_link, open_link
from imaging_cloud.use_cases.sessions import SESSION_MINUTES
from imaging_cloud.web.bodies import read_form
from imaging_cloud.web.browsers import (
    SESSION_COOKIE,
    client_address,
    is_same_origin,
    set_session,
)
from imaging_cloud.web.calls import cloud_of, meters_of
from imaging_cloud.web.own_studies import study_cards
from imaging_cloud.web.security import principal_of
from imaging_cloud.web.templates import render_page


def get_link(request: Request, token: str) -> Response:
    """Open it at once where that does no harm, else ask: for the passcode, or for a word.

    A messenger that looks at links must not use up openings, and nobody is logged out by a link.
    """
    cloud = cloud_of(request)
    try:
        share = find_link(token, address=_address(request), cloud=cloud)
    except (NotFound, TooManyTries) as error:
        return _closed(request, error)
    if share.passcode_digest or share.max_opens is not None or _is_somebody(request):
        return _ask(request, share)
    return _open(request, token, "")


def post_link(request: Request, token: str) -> Response:
    """Open it, with the passcode that was typed."""
    if not is_same_origin(request.headers, cloud_of(request).policy.public_url):
        raise NotPermitted("this request does not come from our own pages")
    return _open(request, token, read_form(request).get("passcode", ""))


def get_shared(request: Request) -> Response:
    """The studies of the link that was opened."""
    cloud, principal = cloud_of(request), principal_of(request)
    values = {
        "cards": study_cards(request),
        "share": standing_share(principal, cloud),
        "zone": cloud.policy.time_zone,
    }
    return render_page(request, "shared.html", values)


def _open(request: Request, token: str, passcode: str) -> Response:
    cloud = cloud_of(request)
    try:
        share, session = open_link(token, passcode, address=_address(request), cloud=cloud)
    except WrongPasscode as error:
        meters_of(request).refused_logins.labels("passcode").inc()
        found = find_link(token, address=_address(request), cloud=cloud)
        return _ask(request, found, left=error.left)
    except (NotFound, TooManyTries) as error:
        return _closed(request, error)
    only = share.study_uids[0] if len(share.study_uids) == 1 else ""
    response = RedirectResponse(f"/view/{quote(only)}" if only else "/shared", status_code=303)
    set_session(response, session, SESSION_MINUTES * 60, cloud.policy.public_url)
    return response


def _ask(request: Request, share: Share, *, left: int | None = None) -> Response:
    values = {"passcode": bool(share.passcode_digest), "left": left}
    status = 200 if left is None else 401
    return render_page(request, "open_link.html", values, status=status)


def _closed(request: Request, error: CloudError) -> Response:
    """One page for whatever does not open, so that it tells nothing of links that once did."""
    too_many = isinstance(error, TooManyTries)
    meters_of(request).refused_logins.labels("throttled" if too_many else "link").inc()
    if too_many:
        raise error
    return render_page(request, "closed_link.html", {}, status=404)


def _is_somebody(request: Request) -> bool:
    """Whether this browser is logged in as a person, which a link must not silently end."""
    token = request.cookies.get(SESSION_COOKIE, "")
    try:
        return bool(token) and identify_caller(token, cloud_of(request)).role is not Role.GUEST
    except CloudError:
        return False


def _address(request: Request) -> str:
    return client_address(request, cloud_of(request).policy.trusted_proxies)
