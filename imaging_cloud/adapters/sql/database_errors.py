"""What a database's errors mean to the cloud."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from imaging_cloud.domain.errors import OutOfSpace, Unavailable

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
PRIMARY_CODE = 0xFF  # extended SQLite codes keep the primary one in the low byte


class StaleConnection(Unavailable):
    """A pooled connection turned out to be dead; a new one may work."""


class Contended(Unavailable):
    """Other transactions were faster every time."""


class IndexRace(Exception):  # noqa: N818 - named by its meaning
    """Another transaction was faster; the same work may succeed when it is done again."""


class IndexRefusal(Exception):  # noqa: N818
    """The database will not take these values; its message is kept out, it may name a patient."""


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
    except sqlite3.Error as exc:  # raised by the driver, where SQLAlchemy does not wrap it
        raise _sqlite_meaning(exc) from None
    except _driver_errors() as exc:
        raise _psycopg_meaning(exc) from None
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
        return StaleConnection("the connection to the index broke")
    return _postgresql_meaning(state, _is_operational(origin))


def _driver_errors() -> type[Exception]:
    """psycopg's, asked for when something was raised: an index in SQLite starts without it."""
    from psycopg import Error  # noqa: PLC0415

    return Error


def _is_operational(exc: BaseException | None) -> bool:
    from psycopg import OperationalError  # noqa: PLC0415

    return isinstance(exc, OperationalError)


def _psycopg_meaning(exc: Exception) -> Exception:
    state, operational = getattr(exc, "sqlstate", None) or "", _is_operational(exc)
    if operational and not state:
        return StaleConnection("the connection to the index broke")
    return _postgresql_meaning(state, operational)


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
    primary = code & PRIMARY_CODE if isinstance(code, int) else None
    if primary == _SQLITE_FULL:
        return OutOfSpace("the disk of the index is full")
    name = getattr(origin, "sqlite_errorname", type(origin).__name__)
    refused_to_open = primary is None and isinstance(origin, sqlite3.OperationalError)
    if primary in _SQLITE_AWAY or refused_to_open:
        return Unavailable(f"the index is away ({name})")
    return IndexRefusal(f"the index refused these values ({name})")
