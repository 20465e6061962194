"""The alert log: every order check with its inputs, rules version and verdict, for replay."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from imaging_cloud.ports.audit_trail import AuditEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAlert:
    """`inputs` is what was judged, without names, numbers or birth dates; `answer` what was said.

    `person_id` is empty for a patient the index does not know; `item` is the kind of exam.
    `preview`: asked while the order was being typed, so that nobody may have seen the answer.
    """

    alert_id: str
    at: datetime
    institution: str
    actor: str
    outcome: str
    rules_version: str
    catalogue_version: str
    person_id: str
    item: str
    preview: bool = False
    inputs: dict[str, Any]
    answer: dict[str, Any]


# With its line in the trail.
LoggedCheck = tuple[LoggedAlert, AuditEvent]


class AlertLog(Protocol):
    def add_alerts(self, checks: Sequence[LoggedCheck]) -> None:
        """All in one transaction. Raises Unavailable; then nothing is told.

        On return the death of any process takes nothing; a power cut may take the last moments
        where the adapter says so (ADR 17).
        """
        ...

    def find_alert(self, alert_id: str) -> LoggedAlert | None: ...

    def list_alerts(self, since: datetime, until: datetime) -> Iterator[LoggedAlert]:
        """All of `since <= at < until`, institution by institution, the oldest first."""
        ...
