"""Statements put together once: an order check asks its questions hundreds of times a second."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Dialect, Select


class Asker(Protocol):
    """A connection that answers prepared questions, and the dialect it speaks.

    It is asked through its driver: SQLAlchemy's own way takes several times as long as the
    question.
    """

    @property
    def dialect(self) -> Dialect: ...

    def rows(self, text: str, values: Any) -> list[list[Any]]: ...  # noqa: ANN401 - a driver's


@dataclass(frozen=True, slots=True)
class SqliteAsker:
    connection: sqlite3.Connection
    dialect: Dialect

    def rows(self, text: str, values: Any) -> list[list[Any]]:  # noqa: ANN401
        return [list(row) for row in self.connection.execute(text, values)]


class Prepared:
    """A select as text for one dialect. Values are bound by name, rows come back as tuples.

    SQLAlchemy works out the text, the order of the values and how each column is read; doing it
    again for every call costs more than the question itself.
    """

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._fixed = dict(compiled.params)
        self._order = compiled.positiontup
        writers = (
            (name, bound.type.dialect_impl(dialect).bind_processor(dialect))
            for name, bound in compiled.binds.items()
        )
        self._writers = [(name, writer) for name, writer in writers if writer is not None]
        readers = (
            (number, column.type.dialect_impl(dialect).result_processor(dialect, None))
            for number, column in enumerate(statement.selected_columns)
        )
        self._readers = [(number, reader) for number, reader in readers if reader is not None]

    def rows(self, asker: Asker, values: Mapping[str, Any]) -> list[list[Any]]:
        bound = {**self._fixed, **values}
        for name, write in self._writers:
            bound[name] = write(bound[name])
        parameters = tuple(bound[name] for name in self._order) if self._order else bound
        found = asker.rows(self._text, parameters)
        for row in found:
            for number, read in self._readers:
                row[number] = read(row[number])
        return found


class PreparedByDialect:
    """The same select, prepared the first time each engine asks it."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._prepared: dict[str, Prepared] = {}

    def rows(self, asker: Asker, values: Mapping[str, Any]) -> list[list[Any]]:
        name = asker.dialect.name
        prepared = self._prepared.get(name)
        if prepared is None:
            prepared = self._prepared[name] = Prepared(self._statement, asker.dialect)
        return prepared.rows(asker, values)
