"""A flood is counted in full and logged in part."""

import pytest

from gateway import log_budget
from gateway.log_budget import LogBudget


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(log_budget, "time", clock)
    return clock


def test_the_first_of_each_peer_are_logged_and_the_rest_is_summed_up(clock: Clock) -> None:
    budget = LogBudget(of_one=2, of_kind=100, seconds=60)

    assert [budget.spend("timeout", "10.0.0.1") for _ in range(5)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert budget.spend("timeout", "10.0.0.2")
    assert budget.spend("tls-failed", "10.0.0.1")
    assert budget.take_withheld() == []
    clock.now += 60
    assert budget.take_withheld() == [("timeout", "10.0.0.1", 3)]
    assert budget.take_withheld() == []
    assert budget.spend("timeout", "10.0.0.1")


def test_a_flood_from_everywhere_is_bounded_too(clock: Clock) -> None:
    budget = LogBudget(of_one=2, of_kind=7, seconds=60)
    logged = sum(budget.spend("timeout", f"10.0.{n // 250}.{n % 250}") for n in range(5000))
    told = budget.take_withheld(at_end=True)

    assert logged == 7
    assert sum(number for _, _, number in told) == 5000 - 7
    assert len(told) == 21
    assert told[0][1] == "other peers"
