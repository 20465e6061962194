"""The crew: one instance that fails holds up no other; a cloud that is away holds up all."""

import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest

from gateway.orthanc.crew import Crew, Job
from gateway.orthanc.errors import ArchiveAway, ArchiveForbids, ResourceFailed
from gateway.orthanc.pace import Pace
from gateway.orthanc.report import Outcome
from gateway.orthanc.take import Taken, Wanted
from gateway.orthanc.watermark import Step
from imaging_cloud.domain.errors import OutOfSpace

PACE = Pace(tries=3, first_pause=0.01, longest_pause=0.02, longest_hold=0.02, failures_in_a_row=3)
STORED = Taken(outcome=Outcome.STORED)
UNREADABLE = Taken(outcome=Outcome.UNREADABLE)
DEADLINE_SECONDS = 10


class Crowd:
    """A crew over a plain function, with what it asked for and what came of it."""

    def __init__(self, take: Callable[[str, int], Taken]) -> None:
        self.asked: Counter[str] = Counter()
        self.given_up: list[str] = []
        self._take = take
        self._lock = threading.Lock()
        self.crew = Crew(self._count_and_take, self._give_up, PACE)

    def _count_and_take(self, wanted: Wanted) -> Taken:
        with self._lock:
            self.asked[wanted.instance_id] += 1
            tries = self.asked[wanted.instance_id]
        return self._take(wanted.instance_id, tries)

    def _give_up(self, wanted: Wanted, trouble: str) -> Taken:
        self.given_up.append(trouble)
        return UNREADABLE

    def start(self, *names: str) -> None:
        for name in names:
            self.crew.start(Job(Wanted(instance_id=name), Step(None)))

    def collect(self, count: int) -> dict[str, Outcome]:
        ended: dict[str, Outcome] = {}
        deadline = time.monotonic() + DEADLINE_SECONDS
        while len(ended) < count and time.monotonic() < deadline:
            for job, taken in self.crew.collect(0.1):
                ended[job.wanted.instance_id] = taken.outcome
        return ended


def test_what_fails_is_tried_again_and_then_given_up_with_its_reason() -> None:
    def take(name: str, tries: int) -> Taken:
        if name == "broken" or (name == "shy" and tries < 3):
            raise ResourceFailed("HTTP 500")
        return STORED

    crowd = Crowd(take)
    crowd.start("broken", "shy", "good")

    assert crowd.collect(3) == {
        "broken": Outcome.UNREADABLE,
        "shy": Outcome.STORED,
        "good": Outcome.STORED,
    }
    assert crowd.asked == {"broken": 3, "shy": 3, "good": 1}
    assert crowd.given_up == ["3 tries, the last: HTTP 500"]
    crowd.crew.close()


def test_a_bug_on_one_instance_is_given_up_and_quotes_nothing_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def take(name: str, tries: int) -> Taken:
        if name == "odd":
            raise KeyError("Zhang^Wei")
        return STORED

    crowd = Crowd(take)
    crowd.start("odd", "good")

    assert crowd.collect(2) == {"odd": Outcome.UNREADABLE, "good": Outcome.STORED}
    assert "KeyError at test_crew.py" in crowd.given_up[0]
    assert "Zhang" not in caplog.text + crowd.given_up[0]
    crowd.crew.close()


@pytest.mark.parametrize("away", [ArchiveAway("away"), OutOfSpace("full")])
def test_what_is_away_is_waited_for_however_long_and_nothing_is_given_up(away: Exception) -> None:
    calls = Counter[str]()

    def take(name: str, tries: int) -> Taken:
        calls["all"] += 1
        if calls["all"] < 30:
            raise away
        return STORED

    crowd = Crowd(take)
    crowd.start("a", "b", "c")

    assert set(crowd.collect(3)) == {"a", "b", "c"}
    assert crowd.given_up == []
    assert crowd.crew.held_since is None
    crowd.crew.close()


def test_when_too_many_fail_without_a_success_none_is_given_up() -> None:
    repaired = threading.Event()

    def take(name: str, tries: int) -> Taken:
        if not repaired.is_set():
            raise ResourceFailed("HTTP 500")
        return STORED

    crowd = Crowd(take)
    crowd.start(*"abcdefgh")
    deadline = time.monotonic() + DEADLINE_SECONDS
    while crowd.crew.held_since is None and time.monotonic() < deadline:
        assert crowd.crew.collect(0.01) == []
    repaired.set()

    assert set(crowd.collect(8).values()) == {Outcome.STORED}
    assert crowd.given_up == []
    crowd.crew.close()


def test_credentials_that_no_longer_count_end_it() -> None:
    def take(name: str, tries: int) -> Taken:
        raise ArchiveForbids("401")

    crowd = Crowd(take)
    crowd.start("a")

    with pytest.raises(ArchiveForbids):
        crowd.collect(1)
    crowd.crew.close()


def test_a_closed_crew_starts_nothing_more_but_lets_what_runs_end() -> None:
    go = threading.Event()

    def take(name: str, tries: int) -> Taken:
        assert go.wait(DEADLINE_SECONDS)
        return STORED

    crowd = Crowd(take)
    crowd.start(*(str(number) for number in range(20)))
    crowd.crew.close()
    running = crowd.crew.in_flight
    go.set()

    assert len(crowd.collect(running)) == running
    assert sum(crowd.asked.values()) == running
    assert crowd.crew.in_flight == 0
