"""What a harvest tells: counts and where it stands, never anything of a patient."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of one instance of the archive."""

    STORED = "stored"
    ALREADY_STORED = "already-stored"
    RECORDED_BEFORE = "recorded-before"
    REFUSED = "refused"
    DELETED_THERE = "deleted-there"
    UNREADABLE = "unreadable"


class Phase(StrEnum):
    CONNECTING = "connecting"
    LISTING = "listing"
    FOLLOWING = "following"
    WAITING = "waiting"
    CAUGHT_UP = "caught-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestProgress:
    """A moment of the harvest. `known` grows as changes are seen; `note` says why it waits."""

    phase: Phase
    done: int
    known: int
    refused: int
    bytes_fetched: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestReport:
    """The end of a harvest. `cursor` is the stored place, `last` the newest change seen.

    `resyncs` holds why all instances were listed, once per listing; `refusals` counts refused
    instances by cause. `trouble` is why it ended early, "" when it was done or asked to stop.
    """

    outcomes: Counter[Outcome]
    refusals: Counter[str]
    bytes_fetched: int
    cursor: int
    last: int
    caught_up: bool
    resyncs: tuple[str, ...]
    trouble: str


ShowProgress = Callable[[HarvestProgress], None]
