"""What an order check answers: matches, cautions, and how strongly."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import islice

from imaging_cloud.domain.exams.descriptor import ExamDescriptor
from imaging_cloud.domain.patients import Certainty
from imaging_cloud.domain.recognition import NO_STANDING, Standing
from imaging_cloud.domain.retrieval import AT_HAND, Retrieval


class Grade(StrEnum):
    """How a prior stands to an order, strongest first.

    duplicate: it would serve as it is. partial: same kind of exam and recent, but something is
    missing. related: worth knowing before deciding.
    """

    DUPLICATE = "duplicate"
    PARTIAL = "partial"
    RELATED = "related"


class Outcome(StrEnum):
    DUPLICATE = "duplicate"
    RELATED = "related"
    NONE = "none"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One prior against one order. `valid_until` is the last day the prior serves, region time.

    `reasons_zh` says in Chinese what `reasons` says in English, one for one.
    """

    grade: Grade
    reasons: tuple[str, ...]
    age_days: int | None
    valid_until: date | None
    reasons_zh: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """Why the ordered exam itself may harm. `rule` is the rule's code, `source` where it stands."""

    rule: str
    severity: Severity
    message: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    comparison: Comparison
    study_uid: str
    institution: str
    performed_at: datetime | None
    exam: ExamDescriptor
    arriving: bool
    standing: Standing = NO_STANDING
    retrieval: Retrieval = AT_HAND


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierOrder:
    """An order that was checked before, and may still be carried out."""

    institution: str
    asked_at: datetime
    exam: ExamDescriptor


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAlert:
    """The whole verdict on one order; `withheld` counts priors not opened to the asker.

    `matches` stand strongest first, then newest: an order has at most one interrupting card, of
    `interrupting` priors. `already_ordered` never interrupts and does not change the outcome.
    """

    alert_id: str
    outcome: Outcome
    exam: ExamDescriptor
    certainty: Certainty
    person_id: str | None
    matches: tuple[Match, ...]
    cautions: tuple[Caution, ...]
    withheld: int
    checked_at: datetime
    rules_version: str
    already_ordered: tuple[EarlierOrder, ...] = ()

    @property
    def interrupting(self) -> tuple[Match, ...]:
        """What the one interrupting card shows: at most three duplicates, newest first."""
        duplicates = (one for one in self.matches if one.comparison.grade is Grade.DUPLICATE)
        return tuple(islice(duplicates, MOST_SHOWN))


# More priors than these in one card are not read.
MOST_SHOWN = 3


def outcome_of(matches: tuple[Match, ...]) -> Outcome:
    """The strongest grade; a partial match counts as related."""
    if any(match.comparison.grade is Grade.DUPLICATE for match in matches):
        return Outcome.DUPLICATE
    return Outcome.RELATED if matches else Outcome.NONE
