"""Deliberately wrong write orders: each must be caught, or the campaign proves nothing.

The last two are no wrong orders: they say what the product is to think of its disk.

They wrap the ports (what a use case is given), so that they stay wrong whatever the product's own
order becomes. None of this is reachable from the product.
"""

import dataclasses
import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gateway.__main__
from imaging_cloud.adapters import filesystem_spool, filesystem_store
from imaging_cloud.adapters.sql import engine
from imaging_cloud.adapters.sql.log_flush import LogFlush
from imaging_cloud.bootstrap import open_cloud
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.intake import InstanceRecord, Recorded, RecordOutcome
from imaging_cloud.settings import Settings


class _Around:
    """Everything of the wrapped port but what a subclass says otherwise."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def _patch_cloud(change: Callable[[Cloud, Settings], dict[str, Any]]) -> None:
    def mutated(settings: Settings) -> Cloud:
        cloud = open_cloud(settings)
        return dataclasses.replace(cloud, **change(cloud, settings))

    gateway.__main__.open_cloud = mutated  # type: ignore[attr-defined]


def _drop_intent(home: Path) -> None:
    """Unlink what this process has in the spool: the log that a replay would read."""
    for entry in (*home.glob("spool/*/*"), *home.glob("spool/*.log")):
        entry.unlink(missing_ok=True)


class _AnswersFirst(_Around):
    def record_instance(self, record: InstanceRecord) -> RecordOutcome:
        threading.Thread(target=self._inner.record_instance, args=(record,)).start()
        return Recorded()


class _ForgetsFirst(_Around):
    def __init__(self, inner: Any, home: Path) -> None:
        super().__init__(inner)
        self._home = home

    def record_instance(self, record: InstanceRecord) -> RecordOutcome:
        _drop_intent(self._home)
        outcome: RecordOutcome = self._inner.record_instance(record)
        return outcome


class _LatePuts(_Around):
    """Puts nothing before it is told to; the bytes wait under another name."""

    def __init__(self, inner: Any, waiting: Path) -> None:
        super().__init__(inner)
        self._waiting = waiting
        waiting.mkdir(exist_ok=True)

    def put_file(self, key: str, path: Path) -> None:
        os.link(path, self._waiting / key.replace("/", "-"))

    def put_bytes(self, key: str, content: bytes) -> None:
        (self._waiting / key.replace("/", "-")).write_bytes(content)

    def put_now(self, key: str) -> None:
        path = self._waiting / key.replace("/", "-")
        self._inner.put_file(key, path)
        path.unlink()


class _RowFirst(_Around):
    def __init__(self, inner: Any, objects: _LatePuts, home: Path) -> None:
        super().__init__(inner)
        self._objects = objects
        self._home = home

    def record_instance(self, record: InstanceRecord) -> RecordOutcome:
        _drop_intent(self._home)
        outcome: RecordOutcome = self._inner.record_instance(record)
        self._objects.put_now(record.object_key)
        return outcome


def answer_before_commit() -> None:
    """Success while the transaction is still under way."""
    _patch_cloud(lambda cloud, _: {"intake": _AnswersFirst(cloud.intake)})


def forget_before_commit() -> None:
    """The spool entry goes when the object is there, before the row is."""
    _patch_cloud(lambda cloud, settings: {"intake": _ForgetsFirst(cloud.intake, settings.home)})


def row_before_object() -> None:
    """Index first, object second, and no log between them."""

    def change(cloud: Cloud, settings: Settings) -> dict[str, Any]:
        objects = _LatePuts(cloud.objects, settings.home / "waiting")
        return {"objects": objects, "intake": _RowFirst(cloud.intake, objects, settings.home)}

    _patch_cloud(change)


def no_fsync_of_files() -> None:
    """Names are made durable, bytes are not."""
    fsync = os.fsync

    def only_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            fsync(descriptor)

    os.fsync = only_folders
    os.fdatasync = only_folders
    filesystem_store.sync_file_system = lambda _: None


def synchronous_normal() -> None:
    """SQLite as it is often configured: a commit is in the log, and nobody flushes the log."""
    set_up = engine._set_up_sqlite_writer

    def weaker(connection: sqlite3.Connection, record: object) -> None:
        set_up(connection, record)
        connection.execute("PRAGMA synchronous = NORMAL")

    engine._set_up_sqlite_writer = weaker
    LogFlush.flush = lambda _: None


def _pretend(*, names_follow: bool) -> None:
    """Which promise of the file system the product relies on, whatever this disk is."""
    if hasattr(filesystem_spool, "names_follow_files"):
        filesystem_spool.names_follow_files = lambda _: names_follow


def on_posix() -> None:
    """The product takes the disk for one that keeps no name without an fsync of its folder."""
    _pretend(names_follow=False)


def on_ext4() -> None:
    """The product takes the disk for ext4."""
    _pretend(names_follow=True)


MUTANTS: dict[str, Callable[[], None]] = {
    each.__name__.replace("_", "-"): each
    for each in (
        answer_before_commit,
        forget_before_commit,
        row_before_object,
        no_fsync_of_files,
        synchronous_normal,
        on_posix,
        on_ext4,
    )
}
