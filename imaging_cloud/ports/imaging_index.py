"""Reading the imaging index: searches, and where instances lie. Every call carries a Scope."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Protocol

from imaging_cloud.domain.access import Scope
from imaging_cloud.domain.queries import ImagingQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRow:
    institution: str
    study_uid: str
    person_id: str
    patient_id: str
    issuer: str
    patient_name: str
    birth_date: date | None
    sex: str
    study_date: date | None
    study_time: time | None
    timezone_offset: str
    description: str
    accession_number: str
    study_id: str
    referring_physician: str
    modalities: tuple[str, ...]
    series_count: int
    instance_count: int
    first_received_at: datetime
    last_received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRow:
    institution: str
    study_uid: str
    series_uid: str
    modality: str
    series_number: int | None
    description: str
    body_part: str
    laterality: str
    instance_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceRow:
    """`object_key`, `sha256` and `size` say where and what the stored bytes are."""

    institution: str
    study_uid: str
    series_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    instance_number: int | None
    rows: int | None
    columns: int | None
    frames: int
    bits_allocated: int | None
    object_key: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRow:
    """Bytes that were refused and kept; `deliveries` counts how often the same ones came."""

    institution: str
    quarantine_id: str
    sop_instance_uid: str
    cause: str
    message: str
    size: int
    origin_kind: str
    source: str
    received_at: datetime
    last_received_at: datetime
    deliveries: int


class ImagingIndex(Protocol):
    """Raises Unavailable when the index is away.

    The same study may lie at two institutions; where a caller sees both, a study search gives
    it once, their own institution's copy first.
    """

    def find_studies(self, query: ImagingQuery, scope: Scope) -> list[StudyRow]: ...

    def find_series(
        self, query: ImagingQuery, scope: Scope
    ) -> list[tuple[StudyRow, SeriesRow]]: ...

    def find_instances(
        self, query: ImagingQuery, scope: Scope
    ) -> list[tuple[StudyRow, SeriesRow, InstanceRow]]: ...

    def list_instances(
        self,
        scope: Scope,
        study_uid: str,
        *,
        series_uid: str | None = None,
        sop_instance_uid: str | None = None,
    ) -> list[InstanceRow]:
        """Instances of one study, by series number and instance number; [] when not visible."""
        ...

    def find_stored(self, institution: str, uids: Sequence[str]) -> dict[str, InstanceRow]:
        """Rows of an institution's own instances by SOP Instance UID; for storage commitment."""
        ...

    def iterate_all_instances(self) -> Iterator[InstanceRow]:
        """Every instance of every institution, streamed; for `check` alone."""
        ...

    def list_quarantined_keys(self) -> Iterator[str]:
        """Object keys that a quarantine row accounts for; for `check` alone."""
        ...

    def list_quarantine(self, limit: int = 100) -> list[QuarantineRow]:
        """What was refused and waits for a person, newest first; for operators alone."""
        ...

    def check_ready(self) -> None:
        """Return when a trivial question is answered within 2 s, else raise Unavailable."""
        ...
