"""The broom: finished spool entries go once their objects and rows are durable without them.

The entry is what brings object and row back after a power cut, so it stays until store and index
have made them durable. Nobody waits for that: many of them share a few flushes.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from imaging_cloud.domain.errors import CloudError
from imaging_cloud.ports.spool import SpooledFile

_LOG = logging.getLogger(__name__)

# Makes the objects under these keys and their rows durable; raises Unavailable.
MakeDurable = Callable[[Sequence[str]], None]
_Finished = tuple[SpooledFile, str, MakeDurable]

# How long an entry may stay after its success answer, and how many: a crash replays them all.
_SECONDS = 4.0
_AT_ONCE = 1536
# While instances go on coming it is better to wait: a hundred folders synced twice a second cost
# the senders a third of their rate, by the locks of the file system alone.
_CALM_SECONDS = 0.3
# A store that is this far behind makes senders wait.
_MOST = 2048


class Broom:
    """One thread, started by the first entry. `sweep` and `leave` never raise."""

    def __init__(
        self,
        sweep: Callable[[SpooledFile], None],
        leave: Callable[[SpooledFile], None],
        before: Callable[[], None] = lambda: None,
    ) -> None:
        """`before` is called before each batch is settled."""
        self._sweep = sweep
        self._leave = leave
        self._before = before
        self._changed = threading.Condition()
        self._finished: list[_Finished] = []
        self._thread: threading.Thread | None = None
        self._closed = False
        self._last_at = 0.0

    def take(self, spooled: SpooledFile, key: str, make_durable: MakeDurable) -> None:
        with self._changed:
            while len(self._finished) >= _MOST and not self._closed:
                self._changed.wait()
            self._finished.append((spooled, key, make_durable))
            self._last_at = time.monotonic()
            if self._closed:
                return  # too late: the next start replays it
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="spool-broom", daemon=True)
                self._thread.start()
            elif len(self._finished) in (1, _AT_ONCE):
                self._changed.notify_all()

    def close(self) -> None:
        """Finish what was taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._finished or self._closed)
                self._wait_for_calm()
                taken, self._finished = self._finished, []
                self._changed.notify_all()
                if not taken and self._closed:
                    return
            self._before()
            for make_durable in {each for _, _, each in taken}:
                self._finish([each for each in taken if each[2] == make_durable], make_durable)

    def _wait_for_calm(self) -> None:
        until = time.monotonic() + _SECONDS
        while not self._is_urgent():
            now = time.monotonic()
            calm_at = self._last_at + _CALM_SECONDS
            if now >= min(until, calm_at):
                return
            self._changed.wait(min(until, calm_at) - now)

    def _is_urgent(self) -> bool:
        return self._closed or len(self._finished) >= _AT_ONCE

    def _finish(self, taken: Sequence[_Finished], make_durable: MakeDurable) -> None:
        done = self._sweep
        try:
            make_durable([key for _, key, _ in taken])
        except CloudError as away:
            _LOG.warning("spool: %d entries stay for the next replay: %s", len(taken), away)
            done = self._leave
        except Exception as fault:  # noqa: BLE001 - the broom must go on; entries stay
            _LOG.error("spool: %d entries stay: %s", len(taken), type(fault).__name__)
            done = self._leave
        for spooled, _, _ in taken:
            done(spooled)
