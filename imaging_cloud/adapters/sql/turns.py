"""Writing rows many callers have ready: one transaction for all, one process at a time.

Every commit waits for the disk. Whoever comes while nobody commits leads: they commit all that
is there, their own included; who comes meanwhile waits, and the first of them leads next.
"""

import fcntl
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Generic, TypeVar

from imaging_cloud.adapters.sql.database_errors import Contended
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.domain.errors import Unavailable

W = TypeVar("W")

# More in one transaction gains nothing (the flush is shared by all) and makes the last one wait.
_MAX_BATCH = 256
# The longest anybody waits for a leader: longer than a writer's own limit.
_PATIENCE_SECONDS = 15


class _Handed(Generic[W]):
    """Work on its way: `turn` is released when it is done, or when it is its turn to lead."""

    __slots__ = ("done", "error", "turn", "work")

    def __init__(self, work: W) -> None:
        self.work = work
        self.done = False
        self.error: Exception | None = None
        self.turn = threading.Semaphore(0)


class GroupCommit(Generic[W]):
    """`write` runs in a transaction with all the work that gathered; it must be repeatable."""

    def __init__(self, write: Callable[[Sequence[W]], None]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._waiting: deque[_Handed[W]] = deque()
        self._led = False

    def commit(self, work: W) -> None:
        """As durable on return as `write` makes it.

        Raises what `write` raises for this work alone, or Unavailable.
        """
        handed = _Handed(work)
        with self._lock:
            self._waiting.append(handed)
            leads = not self._led
            self._led = True
        if not leads and not handed.turn.acquire(timeout=_PATIENCE_SECONDS):
            self._leave(handed)
        if not handed.done:
            self._lead()
        if handed.error is not None:
            raise handed.error

    def _leave(self, handed: _Handed[W]) -> None:
        """Wait no longer; but whose turn came at the last moment must take it."""
        with self._lock:
            if handed.turn.acquire(blocking=False):
                return
            if handed in self._waiting:
                self._waiting.remove(handed)
        raise Unavailable("the index does not take this in: try again")

    def _lead(self) -> None:
        with self._lock:
            taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MAX_BATCH))]
        try:
            self._settle(taken)
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._led = following is not None
                for handed in taken:
                    handed.done = True
                    handed.turn.release()
                if following is not None:
                    following.turn.release()

    def _settle(self, taken: Sequence[_Handed[W]]) -> None:
        """All together; one by one when that cannot be, so that only the one at fault fails."""
        try:
            self._write([each.work for each in taken])
        except Exception as error:  # noqa: BLE001 - every waiting caller must get an answer
            away = isinstance(error, Unavailable) and not isinstance(error, Contended)
            if away or len(taken) == 1:
                for each in taken:
                    each.error = error
                return
            for each in taken:
                self._settle([each])


class WriteTurn:
    """One process writes at a time, and the next one is woken, not left to poll.

    SQLite's own waiting sleeps between tries: with several web processes the lock then lies free
    most of the time. PostgreSQL needs no turns. Whoever dies gives the turn back.
    """

    def __init__(self, database: IndexDatabase) -> None:
        self._path = Path(f"{database.url.database}.turn") if database.is_sqlite else None
        self._file: int | None = None
        self._lock = threading.Lock()

    def taken(self) -> AbstractContextManager[None]:
        return nullcontext() if self._path is None else self._turn(self._path)

    @contextmanager
    def _turn(self, path: Path) -> Iterator[None]:
        with self._lock:
            if self._file is None:
                self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
