"""The alert log: every order check with its inputs, rules version and verdict, for replay."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAlert:
    """`request` and `answer` are the JSON documents of the contract."""

    alert_id: str
    at: datetime
    institution: str
    actor: str
    outcome: str
    rules_version: str
    request: dict[str, Any]
    answer: dict[str, Any]


class AlertLog(Protocol):
    def add_alert(self, alert: LoggedAlert) -> None: ...

    def find_alert(self, alert_id: str) -> LoggedAlert | None: ...
