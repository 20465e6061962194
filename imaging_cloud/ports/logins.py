"""Codes under way to patients who log in, and how often somebody tries. Shared by all processes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from imaging_cloud.domain.identifiers import PatientIdentifier


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLogin:
    """A code that was asked for. `login_id` is known to the browser that asked, the code is not."""

    login_id: str
    identifier: PatientIdentifier
    code_digest: str
    expires_at: datetime


class Logins(Protocol):
    """Raises Unavailable when the index is away."""

    def add_login(self, login: PendingLogin, *, now: datetime) -> None:
        """Keep it until it expires; those that have expired are forgotten."""
        ...

    def take_try(self, login_id: str, *, tries: int, now: datetime) -> PendingLogin | None:
        """Count a try before the code is compared; None when `tries` are used up, or it is over."""
        ...

    def finish_login(self, login_id: str) -> bool:
        """A code works once; False when another call was faster."""
        ...


class Throttle(Protocol):
    """Counts of what may be guesses, by key; a key tells nobody whom or what it is of."""

    def count(self, key: str, *, seconds: int, now: datetime) -> int:
        """Add one to the key's current window of so many seconds; how many it holds now."""
        ...

    def read(self, key: str, *, seconds: int, now: datetime) -> int:
        """How many the current window holds."""
        ...
