"""Bearer tokens as JWTs signed with one secret of the region (HS256, RFC 7519)."""

import hashlib
import hmac
import os
import secrets
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from imaging_cloud.domain.access import Principal, Role
from imaging_cloud.domain.errors import NotAuthenticated
from imaging_cloud.ports.token_signer import TokenSigner

_ISSUER = "imaging-cloud"
_ALGORITHMS = ["HS256"]
_KEY_BYTES = 32
_TOKENS_KEPT = 1024


def read_or_make_key(folder: Path) -> str:
    """The secret in `folder/token.key`, made once; processes that race agree on one."""
    path = folder / "token.key"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        fresh = folder / f"token.{secrets.token_hex(8)}.tmp"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


class JwtSigner(TokenSigner):
    def __init__(self, key: str) -> None:
        self._key = OctKey.import_key(key)
        self._digest_key = hmac.digest(key.encode(), b"digest-secret", "sha256")
        # Order screens send the same token with every order.
        self._verified = lru_cache(maxsize=_TOKENS_KEPT)(self._verify)

    def sign_token(self, principal: Principal, *, issued_at: datetime, minutes: int) -> str:
        claims = {
            "iss": _ISSUER,
            "sub": principal.subject,
            "role": principal.role.value,
            "jti": principal.token_id or secrets.token_urlsafe(12),
            "iat": int(issued_at.timestamp()),
            "exp": int((issued_at + timedelta(minutes=minutes)).timestamp()),
        }
        if principal.institution:
            claims["institution"] = principal.institution
        return jwt.encode({"alg": "HS256"}, claims, self._key, algorithms=_ALGORITHMS)

    def read_token(self, token: str, *, now: datetime) -> Principal:
        principal = self._verified(token)
        if principal.expires_at is None or now >= principal.expires_at:
            raise NotAuthenticated("the access token has run out; ask for a new one")
        return principal

    def digest_secret(self, purpose: str, text: str) -> str:
        message = f"{purpose}\x00{text}".encode("utf-8", "surrogatepass")
        return hmac.new(self._digest_key, message, hashlib.sha256).hexdigest()

    def _verify(self, token: str) -> Principal:
        """What a token says never changes; only the time, and whether it was revoked, do."""
        try:
            claims = jwt.decode(token, self._key, algorithms=_ALGORITHMS).claims
            expires_at = datetime.fromtimestamp(int(claims["exp"]), tz=UTC)
            principal = Principal(
                role=Role(claims["role"]),
                subject=_word(claims["sub"]),
                institution=_word(claims["institution"]) if "institution" in claims else None,
                token_id=_word(claims["jti"]),
                expires_at=expires_at,
            )
            if claims.get("iss") != _ISSUER:
                raise ValueError
        except (JoseError, ValueError, KeyError, TypeError, OverflowError) as error:
            raise NotAuthenticated("the access token is not one of ours") from error
        return principal


def _word(claim: object) -> str:
    """A claim that must be text and not empty; None must not become the name "None"."""
    if not isinstance(claim, str) or not claim:
        raise ValueError
    return claim
