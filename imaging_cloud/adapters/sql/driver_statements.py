"""Statements of the ingest path, compiled once and run by the database driver itself.

SQLAlchemy takes some 0.1 ms of CPU for each statement that it runs, which for a lone instance is
most of what the index costs. It still writes the SQL and converts the values; only the way from
there to the driver is shorter.
"""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    Connection,
    Dialect,
    Executable,
    Table,
    Text,
    any_,
    bindparam,
    insert,
    select,
)
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

from imaging_cloud.adapters.sql.column_types import UtcDateTime
from imaging_cloud.adapters.sql.intake_rows import Row
from imaging_cloud.adapters.sql.upserting import insert_into

Processor = Callable[[Any], Any]


@cache
def _moment_processor(dialect: Dialect) -> Processor:
    """Of all moments in a batch: most are one and the same, so the last is remembered."""
    process = cast("Processor", UtcDateTime().dialect_impl(dialect).bind_processor(dialect))
    last: tuple[object, object] = (None, None)  # one object, as threads may share it

    def convert(value: Any) -> Any:  # noqa: ANN401 - a datetime to what the driver takes
        nonlocal last
        known, converted = last
        if value is not known:
            converted = process(value)
            last = (value, converted)
        return converted

    return convert


class DriverStatement:
    """One statement in the words of one database."""

    def __init__(
        self, statement: Executable, dialect: Dialect, keys: Sequence[str] | None = None
    ) -> None:
        compiled = cast(
            "SQLCompiler",
            cast("ClauseElement", statement).compile(dialect=dialect, column_keys=keys),
        )
        self.sql = str(compiled)
        self._names: list[str] | None = compiled.positiontup  # None: parameters go by name
        processors = {
            name: _moment_processor(dialect)
            if isinstance(bound.type, UtcDateTime)
            else bound.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bound in compiled.binds.items()
        }
        self._processors = {name: each for name, each in processors.items() if each}

    def bound(self, values: Mapping[str, Any]) -> Sequence[Any] | Mapping[str, Any]:
        """The values as the driver takes them."""
        processors = self._processors
        if self._names is None:
            changed = {name: process(values[name]) for name, process in processors.items()}
            return {**values, **changed}
        return [
            processors[name](values[name]) if name in processors else values[name]
            for name in self._names
        ]


class Lookup:
    """The statement of all questions that differ in nothing but institution and UIDs.

    `many`: for any number of UIDs at once, as an array of the server; otherwise for one.
    """

    def __init__(
        self, table: Table, uid: str, columns: Sequence[str], dialect: Dialect, *, many: bool
    ) -> None:
        column = table.c[uid]
        wanted: Any = bindparam("uid", type_=column.type)
        if many:
            wanted = any_(bindparam("uid", type_=ARRAY(Text)))
        found = select(*(table.c[name] for name in columns))
        found = found.where(table.c.institution == bindparam("institution"), column == wanted)
        self.statement = DriverStatement(found, dialect)
        self._columns = list(columns)
        processors = [
            table.c[name].type.dialect_impl(dialect).result_processor(dialect, None)
            for name in columns
        ]
        self._processors = [(at, each) for at, each in enumerate(processors) if each]

    def rows(self, answers: Iterable[Sequence[Any]]) -> list[Row]:
        """Make rows of what the driver answered."""
        return [self._row(values) for values in answers]

    def _row(self, values: Sequence[Any]) -> Row:
        row = dict(zip(self._columns, values, strict=True))
        for at, process in self._processors:
            row[self._columns[at]] = process(values[at])
        return row


@dataclass(frozen=True, slots=True)
class Question:
    """Rows of `table` of an institution under any of the UIDs, with the named columns."""

    table: Table
    uid: str
    columns: tuple[str, ...]
    institution: str
    uids: Sequence[str]


class Driver(ABC):
    """The driver's side of a transaction that SQLAlchemy began and will commit."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    @abstractmethod
    def find(self, questions: Sequence[Question], locks: Sequence[str]) -> list[list[Row]]:
        """Keep other transactions from what `locks` name, then answer each question."""

    @abstractmethod
    def together(self, *, commits: bool) -> AbstractContextManager[object]:
        """What is run inside goes to a server in one round trip; errors come at its end.

        `commits`: with the commit in the same round trip, where there is one to be saved.
        """

    @abstractmethod
    def _run(self, statement: DriverStatement, rows: Sequence[Row]) -> None:
        """Run the statement for each of the rows, of which there is at least one."""

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows that all have the same columns."""
        if rows:
            self._run(_insert(table, tuple(rows[0]), self._dialect), rows)

    def insert_missing(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows whose key is not there yet; the others stay as they are."""
        if rows:
            self._run(_insert_missing(table, tuple(rows[0]), self._dialect), rows)

    def run(self, statement: Executable, rows: Sequence[Row]) -> None:
        """Run a statement, which must be one of a few that live as long as the process."""
        if rows:
            self._run(_compiled(statement, self._dialect), rows)


class SqliteDriver(Driver):
    """SQLite has one writer at a time and needs no locks, and answers a question in some 10 us."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.dialect)
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - whoever makes this asked
        self._cursor = raw.cursor()

    def find(self, questions: Sequence[Question], locks: Sequence[str]) -> list[list[Row]]:  # noqa: ARG002
        return [self._answer(each) for each in questions]

    def _answer(self, question: Question) -> list[Row]:
        lookup = lookup_of(question, self._dialect, many=False)
        sql, bound = lookup.statement.sql, lookup.statement.bound
        return [
            row
            for uid in question.uids
            for row in lookup.rows(
                self._cursor.execute(
                    sql, bound({"institution": question.institution, "uid": uid})
                ).fetchall()
            )
        ]

    def together(self, *, commits: bool) -> AbstractContextManager[object]:  # noqa: ARG002
        return nullcontext()

    def _run(self, statement: DriverStatement, rows: Sequence[Row]) -> None:
        if len(rows) == 1:
            self._cursor.execute(statement.sql, statement.bound(rows[0]))
        else:
            self._cursor.executemany(statement.sql, [statement.bound(row) for row in rows])


def lookup_of(question: Question, dialect: Dialect, *, many: bool) -> Lookup:
    return _lookup(question.table, question.uid, question.columns, dialect, many)


@cache
def _lookup(
    table: Table, uid: str, columns: tuple[str, ...], dialect: Dialect, many: bool
) -> Lookup:
    return Lookup(table, uid, columns, dialect, many=many)


@cache
def _insert(table: Table, columns: tuple[str, ...], dialect: Dialect) -> DriverStatement:
    return DriverStatement(insert(table), dialect, columns)


@cache
def _insert_missing(table: Table, columns: tuple[str, ...], dialect: Dialect) -> DriverStatement:
    statement = insert_into(table, dialect)
    return DriverStatement(statement.on_conflict_do_nothing(), dialect, columns)


@cache
def _compiled(statement: Executable, dialect: Dialect) -> DriverStatement:
    return DriverStatement(statement, dialect)
