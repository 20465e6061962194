"""Logging in by one-time code: ask for it, type it in. Works without a script."""

import logging

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.background import BackgroundTask

from imaging_cloud.domain.errors import InvalidRequest, NotAuthenticated, NotPermitted
from imaging_cloud.domain.patients import RESIDENT_ID
from imaging_cloud.use_cases.log_in_by_code import ask_for_code, log_in_with_code, send_code
from imaging_cloud.use_cases.sessions import SESSION_MINUTES
from imaging_cloud.web.bodies import read_form
from imaging_cloud.web.browsers import (
    client_address,
    is_same_origin,
    local_path,
    set_session,
)
from imaging_cloud.web.calls import cloud_of, meters_of
from imaging_cloud.web.languages import language_of
from imaging_cloud.web.templates import render_page

NATIONAL_ISSUERS = (RESIDENT_ID, "CN-HEALTH-CARD", "CN-SOCIAL-SECURITY", "CN-INSURANCE")
_LOG = logging.getLogger(__name__)


def login_values(request: Request, following: str, **more: str) -> dict[str, object]:
    """What login.html needs, with nothing refused unless `more` says so."""
    cloud = cloud_of(request)
    values: dict[str, object] = {
        "following": following,
        "refused": False,
        "problem": "",
        "codes": cloud.sender.is_offered,
        "issuers": NATIONAL_ISSUERS,
        "institutions": cloud.register.list_institutions() if cloud.sender.is_offered else [],
        "issuer": RESIDENT_ID,
        "typed": "",
    }
    return values | more


def post_login_code(request: Request) -> Response:
    """Send a code to whoever has the number; the answer is the same when nobody has."""
    cloud = cloud_of(request)
    _require_own_page(request)
    form = read_form(request)
    following = local_path(form.get("next", "/"))
    issuer = form.get("issuer", RESIDENT_ID)
    try:
        asked = ask_for_code(
            issuer,
            form.get("value", ""),
            address=client_address(request, cloud.policy.trusted_proxies),
            language=language_of(request.headers.get("accept-language", "")),
            cloud=cloud,
        )
    except InvalidRequest:
        # Eighteen digits are not typed twice; the answer is not kept anywhere.
        typed = form.get("value", "")[:64]
        values = login_values(
            request, following, problem="number_wrong", issuer=issuer, typed=typed
        )
        return render_page(request, "login.html", values, status=422)
    values = _code_values(asked.login_id, following)
    values["shown"] = asked.code if cloud.sender.shows_on_screen else ""
    response = render_page(request, "login_code.html", values)
    response.background = BackgroundTask(send_code, asked, cloud)
    return response


def post_login_verify(request: Request) -> Response:
    """Take the code; right, it opens a session."""
    cloud = cloud_of(request)
    _require_own_page(request)
    form = read_form(request)
    login_id, following = form.get("login", "")[:64], local_path(form.get("next", "/"))
    try:
        token = log_in_with_code(
            login_id,
            form.get("code", ""),
            address=client_address(request, cloud.policy.trusted_proxies),
            cloud=cloud,
        )
    except NotAuthenticated:
        meters_of(request).refused_logins.labels("code").inc()
        values = _code_values(login_id, following) | {"refused": True}
        return render_page(request, "login_code.html", values, status=401)
    response = RedirectResponse(following, status_code=303)
    set_session(response, token, SESSION_MINUTES * 60, cloud.policy.public_url)
    return response


def _code_values(login_id: str, following: str) -> dict[str, object]:
    return {"login_id": login_id, "following": following, "shown": "", "refused": False}


def _require_own_page(request: Request) -> None:
    if not is_same_origin(request.headers, cloud_of(request).policy.public_url):
        raise NotPermitted("this request does not come from our own pages")
