"""Prepared questions to PostgreSQL."""

from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection

from imaging_cloud.adapters.sql.pipeline import DIALECT, Said, pipeline_of


class PostgresAsker:
    """An Asker; each question sees what is committed when it is asked."""

    dialect = DIALECT

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        try:
            (answer,) = pipeline_of(self._connection).run([Said(text, values)])
        except psycopg.OperationalError:
            # SQLAlchemy has to see for itself that the connection is dead: it then raises, and
            # drops all others that are as old.
            self._connection.exec_driver_sql("SELECT 1")
            raise
        return answer
