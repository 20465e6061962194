"""How many log lines a flood may cost: the first few of a window, then only their number."""

import threading
import time
from collections import Counter

# Peers told apart in one window; an attack from more addresses is summed up as one.
_MOST_PEERS = 20
_OTHERS = "other peers"


class LogBudget:
    """Thread-safe. `of_one` lines a window for one peer and kind, `of_kind` for all peers of it."""

    def __init__(self, *, of_one: int, of_kind: int, seconds: float) -> None:
        self._of_one = of_one
        self._of_kind = of_kind
        self._seconds = seconds
        self._lock = threading.Lock()
        self._ends = 0.0
        self._spent: Counter[tuple[str, str]] = Counter()
        self._spent_of_kind: Counter[str] = Counter()
        self._withheld: Counter[tuple[str, str]] = Counter()

    def spend(self, kind: str, peer: str) -> bool:
        """Whether this one is to be logged now."""
        with self._lock:
            self._turn_over()
            key = kind, peer
            if self._spent[key] < self._of_one and self._spent_of_kind[kind] < self._of_kind:
                self._spent[key] += 1
                self._spent_of_kind[kind] += 1
                return True
            if key not in self._withheld and len(self._withheld) >= _MOST_PEERS:
                key = kind, _OTHERS
            self._withheld[key] += 1
            return False

    def take_withheld(self, *, at_end: bool = False) -> list[tuple[str, str, int]]:
        """(kind, peer, number) of what was not logged, once the window is over."""
        with self._lock:
            if not self._withheld or not (at_end or time.monotonic() >= self._ends):
                return []
            told = [(kind, peer, number) for (kind, peer), number in self._withheld.most_common()]
            self._withheld.clear()
            return told

    def _turn_over(self) -> None:
        now = time.monotonic()
        if now >= self._ends:
            self._ends = now + self._seconds
            self._spent.clear()
            self._spent_of_kind.clear()
