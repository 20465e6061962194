"""The outbox: what is still to be done for studies that changed, kept in the index."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledStudy:
    """A changed study that has been quiet long enough; `events` are the outbox rows behind it."""

    institution: str
    study_uid: str
    events: tuple[str, ...]


class Outbox(Protocol):
    def take_settled(self, quiet_before: datetime, limit: int) -> list[SettledStudy]:
        """Studies with outbox rows whose last instance came before `quiet_before`."""
        ...

    def settle_study(self, study: SettledStudy, *, at: datetime) -> None:
        """Work the exam row out again, remove the rows and ask for pictures, in one go.

        Idempotent: two workers may settle the same study.
        """
        ...
