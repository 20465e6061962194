"""The outbox: what is still to be done for studies that changed, kept in the index."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class SettledBy(StrEnum):
    """Why a study counts as arrived."""

    QUIET = "quiet"
    COUNT = "count"
    COMMITMENT = "commitment"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledStudy:
    """A changed study that has arrived; `events` are the outbox rows behind it.

    `instance_count` is what it had when it was taken: should one more come before it is
    settled, it stays open.
    """

    institution: str
    study_uid: str
    events: tuple[str, ...]
    instance_count: int
    because: SettledBy


class Outbox(Protocol):
    def take_settled(self, quiet_before: datetime, limit: int) -> list[SettledStudy]:
        """Studies with outbox rows that have arrived.

        Either their last instance came before `quiet_before`, or they have exactly as many
        instances as their sender announced: of the study, or of each series of as many series.
        """
        ...

    def settle_study(self, study: SettledStudy, *, at: datetime) -> None:
        """Work the exam row out again, remove the rows and ask for pictures, in one go.

        Idempotent: two workers may settle the same study.
        """
        ...

    def settle_committed(
        self, institution: str, study_uid: str, *, instance_count: int, at: datetime
    ) -> None:
        """Settle a study whose sender had all its instances committed, if these are all."""
        ...
