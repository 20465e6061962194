"""Orders beside the order: whether the same exam is asked for twice at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from imaging_cloud.domain.alerts import Grade
from imaging_cloud.domain.comparability import compare
from imaging_cloud.domain.exams.descriptor import ExamDescriptor, ExamModality


@dataclass(frozen=True, slots=True, kw_only=True)
class BesideOrder:
    """Another order of the same patient. `active`: placed already, else a draft in the basket."""

    key: str
    name: str
    exam: ExamDescriptor
    active: bool


def repeats_of(exam: ExamDescriptor, beside: Sequence[BesideOrder]) -> tuple[BesideOrder, ...]:
    """The orders that would answer this one if they were done today, by the rules for priors.

    An exam whose kind or place nobody can tell repeats nothing.
    """
    if exam.modality is ExamModality.UNKNOWN or not exam.regions:
        return ()
    return tuple(each for each in beside if _would_answer(exam, each.exam))


def _would_answer(exam: ExamDescriptor, other: ExamDescriptor) -> bool:
    same_day = date(2000, 1, 1)
    found = compare(exam, other, performed_on=same_day, ordered_on=same_day)
    return found is not None and found.grade is Grade.DUPLICATE
