"""An index that is away, silent, locked or full says so in time, and works again afterwards."""

import select
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text

from imaging_cloud.adapters.sql import engine
from imaging_cloud.adapters.sql.audit_trail import SqlAuditTrail
from imaging_cloud.adapters.sql.engine import open_engine
from imaging_cloud.adapters.sql.index import SqlImagingIndex
from imaging_cloud.domain.access import Scope
from imaging_cloud.domain.errors import OutOfSpace, Unavailable
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.intake import Recorded
from tests.records import NOW, make_record, open_intake

ALL = Scope(everything=True)
EVENT = AuditEvent(at=NOW, action="log-in", actor="x", role="admin")


class SilentProxy:
    """A TCP proxy that can stop passing anything on, without closing a connection."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.is_silent = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        pairs: dict[socket.socket, socket.socket] = {}
        while not self._ended.is_set():
            watched = [] if self.is_silent.is_set() else [self._listener, *pairs]
            for ready in select.select(watched, [], [], 0.02)[0]:
                if ready is self._listener:
                    near, _ = ready.accept()
                    far = socket.create_connection(("127.0.0.1", self._target))
                    pairs |= {near: far, far: near}
                elif ready in pairs:
                    self._pass_on(ready, pairs)
        for each in (self._listener, *pairs):
            each.close()

    @staticmethod
    def _pass_on(ready: socket.socket, pairs: dict[socket.socket, socket.socket]) -> None:
        other = pairs[ready]
        try:
            data = ready.recv(65536)
            other.sendall(data)
        except OSError:
            data = b""
        if not data:
            for each in (ready, other):
                del pairs[each]
                each.close()


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[SilentProxy]:
    opened = SilentProxy(int(postgres_url.rsplit(":", 1)[1].split("/", maxsplit=1)[0]))
    yield opened
    opened.close()


@pytest.fixture
def proxied_url(postgres_url: str, proxy: SilentProxy) -> str:
    return f"postgresql://test@127.0.0.1:{proxy.port}/{postgres_url.rsplit('/', 1)[1]}"


def test_a_server_that_falls_silent_is_given_up_within_two_seconds(
    proxied_url: str, proxy: SilentProxy
) -> None:
    database = open_engine(proxied_url)
    index = SqlImagingIndex(database)
    index.check_ready()

    proxy.is_silent.set()
    began = time.monotonic()
    with pytest.raises(Unavailable):
        index.check_ready()
    assert time.monotonic() - began < 15  # without a limit: for ever
    proxy.is_silent.clear()
    index.check_ready()
    database.close()


def test_a_commit_that_is_not_answered_is_not_acknowledged(
    proxied_url: str, proxy: SilentProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_WRITE_SECONDS", 1)
    database = open_engine(proxied_url)
    intake = open_intake(database)
    assert intake.record_instance(make_record(1)) == Recorded()

    proxy.is_silent.set()
    with pytest.raises(Unavailable):
        intake.record_instance(make_record(2))
    proxy.is_silent.clear()
    intake.record_instance(make_record(2))
    assert len(SqlImagingIndex(database).list_instances(ALL, "1.2.3")) == 2
    intake.close()


def test_a_question_that_takes_too_long_is_given_up(postgres_url: str) -> None:
    database = open_engine(postgres_url)
    began = time.monotonic()
    with pytest.raises(Unavailable, match="57014"):
        database.read(lambda connection: connection.execute(text("SELECT pg_sleep(9)")).all())
    assert time.monotonic() - began < 8
    database.close()


def test_a_locked_file_is_unavailable_and_then_works(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_BUSY_MILLISECONDS", 50)
    holder, waiter = open_engine(sqlite_url), open_engine(sqlite_url)
    with holder.writing() as connection:
        connection.exec_driver_sql("SELECT 1")
        with pytest.raises(Unavailable, match="SQLITE_BUSY"):
            SqlAuditTrail(waiter).append_event(EVENT)
        SqlImagingIndex(waiter).check_ready()
    SqlAuditTrail(waiter).append_event(EVENT)
    holder.close()
    waiter.close()


def test_a_full_disk_refuses_and_keeps_what_was_recorded(sqlite_url: str) -> None:
    database = open_engine(sqlite_url)

    def bound(raw: object, _record: object) -> None:
        pages = raw.execute("PRAGMA page_count").fetchone()[0]  # type: ignore[attr-defined]
        raw.execute(f"PRAGMA max_page_count = {pages + 40}")  # type: ignore[attr-defined]

    event.listen(database.writer, "connect", bound)
    intake = open_intake(database)
    kept: list[int] = []

    def fill(numbers: range) -> None:
        for number in numbers:
            intake.record_instance(make_record(number, study=f"1.{number}"))
            kept.append(number)

    for numbers in (range(10_000), range(20_000, 30_000)):
        with pytest.raises(OutOfSpace):
            fill(numbers)
    intake.close()

    later = open_engine(sqlite_url)
    assert len(list(SqlImagingIndex(later).iterate_all_instances())) == len(kept)
    intake = open_intake(later)
    assert intake.record_instance(make_record(99_999, study="1.99999")) == Recorded()
    intake.close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "index.sqlite3").write_bytes(b"this is no database, and long enough to tell" * 99)
    database = open_engine(f"sqlite:///{tmp_path / 'index.sqlite3'}")
    with pytest.raises(Unavailable):
        SqlImagingIndex(database).check_ready()
    database.close()
