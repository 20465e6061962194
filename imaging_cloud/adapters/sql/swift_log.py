"""SwiftLog: commits to SQLite that do not wait for the disk, and a thread that soon does.

A commit stands in the write-ahead log, which the kernel holds: a process that dies loses nothing.
A moment later the log is synced for all commits since the last time. Only a power cut in that
moment loses them, and never one without all that followed it: commits that do wait for the disk
(ingest, consents, decisions) sync the same file, and with it what came before them. ADR 0017.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Dialect

from imaging_cloud.adapters.sql.database_errors import translated_errors
from imaging_cloud.adapters.sql.disk_keeper import DiskKeeper, WalFile
from imaging_cloud.adapters.sql.engine import IndexDatabase, take_write_lock
from imaging_cloud.adapters.sql.turns import WriteTurn

# How often the log is looked through for a moment in which all of it is home, and from how many
# pages on (120 MB) checks have to wait until it is.
_PASSES = 8
_LONG_LOG = 30_000
# Readers of an order check are done in a fraction of this.
_RESTART_MILLISECONDS = 100

Statement = tuple[str, Sequence[Any]]


class SwiftLog:
    """One writing connection of this process, and the thread that keeps the disk near."""

    def __init__(self, database: IndexDatabase) -> None:
        self._database = database
        self._turn = WriteTurn(database)
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        wal = WalFile(Path(f"{database.url.database}-wal"))
        self._keeper = DiskKeeper(wal.sync, self.bring_home)
        database.closing.callback(self.close)

    def write(self, statements: Sequence[Statement]) -> None:
        """Each statement with all its rows, in one transaction. Raises Unavailable, OutOfSpace."""
        self._keeper.wait_until_near()
        with self._lock, self._turn.taken(), translated_errors():
            connection, self._connection = self._connection or self._open(), None
            try:
                take_write_lock(connection)
                for text, rows in statements:
                    connection.executemany(text, rows)
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        self._keeper.note_commit(max(len(rows) for _, rows in statements))

    def _open(self) -> sqlite3.Connection:
        connection = self._database.open_own_writer()
        # In a write-ahead log a commit of NORMAL is whole, but not synced (sqlite.org/pragma.html).
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA busy_timeout = 0")
        return connection

    def bring_home(self) -> bool:
        """Copy the log's pages into the database, so that the log can begin again. True: all.

        Each pass goes beside all readers and writers, and has less to copy than the one before.
        The first that ends with nothing left lets the next commit begin the log again. Checks
        wait for a pass, which syncs twice, only when the log has become long.
        """
        with translated_errors(), closing(self._open()) as connection:
            logged = 0
            for _ in range(_PASSES):
                _, logged, home = _checkpoint(connection, "PASSIVE")
                if logged == home:
                    return True
            if logged < _LONG_LOG:
                return False
            connection.execute(f"PRAGMA busy_timeout = {_RESTART_MILLISECONDS}")
            with self._turn.taken():
                _, logged, home = _checkpoint(connection, "RESTART")
            return logged == home

    def close(self) -> None:
        self._keeper.close()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def swift_writer(
    database: IndexDatabase,
) -> tuple[Dialect, Callable[[Sequence[Statement]], None]]:
    """How statements go in, in one transaction, and the dialect they are to be written in.

    With PostgreSQL they are durable then, with SQLite a moment later.
    """
    if database.is_sqlite:
        return database.writer.dialect, SwiftLog(database).write
    from imaging_cloud.adapters.sql.pipeline import DIALECT  # noqa: PLC0415 - as below

    return DIALECT, partial(_commit_at_once, database)


def _commit_at_once(database: IndexDatabase, statements: Sequence[Statement]) -> None:
    # An index in SQLite starts without psycopg.
    from imaging_cloud.adapters.sql.pipeline import Said, pipeline_of  # noqa: PLC0415

    said = [Said(text, row) for text, rows in statements for row in rows]
    database.write(lambda connection: pipeline_of(connection).run(said, commits=True))


def _checkpoint(connection: sqlite3.Connection, kind: str) -> tuple[int, int, int]:
    """(1 when it could not go on to the end, pages in the log, pages of them in the database)."""
    row: tuple[int, int, int] = connection.execute(f"PRAGMA wal_checkpoint({kind})").fetchone()
    return row
