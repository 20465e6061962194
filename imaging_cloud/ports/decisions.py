"""Keeping what became of alerts."""

from typing import Protocol

from imaging_cloud.domain.decisions import AlertDecision


class DecisionRegister(Protocol):
    def record(self, decision: AlertDecision) -> None:
        """Durable on return. Raises Unavailable.

        One row is kept for each card and outcome: said again, the newest `decided_at` stands with
        its reason, and an older one that arrives late changes nothing.
        """
        ...

    def list_decisions(self, institution: str, alert_id: str) -> list[AlertDecision]:
        """All that was said about one alert, the oldest first."""
        ...
