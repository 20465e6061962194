"""Where each harvested archive stands: a stored cursor, so that a kill costs nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestState:
    """`archive` is the archive's address without credentials; `cursor` its last change seen.

    `archive_identity` tells a new database behind an old address from the old one.
    """

    archive: str
    institution: str
    archive_identity: str
    cursor: int
    updated_at: datetime


class HarvestLedger(Protocol):
    def find_state(self, archive: str, institution: str) -> HarvestState | None: ...

    def save_state(self, state: HarvestState) -> None: ...

    def has_instance(self, institution: str, sop_instance_uid: str) -> bool:
        """Whether the instance is recorded already, so that it need not be fetched."""
        ...
