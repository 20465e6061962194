"""Opening the index: SQLite or PostgreSQL, settings that make a commit durable, error meanings."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from imaging_cloud.domain.errors import OutOfSpace, Unavailable

T = TypeVar("T")

# An order screen waits no longer than this for an answer, in seconds.
_READ_SECONDS = 2
# A commit of a whole batch may take longer; then its senders are told to try again.
_WRITE_SECONDS = 15
_TRIES = 5
_READ_POOL = 16
_WRITE_POOL = 4

# SQLSTATEs after which the same transaction may succeed: serialization failure, deadlock, and a
# unique violation, which is how a race for one key between two processes ends.
_SERIALIZATION, _DEADLOCK, _UNIQUE = "40001", "40P01", "23505"
_RETRYABLE = frozenset({_SERIALIZATION, _DEADLOCK, _UNIQUE})
# 53100 disk_full, 53000 insufficient_resources; classes 08 (connection), 57 (shutdown, timeout),
# 53 (too many connections, memory), 55P03 (lock not available), 25006 (a read-only standby).
_NO_SPACE = frozenset({"53100"})
_AWAY_CLASSES = ("08", "57", "53", "58")
_AWAY_STATES = frozenset({"55P03", "25006"})
_SQLITE_FULL = sqlite3.SQLITE_FULL
_SQLITE_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_INTERRUPT,
    }
)
_PRIMARY_CODE = 0xFF  # extended SQLite codes keep the primary one in the low byte


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

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a reading connection; once more when a pooled connection had gone stale.

        After a restart of the database every pooled connection is dead: the first that is used
        says so, SQLAlchemy drops them all, and the second try connects anew.
        """
        try:
            return self._read_once(work)
        except _StaleConnection:
            return self._read_once(work)

    def _read_once(self, work: Callable[[Connection], T]) -> T:
        with translated_errors(), self.reader.connect() as connection:
            return work(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back on any error."""
        with translated_errors(), self.writer.begin() as connection:
            yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` as one transaction, again when another transaction was faster.

        `work` must be repeatable: after a broken connection nobody knows whether it was done.
        """
        for _ in range(_TRIES - 1):
            with suppress(IndexRace, _StaleConnection), self.writing() as connection:
                return work(connection)
        try:
            with self.writing() as connection:
                return work(connection)
        except IndexRace as exc:
            raise Contended("the index is contended: try again") from exc

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


class _StaleConnection(Unavailable):
    """A pooled connection turned out to be dead; a new one may work."""


class Contended(Unavailable):
    """Other transactions were faster every time."""


class IndexRace(Exception):  # noqa: N818 - named by its meaning
    """Another transaction was faster; the same work may succeed when it is done again."""


class IndexRefusal(Exception):  # noqa: N818
    """The database will not take these values; its message is kept out, it may name a patient."""


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
    begin = "BEGIN IMMEDIATE" if writing else "BEGIN"

    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", begin_transaction)
    return engine


def _set_up_sqlite_writer(connection: sqlite3.Connection, _record: object) -> None:
    """Make and assert the settings on which "acknowledged means kept" rests."""
    cursor = connection.cursor()
    wanted = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000, "foreign_keys": 1}
    for name, value in wanted.items():
        cursor.execute(f"PRAGMA {name} = {value}")
        found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
        if found != value:
            raise sqlite3.OperationalError(f"SQLite did not take PRAGMA {name} = {value}")
    # DICOM matching is case-sensitive but for names, which are folded (PS3.4 C.2.2.2.1).
    cursor.execute("PRAGMA case_sensitive_like = ON")
    cursor.execute("PRAGMA cache_size = -32000")
    cursor.close()


def _set_up_sqlite_reader(connection: sqlite3.Connection, record: object) -> None:
    _set_up_sqlite_writer(connection, record)
    connection.execute("PRAGMA query_only = ON")


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


def _set_up_postgresql_writer(connection: psycopg.Connection[Any], _record: object) -> None:
    """Flush every commit before it is answered, whatever the server's default says."""
    found = connection.execute("SHOW synchronous_commit").fetchone()
    if found and found[0] == "off":
        connection.execute("SET SESSION synchronous_commit = on")
    connection.commit()


@contextmanager
def translated_errors() -> Iterator[None]:
    """Database errors by meaning: Unavailable, OutOfSpace, IndexRace or IndexRefusal.

    Errors that can hold row values (and so patients) are not chained: a log would print them.
    """
    try:
        yield
    except DBAPIError as exc:
        meaning = _meaning_of(exc)
        if isinstance(meaning, Unavailable):
            raise meaning from exc
        raise meaning from None
    except PoolTimeout as exc:
        raise Unavailable("the index is busy: no connection became free in time") from exc
    except SQLAlchemyError as exc:
        raise IndexRefusal(f"the index refused a statement ({type(exc).__name__})") from None


def _meaning_of(exc: DBAPIError) -> Exception:
    origin = exc.orig
    if isinstance(origin, sqlite3.Error):
        return _sqlite_meaning(origin)
    state = getattr(origin, "sqlstate", None) or ""
    if exc.connection_invalidated:
        return _StaleConnection("the connection to the index broke")
    return _postgresql_meaning(state, isinstance(origin, psycopg.OperationalError))


def _postgresql_meaning(state: str, operational: bool) -> Exception:
    if state in _NO_SPACE:
        return OutOfSpace("the disk of the index is full")
    if state in _RETRYABLE:
        return IndexRace(f"SQLSTATE {state}")
    if state.startswith(_AWAY_CLASSES) or state in _AWAY_STATES:
        return Unavailable(f"the index is away (SQLSTATE {state})")
    if not state and operational:
        return Unavailable("the index cannot be reached")
    return IndexRefusal(f"the index refused these values (SQLSTATE {state or 'unknown'})")


def _sqlite_meaning(origin: sqlite3.Error) -> Exception:
    code = getattr(origin, "sqlite_errorcode", None)
    primary = code & _PRIMARY_CODE if isinstance(code, int) else None
    if primary == _SQLITE_FULL:
        return OutOfSpace("the disk of the index is full")
    name = getattr(origin, "sqlite_errorname", type(origin).__name__)
    refused_to_open = primary is None and isinstance(origin, sqlite3.OperationalError)
    if primary in _SQLITE_AWAY or refused_to_open:
        return Unavailable(f"the index is away ({name})")
    return IndexRefusal(f"the index refused these values ({name})")
