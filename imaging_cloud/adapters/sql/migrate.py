"""Creating and upgrading the index: Alembic under a lock, as many processes start at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.pool import NullPool

from imaging_cloud.adapters.sql.database_errors import translated_errors
from imaging_cloud.adapters.sql.engine import normalized_url

# Any number, as long as every version of the program takes the same one.
_LOCK = 0x494D_4147_494E_4721
_WAIT_SECONDS = 60
_VERSIONS = Path(__file__).parent / "migrations" / "versions"


def upgrade_index(url: str) -> None:
    """Bring the schema up to this program's version; nothing happens when it is.

    Several processes may call it at once: one upgrades, the others wait for it (up to 60 s).
    Raises Unavailable.
    """
    if index_is_current(url):
        return
    with translated_errors(), _locked(normalized_url(url)) as connection:
        if _revision(connection) != _newest():
            _run_migrations(connection)


def index_is_current(url: str) -> bool:
    """Whether the schema is the one this program needs. Raises Unavailable."""
    parsed = normalized_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        return False
    with translated_errors(), _engine(parsed).connect() as connection:
        return _revision(connection) == _newest()


def _run_migrations(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - every start comes by here, hardly one needs it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "imaging_cloud.adapters.sql:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()


def _newest() -> str:
    """The revision of this program: the files of the versions begin with theirs, in order."""
    return max(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py"))


def _revision(connection: Connection) -> str | None:
    """What Alembic noted, last of all, in the table it keeps; None in an empty index."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _engine(url: URL) -> Engine:
    connect_args = {} if url.get_backend_name() == "sqlite" else {"connect_timeout": 5}
    return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=connect_args)


@contextmanager
def _locked(url: URL) -> Iterator[Connection]:
    """Open a connection that alone may change the schema."""
    lock = _locked_sqlite if url.get_backend_name() == "sqlite" else _locked_postgresql
    with lock(url) as connection:
        yield connection


@contextmanager
def _locked_sqlite(url: URL) -> Iterator[Connection]:
    """Hold a lock file: SQLite's own lock would be let go by the commits of Alembic."""
    database = Path(url.database or "")
    database.parent.mkdir(parents=True, exist_ok=True)
    with database.with_name(f"{database.name}.migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        engine = _engine(url)
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA journal_mode = wal"))
        with engine.connect() as connection:
            yield connection


@contextmanager
def _locked_postgresql(url: URL) -> Iterator[Connection]:
    """Two connections: one holds the lock, the other migrates and commits as it likes."""
    engine = _engine(url)
    with engine.connect() as holder:
        holder.execute(text(f"SET lock_timeout = '{_WAIT_SECONDS}s'"))
        holder.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        with engine.connect() as connection:
            yield connection
