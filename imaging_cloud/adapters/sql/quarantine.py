"""SqlQuarantine: what waits for a person, and the transactions of what the person decides."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update

from imaging_cloud.adapters.sql.batch import load_batch, take_in_regardless
from imaging_cloud.adapters.sql.batch_writes import write_batch
from imaging_cloud.adapters.sql.column_types import new_id
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.exam_rows import ExamRules
from imaging_cloud.adapters.sql.intake_rows import Row, instance_row
from imaging_cloud.adapters.sql.received_events import ReceivedEvents
from imaging_cloud.adapters.sql.tables import (
    AUDIT_EVENT,
    INSTANCE,
    OUTBOX,
    QUARANTINE,
    SERIES,
)
from imaging_cloud.adapters.sql.trail_rows import HELD, audit_row, outbox_row
from imaging_cloud.domain.errors import Conflict, NotFound
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.imaging_index import InstanceRow, QuarantineRow
from imaging_cloud.ports.intake import InstanceRecord
from imaging_cloud.ports.quarantine import Decision, Held, Quarantine

QUARANTINE_ACCEPTED = "quarantine-accepted"
QUARANTINE_DISCARDED = "quarantine-discarded"
INSTANCE_SUPERSEDED = "instance-superseded"

_ACCEPTED = "accepted"
_SUPERSEDED = "superseded"
_CONTESTED = ("differs", "clash")
_ASKED_AT_ONCE = 500
_FIELDS = tuple(QuarantineRow.__dataclass_fields__)
_INSTANCE_FIELDS = tuple(InstanceRow.__dataclass_fields__)


class SqlQuarantine(Quarantine):
    def __init__(self, database: IndexDatabase, rules: ExamRules) -> None:
        self._database = database
        self._rules = rules

    def list_held(
        self, *, institution: str | None = None, cause: str | None = None, limit: int = 100
    ) -> list[QuarantineRow]:
        statement = (
            select(*(QUARANTINE.c[name] for name in _FIELDS))
            .where(QUARANTINE.c.state == HELD)
            .order_by(QUARANTINE.c.last_received_at.desc(), QUARANTINE.c.quarantine_id)
            .limit(limit)
        )
        if institution is not None:
            statement = statement.where(QUARANTINE.c.institution == institution)
        if cause is not None:
            statement = statement.where(QUARANTINE.c.cause == cause)
        rows = self._database.read(lambda c: c.execute(statement).mappings().all())
        return [QuarantineRow(**row) for row in rows]

    def find_held(self, quarantine_id: str) -> Held:
        return self._database.read(lambda connection: _held(connection, quarantine_id))

    def contested_uids(self, institution: str, uids: Iterable[str]) -> set[str]:
        asked = list(uids)
        found: set[str] = set()
        for start in range(0, len(asked), _ASKED_AT_ONCE):
            statement = select(QUARANTINE.c.sop_instance_uid).where(
                QUARANTINE.c.institution == institution,
                QUARANTINE.c.sop_instance_uid.in_(asked[start : start + _ASKED_AT_ONCE]),
                QUARANTINE.c.cause.in_(_CONTESTED),
                QUARANTINE.c.state == HELD,
            )
            found.update(self._texts(statement))
        return found

    def _texts(self, statement: Select[Any]) -> Sequence[str]:
        return self._database.read(lambda connection: connection.execute(statement).scalars().all())

    def accept_bytes(self, decision: Decision, record: InstanceRecord) -> str:
        return self._database.write(lambda connection: self._accept(connection, decision, record))

    def _accept(self, connection: Connection, decision: Decision, record: InstanceRecord) -> str:
        batch = load_batch(connection, [record], self._rules)  # locks the study
        held = _held(connection, decision.quarantine_id)
        row = instance_row(record)
        former_id = ""
        if held.stored is None:
            _check_series(connection, row)
            take_in_regardless(batch, record)
            write_batch(connection, batch, decision.at, ReceivedEvents(), commits=False)
        else:
            former_id = _supersede(connection, decision, held.stored, row)
        _close(connection, decision, held, _ACCEPTED, QUARANTINE_ACCEPTED)
        return former_id

    def close_entry(self, decision: Decision, outcome: str) -> str:
        action = QUARANTINE_ACCEPTED if outcome == _ACCEPTED else QUARANTINE_DISCARDED

        def close(connection: Connection) -> str:
            held = _held(connection, decision.quarantine_id)
            _close(connection, decision, held, outcome, action)
            return "" if _is_referenced(connection, held) else held.object_key

        return self._database.write(close)

    def is_referenced(self, held: Held) -> bool:
        return self._database.read(lambda connection: _is_referenced(connection, held))


def _held(connection: Connection, quarantine_id: str) -> Held:
    row = (
        connection.execute(
            select(QUARANTINE).where(
                QUARANTINE.c.quarantine_id == quarantine_id, QUARANTINE.c.state == HELD
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound("no such entry waits in quarantine: imaging-cloud quarantine list")
    return Held(
        entry=QuarantineRow(**{name: row[name] for name in _FIELDS}),
        object_key=row["object_key"],
        stored=_stored(connection, row),
    )


def _stored(connection: Connection, row: RowMapping) -> InstanceRow | None:
    found = (
        connection.execute(
            select(*(INSTANCE.c[name] for name in _INSTANCE_FIELDS)).where(
                INSTANCE.c.institution == row["institution"],
                INSTANCE.c.sop_instance_uid == row["sop_instance_uid"],
            )
        )
        .mappings()
        .one_or_none()
    )
    return InstanceRow(**found) if found is not None else None


def _check_series(connection: Connection, row: Row) -> None:
    study_uid = connection.execute(
        select(SERIES.c.study_uid).where(
            SERIES.c.institution == row["institution"], SERIES.c.series_uid == row["series_uid"]
        )
    ).scalar()
    if study_uid not in (None, row["study_uid"]):
        raise Conflict(
            "its SeriesInstanceUID is known in another study: the sender must correct it and send"
            " it under UIDs of its own, then discard this entry"
        )


def _supersede(connection: Connection, decision: Decision, stored: InstanceRow, row: Row) -> str:
    """Put the row of the new bytes in the place of the former's, which go to quarantine."""
    if (stored.study_uid, stored.series_uid) != (row["study_uid"], row["series_uid"]):
        raise Conflict(
            "its SOPInstanceUID is known in another study or series: the sender must correct it"
            " and send it under a UID of its own, then discard this entry"
        )
    former_id = new_id()
    former = {
        "institution": stored.institution,
        "quarantine_id": former_id,
        "sop_instance_uid": stored.sop_instance_uid,
        "cause": _SUPERSEDED,
        "message": f"the instance until {decision.quarantine_id} was accepted in its place",
        "object_key": stored.object_key,
        "size": stored.size,
        "origin_kind": "quarantine",
        "source": decision.actor,
        "received_at": decision.at,
        "last_received_at": decision.at,
        "deliveries": 1,
        "state": HELD,
    }
    connection.execute(insert(QUARANTINE), [former])
    key = ("institution", "sop_instance_uid")
    connection.execute(
        update(INSTANCE)
        .where(
            INSTANCE.c.institution == stored.institution,
            INSTANCE.c.sop_instance_uid == stored.sop_instance_uid,
        )
        .values({name: value for name, value in row.items() if name not in key})
    )
    outbox = outbox_row(stored.institution, stored.study_uid, decision.at)
    connection.execute(insert(OUTBOX), [outbox])
    detail = f"{former_id} {stored.sop_instance_uid}"
    event = _event(decision, stored.institution, INSTANCE_SUPERSEDED, stored.study_uid, detail)
    connection.execute(insert(AUDIT_EVENT), [event])
    return former_id


def _close(
    connection: Connection, decision: Decision, held: Held, outcome: str, action: str
) -> None:
    entry = held.entry
    connection.execute(
        update(QUARANTINE)
        .where(
            QUARANTINE.c.institution == entry.institution,
            QUARANTINE.c.quarantine_id == entry.quarantine_id,
        )
        .values(state=outcome)
    )
    study_uid = held.stored.study_uid if held.stored else ""
    detail = f"{entry.cause} {entry.quarantine_id} {entry.sop_instance_uid} {held.object_key}"
    event = _event(decision, entry.institution, action, study_uid, detail)
    connection.execute(insert(AUDIT_EVENT), [event])


def _event(
    decision: Decision, institution: str, action: str, study_uid: str, detail: str
) -> dict[str, Any]:
    return audit_row(
        AuditEvent(
            at=decision.at,
            action=action,
            actor=decision.actor,
            role=decision.role,
            institution=institution,
            study_uid=study_uid,
            detail=detail,
        )
    )


def _is_referenced(connection: Connection, held: Held) -> bool:
    """The same data set has the same SOP Instance UID, so only its own row can rest on it."""
    if not held.object_key:
        return False
    institution = held.entry.institution
    instances = select(func.count()).where(
        INSTANCE.c.institution == institution,
        INSTANCE.c.sop_instance_uid == held.entry.sop_instance_uid,
        INSTANCE.c.object_key == held.object_key,
    )
    others = select(func.count()).where(
        QUARANTINE.c.institution == institution,
        QUARANTINE.c.object_key == held.object_key,
        QUARANTINE.c.state == HELD,
    )
    return any(connection.execute(each).scalar_one() for each in (instances, others))
