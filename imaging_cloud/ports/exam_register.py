"""Reading exam rows by person: all that the order check asks of the index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from imaging_cloud.domain.alerts import EarlierOrder
from imaging_cloud.domain.exams.descriptor import ExamDescriptor
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.retrieval import AT_HAND, Retrieval


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """A person as the index knows them; names and birth dates as their studies gave them."""

    person_id: str
    identifiers: tuple[PatientIdentifier, ...]
    names: tuple[str, ...]
    birth_date: date | None
    sex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamRow:
    """One study and what it means. `performed_at` is aware, None when the study gave no date.

    `is_settled` says that it has arrived: quiet, committed, or as many instances as announced.
    """

    institution: str
    study_uid: str
    person_id: str
    performed_at: datetime | None
    descriptor: ExamDescriptor
    description: str
    instance_count: int
    first_received_at: datetime
    last_received_at: datetime
    is_settled: bool = False
    retrieval: Retrieval = AT_HAND


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonOrder:
    """An order of a person's that was checked before and not dropped for a prior."""

    person_id: str
    earlier: EarlierOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedExam:
    """What a study means and why: `because` has the words that led to each field."""

    institution: str
    study_uid: str
    description: str
    descriptor: ExamDescriptor
    because: tuple[tuple[str, str], ...]
    rules_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientExams:
    """The answer to one order's question: persons matching any identifier, exams, decisions.

    `decisions` maps person_id to that person's standing decision about the asking institution.
    """

    persons: tuple[KnownPerson, ...]
    exams: tuple[ExamRow, ...]
    decisions: dict[str, bool]
    orders: tuple[PersonOrder, ...] = ()


class ExamRegister(Protocol):
    def find_exams_of(
        self,
        identifiers: Sequence[PatientIdentifier],
        *,
        asking_institution: str,
        orders_since: datetime | None = None,
    ) -> PatientExams:
        """Persons with any of the identifiers, and all their exams. Raises Unavailable in 2 s.

        Their orders checked since then are found too; None: no orders are asked for.
        """
        ...

    def find_persons(self, identifiers: Sequence[PatientIdentifier]) -> tuple[KnownPerson, ...]: ...

    def explain_exams(self, study_uid: str) -> tuple[ExplainedExam, ...]:
        """The study as each institution that holds it gave it, with the reasons."""
        ...
