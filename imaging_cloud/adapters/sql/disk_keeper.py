"""DiskKeeper: a thread that syncs what was committed without waiting, never far behind."""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imaging_cloud.domain.errors import CloudError, Unavailable

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Commits of `gather` seconds share one sync; they run at most `ahead` seconds before the disk.

    Then they wait, but no longer than `patience`: an order screen waits 2 s. After so many `rows`
    the log is to be brought home: it has some 50 MB when each was a commit of its own.
    """

    gather: float = 0.05
    ahead: float = 1.0
    patience: float = 1.7
    rows: int = 1000


class WalFile:
    """SQLite's write-ahead log, synced through a descriptor of our own.

    SQLite holds no lock on this file (its locks are on the database and the -shm file), so
    closing our descriptor gives none away.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._named: int | None = None

    def sync(self) -> None:
        """Raises OSError. A log that is gone was brought home whole, which syncs."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            os.fdatasync(descriptor)
            number = os.fstat(descriptor).st_ino
        finally:
            os.close(descriptor)
        if number != self._named:
            _sync_folder(self._path.parent)
            self._named = number


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class DiskKeeper:
    """Calls `sync` after commits and `bring_home` when the log has grown, in a thread of its own.

    `sync` raises OSError. `bring_home` says whether all of the log is in the database, durably.
    The thread begins with the first commit: processes that never write pay nothing.
    """

    def __init__(
        self, sync: Callable[[], None], bring_home: Callable[[], bool], limits: Limits | None = None
    ) -> None:
        self._limits = limits or Limits()
        self._sync = sync
        self._bring_home = bring_home
        self._changed = threading.Condition()
        self._waiting: float | None = None  # the oldest commit that no sync has begun for
        self._syncing: float | None = None  # the oldest one of the sync under way
        self._failed = False
        self._closing = False
        self._rows = 0
        self._thread: threading.Thread | None = None

    def wait_until_near(self) -> None:
        """Return when the disk is not too far behind. Raises Unavailable when it stays so."""
        if self._is_near():
            return
        with self._changed:
            if not self._changed.wait_for(self._is_near, self._limits.patience):
                raise Unavailable("the disk of the index does not keep up: try again")

    def _is_near(self) -> bool:
        oldest = self._syncing if self._syncing is not None else self._waiting
        late = oldest is not None and time.monotonic() - oldest > self._limits.ahead
        return not late and not self._failed

    def note_commit(self, rows: int) -> None:
        """So many rows were committed and are not synced."""
        with self._changed:
            self._rows += rows
            if self._waiting is None:
                self._waiting = time.monotonic()
                self._changed.notify_all()
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._run, name="disk-keeper", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._await_commits():
            self._keep()

    def _await_commits(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is not None or self._closing)
            if self._closing:
                return False
        time.sleep(self._limits.gather)
        return True

    def _keep(self) -> None:
        """Make what was committed until now durable, and look after the size of the log."""
        with self._changed:
            self._syncing, self._waiting = self._waiting, None
        # A failed fsync is never asked again: it would say yes to what it has thrown away.
        done = self._home() if self._failed else self._synced()
        with self._changed:
            self._failed = not done
            if done:
                self._syncing = None
            else:
                self._waiting, self._syncing = self._syncing, None
            self._changed.notify_all()
        if self._rows >= self._limits.rows:
            self._home()

    def _synced(self) -> bool:
        try:
            self._sync()
        except OSError as error:
            _LOG.error("the log of the index could not be synced (%s)", error.strerror)
            return False
        return True

    def _home(self) -> bool:
        self._rows = 0
        try:
            return self._bring_home()
        except CloudError as error:
            _LOG.warning("the log of the index was not brought home (%s)", error)
            return False

    def close(self) -> None:
        """Sync what is left, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        if self._waiting is not None:
            self._keep()
