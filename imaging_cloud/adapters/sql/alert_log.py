"""SqlAlertLog: every order check with its inputs and its verdict, and its line in the trail."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, select, tuple_

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.json_text import clean_document, clean_json
from imaging_cloud.adapters.sql.tables import ALERT, AUDIT_EVENT
from imaging_cloud.adapters.sql.trail_rows import audit_row
from imaging_cloud.adapters.sql.turns import GroupCommit, WriteTurn
from imaging_cloud.ports.alert_log import AlertLog, LoggedAlert
from imaging_cloud.ports.audit_trail import AuditEvent

_ADD_ALERTS = insert(ALERT)
_ADD_EVENTS = insert(AUDIT_EVENT)
_TEXTS = tuple(each.name for each in ALERT.columns if each.name not in ("inputs", "answer"))
_AT_ONCE = 500

# An alert row and its audit row.
_Logged = tuple[dict[str, Any], dict[str, Any]]


class SqlAlertLog(AlertLog):
    """Checks that come together share one transaction: each commit waits for the disk."""

    def __init__(self, database: IndexDatabase) -> None:
        self._database = database
        self._turn = WriteTurn(database)
        self._commits: GroupCommit[_Logged] = GroupCommit(self._write)

    def add_alert(self, alert: LoggedAlert, event: AuditEvent) -> None:
        row = {name: clean_json(getattr(alert, name)) for name in _TEXTS}
        row |= {"inputs": clean_document(alert.inputs), "answer": clean_document(alert.answer)}
        self._commits.commit((row, audit_row(event)))

    def _write(self, logged: Sequence[_Logged]) -> None:
        alerts = [alert for alert, _ in logged]
        events = [event for _, event in logged]

        def add(connection: Connection) -> None:
            connection.execute(_ADD_ALERTS, alerts)
            connection.execute(_ADD_EVENTS, events)

        with self._turn.taken():
            self._database.write(add)

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
