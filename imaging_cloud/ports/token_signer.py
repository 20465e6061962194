"""Bearer tokens: signed statements of who the caller is."""

from datetime import datetime
from typing import Protocol

from imaging_cloud.domain.access import Principal


class TokenSigner(Protocol):
    def sign_token(self, principal: Principal, *, issued_at: datetime, minutes: int) -> str:
        """The token's id is the principal's `token_id`, or a new one where that is empty."""
        ...

    def read_token(self, token: str, *, now: datetime) -> Principal:
        """Raises NotAuthenticated for anything forged, malformed or out of date."""
        ...

    def digest_secret(self, purpose: str, text: str) -> str:
        """64 hexadecimal digits that tell nothing of a short secret to whoever lacks the key.

        For what people type (codes, passcodes), which plain hashes would not hide. The same
        text under another purpose has another digest.
        """
        ...
