"""Reading what became of order checks, and the table of what exams are worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from imaging_cloud.domain.exam_values import ExamValue
from imaging_cloud.domain.exams.descriptor import ExamDescriptor


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterExam:
    """An exam of the same person made after a check. Times are aware."""

    study_uid: str
    performed_at: datetime
    first_received_at: datetime
    descriptor: ExamDescriptor


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRecord:
    """One order check. `ordered`, `shown` and `later` are filled for duplicates only.

    `decision` is the newest of recognised and repeated, "" when neither was said.
    """

    institution: str
    at: datetime
    outcome: str
    item: str
    opened: bool = False
    decision: str = ""
    reason: str = ""
    ordered: ExamDescriptor | None = None
    shown: tuple[str, ...] = ()
    later: tuple[LaterExam, ...] = ()


class Statistics(Protocol):
    """Raises Unavailable when the index is away."""

    def list_checks(
        self, since: datetime, until: datetime, *, institution: str | None, later_days: int
    ) -> list[CheckRecord]:
        """Checks of `since <= at < until`, with exams up to `later_days` after the last."""
        ...

    def list_values(self) -> list[ExamValue]:
        """What was imported; the defaults are not among them."""
        ...

    def save_values(self, values: Sequence[ExamValue]) -> None:
        """All or none; a row of the same key is replaced."""
        ...
