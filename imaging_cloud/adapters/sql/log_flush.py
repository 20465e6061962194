"""Flushing SQLite's write-ahead log for many commits at once."""

import sqlite3
from pathlib import Path

from imaging_cloud.adapters.disk import storage_error
from imaging_cloud.adapters.sql.database_errors import translated_errors
from imaging_cloud.adapters.sql.disk_keeper import WalFile
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.domain.errors import Unavailable


class LogFlush:
    """After a flush all that was committed before it outlives a power cut."""

    def __init__(self, database: IndexDatabase) -> None:
        self._database = database
        self._log = WalFile(Path(f"{database.url.database}-wal"))
        # A failed fsync is never asked again: the kernel may have dropped what it could not
        # write and would say yes. What is in the log then has to reach the database file.
        self._distrusted = False

    def flush(self) -> None:
        """Raises Unavailable or OutOfSpace."""
        if self._distrusted:
            self._copy_into_database()
            self._distrusted = False
        try:
            self._log.sync()
        except OSError as error:
            self._distrusted = True
            raise storage_error(error, "index log") from error

    def _copy_into_database(self) -> None:
        with translated_errors(), self._database.writer.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - SQLite alone has a log
            busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Unavailable("the index log cannot be flushed just now")
