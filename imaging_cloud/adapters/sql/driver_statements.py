"""Statements of the ingest path, compiled once and run by the database driver itself.

SQLAlchemy takes some 0.1 ms of CPU for each statement that it runs, which for a lone instance is
most of what the index costs. It still writes the SQL and converts the values; only the way from
there to the driver is shorter.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    Connection,
    Dialect,
    Executable,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    insert,
    select,
)
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

from imaging_cloud.adapters.sql.intake_rows import Row

Processor = Callable[[Any], Any]


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
            name: bound.type.dialect_impl(dialect).bind_processor(dialect)
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
    """Rows of one table by institution and UID, with the named columns."""

    def __init__(self, table: Table, uid: str, columns: Sequence[str], dialect: Dialect) -> None:
        self._uid = uid
        self._at_once = dialect.name == "postgresql"
        self._statement = DriverStatement(self._select(table, columns), dialect)
        self._columns = list(columns)
        processors = [
            table.c[name].type.dialect_impl(dialect).result_processor(dialect, None)
            for name in columns
        ]
        self._processors = [(at, each) for at, each in enumerate(processors) if each]

    def _select(self, table: Table, columns: Sequence[str]) -> Select[Any]:
        column = table.c[self._uid]
        wanted: Any = bindparam("uid", type_=column.type)
        if self._at_once:
            wanted = any_(bindparam("uid", type_=ARRAY(Text)))
        found = select(*(table.c[name] for name in columns))
        return found.where(table.c.institution == bindparam("institution"), column == wanted)

    def rows(self, cursor: Any, institution: str, uids: Sequence[str]) -> list[Row]:  # noqa: ANN401
        # SQLite answers a question for one key in some 10 us; PostgreSQL is a round trip away.
        asked: list[Any] = [list(uids)] if self._at_once else list(uids)
        return [row for uid in asked for row in self._ask(cursor, institution, uid)]

    def _ask(self, cursor: Any, institution: str, uid: object) -> Iterable[Row]:  # noqa: ANN401
        bound = self._statement.bound({"institution": institution, "uid": uid})
        cursor.execute(self._statement.sql, bound)
        for values in cursor.fetchall():
            row = dict(zip(self._columns, values, strict=True))
            for at, process in self._processors:
                row[self._columns[at]] = process(values[at])
            yield row


class Driver:
    """The driver's side of a transaction that SQLAlchemy began and will commit."""

    def __init__(self, connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        self._cursor = raw.cursor()
        self._dialect = connection.dialect

    def find(
        self, table: Table, uid: str, columns: tuple[str, ...], institution: str, uids: list[str]
    ) -> list[Row]:
        return _lookup(table, uid, columns, self._dialect).rows(self._cursor, institution, uids)

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows that all have the same columns."""
        if rows:
            self._run(_insert(table, tuple(rows[0]), self._dialect), rows)

    def run(self, statement: Executable, rows: Sequence[Row]) -> None:
        """Run a statement, which must be one of a few that live as long as the process."""
        if rows:
            self._run(_compiled(statement, self._dialect), rows)

    def _run(self, statement: DriverStatement, rows: Sequence[Row]) -> None:
        if len(rows) == 1:
            self._cursor.execute(statement.sql, statement.bound(rows[0]))
        else:
            self._cursor.executemany(statement.sql, [statement.bound(row) for row in rows])


@cache
def _lookup(table: Table, uid: str, columns: tuple[str, ...], dialect: Dialect) -> Lookup:
    return Lookup(table, uid, columns, dialect)


@cache
def _insert(table: Table, columns: tuple[str, ...], dialect: Dialect) -> DriverStatement:
    return DriverStatement(insert(table), dialect, columns)


@cache
def _compiled(statement: Executable, dialect: Dialect) -> DriverStatement:
    return DriverStatement(statement, dialect)
