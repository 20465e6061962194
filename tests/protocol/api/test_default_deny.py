"""Every address, without a token, with a bad one, and with the wrong role."""

import re
from datetime import timedelta

import pytest

from imaging_cloud.domain.access import Role
from imaging_cloud.web.app import create_app
from imaging_cloud.web.routes import OPEN_PATHS, ROUTES
from tests.protocol.serving import ShiftedClock, Web

OPEN = {
    *("/healthz", "/readyz", "/cds-services"),
    *("/login", "/login/code", "/login/verify", "/logout", "/s/{token}"),
    *("/favicon.ico", "/manifest.webmanifest", "/service-worker.js", "/offline"),
    *("/pages/style.css", "/pages/portal.js", "/pages/icon-192.png", "/pages/icon-512.png"),
    "/embed/related-exam-alert.js",
}
GUARDED = [route for route in ROUTES if route.path not in OPEN]


def concrete(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "1", path)


def test_the_open_paths_are_these_and_no_others() -> None:
    assert set(OPEN_PATHS) == OPEN


def test_the_application_has_no_route_beside_the_table(web: Web) -> None:
    app = create_app(web.cloud)

    served = {(method, route.path) for route in app.routes for method in route.methods}

    assert served - {("HEAD", route.path) for route in ROUTES} == {
        (route.method, route.path) for route in ROUTES
    }


def test_without_a_token_everything_else_is_401(web: Web) -> None:
    for route in GUARDED:
        answer = web.call(route.method, concrete(route.path))

        assert answer.status_code == 401, route
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        body = answer.json()
        if route.path.startswith(("/fhir/", "/cds-services/")):
            assert (body["resourceType"], body["issue"][0]["code"]) == ("OperationOutcome", "login")
        else:
            assert body["error"]["code"] == "not-authenticated"


def test_addresses_that_do_not_exist_are_401_too(web: Web) -> None:
    for path in (
        "/nothing",
        "/docs/oauth2-redirect",
        "/redoc",
        "/healthz/",
        "//healthz",
        "/static",
        "/s",
        "/s/",
        "/s/a/b",
        "/s/a%2Fb",
        "/s/a.b",
    ):
        assert web.get(path).status_code == 401, path


def test_with_a_token_of_another_role_a_route_is_403(web: Web) -> None:
    for route in GUARDED:
        for role in set(Role) - route.roles - {Role.GUEST}:
            answer = web.call(route.method, concrete(route.path), web.token(role, "A|1", "HOSP_A"))

            assert answer.status_code == 403, (route, role)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer " + "x" * 5000, "Bearer é"],
)
def test_a_header_that_is_no_token_of_ours_is_401(web: Web, header: str) -> None:
    answer = web.get("/api/me", headers={"Authorization": header.encode("latin-1")})

    assert answer.status_code == 401


def test_a_token_that_has_run_out_or_was_revoked_is_401(web: Web) -> None:
    token = web.token("admin", minutes=5)
    assert web.get("/api/me", token).status_code == 200

    assert isinstance(web.cloud.clock, ShiftedClock)
    web.cloud.clock.shift = timedelta(minutes=6)
    assert web.get("/api/me", token).status_code == 401

    web.cloud.clock.shift = timedelta()
    now = web.cloud.clock.now()
    token_id = web.cloud.signer.read_token(token, now=now).token_id
    web.cloud.register.revoke_token(token_id, at=now)
    assert web.get("/api/me", token).status_code == 401


def test_every_answer_carries_the_security_headers(web: Web) -> None:
    for path, token in (("/healthz", None), ("/login", None), ("/nothing", None)):
        answer = web.get(path, token)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


def test_a_body_larger_than_any_form_is_413(web: Web) -> None:
    token = web.token("physician", institution="HOSP_A")

    told = web.post("/api/order-check", token, data=b"x" * (1024**2 + 1))
    untold = web.post("/api/order-check", token, data=iter([b"x" * 600_000] * 2))

    assert (told.status_code, untold.status_code) == (413, 413)
    assert told.json()["error"]["code"] == "too-large"


def test_what_the_router_says_is_json_too(web: Web) -> None:
    admin = web.token("admin")

    assert web.get("/nothing", admin).json()["error"]["code"] == "not-found"
    wrong = web.call("DELETE", "/api/me", admin)
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method-not-allowed")
