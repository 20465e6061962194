"""SqlAlertLog: every order check with its inputs and its verdict."""

from dataclasses import asdict

from sqlalchemy import Connection, select

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.json_text import clean_json
from imaging_cloud.adapters.sql.tables import ALERT
from imaging_cloud.adapters.sql.upserting import upsert_row
from imaging_cloud.ports.alert_log import AlertLog, LoggedAlert


class SqlAlertLog(AlertLog):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def add_alert(self, alert: LoggedAlert) -> None:
        """Durable on return. Raises Unavailable."""
        row = clean_json(asdict(alert))

        def add(connection: Connection) -> None:
            upsert_row(connection, ALERT, row)

        self._database.write(add)

    def find_alert(self, alert_id: str) -> LoggedAlert | None:
        statement = select(ALERT).where(ALERT.c.alert_id == alert_id).limit(1)
        rows = self._database.read(
            lambda connection: connection.execute(statement).mappings().all()
        )
        return LoggedAlert(**rows[0]) if rows else None
