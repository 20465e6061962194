"""Bearer tokens: ours are read back, everything else is refused."""

import base64
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from imaging_cloud.adapters.jwt_signer import JwtSigner, read_or_make_key
from imaging_cloud.domain.access import Principal, Role
from imaging_cloud.domain.errors import NotAuthenticated

KEY = "k" * 43
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
DOCTOR = Principal(role=Role.PHYSICIAN, subject="dr-li", institution="HOSP_B")
CLAIMS = {
    "iss": "imaging-cloud",
    "sub": "dr-li",
    "role": "physician",
    "jti": "one",
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 600,
}


def signer(key: str = KEY) -> JwtSigner:
    return JwtSigner(key)


def token_of(claims: dict[str, Any], key: str = KEY, algorithm: str = "HS256") -> str:
    return jwt.encode({"alg": algorithm}, claims, OctKey.import_key(key), algorithms=[algorithm])


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def refused(token: str, now: datetime = NOW) -> str:
    with pytest.raises(NotAuthenticated) as caught:
        signer().read_token(token, now=now)
    return str(caught.value)


def test_a_token_is_read_back_as_it_was_signed() -> None:
    token = signer().sign_token(DOCTOR, issued_at=NOW, minutes=10)

    found = signer().read_token(token, now=NOW)

    assert (found.role, found.subject, found.institution) == (*(Role.PHYSICIAN, "dr-li"), "HOSP_B")
    assert found.expires_at == NOW + timedelta(minutes=10)
    assert found.token_id


def test_every_role_is_read_back_and_a_missing_institution_stays_missing() -> None:
    for role in Role:
        token = signer().sign_token(
            Principal(role=role, subject="CN-RESIDENT-ID|1"), issued_at=NOW, minutes=1
        )
        found = signer().read_token(token, now=NOW)
        assert (found.role, found.subject, found.institution) == (role, "CN-RESIDENT-ID|1", None)


def test_two_tokens_of_one_person_differ() -> None:
    tokens = {signer().sign_token(DOCTOR, issued_at=NOW, minutes=1) for _ in range(5)}

    assert len(tokens) == 5


def test_a_token_runs_out_at_its_second() -> None:
    token = signer().sign_token(DOCTOR, issued_at=NOW, minutes=10)

    signer().read_token(token, now=NOW + timedelta(minutes=10, seconds=-1))
    assert "run out" in refused(token, NOW + timedelta(minutes=10))


def test_a_token_of_another_key_is_refused() -> None:
    refused(token_of(CLAIMS, key="x" * 43))


def test_a_token_without_signature_is_refused() -> None:
    for algorithm in ("none", "None", "NONE", ""):
        refused(f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(CLAIMS)}.")


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_a_token_of_another_algorithm_is_refused(algorithm: str) -> None:
    refused(token_of(CLAIMS, key="k" * 64, algorithm=algorithm))


def test_a_role_changed_after_signing_is_refused() -> None:
    head, body, signature = signer().sign_token(DOCTOR, issued_at=NOW, minutes=10).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))

    refused(f"{head}.{part({**claims, 'role': 'admin'})}.{signature}")


@pytest.mark.parametrize("missing", ["iss", "sub", "role", "jti", "exp"])
def test_a_missing_claim_is_refused(missing: str) -> None:
    signer().read_token(token_of(CLAIMS), now=NOW)

    refused(token_of({name: value for name, value in CLAIMS.items() if name != missing}))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        *(("iss", "someone-else"), ("role", "surgeon"), ("role", None), ("role", ["admin"])),
        *(("exp", "soon"), ("exp", None), ("exp", 10**20), ("exp", True), ("sub", "")),
        *(("sub", None), ("sub", ["a"]), ("institution", 7), ("institution", ["HOSP_A"])),
        *(("institution", ""), ("jti", None)),
    ],
)
def test_a_strange_claim_is_refused(claim: str, value: object) -> None:
    refused(token_of({**CLAIMS, claim: value}))


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "Bearer x", "🙂", "a" * 10_000])
def test_what_is_no_token_is_refused(token: str) -> None:
    refused(token)


@given(st.text(max_size=80))
def test_random_text_raises_nothing_else(token: str) -> None:
    refused(token)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_random_heads_and_bodies_raise_nothing_else(head: bytes, body: bytes) -> None:
    parts = [base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in (head, body)]
    refused(".".join([*parts, "AAAA"]))


@pytest.mark.parametrize("claims", [[], "text", 7, None])
def test_claims_that_are_no_object_are_refused(claims: object) -> None:
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415

    signed = f"{part({'alg': 'HS256'})}.{part(claims)}"
    mac = hmac.new(KEY.encode(), signed.encode(), hashlib.sha256).digest()
    signature = base64.urlsafe_b64encode(mac).rstrip(b"=").decode()

    refused(f"{signed}.{signature}")


def test_the_message_never_holds_the_token() -> None:
    token = token_of(CLAIMS, key="x" * 43)

    assert token not in refused(token)


def test_a_key_is_made_once_readable_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"

    first = read_or_make_key(folder)

    assert read_or_make_key(folder) == first
    assert len(first) >= 43
    assert (folder / "token.key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert os.listdir(folder) == ["token.key"]  # noqa: PTH208


def test_processes_that_race_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read_or_make_key(tmp_path / "keys"), range(32)))

    assert len(keys) == 1
