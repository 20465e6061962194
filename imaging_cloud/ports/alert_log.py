"""The alert log: every order check with its inputs, rules version and verdict, for replay."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAlert:
    """`inputs` is what was judged, without names, numbers or birth dates; `answer` what was said.

    `person_id` is empty for a patient the index does not know; `item` is the kind of exam.
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
    inputs: dict[str, Any]
    answer: dict[str, Any]


class AlertLog(Protocol):
    def add_alert(self, alert: LoggedAlert) -> None: ...

    def find_alert(self, alert_id: str) -> LoggedAlert | None: ...
