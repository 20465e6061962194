"""Logging in with an access token, logging out, and the way to one's own page."""

from fastapi import Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from imaging_cloud.domain.access import Principal, Role
from imaging_cloud.domain.errors import NotAuthenticated, NotPermitted
from imaging_cloud.use_cases.identify_caller import identify_caller
from imaging_cloud.use_cases.sessions import end_session
from imaging_cloud.web.bodies import read_form
from imaging_cloud.web.browsers import (
    SESSION_COOKIE,
    is_listed_origin,
    is_same_origin,
    local_path,
    set_session,
)
from imaging_cloud.web.calls import cloud_of, meters_of
from imaging_cloud.web.code_login_pages import login_values
from imaging_cloud.web.security import principal_of
from imaging_cloud.web.templates import PAGES, render_page

_MAX_TOKEN = 4096
_HOME_OF = {
    Role.PATIENT: "/portal",
    Role.PHYSICIAN: "/desk",
    Role.SERVICE: "/docs",
    Role.TECHNICIAN: "/docs",
    Role.ADMIN: "/admin",
    Role.GUEST: "/shared",
}


def get_front(request: Request) -> Response:
    """To the caller's own page."""
    return RedirectResponse(_HOME_OF[principal_of(request).role], status_code=303)


def get_login(request: Request) -> Response:
    """The page that asks for a number to send a code to, or for an access token."""
    following = local_path(request.query_params.get("next", "/"))
    return render_page(request, "login.html", login_values(request, following))


def post_login(request: Request) -> Response:
    """Take the token into a cookie that scripts cannot read and other sites cannot use."""
    cloud = cloud_of(request)
    # The alert in a listed order screen opens images with the token it already holds.
    listed = is_listed_origin(request.headers, cloud.policy.cds_origins)
    if not listed and not is_same_origin(request.headers, cloud.policy.public_url):
        raise NotPermitted("this request does not come from our own pages")
    form = read_form(request)
    token = form.get("token", "").strip()
    following = local_path(form.get("next", "/"))
    try:
        if not 0 < len(token) <= _MAX_TOKEN:
            raise NotAuthenticated("an access token is needed")
        principal = identify_caller(token, cloud)
    except NotAuthenticated:
        meters_of(request).refused_logins.labels("token").inc()
        values = login_values(request, following) | {"refused": True}
        return render_page(request, "login.html", values, status=401)
    response = RedirectResponse(following, status_code=303)
    set_session(response, token, _seconds_left(principal, request), cloud.policy.public_url)
    return response


def _seconds_left(principal: Principal, request: Request) -> int | None:
    if principal.expires_at is None:
        return None
    return max(int((principal.expires_at - cloud_of(request).clock.now()).total_seconds()), 0)


def get_logout(request: Request) -> Response:
    """Ask; a link must not be able to log anybody out."""
    return render_page(request, "logout.html", {})


def post_logout(request: Request) -> Response:
    """Forget the session in this browser, and end it wherever a copy of it may be."""
    if not is_same_origin(request.headers, cloud_of(request).policy.public_url):
        raise NotPermitted("this request does not come from our own pages")
    token = request.cookies.get(SESSION_COOKIE, "")
    if 0 < len(token) <= _MAX_TOKEN:
        end_session(token, cloud_of(request))
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")
    return response


def get_style() -> Response:
    """The one style sheet."""
    headers = {"Cache-Control": "public, max-age=300"}
    return FileResponse(PAGES / "style.css", media_type="text/css", headers=headers)


def get_icon() -> Response:
    """Browsers ask for it unbidden; there is none."""
    return Response(status_code=204, headers={"Cache-Control": "public, max-age=86400"})
