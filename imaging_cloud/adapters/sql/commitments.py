"""SqlCommitments: storage commitment requests, leased by whoever works on them."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Update, insert, or_, select, update

from imaging_cloud.adapters.sql.column_types import clean_text, new_id
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.intake_rows import Row
from imaging_cloud.adapters.sql.people import lock_names
from imaging_cloud.adapters.sql.table_base import UID_LENGTH
from imaging_cloud.adapters.sql.tables import AUDIT_EVENT, COMMITMENT
from imaging_cloud.adapters.sql.trail_rows import audit_row
from imaging_cloud.domain.commitments import (
    Commitment,
    CommitmentState,
    FailureReason,
    Reference,
)
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.commitments import CommitmentRequest, Commitments, Requester

COMMITMENT_REQUESTED = "commitment-requested"
COMMITMENT_REPORTED = "commitment-reported"

_OPEN = (CommitmentState.REQUESTED, CommitmentState.CHECKED)
_ROLE = "n-action"


class SqlCommitments(Commitments):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def add_request(self, request: CommitmentRequest) -> bool:
        return self._database.write(lambda connection: _add(connection, request))

    def take_unchecked(
        self,
        now: datetime,
        lease_until: datetime,
        *,
        of: Requester | None = None,
        limit: int = 4,
    ) -> list[Commitment]:
        conditions = [COMMITMENT.c.state == CommitmentState.REQUESTED, *_of(of)]
        # A check that had to wait for the store; a request is due when it is made.
        conditions.append(or_(COMMITMENT.c.attempts == 0, COMMITMENT.c.next_try_at <= now))
        return self._take(conditions, now, lease_until, limit)

    def take_reports(
        self,
        now: datetime,
        lease_until: datetime,
        *,
        of: Requester | None = None,
        limit: int = 8,
    ) -> list[Commitment]:
        conditions = [COMMITMENT.c.state == CommitmentState.CHECKED, *_of(of)]
        if of is None:
            conditions.append(COMMITMENT.c.next_try_at <= now)
        return self._take(conditions, now, lease_until, limit)

    def _take(
        self, conditions: list[Any], now: datetime, lease_until: datetime, limit: int
    ) -> list[Commitment]:
        is_free = or_(COMMITMENT.c.leased_until.is_(None), COMMITMENT.c.leased_until < now)
        due = (
            select(COMMITMENT)
            .where(*conditions, is_free)
            .order_by(COMMITMENT.c.next_try_at, COMMITMENT.c.commitment_id)
            .limit(limit)
        )
        # Most rounds find nothing: a question takes no write lock.
        if not self._database.read(lambda connection: connection.execute(due.limit(1)).first()):
            return []

        def take(connection: Connection) -> list[Commitment]:
            taken = []
            for row in connection.execute(due).mappings().all():
                lease = _row(row).where(is_free).values(leased_until=lease_until)
                if connection.execute(lease).rowcount:  # nobody else was faster
                    taken.append(_commitment(row))
            return taken

        return self._database.write(take)

    def extend_lease(self, commitment: Commitment, lease_until: datetime) -> None:
        self._set(commitment, {"leased_until": lease_until})

    def save_result(self, commitment: Commitment, reasons: Sequence[int]) -> None:
        if len(reasons) != len(commitment.references):
            raise ValueError("one reason for each reference is needed")
        failed = sum(reason != FailureReason.COMMITTED for reason in reasons)
        self._set(
            commitment,
            {
                "state": CommitmentState.CHECKED.value,
                "reasons": [int(reason) for reason in reasons],
                "committed_count": len(reasons) - failed,
                "failed_count": failed,
                "attempts": 0,
                "leased_until": None,
            },
        )

    def finish_report(self, commitment: Commitment, at: datetime) -> None:
        self._end(commitment, CommitmentState.REPORTED, at)

    def give_up(self, commitment: Commitment, at: datetime) -> None:
        self._end(commitment, CommitmentState.GIVEN_UP, at)

    def postpone(self, commitment: Commitment, until: datetime, *, failed: bool) -> None:
        values: Row = {"next_try_at": until, "leased_until": None}
        if failed:
            values["attempts"] = COMMITMENT.c.attempts + 1
        self._set(commitment, values)

    def hasten(self, requester: Requester, now: datetime) -> None:
        """Only the grace of new requests is cut short, not the pause after a failed delivery."""
        statement = (
            update(COMMITMENT)
            .where(
                *_of(requester),
                COMMITMENT.c.state.in_([state.value for state in _OPEN]),
                COMMITMENT.c.attempts == 0,
                COMMITMENT.c.next_try_at > now,
            )
            .values(next_try_at=now)
        )
        self._database.write(lambda connection: connection.execute(statement))

    def _set(self, commitment: Commitment, values: Row) -> None:
        statement = _update(commitment.institution, commitment.commitment_id).values(values)
        self._database.write(lambda connection: connection.execute(statement))

    def _end(self, commitment: Commitment, state: CommitmentState, at: datetime) -> None:
        values: Row = {"state": state.value, "leased_until": None, "reported_at": at}
        if state is CommitmentState.REPORTED:
            values |= {"refs": [], "reasons": []}  # a year of them would outweigh the index
        given_up = state is CommitmentState.GIVEN_UP
        event = _event(
            commitment, COMMITMENT_REPORTED, at, outcome="failure" if given_up else "success"
        )

        def end(connection: Connection) -> None:
            is_open = COMMITMENT.c.state == CommitmentState.CHECKED
            done = _update(commitment.institution, commitment.commitment_id).where(is_open)
            if connection.execute(done.values(**values)).rowcount:
                connection.execute(insert(AUDIT_EVENT), [event])

        self._database.write(end)


def _of(requester: Requester | None) -> list[Any]:
    if requester is None:
        return []
    return [
        COMMITMENT.c.institution == requester.institution,
        COMMITMENT.c.ae_title == requester.ae_title,
    ]


def _row(row: RowMapping) -> Update:
    return _update(row["institution"], row["commitment_id"])


def _update(institution: str, commitment_id: str) -> Update:
    return update(COMMITMENT).where(
        COMMITMENT.c.institution == institution, COMMITMENT.c.commitment_id == commitment_id
    )


def _add(connection: Connection, request: CommitmentRequest) -> bool:
    uid = clean_text(request.transaction_uid, UID_LENGTH)
    lock_names(connection, [f"commitment|{request.institution}|{uid}"])
    references = [
        [each.sop_class_uid, each.sop_instance_uid, each.is_supported]
        for each in request.references
    ]
    digest = hashlib.sha256(json.dumps(references).encode()).hexdigest()
    known = connection.execute(
        select(COMMITMENT.c.ae_title, COMMITMENT.c.digest, COMMITMENT.c.state).where(
            COMMITMENT.c.institution == request.institution, COMMITMENT.c.transaction_uid == uid
        )
    ).all()
    if any(
        (row.ae_title, row.digest) == (request.ae_title, digest) and row.state in _OPEN
        for row in known
    ):
        return False
    duplicate = [FailureReason.DUPLICATE_TRANSACTION.value] * len(references) if known else []
    row = {
        "institution": request.institution,
        "commitment_id": new_id(),
        "transaction_uid": uid,
        "ae_title": request.ae_title,
        "requested_at": request.requested_at,
        "state": (CommitmentState.CHECKED if known else CommitmentState.REQUESTED).value,
        "refs": references,
        "reasons": duplicate,
        "digest": digest,
        "committed_count": 0,
        "failed_count": len(duplicate),
        "attempts": 0,
        "next_try_at": request.report_from,
        "leased_until": None,
        "reported_at": None,
    }
    connection.execute(insert(COMMITMENT), [row])
    commitment = _commitment(row)
    event = _event(commitment, COMMITMENT_REQUESTED, request.requested_at)
    connection.execute(insert(AUDIT_EVENT), [event])
    return True


def _event(commitment: Commitment, action: str, at: datetime, outcome: str = "success") -> Row:
    detail = f"{commitment.transaction_uid}: {len(commitment.references)} instances"
    if commitment.reasons:
        detail += f", {len(commitment.failed)} failed"
    return audit_row(
        AuditEvent(
            at=at,
            action=action,
            actor=commitment.ae_title,
            role=_ROLE,
            institution=commitment.institution,
            outcome=outcome,
            detail=detail,
        )
    )


def _commitment(row: RowMapping | Row) -> Commitment:
    return Commitment(
        commitment_id=row["commitment_id"],
        institution=row["institution"],
        ae_title=row["ae_title"],
        transaction_uid=row["transaction_uid"],
        requested_at=row["requested_at"],
        state=CommitmentState(row["state"]),
        references=tuple(Reference(*each) for each in row["refs"]),
        reasons=tuple(row["reasons"]),
        attempts=row["attempts"],
    )
