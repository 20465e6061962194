"""The intake: the one writer of the imaging index, committing many instances at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from imaging_cloud.domain.imaging import InstanceHeader, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceRecord:
    """An instance whose object rests in the store, about to be recorded."""

    header: InstanceHeader
    origin: Origin
    object_key: str
    sha256: str
    size: int
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Bytes that were not accepted. `object_key` is "" when nothing could be kept of them."""

    origin: Origin
    cause: str
    message: str
    sop_instance_uid: str = ""
    object_key: str = ""
    size: int = 0
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """The row is committed."""


@dataclass(frozen=True, slots=True)
class AlreadyRecorded:
    """The same bytes under the same UID were there before: nothing changed."""


@dataclass(frozen=True, slots=True)
class Differs:
    """Other bytes stand under this SOP Instance UID; the new ones are in quarantine."""

    quarantine_id: str


@dataclass(frozen=True, slots=True)
class Clashes:
    """Its series or study UID is known with another parent or SOP class; quarantined."""

    quarantine_id: str
    message: str


RecordOutcome = Recorded | AlreadyRecorded | Differs | Clashes


class Intake(Protocol):
    """`rows_lag`: whether only `make_durable` makes a committed row outlive a power cut."""

    rows_lag: bool

    def record_instance(self, record: InstanceRecord) -> RecordOutcome:
        """Block until the transaction that holds this record is committed.

        Thread-safe; calls of many threads share transactions (group commit). Updates instance,
        series, study, person, exam, audit and outbox rows together. Raises Unavailable or
        OutOfSpace; then nothing of the record was kept in the index.
        """
        ...

    def record_refusal(self, refusal: Refusal) -> str:
        """Write a quarantine row and its audit entry; return its id."""
        ...

    def warm_up(self) -> None:
        """Do all that the first record would wait for; nothing is kept. Raises Unavailable."""
        ...

    def make_durable(self) -> None:
        """All that was committed before the call outlives a power cut. Raises Unavailable."""
        ...

    def close(self) -> None:
        """Finish what was handed in, then stop. Later calls raise Unavailable."""
        ...
