"""What a campaign found: progress while it runs, a table at its end, a journal to go on from.

CAMPAIGN_JOURNAL=FILE   one line for each finished point; what is in it is not run again
CAMPAIGN_REPORT=FILE    the tables are appended to it, as Markdown
CAMPAIGN_SECONDS=N      no part begins a new point after N seconds (0: no limit)
"""

import json
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign.judging import Judgement

COLUMNS = ("points", "acknowledged", "lost", "orphans", "dangling", "left")
_SAY_EVERY = 5.0


def number_from_environment(name: str, default: int) -> int:
    return int(os.environ.get(f"CAMPAIGN_{name}", default))


@dataclass
class Record:
    """Counts by row of the table. Any thread may add."""

    title: str
    faults: list[str] = field(default_factory=list)
    _sums: dict[str, Counter[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _began: float = field(default_factory=time.monotonic)
    _said: float = 0.0
    _done: dict[str, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        journal = os.environ.get("CAMPAIGN_JOURNAL")
        self._journal = Path(journal) if journal else None
        if self._journal and self._journal.exists():
            for line in self._journal.read_text().splitlines():
                entry = json.loads(line)
                self._done[entry["point"]] = entry["counts"]
        self._limit = number_from_environment("SECONDS", 0)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    @property
    def out_of_time(self) -> bool:
        return bool(self._limit) and self.seconds > self._limit

    def sum_of(self, column: str) -> int:
        return sum(counts[column] for counts in self._sums.values())

    def known(self, row: str, point: str) -> bool | None:
        """Whether an earlier run did this point, and if so whether it was reached."""
        counts = self._done.get(f"{self.title}|{row}|{point}")
        if counts is None:
            return None
        self._add(row, counts)
        return bool(counts["points"])

    def add(self, row: str, point: str, judgement: Judgement, *, killed: bool = True) -> None:
        counts = {
            "points": int(killed),
            "acknowledged": judgement.acknowledged,
            "lost": len(judgement.lost),
            "orphans": len(judgement.orphans),
            "dangling": len(judgement.dangling) + len(judgement.faults),
            "left": len(judgement.spooled),
        }
        with self._lock:
            if not judgement.sound:
                self.faults.append(f"{row} {point}: {judgement}")
            elif self._journal:
                with self._journal.open("a") as journal:
                    key = f"{self.title}|{row}|{point}"
                    journal.write(json.dumps({"point": key, "counts": counts}) + "\n")
        self._add(row, counts)

    def _add(self, row: str, counts: dict[str, int]) -> None:
        with self._lock:
            self._sums.setdefault(row, Counter()).update(counts)
            if time.monotonic() - self._said > _SAY_EVERY:
                self._said = time.monotonic()
                wrong = sum(self.sum_of(each) for each in COLUMNS[2:])
                say(
                    f"{self.title}: {self.sum_of('points')} points, {wrong} wrong,"
                    f" {self.seconds:.0f} s, now {row}"
                )

    def table(self) -> str:
        rows = [f"| {self.title} | " + " | ".join(COLUMNS) + " |"]
        rows.append("|---" * (len(COLUMNS) + 1) + "|")
        for row, counts in [*sorted(self._sums.items()), ("**sum**", self._all())]:
            rows.append(f"| {row} | " + " | ".join(str(counts[c]) for c in COLUMNS) + " |")
        return "\n".join([*rows, "", f"{self.seconds:.0f} s"])

    def _all(self) -> Counter[str]:
        return sum(self._sums.values(), Counter())

    def finish(self) -> None:
        """Print and keep the table."""
        report(self.table())


def say(line: str) -> None:
    """Progress; `make campaign` shows it as it comes."""
    print(line, flush=True)  # noqa: T201 - it is what the person at the terminal waits for


def report(text: str) -> None:
    say("\n" + text)
    path = os.environ.get("CAMPAIGN_REPORT")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text + "\n\n")
