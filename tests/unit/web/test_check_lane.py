"""Checks that wait together are logged together; each caller gets their own answer."""

import asyncio
import threading
from collections.abc import Callable, Sequence

import pytest

from imaging_cloud.domain.errors import InvalidRequest, Unavailable
from imaging_cloud.web import check_lane
from imaging_cloud.web.check_lane import CheckLane

Judge = Callable[[], tuple[bytes, str]]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_lane, "_PATIENCE_SECONDS", 600)


class Log:
    def __init__(self, *refusing: str, error: Exception | None = None) -> None:
        self.kept: list[list[str]] = []
        self._refusing = refusing
        self._error = error or InvalidRequest("not this one")

    def keep(self, logged: Sequence[str]) -> None:
        if set(self._refusing) & set(logged):
            raise self._error
        self.kept.append(list(logged))


def judging(name: str) -> Judge:
    return lambda: (name.encode(), name)


def ask_behind_one(log: Log, *judges: Judge) -> list[bytes | BaseException]:
    """The answers to `judges`, which all come while one check is under way."""
    go, begun = threading.Event(), threading.Event()

    def first() -> tuple[bytes, str]:
        begun.set()
        assert go.wait(10)
        return b"first", "first"

    async def ask() -> list[bytes | BaseException]:
        lane = CheckLane(log.keep)
        asked = [asyncio.ensure_future(lane.answer(each)) for each in (first, *judges)]
        await asyncio.to_thread(begun.wait, 10)
        go.set()
        return list(await asyncio.gather(*asked, return_exceptions=True))

    return asyncio.run(ask())[1:]


def test_what_waits_together_is_logged_in_one_commit() -> None:
    log = Log()

    answers = ask_behind_one(log, judging("a"), judging("b"), judging("c"))

    assert answers == [b"a", b"b", b"c"]
    assert log.kept == [["first"], ["a", "b", "c"]]


def test_so_many_wait_that_they_are_several_groups() -> None:
    log = Log()
    names = [str(number) for number in range(20)]

    answers = ask_behind_one(log, *map(judging, names))

    assert answers == [name.encode() for name in names]
    assert [len(each) for each in log.kept] == [1, 8, 8, 4]


def test_a_check_that_cannot_be_judged_fails_alone() -> None:
    def refused() -> tuple[bytes, str]:
        raise InvalidRequest("no name")

    log = Log()

    answers = ask_behind_one(log, judging("a"), refused, judging("c"))

    assert [answers[0], answers[2]] == [b"a", b"c"]
    assert isinstance(answers[1], InvalidRequest)
    assert log.kept == [["first"], ["a", "c"]]


def test_a_check_that_cannot_be_logged_is_not_answered_and_fails_alone() -> None:
    log = Log("b")

    answers = ask_behind_one(log, judging("a"), judging("b"), judging("c"))

    assert [answers[0], answers[2]] == [b"a", b"c"]
    assert isinstance(answers[1], InvalidRequest)
    assert log.kept == [["first"], ["a"], ["c"]]


def test_with_the_index_away_nothing_is_answered_and_nothing_tried_again() -> None:
    log = Log("b", error=Unavailable("away"))

    answers = ask_behind_one(log, judging("a"), judging("b"))

    assert all(isinstance(each, Unavailable) for each in answers)
    assert log.kept == [["first"]]


def test_who_gave_up_waiting_is_not_judged() -> None:
    log, go, begun = Log(), threading.Event(), threading.Event()

    def under_way() -> tuple[bytes, str]:
        begun.set()
        return b"", str(go.wait(10))

    async def ask() -> bytes:
        lane = CheckLane(log.keep)
        first = asyncio.ensure_future(lane.answer(under_way))
        await asyncio.to_thread(begun.wait, 10)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await lane.answer(judging("gave up"))
        go.set()
        await first
        return await lane.answer(judging("next"))

    assert asyncio.run(ask()) == b"next"
    assert log.kept == [["True"], ["next"]]


def test_a_check_that_takes_long_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_lane, "_PATIENCE_SECONDS", 0.01)
    log = Log()
    go = threading.Event()

    def slow() -> tuple[bytes, str]:
        assert go.wait(10)
        return b"slow", "slow"

    async def ask() -> tuple[bytes, bytes]:
        lane = CheckLane(log.keep)
        held = asyncio.ensure_future(lane.answer(slow))
        quick = await asyncio.wait_for(lane.answer(judging("quick")), 10)
        go.set()
        return quick, await held

    assert asyncio.run(ask()) == (b"quick", b"slow")
    assert log.kept == [["quick"], ["slow"]]
