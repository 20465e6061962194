"""JWTs of order screens (CDS Hooks 2.0.1, "Trusting CDS Clients"): ES384 and RS384, own keys."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from imaging_cloud.domain.errors import CloudError, NotAuthenticated
from imaging_cloud.ports.cds_clients import CdsClient, CdsClients, ClientToken, ClientTokens
from imaging_cloud.ports.outside import Outside

# `none` and every HMAC are forbidden there; these two are the recommended ones.
ALGORITHMS = ["ES384", "RS384"]

# A token that is good for longer would have to be remembered for longer.
_LONGEST = timedelta(hours=1)
_SKEW = timedelta(seconds=60)
_FRESH_SECONDS = 600
# A key set is not asked for again sooner, whatever key ids callers invent.
_AGAIN_SECONDS = 10
_FETCH_SECONDS = 1.0
_REFUSED = "the client's token is not accepted"


class KeyCache:
    """Key sets by address: kept for ten minutes, asked for again when a key is new there."""

    def __init__(
        self,
        outside: Callable[[str], Outside],
        *,
        ticking: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outside = outside
        self._ticking = ticking
        self._lock = Lock()
        self._known: dict[str, tuple[float, KeySet | None]] = {}

    def key_set(self, address: str, key_id: str) -> KeySet:
        """Raises NotAuthenticated when the set cannot be had."""
        now = self._ticking()
        with self._lock:
            fetched, keys = self._known.get(address, (float("-inf"), None))
        age = now - fetched
        if age > _FRESH_SECONDS or (age > _AGAIN_SECONDS and not _has(keys, key_id)):
            fresh = self._fetch(address)
            with self._lock:
                # A server that is away for a moment must not lock out whom we know already.
                keys = fresh or keys
                self._known[address] = (now, keys)
        if keys is None:
            raise NotAuthenticated(f"{_REFUSED}: its keys cannot be had")
        return keys

    def _fetch(self, address: str) -> KeySet | None:
        try:
            document = self._outside(address).get_json(address, seconds=_FETCH_SECONDS)
            return KeySet.import_key_set(document)
        except (CloudError, JoseError, ValueError, TypeError, KeyError, AttributeError):
            return None


def _has(keys: KeySet | None, key_id: str) -> bool:
    return keys is not None and any(key.kid == key_id for key in keys.keys)


class JoseClientTokens(ClientTokens):
    def __init__(self, clients: CdsClients, cache: KeyCache) -> None:
        self._clients = clients
        self._cache = cache

    def read_client_token(self, token: str, *, audience: str, now: datetime) -> ClientToken:
        try:
            header, issuer = _unverified(token)
            client = self._clients.find_client(issuer)
            if client is None:
                raise NotAuthenticated(f"{_REFUSED}: its issuer is not registered")
            keys = self._keys(client, header)
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            return _checked(claims, client, audience, now)
        except (JoseError, ValueError, KeyError, TypeError, OverflowError) as error:
            raise NotAuthenticated(_REFUSED) from error

    def _keys(self, client: CdsClient, header: dict[str, Any]) -> KeySet:
        """The key the header names, out of the client's registered set and no other."""
        key_id = header["kid"]
        told = header.get("jku")
        if told is not None and told != client.jku:
            raise NotAuthenticated(f"{_REFUSED}: its jku is not the registered one")
        keys = (
            KeySet.import_key_set(client.jwks)  # type: ignore[arg-type]
            if client.jwks
            else self._cache.key_set(client.jku, key_id)
        )
        fitting = [key for key in keys.keys if key.kid == key_id]
        if not fitting:
            raise NotAuthenticated(f"{_REFUSED}: its key is not known")
        return KeySet(fitting)


def _unverified(token: str) -> tuple[dict[str, Any], str]:
    """(header, issuer) as the token claims, to find the keys with; nothing is believed yet."""
    content = jws.extract_compact(token.encode())
    header = dict(content.headers())
    if header.get("alg") not in ALGORITHMS or not isinstance(header.get("kid"), str):
        raise NotAuthenticated(f"{_REFUSED}: ES384 or RS384 with a kid is needed")
    issuer = json.loads(content.payload)["iss"]
    if not isinstance(issuer, str):
        raise TypeError
    return header, issuer


def _checked(
    claims: dict[str, Any], client: CdsClient, audience: str, now: datetime
) -> ClientToken:
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims["iss"] != client.issuer or audience not in audiences:
        raise NotAuthenticated(f"{_REFUSED}: it is for another address (aud)")
    expires_at = datetime.fromtimestamp(_number(claims["exp"]), tz=UTC)
    issued_at = datetime.fromtimestamp(_number(claims["iat"]), tz=UTC)
    if now >= expires_at:
        raise NotAuthenticated(f"{_REFUSED}: it has run out")
    if issued_at > now + _SKEW or expires_at - now > _LONGEST:
        raise NotAuthenticated(f"{_REFUSED}: iat or exp lies too far ahead")
    if not isinstance(claims["jti"], str) or not claims["jti"]:
        raise TypeError
    return ClientToken(client=client, token_id=claims["jti"], expires_at=expires_at)


def _number(claim: object) -> float:
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        raise TypeError
    return claim
