"""How much waits in the spool: counted now and then, not for every instance."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from imaging_cloud.ports.spool import Backlog

_SECONDS = 1.0


class Waiting:
    """Entries `RANDOM.MARK.….dcm` below `root`, for any of the marks; all processes' together."""

    def __init__(self, root: Path, marks: Sequence[str]) -> None:
        self._root = root
        self._marks = frozenset(marks)
        self._lock = threading.Lock()
        self._counted_at = -_SECONDS
        self._backlog = Backlog()

    def add(self, size: int) -> None:
        """One more, known before the next count."""
        with self._lock:
            known = self._backlog
            self._backlog = replace(known, instances=known.instances + 1, bytes=known.bytes + size)

    def count(self) -> Backlog:
        """At most a second old, but for what this process added since."""
        with self._lock:
            if time.monotonic() - self._counted_at >= _SECONDS:
                sizes = list(self._sizes())
                self._backlog = Backlog(instances=len(sizes), bytes=sum(sizes))
                self._counted_at = time.monotonic()
            return self._backlog

    def _sizes(self) -> Iterator[int]:
        with suppress(FileNotFoundError):
            for folder in os.scandir(self._root):
                if folder.is_dir():
                    yield from self._sizes_in(folder.path)

    def _sizes_in(self, folder: str) -> Iterator[int]:
        for entry in os.scandir(folder):
            words = entry.name.split(".")
            if len(words) > 2 and words[1] in self._marks and words[-1] == "dcm":  # noqa: PLR2004
                with suppress(FileNotFoundError):  # taken in meanwhile
                    yield entry.stat().st_size
