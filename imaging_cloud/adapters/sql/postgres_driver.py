"""The statements of the ingest path, in two round trips to PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

from imaging_cloud.adapters.sql.driver import Driver, Question, lookup_of
from imaging_cloud.adapters.sql.driver_statements import DriverStatement
from imaging_cloud.adapters.sql.intake_rows import Row
from imaging_cloud.adapters.sql.people import LOCK_NAMES, lock_keys
from imaging_cloud.adapters.sql.pipeline import DIALECT, Said, pipeline_of


class PostgresDriver(Driver):
    def __init__(self, connection: Connection) -> None:
        super().__init__(DIALECT)
        self._pipeline = pipeline_of(connection)
        self._gathered: list[Said] = []

    def find(self, questions: Sequence[Question], locks: Sequence[str]) -> list[list[Row]]:
        """Each statement sees what is committed when it begins, so what the locks waited for."""
        lookups = [lookup_of(each, DIALECT, many=True) for each in questions]
        asked = [
            _said(lookup.statement, {"institution": each.institution, "uid": list(each.uids)})
            for lookup, each in zip(lookups, questions, strict=True)
        ]
        _, *answers = self._pipeline.run([Said(_LOCK, [lock_keys(locks)]), *asked])
        return [lookup.rows(each) for lookup, each in zip(lookups, answers, strict=True)]

    @contextmanager
    def together(self, *, commits: bool) -> Iterator[None]:
        yield
        gathered, self._gathered = self._gathered, []
        self._pipeline.run(gathered, commits=commits)

    def _run(self, statement: DriverStatement, rows: Sequence[Row]) -> None:
        self._gathered += [_said(statement, row) for row in rows]


_LOCK = LOCK_NAMES.replace("%(keys)s", "$1")


def _said(statement: DriverStatement, values: Row) -> Said:
    return Said(statement.sql, statement.bound(values))
