"""Storage commitment: what is asked, and what is answered of each instance (PS3.4 Annex J)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

# A request is one row of the index and one data set in memory: some 110 bytes a reference. No
# study known to us has more instances; what asks for more is told so and may ask in parts.
MAX_REFERENCES = 20_000

# How long a store that is away may keep an answer waiting before it is a failure.
CHECK_PATIENCE = timedelta(hours=1)
# How long a device that cannot be reached is called again.
REPORT_PATIENCE = timedelta(days=7)

_FIRST_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(hours=1)
_DOUBLINGS = 10


class FailureReason(IntEnum):
    """FailureReason (0008,1197) as PS3.3 C.14.1.1 defines it; COMMITTED is the absence of one."""

    COMMITTED = 0x0000
    PROCESSING_FAILURE = 0x0110
    NO_SUCH_INSTANCE = 0x0112
    CLASS_INSTANCE_CONFLICT = 0x0119
    CLASS_NOT_SUPPORTED = 0x0122
    DUPLICATE_TRANSACTION = 0x0131
    RESOURCE_LIMITATION = 0x0213


class CommitmentState(StrEnum):
    """The way of a request: it is checked, then its report is delivered or given up."""

    REQUESTED = "requested"
    CHECKED = "checked"
    REPORTED = "reported"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class Reference:
    """One item of ReferencedSOPSequence; `is_supported` says whether we accept its SOP class."""

    sop_class_uid: str
    sop_instance_uid: str
    is_supported: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A request as the index keeps it. `reasons` has one entry a reference, () until checked.

    `attempts` counts deliveries of the report that failed.
    """

    commitment_id: str
    institution: str
    ae_title: str
    transaction_uid: str
    requested_at: datetime
    state: CommitmentState
    references: tuple[Reference, ...]
    reasons: tuple[int, ...] = ()
    attempts: int = 0

    @property
    def committed(self) -> tuple[Reference, ...]:
        pairs = zip(self.references, self.reasons, strict=True)
        return tuple(each for each, reason in pairs if reason == FailureReason.COMMITTED)

    @property
    def failed(self) -> tuple[tuple[Reference, int], ...]:
        pairs = zip(self.references, self.reasons, strict=True)
        return tuple(pair for pair in pairs if pair[1] != FailureReason.COMMITTED)


def pause_after(attempts: int) -> timedelta:
    """The pause before the next try after so many failed ones: 10 s, doubled each, 1 h at most."""
    doubled: timedelta = _FIRST_PAUSE * 2 ** min(max(attempts - 1, 0), _DOUBLINGS)
    return min(doubled, _LONGEST_PAUSE)
