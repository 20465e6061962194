"""What a sample is made of: study, series, picture; and how its identifiers are derived."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from numpy.typing import NDArray

from sample_dicom.encodings import Encoding

_ROOT = uuid.UUID("6f1d2c5e-3a59-5b0e-9a55-0d3c0a5a3c11")


def make_uid(*names: object) -> str:
    """Derive a UID from names (PS3.5 B.2): the same names give the same UID, at most 44 letters."""
    return f"2.25.{uuid.uuid5(_ROOT, '/'.join(str(name) for name in names)).int}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One instance: its pixels (None for a document) and the attributes that are its own."""

    pixels: NDArray[Any] | None = None
    photometric: str = "MONOCHROME2"
    bits_stored: int = 16
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    modality: str
    sop_class: str
    description: str
    draw: Callable[[], list[Picture]]
    encoding: Encoding = Encoding.EXPLICIT_LE
    body_part: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedExam:
    """What a careful radiographer says the study is, in the codes of the exam descriptor."""

    modality: str
    regions: str
    laterality: str = ""
    contrast: str = "none"
    angio: int = 0
    purpose: str = "diagnostic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """`days_before` counts from the reference day; `issuer` says whether PatientID names it."""

    slug: str
    institution: str
    person: str
    days_before: int
    time: str
    description: str
    shows: str
    exam: ExpectedExam
    series: tuple[Series, ...]
    character_set: tuple[str, ...] = ("GB18030",)
    issuer: bool = True

    def performed_on(self, today: date) -> date:
        return today - timedelta(days=self.days_before)

    def uid(self, today: date) -> str:
        """Another day means another study: a later set never collides with an earlier one."""
        return make_uid(self.performed_on(today), self.slug)
