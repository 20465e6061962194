"""The audit trail: who did what to whose data, appended and never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """`action` is one of the fixed words in docs/operations.md; `detail` holds no patient data."""

    at: datetime
    action: str
    actor: str
    role: str
    institution: str = ""
    study_uid: str = ""
    person_id: str = ""
    outcome: str = "success"
    detail: str = ""


class AuditTrail(Protocol):
    def append_event(self, event: AuditEvent) -> None:
        """Durable on return. Raises Unavailable; then what was to be shown is not shown."""
        ...

    def list_events_of(self, person_id: str, limit: int = 200) -> list[AuditEvent]:
        """Newest first."""
        ...
