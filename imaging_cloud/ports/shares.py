"""Links that patients made. The link's token is never kept, only its hash."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from imaging_cloud.domain.shares import Share
from imaging_cloud.ports.audit_trail import AuditEvent


class Shares(Protocol):
    """Raises Unavailable when the index is away. Every change and its event are one transaction."""

    def add_share(self, share: Share, token_hash: str, event: AuditEvent) -> None: ...

    def find_share(self, share_id: str) -> Share | None: ...

    def find_by_token(self, token_hash: str) -> Share | None: ...

    def list_shares(self, person_ids: Sequence[str], limit: int = 100) -> list[Share]:
        """Newest first, those that are over included."""
        ...

    def revoke_share(self, share_id: str, *, at: datetime, event: AuditEvent) -> None:
        """A share that was revoked before keeps its time."""
        ...

    def count_opening(self, share_id: str, event: AuditEvent) -> bool:
        """One more; False, and nothing written, when it was used up meanwhile."""
        ...

    def take_try(self, share_id: str) -> bool:
        """Count a try of the passcode before it is compared; False when none is left."""
        ...

    def give_back_try(self, share_id: str) -> None:
        """Undo one: the passcode was right."""
        ...
