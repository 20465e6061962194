"""A search as a value, shared by QIDO-RS and (later) C-FIND."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRange:
    """Inclusive; None leaves that end open (PS3.4 C.2.2.2.5)."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    first: time | None = None
    last: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagingQuery:
    """Matching keys; an empty key matches everything. Text keys may hold `*` and `?`.

    Tuples match any of their values. `limit` is bounded by the caller (PS3.18 8.3.4).
    """

    study_uids: tuple[str, ...] = ()
    series_uids: tuple[str, ...] = ()
    sop_instance_uids: tuple[str, ...] = ()
    patient_id: str = ""
    issuer: str = ""
    patient_name: str = ""
    birth_date: DateRange | None = None
    sex: str = ""
    study_date: DateRange | None = None
    study_time: TimeRange | None = None
    accession_number: str = ""
    study_id: str = ""
    study_description: str = ""
    referring_physician: str = ""
    modalities_in_study: tuple[str, ...] = ()
    modality: tuple[str, ...] = ()
    series_number: int | None = None
    series_description: str = ""
    body_part: str = ""
    instance_number: int | None = None
    sop_class_uids: tuple[str, ...] = ()
    fuzzy: bool = False
    limit: int = 100
    offset: int = 0
