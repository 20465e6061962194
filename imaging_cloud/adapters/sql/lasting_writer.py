"""A writing connection that is kept from one transaction to the next.

On SQLite its commits are not flushed one by one: what they say is in the spool until the log is
(docs/adr/0001), so a flush for many is enough.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from sqlalchemy import Connection

from imaging_cloud.adapters.sql.database_errors import translated_errors
from imaging_cloud.adapters.sql.engine import IndexDatabase, take_write_lock
from imaging_cloud.adapters.sql.turns import WriteTurn

T = TypeVar("T")


class LastingWriter:
    """For one user at a time: taking a connection out of the pool costs a lone instance 0.1 ms.

    After any error the connection is given back, and the next transaction takes another.
    """

    def __init__(self, database: IndexDatabase) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._raw: sqlite3.Connection | None = None  # SQLite's own end of it
        self._turn = WriteTurn(database)

    def write(self, work: Callable[[Connection], T]) -> T:
        """As IndexDatabase.write."""
        with self._turn.taken():
            return self._database.write(work, self._writing)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated_errors():
            connection = self._connection or self._connect()
            self._connection = None
            try:
                if self._raw is not None:
                    with _transaction(connection, self._raw):
                        yield connection
                else:
                    with self._database.limit_writing(connection), connection.begin():
                        yield connection
            except BaseException:
                _forget(connection)
                raise
            self._connection = connection

    def _connect(self) -> Connection:
        connection = self._database.writer.connect()
        if self._database.is_sqlite:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - `is_sqlite`
            raw.execute("PRAGMA synchronous = NORMAL")
            raw.execute("PRAGMA busy_timeout = 0")
            self._raw = raw
        return connection

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            _forget(connection)


@contextmanager
def _transaction(connection: Connection, raw: sqlite3.Connection) -> Iterator[None]:
    """Begun and committed by the driver: SQLAlchemy's own way costs a lone instance 0.05 ms.

    SQLAlchemy joins in when it is asked to run something.
    """
    take_write_lock(raw)
    try:
        yield
        if connection.in_transaction():
            connection.commit()
        else:
            raw.commit()
    except BaseException:
        # Now: a connection closed while a statement of it lives would keep the write lock.
        with suppress(sqlite3.Error):
            raw.rollback()
        raise


def _forget(connection: Connection) -> None:
    """Close it for good: everybody else's commits are flushed, so the pool never gets it back."""
    with suppress(Exception):
        connection.invalidate()
    with suppress(Exception):
        connection.close()
