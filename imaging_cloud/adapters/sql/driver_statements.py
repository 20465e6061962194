"""Statements compiled once and run by the database driver itself.

SQLAlchemy takes some 0.1 ms of CPU for each statement that it runs: for a lone instance most of
what the index costs, for an order check several times the question. It still writes the SQL and
converts the values; only the way from there to the driver is shorter.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Dialect, Executable, Select
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

from imaging_cloud.adapters.sql.column_types import UtcDateTime

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
    """One statement in the words of one database, whose parameters go by their order.

    `given` are the values that stand in the statement itself.
    """

    def __init__(
        self, statement: Executable, dialect: Dialect, keys: Sequence[str] | None = None
    ) -> None:
        compiled = cast(
            "SQLCompiler",
            cast("ClauseElement", statement).compile(dialect=dialect, column_keys=keys),
        )
        self.sql = str(compiled)
        self.given: Mapping[str, Any] = dict(compiled.params)
        self._names: list[str] = compiled.positiontup or []
        processors = {
            name: _moment_processor(dialect)
            if isinstance(bound.type, UtcDateTime)
            else bound.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bound in compiled.binds.items()
        }
        self._processors = {name: each for name, each in processors.items() if each}

    def bound(self, values: Mapping[str, Any]) -> list[Any]:
        """The values as the driver takes them."""
        processors = self._processors
        return [
            processors[name](values[name]) if name in processors else values[name]
            for name in self._names
        ]


class DriverSelect(DriverStatement):
    """A question, which also knows how to read what the driver answers."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        super().__init__(statement, dialect)
        readers = (
            (number, column.type.dialect_impl(dialect).result_processor(dialect, None))
            for number, column in enumerate(statement.selected_columns)
        )
        self._readers = [(number, each) for number, each in readers if each is not None]

    def read(self, answer: Sequence[Any]) -> list[Any]:
        """One row, value by value in the order of its columns."""
        row = list(answer)
        for number, process in self._readers:
            row[number] = process(row[number])
        return row
