"""Kill at the n-th call, for n = 1, 2, … until the call is not reached any more.

strace counts calls of each thread for itself: the n-th call of whichever thread comes first is
the point. It kills before the call is made, so point n + 1 is the moment after call n.
"""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.campaign.judging import Judgement
from tests.campaign.lane import Engines, Home, Lane, is_running, send_all, wait_until_swept
from tests.campaign.record import Record
from tests.makers import make_instance, make_study

# Everything that changes what is on the disk or what the sender knows. A call that the product
# does not make costs one run that reaches no point.
CALLS = (
    *("fsync", "fdatasync", "syncfs", "sync_file_range", "openat", "mkdir"),
    *("rename,renameat,renameat2", "link,linkat", "unlink,unlinkat", "ftruncate"),
    *("write", "writev", "pwrite64", "pwritev", "copy_file_range,sendfile"),
    *("sendto", "sendmsg"),
)

# Pixels a side of an instance that is too large for the log.
LARGE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What is sent at once: a batch an association."""

    name: str
    batches: Sequence[Sequence[Path]]


def make_sendings(folder: Path, count: int) -> list[Sending]:
    """One association with a repeat and other bytes under a known UID; then two at once.

    Small instances go through the spool's log, large ones through files of their own.
    """
    first = make_study(folder / "one", count=count, study="one")
    large = make_study(folder / "large", count=2, study="large", size=LARGE)
    other = make_instance(folder / "other.dcm", number=2, study="one", seed=99)
    two = [
        make_study(folder / name, count=count, study=name, PatientID=name) for name in ("a", "b")
    ]
    return [
        Sending(name="1 association", batches=[[*first, first[0], other, *large]]),
        Sending(name="2 associations", batches=two),
    ]


def kill_a_gateway(
    lane: Lane, home: Home, sending: Sending, call: str, number: int, mutant: str = ""
) -> tuple[Judgement, bool]:
    """Send, kill at the point, recover, judge; and whether the point was reached."""
    gateway = lane.start_gateway(home, mutant)
    tracer = lane.trace(gateway.pid, *_killing(call, number))
    kept = send_all(gateway.port, sending.batches, home.path)
    wait_until_swept(gateway, home)
    reached = not is_running(gateway.pid)
    lane.end(gateway)
    lane.end_trace(tracer)
    assert lane.replay(home) == 0, home.log.read_text()
    return lane.judge(home, kept), reached


def kill_a_replay(
    lane: Lane, home: Home, planted: Sequence[Path], call: str, number: int
) -> tuple[Judgement, bool]:
    """Kill a recovery at the point, recover, judge: what was sealed must all be there."""
    lane.plant(home, planted)
    pid = lane.hold_replay(home)
    tracer = lane.trace(pid, *_killing(call, number))
    lane.go(pid)
    reached = lane.wait(pid) != 0
    lane.end_trace(tracer)
    assert lane.replay(home) == 0, home.log.read_text()
    return lane.judge(home, planted), reached


def _killing(call: str, number: int) -> list[str]:
    return [
        *("-o", "/dev/null", "-e", f"trace={call}", "-e", "signal=none"),
        *("-e", f"inject={call}:signal=KILL:when={number}"),
    ]


Point = Callable[[Lane, Home, str, int], tuple[Judgement, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """All points of one call in one scenario on one pair of engines."""

    row: str
    engines: Engines
    call: str
    run: Point
    most: int
    step: int = 1

    def numbers(self) -> Iterator[int]:
        return itertools.islice(itertools.count(1, self.step), self.most)


class Lanes:
    """Several zygotes at work; each series stays on one of them."""

    def __init__(self, count: int) -> None:
        self._free = [Lane() for _ in range(count)]
        self._pool = ThreadPoolExecutor(count)
        self._lock = threading.Lock()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        for lane in self._free:
            lane.close()

    @contextlib.contextmanager
    def one(self) -> Iterator[Lane]:
        """A lane for oneself."""
        with self._lock:
            lane = self._free.pop()
        try:
            yield lane
        finally:
            with self._lock:
                self._free.append(lane)

    def run(self, series: Sequence[Series], record: Record) -> None:
        list(self._pool.map(lambda each: self._enumerate(each, record), series))

    def _enumerate(self, series: Series, record: Record) -> None:
        with self.one() as lane:
            for number in series.numbers():
                point = f"{series.call} {number}"
                reached = record.known(series.row, point)
                if reached is None:
                    if record.out_of_time:
                        return
                    with series.engines.home() as home:
                        judgement, reached = series.run(lane, home, series.call, number)
                    record.add(series.row, point, judgement, killed=reached)
                if not reached:
                    return
