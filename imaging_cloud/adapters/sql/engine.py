"""Opening the index: SQLite or PostgreSQL, settings that make a commit durable, error meanings."""

import random
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

from imaging_cloud.adapters.sql.database_errors import (
    PRIMARY_CODE,
    Contended,
    IndexRace,
    StaleConnection,
    translated_errors,
)
from imaging_cloud.adapters.sql.prepared import Asker, SqliteAsker
from imaging_cloud.adapters.sql.watchdog import Watchdog

T = TypeVar("T")
Writing = Callable[[], AbstractContextManager[Connection]]

# An order screen waits no longer than this for an answer, in seconds.
_READ_SECONDS = 2
# A commit of a whole batch may take longer; then its senders are told to try again.
_WRITE_SECONDS = 10
_TRIES = 5
# A dead connection says so at once; one that took longer was cut.
_STALE_SECONDS = 0.5
_GRACE_SECONDS = 0.2  # the server's own timeout comes first and says more
_BUSY_MILLISECONDS = 5000
_RETRY_SECONDS = (0.0001, 0.0006)
_READ_POOL = 16
_WRITE_POOL = 4


class IndexDatabase:
    """One index: a pool for reading and one for writing, each with its own limits.

    Reads end after 2 s; a statement of a writer may take longer. Both raise Unavailable when
    the database is away, OutOfSpace when its disk is full.
    """

    def __init__(self, url: str) -> None:
        self.url = normalized_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        make = _open_sqlite if self.is_sqlite else _open_postgresql
        self.reader = make(self.url, writing=False)
        self.writer = make(self.url, writing=True)
        self._watchdog = Watchdog()
        self._asking: deque[sqlite3.Connection] = deque()
        self.closing = ExitStack()  # what others let go of when this is closed

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a reading connection; once more when a pooled connection had gone stale.

        After a restart of the database every pooled connection is dead: the first that is used
        says so, SQLAlchemy drops them all, and the second try connects anew.
        """
        began = time.monotonic()
        try:
            return self._read_once(work)
        except StaleConnection:
            if time.monotonic() - began > _STALE_SECONDS:
                raise
            return self._read_once(work)

    def ask(self, work: Callable[[Asker], T], *, together: bool = True) -> T:
        """`read` for prepared questions: all of them see one state of the index.

        A single question does so by itself: not `together` spares it a transaction.
        """
        if not self.is_sqlite:
            return self.read(lambda connection: work(_postgres_asker(connection)))
        with translated_errors():
            connection = self._idle_or_new()
            try:
                if together:
                    connection.execute("BEGIN")
                answer = work(SqliteAsker(connection, self.reader.dialect))
                if together:
                    connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
            self._asking.append(connection)
            return answer

    def _idle_or_new(self) -> sqlite3.Connection:
        """A reading connection set up as the pool's are, but kept by us from then on."""
        with suppress(IndexError):
            return self._asking.pop()
        return _detached(self.reader)

    def open_own_writer(self) -> sqlite3.Connection:
        """A writing connection to SQLite, set up as the pool's are; the caller closes it."""
        return _detached(self.writer)

    def _read_once(self, work: Callable[[Connection], T]) -> T:
        with (
            translated_errors(),
            self.reader.connect() as connection,
            self._limit(connection, _READ_SECONDS),
        ):
            return work(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back on any error."""
        with (
            translated_errors(),
            self.writer.connect() as connection,
            self.limit_writing(connection),
            connection.begin(),
        ):
            yield connection

    def limit_writing(self, connection: Connection) -> AbstractContextManager[None]:
        return self._limit(connection, _WRITE_SECONDS)

    def _limit(self, connection: Connection, seconds: float) -> AbstractContextManager[None]:
        """Bound what a silent server can keep waiting; SQLite is never silent."""
        if self.is_sqlite:
            return nullcontext()
        return self._watchdog.limiting(connection, seconds + _GRACE_SECONDS)

    def write(self, work: Callable[[Connection], T], writing: Writing | None = None) -> T:
        """Run `work` as one transaction, again when another transaction was faster.

        `work` must be repeatable: after a broken connection nobody knows whether it was done.
        `writing` opens the transaction where it is not this object's own way.
        """
        writing = writing or self.writing
        for _ in range(_TRIES - 1):
            with suppress(IndexRace, StaleConnection), writing() as connection:
                return work(connection)
        try:
            with writing() as connection:
                return work(connection)
        except IndexRace as exc:
            raise Contended("the index is contended: try again") from exc

    def close(self) -> None:
        self.closing.close()
        while self._asking:
            self._asking.pop().close()
        self.reader.dispose()
        self.writer.dispose()


def _postgres_asker(connection: Connection) -> Asker:
    # An index in SQLite starts without psycopg.
    from imaging_cloud.adapters.sql.postgres_asker import PostgresAsker  # noqa: PLC0415

    return PostgresAsker(connection)


def _detached(engine: Engine) -> sqlite3.Connection:
    pooled = engine.raw_connection()
    connection = pooled.driver_connection
    pooled.detach()
    assert isinstance(connection, sqlite3.Connection)  # noqa: S101 - only SQLite is asked this way
    return connection


def normalized_url(url: str) -> URL:
    """Return the SQLAlchemy URL; `postgresql://` means psycopg 3."""
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def open_engine(url: str) -> IndexDatabase:
    """Open the pools; nothing is connected yet. The schema is `migrate.upgrade_index`'s."""
    return IndexDatabase(url)


def _open_sqlite(url: URL, *, writing: bool) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=_WRITE_POOL if writing else _READ_POOL,
        max_overflow=0,
        pool_timeout=_WRITE_SECONDS if writing else _READ_SECONDS,
        hide_parameters=True,
        connect_args={"timeout": 5, "check_same_thread": False, "isolation_level": None},
    )
    event.listen(engine, "connect", _set_up_sqlite_writer if writing else _set_up_sqlite_reader)
    event.listen(engine, "begin", _begin_writing if writing else _begin_reading)
    return engine


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - this listener is SQLite's alone
    if not raw.in_transaction:  # LastingWriter begins by itself
        _begin_immediate(raw)


def _begin_immediate(raw: sqlite3.Connection) -> None:
    """Take the write lock, trying every few milliseconds for as long as busy_timeout allows.

    SQLite's own waiting sleeps up to 100 ms between tries: several gateway processes then wait
    for seconds while the lock is free most of the time.
    """
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        take_write_lock(raw)
    finally:
        raw.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")


def take_write_lock(raw: sqlite3.Connection) -> None:
    """BEGIN IMMEDIATE on a connection that does not wait by itself (busy_timeout 0)."""
    deadline = time.monotonic() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as exc:
            busy = exc.sqlite_errorcode & PRIMARY_CODE == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(*_RETRY_SECONDS))  # noqa: S311 - not a secret
        else:
            return


def _set_up_sqlite_writer(connection: sqlite3.Connection, _record: object) -> None:
    """Make and assert the settings on which "acknowledged means kept" rests."""
    cursor = connection.cursor()
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": _BUSY_MILLISECONDS,
        "foreign_keys": 1,
    }
    for name, value in wanted.items():
        cursor.execute(f"PRAGMA {name} = {value}")
        found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
        if found != value:
            raise sqlite3.OperationalError(f"SQLite did not take PRAGMA {name} = {value}")
    # DICOM matching is case-sensitive but for names, which are folded (PS3.4 C.2.2.2.1).
    cursor.execute("PRAGMA case_sensitive_like = ON")
    # What a gateway grows by, whatever the index grows to. Missing pages come from the system's
    # cache: 7 us of an instance's milliseconds, at 200,000 instances.
    cursor.execute("PRAGMA cache_size = -8000")
    cursor.close()


def _set_up_sqlite_reader(connection: sqlite3.Connection, record: object) -> None:
    _set_up_sqlite_writer(connection, record)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA cache_size = -32000")


def _open_postgresql(url: URL, *, writing: bool) -> Engine:
    seconds = _WRITE_SECONDS if writing else _READ_SECONDS
    options = f"-c statement_timeout={seconds * 1000} -c lock_timeout={seconds * 1000}"
    given = url.query.get("options", "")
    engine = create_engine(
        url,
        pool_size=_WRITE_POOL if writing else _READ_POOL,
        max_overflow=0,
        pool_timeout=seconds,
        hide_parameters=True,
        # Reads are single questions: each its own snapshot, no BEGIN and ROLLBACK on the wire.
        isolation_level="READ COMMITTED" if writing else "AUTOCOMMIT",
        skip_autocommit_rollback=not writing,
        connect_args={
            "connect_timeout": 2,
            "tcp_user_timeout": 2000,
            "application_name": "imaging-cloud",
            "options": f"{given if isinstance(given, str) else ' '.join(given)} {options}",
        },
    )
    if writing:
        event.listen(engine, "connect", _set_up_postgresql_writer)
    return engine


def _set_up_postgresql_writer(connection: DBAPIConnection, _record: object) -> None:
    """Flush every commit before it is answered, whatever the server's default says."""
    cursor = connection.cursor()
    cursor.execute("SHOW synchronous_commit")
    found = cursor.fetchone()
    if found and found[0] == "off":
        cursor.execute("SET SESSION synchronous_commit = on")
    cursor.close()
    connection.commit()
