"""What a clinician asks for, and what is known of the patient who is to be examined."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from imaging_cloud.domain.identifiers import PatientIdentifier


class Priority(StrEnum):
    ROUTINE = "routine"
    URGENT = "urgent"
    ASAP = "asap"
    STAT = "stat"


@dataclass(frozen=True, slots=True)
class Coding:
    system: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedPatient:
    """The patient as the order names them; the identifiers decide, the rest confirms."""

    identifiers: tuple[PatientIdentifier, ...]
    name: str = ""
    birth_date: date | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An exam asked for. `placed_at` is aware; `institution` is where it is to be done.

    `code` is the asking hospital's, or any whose system is not said; `codings` name theirs.
    """

    name: str
    code: str | None = None
    codings: tuple[Coding, ...] = ()
    modality: str | None = None
    laterality: str | None = None
    priority: Priority = Priority.ROUTINE
    reasons: tuple[Coding, ...] = ()
    reexam_reason: str | None = None
    institution: str
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalFacts:
    """What the order screen knows; None and () mean unknown, never normal.

    `egfr` is in mL/min/1.73 m².
    """

    conditions: tuple[Coding, ...] = ()
    allergies: tuple[Coding, ...] = ()
    egfr: float | None = None
    pregnant: bool | None = None
    devices: tuple[Coding, ...] = ()
