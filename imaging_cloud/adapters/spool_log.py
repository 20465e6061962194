"""The spool log: small entries made durable by overwriting a file that is there already.

A new file costs the disk an inode, a folder entry and a journal or bitmap write before its bytes
count; to overwrite ten kilobytes of a file whose blocks were written before costs the bytes
alone: a third of the time, and one flush for all senders that wait. A process has segments
(`ROOT/N.PROCESS.log`, `spool_segment`) of a few megabytes and goes round in them: records are
appended, and once every record of a segment is finished it is voided and used again.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from imaging_cloud.adapters.spool_segment import Hold, Record, Segment

_LOG = logging.getLogger(__name__)

# All segments of a process: what may wait for its objects and rows to be durable.
MOST_SEGMENTS = 24
# So long after a segment could not be made nobody tries again.
_PAUSE_SECONDS = 5.0


class SpoolLog:
    """The segments of this process. `identity` names the process in the names of its files."""

    def __init__(self, root: Path, identity: Callable[[], str]) -> None:
        self._root = root
        self._identity = identity
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._active: Segment | None = None
        self._free: list[Segment] = []
        self._keeps_spare = False
        self._maker: threading.Thread | None = None
        self._preparing = threading.Lock()
        self._counting = threading.Lock()  # for what is made without `_lock`, while others send
        self._count = 0
        self._made = 0
        self._none_until = 0.0
        self._closed = False

    def append(
        self, institution: str, content: bytes | bytearray, data_set_offset: int, sha256: bytes
    ) -> Hold | None:
        """Durable on return: what to call when it is finished. None: the log has no room just now.

        Raises OSError; then nothing was kept.
        """
        record = Record(
            institution=institution.encode(),
            content=content,
            data_set_offset=data_set_offset,
            sha256=sha256,
        )
        for _ in range(2):  # a segment may be full, or turned over between the two steps
            segment = self._segment()
            if segment is None:
                return None
            if segment.append(record):
                return Hold(segment)
            self._turn_over(segment)
        return None

    def turn_over(self) -> None:
        """Go on in another segment, so that this one can come back when all of it is done."""
        with self._lock:
            active = self._active
        if active is not None and not active.is_empty:
            self._turn_over(active)

    def close(self) -> None:
        """Remove what holds nothing any more; the rest is the next start's."""
        with self._lock:
            self._closed = True
            active, self._active = self._active, None
            free, self._free = self._free, []
            maker = self._maker
        if maker is not None:
            maker.join()
        for each in free:
            each.remove()
        if active is not None:
            active.retire()

    def _segment(self) -> Segment | None:
        with self._lock:
            if self._owner != os.getpid():  # after a fork: the parent's stay the parent's
                self._owner, self._active, self._free, self._count = os.getpid(), None, [], 0
                self._maker = None
            if self._active is None and not self._closed:
                self._active = self._free.pop() if self._free else self._make()
                if self._keeps_spare and not self._free:
                    self._begin_preparing()
            return self._active

    def _begin_preparing(self) -> None:
        if self._maker is None or not self._maker.is_alive():
            self._maker = threading.Thread(target=self._prepare, name="spool-log", daemon=True)
            self._maker.start()

    def warm_up(self) -> None:
        """Have a segment to write to, and from now on the next as well."""
        self._segment()
        self._keeps_spare = True
        self._prepare()

    def _prepare(self) -> None:
        """Have a segment at hand: to fill one with zeros takes as long as twenty instances."""
        with self._preparing:
            with self._lock:
                is_due = not (self._free or self._closed)
            made = self._make() if is_due else None
            if made is None:
                return
            with self._lock:
                if not self._closed:
                    self._free.append(made)
                    return
            made.remove()

    def _make(self) -> Segment | None:
        """None where there are enough, or where the disk has no room for one: a file may fit."""
        with self._counting:
            if self._count >= MOST_SEGMENTS or time.monotonic() < self._none_until:
                return None
            self._count += 1
            self._made += 1
            path = self._root / f"{self._made}.{self._identity()}.log"
        try:
            return Segment(path, self._take_back)
        except OSError as error:
            _LOG.warning("spool: no file for the log could be made: %s", error.strerror)
            self._discount()
            self._none_until = time.monotonic() + _PAUSE_SECONDS
            return None

    def _discount(self) -> None:
        with self._counting:
            self._count -= 1

    def _turn_over(self, segment: Segment) -> None:
        with self._lock:
            if self._active is segment:
                self._active = None
        segment.retire()

    def _take_back(self, segment: Segment) -> None:
        """All that a retired segment held is released."""
        with self._lock:
            if self._closed or not segment.renew():
                self._discount()
                segment.remove()
            else:
                self._free.append(segment)
