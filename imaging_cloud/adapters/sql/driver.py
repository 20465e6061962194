"""What ingest asks and writes, by the driver of its database; SQLite's own is here too."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any

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

from imaging_cloud.adapters.sql.driver_statements import DriverSelect, DriverStatement
from imaging_cloud.adapters.sql.intake_rows import Row
from imaging_cloud.adapters.sql.upserting import insert_into


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
        self.statement = DriverSelect(found, dialect)
        self._columns = list(columns)

    def rows(self, answers: Iterable[Sequence[Any]]) -> list[Row]:
        """Make rows of what the driver answered."""
        read = self.statement.read
        return [dict(zip(self._columns, read(each), strict=True)) for each in answers]


@dataclass(frozen=True, slots=True)
class Question:
    """Rows of `table` of an institution under any of the UIDs, with the named columns."""

    table: Table
    uid: str
    columns: tuple[str, ...]
    institution: str
    uids: Sequence[str]


class Driver(ABC):
    """The driver's side of a transaction, which SQLAlchemy begins, commits or rolls back.

    `together` may commit it earlier; SQLAlchemy then finds nothing left to commit.
    """

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
