"""Storage commitment requests and what became of them, kept in the index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from imaging_cloud.domain.commitments import Commitment, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentRequest:
    """`report_from` is when a report may first go out on an association of our own.

    Until then it is left to the association that the request came on.
    """

    institution: str
    ae_title: str
    transaction_uid: str
    references: tuple[Reference, ...]
    requested_at: datetime
    report_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Whose requests are meant: a device of an institution."""

    institution: str
    ae_title: str


class Commitments(Protocol):
    """Raises Unavailable when the index is away.

    What is taken is leased: nobody else gets it before `lease_until`. Work is done at least
    once; a worker that dies leaves its lease to run out.
    """

    def add_request(self, request: CommitmentRequest) -> bool:
        """Keep the request and its audit entry, durable on return; False for a repetition.

        The same request of the same device while the first one is not reported is a repetition
        and changes nothing. A transaction UID that the institution used before, for anything
        else or long ago, becomes a request all of whose references failed as duplicates.
        """
        ...

    def take_unchecked(
        self,
        now: datetime,
        lease_until: datetime,
        *,
        of: Requester | None = None,
        limit: int = 4,
    ) -> list[Commitment]: ...

    def extend_lease(self, commitment: Commitment, lease_until: datetime) -> None: ...

    def save_result(self, commitment: Commitment, reasons: Sequence[int]) -> None:
        """One reason a reference, in their order; the report is due from now on."""
        ...

    def take_reports(
        self,
        now: datetime,
        lease_until: datetime,
        *,
        of: Requester | None = None,
        limit: int = 8,
    ) -> list[Commitment]:
        """Checked requests whose report is due; with `of`, all of this device, due or not."""
        ...

    def finish_report(self, commitment: Commitment, at: datetime) -> None:
        """The peer has the report: kept from now on are the transaction UID and the numbers."""
        ...

    def postpone(self, commitment: Commitment, until: datetime, *, failed: bool) -> None:
        """Give the lease back; `failed` counts an attempt to deliver."""
        ...

    def give_up(self, commitment: Commitment, at: datetime) -> None:
        """The report could not be delivered in all its time; the result stays."""
        ...

    def hasten(self, requester: Requester, now: datetime) -> None:
        """The association is gone: reports of this device need not wait for it any longer."""
        ...
