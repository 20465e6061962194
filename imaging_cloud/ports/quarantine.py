"""The quarantine: refused bytes that wait for a person, and what the person decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from imaging_cloud.ports.imaging_index import InstanceRow, QuarantineRow
from imaging_cloud.ports.intake import InstanceRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One entry with its bytes' key ("" when none were kept), and the instance it disputes."""

    entry: QuarantineRow
    object_key: str
    stored: InstanceRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who decided about an entry, when, and the audit role of the one who did."""

    quarantine_id: str
    actor: str
    at: datetime
    role: str = "operator"


class Quarantine(Protocol):
    """Every decision and its audit entry are one transaction. Raises Unavailable."""

    def list_held(
        self, *, institution: str | None = None, cause: str | None = None, limit: int = 100
    ) -> list[QuarantineRow]:
        """What waits for a person, the latest delivery first."""
        ...

    def find_held(self, quarantine_id: str) -> Held:
        """Raises NotFound when there is no such entry, or it was decided already."""
        ...

    def contested_uids(self, institution: str, uids: Iterable[str]) -> set[str]:
        """Those under which other bytes, or a contradiction, wait for a decision."""
        ...

    def accept_bytes(self, decision: Decision, record: InstanceRecord) -> str:
        """Make the held bytes the instance; the id under which former bytes are held, or "".

        Other bytes under a known UID replace the row, and the former bytes become an entry with
        the cause `superseded`. Bytes that named another patient are recorded in the study of
        their StudyInstanceUID. Raises Conflict for what would tear a study or series apart.
        """
        ...

    def close_entry(self, decision: Decision, outcome: str) -> str:
        """End an entry (`accepted`, `discarded`) without touching an instance.

        Returns the key of the object that nothing refers to any more, or "".
        """
        ...

    def is_referenced(self, held: Held) -> bool:
        """Whether an instance or an entry that waits rests on the object of this entry."""
        ...
