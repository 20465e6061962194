"""Killed at every call that matters: nothing acknowledged is lost, nothing is left unexplained.

CAMPAIGN_ENGINES   of the long form; default all three, separated by `;`
CAMPAIGN_POINTS    most points of one call in one scenario (default 400)
CAMPAIGN_OBJECTS   instances an association (default 4)
"""

import functools
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaign.judging import Judgement
from tests.campaign.lane import Engines, engines_named
from tests.campaign.points import (
    CALLS,
    Lanes,
    Sending,
    Series,
    kill_a_gateway,
    kill_a_replay,
    make_sendings,
)
from tests.campaign.record import Record, number_from_environment
from tests.makers import make_study

ALL_ENGINES = "sqlite + folder;postgresql + folder;postgresql + seaweedfs"


def series_of(engines: Engines, sendings: list[Sending], most: int) -> Iterator[Series]:
    for sending, call in itertools.product(sendings, CALLS):
        yield Series(
            row=f"{engines.name}, {sending.name}",
            engines=engines,
            call=call,
            run=functools.partial(_kill_sending, sending),
            most=most,
        )


def _kill_sending(sending: Sending, *point: object) -> object:
    lane, home, call, number = point
    return kill_a_gateway(lane, home, sending, call, number)  # type: ignore[arg-type]


def replays_of(engines: Engines, planted: list[Path], most: int) -> Iterator[Series]:
    for call in CALLS:
        yield Series(
            row=f"{engines.name}, recovery",
            engines=engines,
            call=call,
            run=lambda lane, home, call, n: kill_a_replay(lane, home, planted, call, n),
            most=most,
        )


@pytest.mark.campaign
@pytest.mark.usefixtures("tracing")
def test_a_thousand_kill_points_lose_nothing_and_leave_nothing(
    tmp_path: Path, request: pytest.FixtureRequest, lanes: Lanes
) -> None:
    most = number_from_environment("POINTS", 400)
    count = number_from_environment("OBJECTS", 4)
    sendings = make_sendings(tmp_path / "files", count)
    planted = make_study(tmp_path / "planted", count=count, study="planted")
    record = Record("kill points")
    series: list[Series] = []
    chosen = os.environ.get("CAMPAIGN_ENGINES", ALL_ENGINES)
    for name in chosen.split(";"):
        engines = engines_named(name, tmp_path, request)
        series += series_of(engines, sendings, most)
        series += replays_of(engines, planted, most)
    lanes.run(series, record)
    record.finish()
    assert record.faults == []
    is_whole = chosen == ALL_ENGINES and most >= 400 and not record.out_of_time
    assert record.sum_of("points") >= 1000 or not is_whole
    assert record.sum_of("acknowledged") > 0


# A few of each kind on the embedded engines: that the harness works, and the order at a glance.
_SHORT = ("fsync", "link,linkat", "rename,renameat,renameat2", "fdatasync", "pwrite64", "sendto")


@pytest.mark.usefixtures("tracing")
def test_the_first_kill_points_of_each_kind_lose_nothing(tmp_path: Path, lanes: Lanes) -> None:
    engines = Engines(folder=tmp_path)
    sendings = make_sendings(tmp_path / "files", 2)[:1]
    record = Record("kill points, short")
    lanes.run([each for each in series_of(engines, sendings, 2) if each.call in _SHORT], record)
    record.finish()
    assert record.faults == []
    # 6 to 12: a thread's n-th call may not come, as whoever leads does the others' syncs as well.
    assert record.sum_of("points") >= 4


@pytest.mark.usefixtures("tracing")
@pytest.mark.parametrize(
    ("mutant", "column", "calls"),
    [
        ("answer-before-commit", "lost", ("fdatasync", "pwrite64")),
        ("forget-before-commit", "orphans", ("fdatasync", "pwrite64")),
        ("row-before-object", "dangling", ("link,linkat", "fsync")),
    ],
)
def test_a_wrong_order_is_caught(
    tmp_path: Path, lanes: Lanes, mutant: str, column: str, calls: tuple[str, ...]
) -> None:
    engines = Engines(folder=tmp_path)
    sending = make_sendings(tmp_path / "files", 2)[0]
    record = Record(f"mutant {mutant}")

    def run(*point: object) -> object:
        if record.sum_of(column):
            return Judgement(), False  # caught already
        lane, home, call, number = point
        return kill_a_gateway(lane, home, sending, call, number, mutant)  # type: ignore[arg-type]

    lanes.run(
        [Series(row=mutant, engines=engines, call=call, run=run, most=6) for call in calls],  # type: ignore[arg-type]
        record,
    )
    record.finish()
    assert record.sum_of(column) > 0, "the campaign does not see what it is there to see"
