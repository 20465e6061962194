"""The crew: a few threads that take instances, and the patience around them.

One thing failing never holds up the others; the archive or the cloud being away holds up all.
"""

import heapq
import itertools
import logging
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from gateway.orthanc.errors import ArchiveForbids, ResourceFailed
from gateway.orthanc.pace import Pace
from gateway.orthanc.report import Outcome
from gateway.orthanc.take import Taken, Wanted
from gateway.orthanc.watermark import Step
from imaging_cloud.domain.errors import CloudError, Unavailable

_LOG = logging.getLogger(__name__)

# Outcomes that show the archive giving out files.
_FETCHED = (Outcome.STORED, Outcome.ALREADY_STORED, Outcome.REFUSED)


@dataclass(slots=True)
class Job:
    wanted: Wanted
    step: Step
    tries: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class _Ended:
    job: Job
    result: Taken | CloudError


class Crew:
    """Used by one thread: `start` jobs, `collect` what became of them, `close` at the end."""

    def __init__(
        self,
        take: Callable[[Wanted], Taken],
        give_up: Callable[[Wanted, str], Taken],
        pace: Pace,
    ) -> None:
        self._take = take
        self._give_up = give_up
        self._pace = pace
        self._threads = ThreadPoolExecutor(pace.workers, thread_name_prefix="harvest")
        self._ended: SimpleQueue[_Ended] = SimpleQueue()
        self._queue: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._in_flight = 0
        self._hold_until = 0.0
        self._hold = 0.0
        self._failing: set[str] = set()
        self._closing = threading.Event()
        self.held_since: float | None = None
        self.trouble = ""

    @property
    def in_hand(self) -> int:
        """Jobs started and not yet collected, those waiting for another try included."""
        return self._in_flight + len(self._queue)

    @property
    def in_flight(self) -> int:
        return self._in_flight

    def start(self, job: Job) -> None:
        self._put(job, due=0.0)
        self._dispatch()

    def collect(self, timeout: float) -> list[tuple[Job, Taken]]:
        """What has ended; waits up to `timeout` seconds for the first.

        Raises ArchiveForbids: our credentials no longer count.
        """
        self._dispatch()
        finished = []
        wait = timeout
        if not self._closing.is_set():
            wait = max(0.0, min(timeout, self._next_due() - time.monotonic()))
        while (ended := self._next_ended(wait)) is not None:
            wait = 0.0
            self._in_flight -= 1
            if isinstance(ended.result, Taken):
                self._succeed(ended.result)
                finished.append((ended.job, ended.result))
            else:
                self._fail(ended.job, ended.result)
        self._dispatch()
        return finished

    def close(self) -> None:
        """Start nothing more. What is in flight still ends and can be collected."""
        self._closing.set()
        self._threads.shutdown(wait=False, cancel_futures=False)

    def _put(self, job: Job, *, due: float) -> None:
        heapq.heappush(self._queue, (due, next(self._order), job))

    def _next_due(self) -> float:
        """When the next waiting job may start; far away when a thread must get free first."""
        if not self._queue or self._in_flight >= self._pace.workers * 2:
            return float("inf")
        return max(self._queue[0][0], self._hold_until)

    def _dispatch(self) -> None:
        # Two jobs a thread: none is idle while the caller counts, few are lost by a hold.
        while not self._closing.is_set() and self._next_due() <= time.monotonic():
            job = heapq.heappop(self._queue)[2]
            self._in_flight += 1
            self._threads.submit(self._work, job)

    def _work(self, job: Job) -> None:
        try:
            self._ended.put(_Ended(job, self._work_on(job)))
        except CloudError as error:
            self._ended.put(_Ended(job, error))
        except Exception as bug:  # noqa: BLE001 - one instance we trip over must not stop the rest
            # Neither its message nor its traceback is logged: they may quote the data set.
            where = traceback.extract_tb(bug.__traceback__)[-1]
            text = f"{type(bug).__name__} at {Path(where.filename).name}:{where.lineno}"
            _LOG.error("harvest: resource %s: %s", job.wanted.instance_id, text)
            self._ended.put(_Ended(job, ResourceFailed(text)))

    def _work_on(self, job: Job) -> Taken:
        if job.tries >= self._pace.tries:
            return self._give_up(job.wanted, f"{job.tries} tries, the last: {job.trouble}")
        return self._take(job.wanted)

    def _next_ended(self, timeout: float) -> _Ended | None:
        try:
            return self._ended.get(timeout=timeout) if timeout > 0 else self._ended.get_nowait()
        except Empty:
            return None

    def _succeed(self, taken: Taken) -> None:
        self._hold, self.held_since, self.trouble = 0.0, None, ""
        if taken.outcome in _FETCHED:
            self._failing.clear()

    def _fail(self, job: Job, error: CloudError) -> None:
        if isinstance(error, ArchiveForbids) and not self._closing.is_set():
            raise error
        job.trouble = str(error)
        if not isinstance(error, Unavailable):
            self._failing.add(job.wanted.instance_id)
            if len(self._failing) <= self._pace.failures_in_a_row:
                job.tries += 1
                self._put(job, due=time.monotonic() + self._pause(job.tries))
                return
        self._put(job, due=0.0)
        self._hold_all(str(error))

    def _pause(self, tries: int) -> float:
        return min(self._pace.first_pause * 2.0 ** (tries - 1), self._pace.longest_pause)

    def _hold_all(self, trouble: str) -> None:
        """Nothing starts for a while; longer each time until something succeeds."""
        now = time.monotonic()
        self.trouble = trouble
        self.held_since = self.held_since or now
        if now >= self._hold_until:
            longer = max(self._hold * 2, self._pace.first_pause)
            self._hold = min(longer, self._pace.longest_hold)
            self._hold_until = now + self._hold
