"""Order screens that identify themselves by JWTs of their own (CDS Hooks 2.0.1, Security)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class CdsClient:
    """`issuer` is the JWTs' `iss`; the keys lie at `jku`, or are `jwks` (RFC 7517)."""

    issuer: str
    institution: str
    jku: str = ""
    jwks: dict[str, Any] | None = None


class CdsClients(Protocol):
    """Raises Unavailable when the index is away."""

    def add_client(self, client: CdsClient) -> bool:
        """Add or replace; False when nothing changed. Raises NotFound: unknown institution."""
        ...

    def remove_client(self, issuer: str) -> bool: ...

    def list_clients(self) -> list[CdsClient]: ...

    def find_client(self, issuer: str) -> CdsClient | None: ...

    def use_token_once(
        self, issuer: str, token_id: str, *, expires_at: datetime, now: datetime
    ) -> bool:
        """Remember that this token was used; False when it was used before, in any process."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientToken:
    """What a JWT said whose signature, times and audience were found right."""

    client: CdsClient
    token_id: str
    expires_at: datetime


class ClientTokens(Protocol):
    def read_client_token(self, token: str, *, audience: str, now: datetime) -> ClientToken:
        """Raises NotAuthenticated for anything else than a good JWT of a registered client."""
        ...
