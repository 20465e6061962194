"""Bearer tokens: signed statements of who the caller is."""

from datetime import datetime
from typing import Protocol

from imaging_cloud.domain.access import Principal


class TokenSigner(Protocol):
    def sign_token(self, principal: Principal, *, issued_at: datetime, minutes: int) -> str: ...

    def read_token(self, token: str, *, now: datetime) -> Principal:
        """Raises NotAuthenticated for anything forged, malformed or out of date."""
        ...
