"""The watermark: the place up to which every change is dealt with, without a hole."""

from collections import deque
from dataclasses import dataclass

from gateway.orthanc.feed import Place


@dataclass(slots=True)
class Step:
    """Something to deal with, in the order of the feed.

    A listed instance has no place of its own: the place after the listing waits for all of them.
    """

    place: Place | None
    done: bool = False


class Watermark:
    """Steps are added in order and finish in any order; only a prefix without holes counts."""

    def __init__(self, place: Place | None) -> None:
        self.reached = place
        self._steps: deque[Step] = deque()

    @property
    def waiting(self) -> int:
        return len(self._steps)

    def add(self, place: Place | None, *, done: bool = False) -> Step:
        step = Step(place, done)
        self._steps.append(step)
        self._advance()
        return step

    def finish(self, step: Step) -> None:
        step.done = True
        self._advance()

    def _advance(self) -> None:
        while self._steps and self._steps[0].done:
            place = self._steps.popleft().place
            if place is not None:
                self.reached = place
