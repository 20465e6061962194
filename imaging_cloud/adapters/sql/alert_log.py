"""SqlAlertLog: every order check with its inputs and its verdict, and its line in the trail."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Insert,
    RowMapping,
    Select,
    Text,
    bindparam,
    cast,
    insert,
    select,
    tuple_,
)

from imaging_cloud.adapters.sql.driver_statements import DriverStatement
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.json_text import clean_json, document_text
from imaging_cloud.adapters.sql.swift_log import swift_writer
from imaging_cloud.adapters.sql.tables import ALERT, AUDIT_EVENT
from imaging_cloud.adapters.sql.trail_rows import audit_row
from imaging_cloud.adapters.sql.turns import GroupCommit
from imaging_cloud.ports.alert_log import AlertLog, LoggedAlert, LoggedCheck
from imaging_cloud.ports.audit_trail import AuditEvent

_DOCUMENTS = ("inputs", "answer")
_COLUMNS = tuple(each.name for each in ALERT.columns if each.name not in _DOCUMENTS)
_AT_ONCE = 500

# The values of an alert row and of its audit row, as the driver takes them.
_Logged = tuple[Any, Any]


class SqlAlertLog(AlertLog):
    """Checks that come together share one transaction.

    SQLite's commits do not wait for the disk (ADR 0017); PostgreSQL's do.
    """

    def __init__(self, database: IndexDatabase) -> None:
        self._database = database
        dialect, self._write_soon = swift_writer(database)
        self._add_alert = DriverStatement(_adding(dialect), dialect)
        self._add_event = DriverStatement(insert(AUDIT_EVENT), dialect)
        self._commits: GroupCommit[Sequence[_Logged]] = GroupCommit(self._write)

    def add_alerts(self, checks: Sequence[LoggedCheck]) -> None:
        # Everything is made ready before: who commits keeps all others waiting.
        self._commits.commit([self._bound(*each) for each in checks])

    def _bound(self, alert: LoggedAlert, event: AuditEvent) -> _Logged:
        row = {f"{name}_": clean_json(getattr(alert, name)) for name in _COLUMNS}
        row |= {f"{name}_text": document_text(getattr(alert, name)) for name in _DOCUMENTS}
        return self._add_alert.bound(row), self._add_event.bound(audit_row(event))

    def _write(self, gathered: Sequence[Sequence[_Logged]]) -> None:
        alerts = [alert for logged in gathered for alert, _ in logged]
        events = [event for logged in gathered for _, event in logged]
        self._write_soon([(self._add_alert.sql, alerts), (self._add_event.sql, events)])

    def find_alert(self, alert_id: str) -> LoggedAlert | None:
        rows = self._all(select(ALERT).where(ALERT.c.alert_id == alert_id).limit(1))
        return LoggedAlert(**rows[0]) if rows else None

    def list_alerts(self, since: datetime, until: datetime) -> Iterator[LoggedAlert]:
        place = tuple_(ALERT.c.institution, ALERT.c.at, ALERT.c.alert_id)
        wanted = (
            select(ALERT)
            .where(ALERT.c.at >= since, ALERT.c.at < until)
            .order_by(ALERT.c.institution, ALERT.c.at, ALERT.c.alert_id)
            .limit(_AT_ONCE)
        )
        statement = wanted
        while True:
            rows = self._all(statement)
            yield from (LoggedAlert(**row) for row in rows)
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1]
            after = (last["institution"], last["at"], last["alert_id"])
            statement = wanted.where(place > tuple_(*after))

    def _all(self, statement: Select[Any]) -> Sequence[RowMapping]:
        return self._database.read(
            lambda connection: connection.execute(statement).mappings().all()
        )


def _adding(dialect: Dialect) -> Insert:
    """The row's documents come as text already."""

    def document(name: str) -> ColumnElement[Any]:
        text: ColumnElement[Any] = bindparam(f"{name}_text", type_=Text())
        # SQLite keeps JSON as text, and would make a number of what is cast to it.
        return text if dialect.name == "sqlite" else cast(text, ALERT.c[name].type)

    plain = {name: bindparam(f"{name}_", type_=ALERT.c[name].type) for name in _COLUMNS}
    return insert(ALERT).values({**plain, **{name: document(name) for name in _DOCUMENTS}})
