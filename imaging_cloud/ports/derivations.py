"""Studies whose derived pictures are to be made, out of the outbox: leased, at least once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """`attempts` counts the times it was taken, this one among them."""

    event_id: str
    institution: str
    study_uid: str
    attempts: int


class Derivations(Protocol):
    """Raises Unavailable when the index is away."""

    def ask(self, institution: str, study_uid: str, *, at: datetime) -> None:
        """Have a study derived; asking again before it is taken changes nothing."""
        ...

    def take(self, *, at: datetime, until: datetime) -> Derivation | None:
        """The oldest one that nobody holds at `at`, held until `until`; None when there is none."""
        ...

    def hold(self, derivation: Derivation, *, until: datetime) -> None:
        """Hold it longer, or (after a failure) let nobody take it before `until`."""
        ...

    def finish(self, derivation: Derivation) -> None: ...

    def count_waiting(self) -> int: ...
