"""JWTs of order screens: what is accepted, and all that is not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from imaging_cloud.ports.cds_clients import CdsClient
from tests.protocol.cds_hooks.calling import SIGN, checked, order, sign
from tests.protocol.cds_hooks.fhir_server import FhirServer, running_fhir_server
from tests.protocol.serving import Web, serving

ISSUER = "https://his.example.org"
EC = ECKey.generate_key("P-384", parameters={"kid": "ec-1"})
OTHER_EC = ECKey.generate_key("P-384", parameters={"kid": "ec-1"})
NEW_EC = ECKey.generate_key("P-384", parameters={"kid": "ec-2"})
RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa-1"})
ALL = ["ES384", "RS384", "HS256", "RS256", "ES256", "none"]


def public(*keys: Any) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


@pytest.fixture(scope="module")
def screen(empty: Web) -> Web:
    """A cloud that knows the order screen of HOSP_B by its keys; shared."""
    client = CdsClient(issuer=ISSUER, institution="HOSP_B", jwks=public(EC, RSA))
    empty.cloud.clients.add_client(client)
    return empty


def claims(web: Web, **changes: Any) -> dict[str, Any]:
    now = int(web.cloud.clock.now().timestamp())
    claims.count = getattr(claims, "count", 0) + 1  # type: ignore[attr-defined]
    document = {
        "iss": ISSUER,
        "aud": f"{web.url}{SIGN}",
        "iat": now,
        "exp": now + 300,
        "jti": f"token-{claims.count}",  # type: ignore[attr-defined]
    } | changes
    return {name: value for name, value in document.items() if value is not None}


def signed(web: Web, key: Any = EC, header: Any = None, **changes: Any) -> str:
    head = {"alg": "ES384", "kid": "ec-1", "typ": "JWT"} | (header or {})
    head = {name: value for name, value in head.items() if value is not None}
    return jwt.encode(head, claims(web, **changes), key, algorithms=ALL)


def call(web: Web, token: str, path: str = SIGN) -> Any:
    return web.post(path, token, json=sign(order("d1", "胸部CT平扫")))


def test_both_algorithms_are_accepted_and_bind_to_the_institution(screen: Web) -> None:
    for key, header in ((EC, {}), (RSA, {"alg": "RS384", "kid": "rsa-1"})):
        assert checked(call(screen, signed(screen, key, header))) == []

    asked = [
        event for event in screen.cloud.audit.list_events_of("") if event.action == "order-check"
    ]
    assert {(event.actor, event.institution) for event in asked} == {(ISSUER, "HOSP_B")}


def test_aud_may_be_a_list(screen: Web) -> None:
    token = signed(screen, aud=["https://else.example", f"{screen.url}{SIGN}"])

    assert call(screen, token).status_code == 200


@pytest.mark.parametrize(
    ("key", "header", "changes"),
    [
        (OTHER_EC, {}, {}),
        (EC, {"kid": "ec-9"}, {}),
        (EC, {"kid": None}, {}),
        (EC, {"jku": "https://evil.example/keys"}, {}),
        (RSA, {"alg": "RS256", "kid": "rsa-1"}, {}),
        (OctKey.import_key("x" * 32), {"alg": "HS256"}, {}),
        (EC, {}, {"iss": "https://other.example"}),
        (EC, {}, {"iss": None}),
        (EC, {}, {"aud": None}),
        (EC, {}, {"aud": "http://127.0.0.1/cds-services"}),
        (EC, {}, {"exp": 1422568860}),
        (EC, {}, {"exp": None}),
        (EC, {}, {"exp": 99999999999}),
        (EC, {}, {"exp": True}),
        (EC, {}, {"iat": None}),
        (EC, {}, {"iat": 99999999999}),
        (EC, {}, {"jti": None}),
        (EC, {}, {"jti": 7}),
    ],
)
def test_any_fault_is_401(screen: Web, key: Any, header: Any, changes: Any) -> None:
    answer = call(screen, signed(screen, key, header, **changes))

    assert answer.status_code == 401
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_no_signature_at_all_is_401(screen: Web) -> None:
    head, body, _ = signed(screen, header={}).split(".")
    none = "eyJhbGciOiJub25lIiwia2lkIjoiZWMtMSJ9"

    for token in (f"{none}.{body}.", f"{head}.{body}.", f"{head}.{body}.AAAA", "a.b.c"):
        assert call(screen, token).status_code == 401


def test_a_token_is_good_once_in_all_processes(screen: Web, tmp_path: Path) -> None:
    token = signed(screen)
    other = signed(screen)

    assert call(screen, token).status_code == 200
    assert call(screen, token).status_code == 401
    with serving(tmp_path / "second", screen.cloud) as second:
        assert call(second, token).status_code == 401
        assert call(second, other).status_code == 200


def test_a_good_token_is_for_the_services_and_its_own_address_alone(screen: Web) -> None:
    select = "/cds-services/related-exam-select"
    order_check = f"{screen.url}/api/order-check"

    assert call(screen, signed(screen), select).status_code == 401
    assert screen.get("/api/me", signed(screen, aud=f"{screen.url}/api/me")).status_code == 401
    refused = screen.post("/api/order-check", signed(screen, aud=order_check), json={})
    assert refused.status_code == 401


def test_a_removed_client_is_401_from_the_next_call(screen: Web) -> None:
    clients, issuer = screen.cloud.clients, "https://going.example"
    clients.add_client(CdsClient(issuer=issuer, institution="HOSP_B", jwks=public(EC)))
    assert call(screen, signed(screen, iss=issuer)).status_code == 200

    assert clients.remove_client(issuer)
    assert call(screen, signed(screen, iss=issuer)).status_code == 401


@pytest.fixture
def keys() -> Iterator[FhirServer]:
    with running_fhir_server() as server:
        server.answers["jwks"] = public(EC)
        yield server


def test_keys_are_fetched_once_and_again_when_they_change(
    web: Web, keys: FhirServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imaging_cloud.adapters.client_tokens._AGAIN_SECONDS", 0)
    jku = f"{keys.url}/jwks"
    web.cloud.clients.add_client(CdsClient(issuer=ISSUER, institution="HOSP_B", jku=jku))

    assert call(web, signed(web, header={"jku": jku})).status_code == 200
    assert call(web, signed(web)).status_code == 200
    assert len(keys.asked) == 1
    keys.answers["jwks"] = public(EC, NEW_EC)
    assert call(web, signed(web, NEW_EC, {"kid": "ec-2"})).status_code == 200
    assert len(keys.asked) == 2
    assert call(web, signed(web, header={"jku": f"{keys.url}/other"})).status_code == 401


def test_invented_key_ids_do_not_make_us_ask_again_and_again(web: Web, keys: FhirServer) -> None:
    client = CdsClient(issuer=ISSUER, institution="HOSP_B", jku=f"{keys.url}/jwks")
    web.cloud.clients.add_client(client)

    for number in range(5):
        assert call(web, signed(web, header={"kid": f"x{number}"})).status_code == 401
    assert len(keys.asked) == 1


def test_a_used_token_is_remembered_until_it_runs_out(screen: Web) -> None:
    now = screen.cloud.clock.now()
    use = screen.cloud.clients.use_token_once
    soon, later = now + timedelta(minutes=1), now + timedelta(minutes=5)

    assert use("i", "t", expires_at=soon, now=now)
    assert not use("i", "t", expires_at=soon, now=now)
    assert use("j", "t", expires_at=soon, now=now)
    for number in range(200):
        assert use("k", f"t{number}", expires_at=later + timedelta(hours=1), now=later)
    assert use("i", "t", expires_at=later, now=later)


def test_origins_that_are_listed_may_call_from_a_browser(tmp_path: Path) -> None:
    listed, other = "https://his.example.org", "https://evil.example"
    preflight = {"Access-Control-Request-Method": "POST"}
    with serving(tmp_path / "home", cds_origins=(listed,)) as web:
        asked = web.call("OPTIONS", SIGN, headers={"Origin": listed} | preflight)
        refused = web.call("OPTIONS", SIGN, headers={"Origin": other} | preflight)
        discovery = web.get("/cds-services", headers={"Origin": listed})
        answered = web.post(SIGN, headers={"Origin": listed}, json={})
        elsewhere = web.get("/healthz", headers={"Origin": listed})

    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Origin"] == listed
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert discovery.headers["Access-Control-Allow-Origin"] == listed
    assert answered.status_code == 401
    assert answered.headers["Access-Control-Allow-Origin"] == listed
    for answer in (refused, elsewhere):
        assert "Access-Control-Allow-Origin" not in answer.headers
    for answer in (asked, discovery, answered):
        assert "Access-Control-Allow-Credentials" not in answer.headers
