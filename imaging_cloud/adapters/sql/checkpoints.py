"""Copying SQLite's log into the index beside the commits, not within them.

SQLite makes whoever commits past the thousandth page of the log copy all of it back and wait for
the disk: with a hundred order checks a second that is a check every second that takes long, and
all that wait behind it.
"""

import fcntl
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

_LOG = logging.getLogger(__name__)

# What gathers between two copies; pages written again meanwhile are copied once.
_EVERY_SECONDS = 2.0
# From here on the log must begin anew (64 MiB), for which commits wait a few milliseconds.
_LONG_LOG_PAGES = 16_384


class Checkpoints:
    """One thread, asleep until something was committed; of all processes one copies at a time."""

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._turn = Path(f"{path}.checkpoint")
        self._connect = connect
        self._lock = threading.Lock()
        self._committed = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def note_commit(self) -> None:
        """Something stands in the log now."""
        if self._committed.is_set():
            return
        self._committed.set()
        with self._lock:
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(
                    target=self._run, name="index-checkpoints", daemon=True
                )
                self._thread.start()

    def close(self) -> None:
        """What is still in the log is copied by whoever closes the index last."""
        with self._lock:
            thread = self._thread
            self._closed.set()
            self._committed.set()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        try:
            while self._committed.wait() and not self._closed.wait(_EVERY_SECONDS):
                self._committed.clear()
                try:
                    connection = connection or self._connect()
                    self._copy(connection)
                except (sqlite3.Error, OSError) as exc:
                    # The log grows meanwhile; the next commit brings us here again.
                    _LOG.warning("the log of the index was not copied (%s)", type(exc).__name__)
        finally:
            if connection is not None:
                connection.close()

    def _copy(self, connection: sqlite3.Connection) -> None:
        with self._alone() as alone:
            if not alone:
                return
            _, pages, copied = _checkpoint(connection, "PASSIVE")
            if pages >= _LONG_LOG_PAGES and copied:
                # What came since is little, so the writers that this keeps out wait but briefly.
                _checkpoint(connection, "RESTART")

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        descriptor = os.open(self._turn, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield True
                return
            yield False
        finally:
            os.close(descriptor)


def _checkpoint(connection: sqlite3.Connection, mode: str) -> tuple[int, int, int]:
    """(whether it was kept from ending, pages of the log, pages of them that are copied)."""
    with closing(connection.execute(f"PRAGMA wal_checkpoint({mode})")) as answer:
        busy, pages, copied = answer.fetchone()
    return busy, pages, copied
