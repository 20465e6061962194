"""SqlAuditTrail: events appended, never changed (triggers of the schema refuse it)."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.tables import AUDIT_EVENT
from imaging_cloud.adapters.sql.trail_rows import audit_row
from imaging_cloud.ports.audit_trail import AuditEvent, AuditTrail


class SqlAuditTrail(AuditTrail):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def append_event(self, event: AuditEvent) -> None:
        row = audit_row(event)

        def append(connection: Connection) -> None:
            connection.execute(insert(AUDIT_EVENT), [row])

        self._database.write(append)

    def list_events_of(self, person_id: str, limit: int = 200) -> list[AuditEvent]:
        statement = (
            select(AUDIT_EVENT)
            .where(AUDIT_EVENT.c.person_id == person_id)
            .order_by(AUDIT_EVENT.c.at.desc(), AUDIT_EVENT.c.event_id.desc())
            .limit(limit)
        )
        rows = self._database.read(lambda connection: connection.execute(statement).all())
        return [_event(row) for row in rows]


def _event(row: Row[Any]) -> AuditEvent:
    return AuditEvent(
        at=row.at,
        action=row.action,
        actor=row.actor,
        role=row.role,
        institution=row.institution,
        study_uid=row.study_uid,
        person_id=row.person_id,
        outcome=row.outcome,
        detail=row.detail,
    )
