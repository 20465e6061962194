"""Killed at random moments under eight senders, round after round; and how fast it recovers.

CAMPAIGN_ROUNDS    rounds on each pair of engines (default 100)
CAMPAIGN_SPOOLED   sealed entries that a recovery finds (default 1000)

The gateways are forks of a zygote, two on one home, so that a round takes seconds.
tests/journey/test_kill.py does the same to the whole of `serve`.
"""

import random
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.campaign.judging import Judgement, acknowledged
from tests.campaign.lane import Engines, Home, Lane, engines_named, send
from tests.campaign.points import Lanes
from tests.campaign.record import Record, number_from_environment, report
from tests.makers import make_study

SENDERS = 8
SLICES = 30
# A home is given up after so many rounds: everything in it is read back in each.
_ROUNDS_A_HOME = 10
_MOST_SECONDS = 5
ALL_ENGINES = ("sqlite + folder", "postgresql + folder", "postgresql + seaweedfs")


@dataclass
class Rounds:
    lane: Lane
    home: Home
    folder: Path
    chance: random.Random
    kept: list[Path] = field(default_factory=list)

    def run(self, number: int) -> Judgement:
        """One round: both gateways die in the middle of the sending."""
        batches = self._make(number)
        gateways = [self.lane.start_gateway(self.home) for _ in range(2)]
        logs = [self.folder / f"{number}-{sender}.log" for sender in range(SENDERS)]
        senders = [
            send(gateways[each % 2].port, batch, log)
            for each, (batch, log) in enumerate(zip(batches, logs, strict=True))
        ]
        self._wait_somewhere(logs)
        for gateway in gateways:
            self.lane.end(gateway)
        for sender in senders:
            sender.wait(60)
        for log in logs:
            self.kept += acknowledged(log)
        assert self.lane.replay(self.home) == 0, self.home.log.read_text()
        return self.lane.judge(self.home, self.kept)

    def _wait_somewhere(self, logs: Sequence[Path]) -> None:
        """A random share of the answers, then a moment; the exact place is the point of it."""
        wanted = self.chance.randint(0, SENDERS * SLICES * 3 // 4)
        deadline = time.monotonic() + _MOST_SECONDS
        while time.monotonic() < deadline:
            if sum(len(acknowledged(log)) for log in logs) >= wanted:
                break
            threading.Event().wait(0.01)
        threading.Event().wait(self.chance.uniform(0, 0.02))

    def _make(self, number: int) -> Sequence[Sequence[Path]]:
        """New to this home; another home may have had the same before."""
        names = [f"{number % _ROUNDS_A_HOME}-{sender}" for sender in range(SENDERS)]
        return [_make_once(self.folder / name, name) for name in names]


def _make_once(folder: Path, name: str) -> Sequence[Path]:
    if folder.exists():
        return sorted(folder.iterdir())
    return make_study(folder, count=SLICES, study=name, PatientID=f"A-{name}")


def run_rounds(lanes: Lanes, engines: Engines, record: Record, count: int, seed: int) -> None:
    folder = engines.folder / "files"
    folder.mkdir()
    for first in range(0, count, _ROUNDS_A_HOME):
        with lanes.one() as lane, engines.home() as home:
            rounds = Rounds(lane, home, folder, random.Random(seed + first))
            for number in range(first, min(count, first + _ROUNDS_A_HOME)):
                if record.out_of_time:
                    return
                if record.known(engines.name, f"round {number}"):
                    continue
                before = len(rounds.kept)
                judgement = rounds.run(number)
                judgement.acknowledged = len(rounds.kept) - before
                record.add(engines.name, f"round {number}", judgement)
    shutil.rmtree(folder)


@pytest.mark.usefixtures("tracing")
def test_three_random_kills_under_eight_senders(tmp_path: Path, lanes: Lanes) -> None:
    record = Record("random kills, short")
    run_rounds(lanes, Engines(folder=tmp_path), record, 3, seed=1)
    record.finish()
    assert record.faults == []
    assert record.sum_of("acknowledged") > 0


@pytest.mark.campaign
@pytest.mark.usefixtures("tracing")
@pytest.mark.parametrize("name", ALL_ENGINES)
def test_many_random_kills_under_eight_senders(
    tmp_path: Path, lanes: Lanes, request: pytest.FixtureRequest, name: str
) -> None:
    record = Record("random kills, 8 senders")
    engines = engines_named(name, tmp_path, request)
    run_rounds(lanes, engines, record, number_from_environment("ROUNDS", 100), seed=2)
    record.finish()
    assert record.faults == []
    assert record.sum_of("acknowledged") > 0


@pytest.mark.campaign
@pytest.mark.usefixtures("tracing")
@pytest.mark.parametrize("name", ALL_ENGINES)
def test_a_thousand_spooled_are_taken_in_within_ten_seconds(
    tmp_path: Path, lanes: Lanes, request: pytest.FixtureRequest, name: str
) -> None:
    count = number_from_environment("SPOOLED", 1000)
    engines = engines_named(name, tmp_path, request)
    files = make_study(tmp_path / "files", count=count, study="spooled")
    with lanes.one() as lane, engines.home() as home:
        lane.plant(home, files)
        began = time.monotonic()
        assert lane.replay(home) == 0, home.log.read_text()
        seconds, cpu = time.monotonic() - began, lane.cpu
        judgement = lane.judge(home, files)
    report(f"recovery, {name}: {count} spooled taken in in {seconds:.1f} s, {cpu:.1f} s of CPU")
    assert judgement.sound, str(judgement)
    assert seconds <= 10 * count / 1000
