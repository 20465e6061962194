"""A writing connection that is kept from one transaction to the next."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from sqlalchemy import Connection

from imaging_cloud.adapters.sql.database_errors import translated_errors
from imaging_cloud.adapters.sql.engine import IndexDatabase

T = TypeVar("T")


class LastingWriter:
    """For one user at a time: taking a connection out of the pool costs a lone instance 0.1 ms.

    After any error the connection is given back, and the next transaction takes another.
    """

    def __init__(self, database: IndexDatabase) -> None:
        self._database = database
        self._connection: Connection | None = None

    def write(self, work: Callable[[Connection], T]) -> T:
        """As IndexDatabase.write."""
        return self._database.write(work, self._writing)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated_errors():
            connection = self._connection or self._database.writer.connect()
            self._connection = None
            try:
                with self._database.limit_writing(connection), connection.begin():
                    yield connection
            except BaseException:
                with suppress(Exception):
                    connection.close()
                raise
            self._connection = connection

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()
