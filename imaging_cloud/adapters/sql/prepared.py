"""Statements put together once: an order check asks its questions hundreds of times a second."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Dialect, Select

from imaging_cloud.adapters.sql.driver_statements import DriverSelect


class Asker(Protocol):
    """A connection that answers prepared questions, and the dialect it speaks.

    It is asked through its driver: SQLAlchemy's own way takes several times as long as the
    question.
    """

    @property
    def dialect(self) -> Dialect: ...

    def rows(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]: ...


@dataclass(frozen=True, slots=True)
class SqliteAsker:
    connection: sqlite3.Connection
    dialect: Dialect

    def rows(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        return self.connection.execute(text, values).fetchall()


class PreparedByDialect:
    """A select, put together the first time that each engine asks it. Values go by name."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._selects: dict[str, DriverSelect] = {}

    def rows(self, asker: Asker, values: Mapping[str, Any]) -> list[list[Any]]:
        name = asker.dialect.name
        asked = self._selects.get(name)
        if asked is None:
            asked = self._selects[name] = DriverSelect(self._statement, asker.dialect)
        answers = asker.rows(asked.sql, asked.bound({**asked.given, **values}))
        return [asked.read(each) for each in answers]
