"""Creating and upgrading the index: Alembic under a lock, as many processes start at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.pool import NullPool

from imaging_cloud.adapters.sql.database_errors import translated_errors
from imaging_cloud.adapters.sql.engine import normalized_url

# Any number, as long as every version of the program takes the same one.
_LOCK = 0x494D_4147_494E_4721
_WAIT_SECONDS = 60


def upgrade_index(url: str) -> None:
    """Bring the schema up to this program's version; nothing happens when it is.

    Several processes may call it at once: one upgrades, the others wait for it (up to 60 s).
    Raises Unavailable.
    """
    parsed = normalized_url(url)
    with translated_errors(), _locked(parsed) as connection:
        config = _config()
        config.attributes["connection"] = connection
        if _revision(connection) != _head(config):
            command.upgrade(config, "head")
            connection.commit()


def index_is_current(url: str) -> bool:
    """Whether the schema is the one this program needs. Raises Unavailable."""
    parsed = normalized_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        return False
    with translated_errors(), _engine(parsed).connect() as connection:
        return _revision(connection) == _head(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "imaging_cloud.adapters.sql:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _head(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


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
