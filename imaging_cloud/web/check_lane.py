"""CheckLane: the plain order checks' own thread. What waits together is logged in one commit.

With more threads checks wait for Python's lock and none ends sooner. Handing a check to a thread
and back costs a third of the check, and a commit as much again: while many ask, they share both.
Only where one check takes long, for whatever reason, another thread goes on with the others.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from imaging_cloud.domain.errors import Unavailable

L = TypeVar("L")

# The first of so many still has its answer after some ten milliseconds.
_MOST_TOGETHER = 8
_MOST_THREADS = 4
_PATIENCE_SECONDS = 0.05


@dataclass(slots=True, eq=False)
class _Asked(Generic[L]):
    judge: Callable[[], tuple[bytes, L]]
    answer: asyncio.Future[bytes]
    waits: bool = True


class CheckLane(Generic[L]):
    """`keep` logs what was judged, all or nothing, before anything of it is answered."""

    def __init__(self, keep: Callable[[Sequence[L]], None]) -> None:
        self._keep = keep
        self._threads = ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="order-check")
        # Both are the event loop's alone.
        self._waiting: deque[_Asked[L]] = deque()
        self._serving = 0

    async def answer(self, judge: Callable[[], tuple[bytes, L]]) -> bytes:
        """What `judge` answers, kept. Raises what `judge` or `keep` raises for this check."""
        loop = asyncio.get_running_loop()
        asked = _Asked(judge, loop.create_future())
        self._waiting.append(asked)
        if self._serving:
            loop.call_later(_PATIENCE_SECONDS, self._step_in, asked)
        else:
            self._begin()
        return await asked.answer

    def _step_in(self, asked: _Asked[L]) -> None:
        if asked.waits and self._serving < _MOST_THREADS:
            self._begin()

    def _begin(self) -> None:
        taken: list[_Asked[L]] = []
        while self._waiting and len(taken) < _MOST_TOGETHER:
            taken.append(self._waiting.popleft())
            taken[-1].waits = False
        if taken:
            self._serving += 1
            self._threads.submit(self._serve, taken, asyncio.get_running_loop())

    def _serve(self, taken: Sequence[_Asked[L]], loop: asyncio.AbstractEventLoop) -> None:
        answers = self._answers(taken)
        loop.call_soon_threadsafe(self._settle, taken, answers)

    def _settle(self, taken: Sequence[_Asked[L]], answers: Sequence[bytes | Exception]) -> None:
        self._serving -= 1
        for asked, answer in zip(taken, answers, strict=True):
            if asked.answer.done():
                continue
            if isinstance(answer, Exception):
                asked.answer.set_exception(answer)
            else:
                asked.answer.set_result(answer)
        self._begin()

    def _answers(self, taken: Sequence[_Asked[L]]) -> list[bytes | Exception]:
        answers: list[bytes | Exception] = []
        judged: list[tuple[int, L]] = []
        for place, asked in enumerate(taken):
            if asked.answer.done():
                answers.append(TimeoutError("its caller has given up"))
                continue
            try:
                answer, logged = asked.judge()
            except Exception as error:  # noqa: BLE001 - each caller gets its own answer
                answers.append(error)
            else:
                answers.append(answer)
                judged.append((place, logged))
        for place, failed in self._kept(judged):
            answers[place] = failed
        return answers

    def _kept(self, judged: Sequence[tuple[int, L]]) -> list[tuple[int, Exception]]:
        """Log all together; one by one when that cannot be, so that only the one at fault fails."""
        if not judged:
            return []
        try:
            self._keep([logged for _, logged in judged])
        except Exception as error:  # noqa: BLE001 - each caller gets its own answer
            if len(judged) == 1 or isinstance(error, Unavailable):
                return [(place, error) for place, _ in judged]
            return [failed for each in judged for failed in self._kept([each])]
        return []
