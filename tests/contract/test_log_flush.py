"""Rows of the ingest path on SQLite: committed one by one, flushed many at once."""

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from imaging_cloud.adapters.sql.engine import IndexDatabase, open_engine
from imaging_cloud.adapters.sql.log_flush import LogFlush
from imaging_cloud.adapters.sql.migrate import upgrade_index
from imaging_cloud.domain.errors import Unavailable


@pytest.fixture
def database(tmp_path: Path) -> IndexDatabase:
    url = f"sqlite:///{tmp_path}/index.db"
    upgrade_index(url)
    return open_engine(url)


def write_something(database: IndexDatabase) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("create table if not exists proof (n int)")
        connection.exec_driver_sql("insert into proof values (1)")


def fsyncs(monkeypatch: pytest.MonkeyPatch, fail: bool = False) -> list[str]:
    seen: list[str] = []

    def note(descriptor: int) -> None:
        seen.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        if fail:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(os, "fdatasync", note)
    return seen


def test_a_flush_syncs_the_log_and_at_first_its_name(
    database: IndexDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_something(database)
    flush = LogFlush(database)
    seen = fsyncs(monkeypatch)

    flush.flush()
    flush.flush()

    assert seen == ["index.db-wal", tmp_path.name, "index.db-wal"]


def test_after_a_failed_flush_the_log_is_copied_into_the_database_first(
    database: IndexDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel may have dropped what it could not write, and would say yes to a second try."""
    write_something(database)
    flush = LogFlush(database)
    with monkeypatch.context() as patched:
        fsyncs(patched, fail=True)
        with pytest.raises(Unavailable):
            flush.flush()

    flush.flush()

    alone = tmp_path / "alone.db"
    alone.write_bytes((tmp_path / "index.db").read_bytes())
    assert sqlite3.connect(alone).execute("select count(*) from proof").fetchall() == [(1,)]


def test_an_index_that_was_closed_has_nothing_to_flush(database: IndexDatabase) -> None:
    write_something(database)
    database.close()

    LogFlush(database).flush()


def test_only_the_ingest_path_leaves_its_commits_unflushed(database: IndexDatabase) -> None:
    with database.writer.connect() as connection:
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2
