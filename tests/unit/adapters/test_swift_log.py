"""The alert log's own way into SQLite: kept when the process dies, and a log that begins again."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from imaging_cloud.adapters.sql import swift_log
from imaging_cloud.adapters.sql.engine import IndexDatabase, open_engine
from imaging_cloud.adapters.sql.swift_log import SwiftLog
from imaging_cloud.adapters.sql.turns import WriteTurn

INSERT = "INSERT INTO told VALUES (?)"

WRITES_AND_DIES = f"""
import os, signal, sys
from imaging_cloud.adapters.sql.engine import open_engine
from imaging_cloud.adapters.sql.swift_log import SwiftLog
log = SwiftLog(open_engine(sys.argv[1]))
for number in range(20):
    log.write([({INSERT!r}, [(number,)])])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def index(tmp_path: Path) -> IndexDatabase:
    database = open_engine(f"sqlite:///{tmp_path / 'index.sqlite3'}")
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE told (number INTEGER PRIMARY KEY)")
    return database


def numbers(database: IndexDatabase) -> list[int]:
    with sqlite3.connect(str(database.url.database)) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM told ORDER BY number")]


def test_what_was_answered_is_there_after_the_process_was_killed(index: IndexDatabase) -> None:
    url = index.url.render_as_string()
    index.close()
    path = os.pathsep.join(sys.path)

    ended = subprocess.run(
        [sys.executable, "-c", WRITES_AND_DIES, url],
        env=os.environ | {"PYTHONPATH": path},
        check=False,
    )

    assert ended.returncode == -signal.SIGKILL
    assert numbers(index) == list(range(20))


def test_a_transaction_is_whole_or_not_there(index: IndexDatabase) -> None:
    log = SwiftLog(index)
    log.write([(INSERT, [(1,)])])

    with pytest.raises(Exception, match="refused these values"):
        log.write([(INSERT, [(2,)]), (INSERT, [(1,)])])

    assert numbers(index) == [1]
    log.write([(INSERT, [(3,)])])
    assert numbers(index) == [1, 3]
    index.close()


def test_brought_home_the_log_begins_again(index: IndexDatabase, tmp_path: Path) -> None:
    log = SwiftLog(index)
    wal = tmp_path / "index.sqlite3-wal"
    for number in range(300):
        log.write([(INSERT, [(number,)])])
    grown = wal.stat().st_size

    assert log.bring_home()
    for number in range(300, 500):
        log.write([(INSERT, [(number,)])])

    assert wal.stat().st_size == grown
    assert numbers(index) == list(range(500))
    index.close()


def test_a_log_comes_home_while_another_process_writes(index: IndexDatabase) -> None:
    log = SwiftLog(index)
    log.write([(INSERT, [(1,)])])
    home: list[bool] = []
    bringing = threading.Thread(target=lambda: home.append(log.bring_home()))

    with WriteTurn(index).taken():
        bringing.start()
        bringing.join(10)
        assert home == [True]
    index.close()


def test_a_log_that_never_rests_and_is_long_is_brought_home_between_two_commits(
    index: IndexDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swift_log, "_PASSES", 0)
    log = SwiftLog(index)
    log.write([(INSERT, [(1,)])])

    assert not log.bring_home()
    monkeypatch.setattr(swift_log, "_LONG_LOG", 0)
    assert log.bring_home()
    index.close()
