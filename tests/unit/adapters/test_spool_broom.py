"""Finished spool entries go once the names of their objects are durable, and not before."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from imaging_cloud.adapters import spool_broom
from imaging_cloud.adapters.spool_broom import Broom
from imaging_cloud.domain.errors import Unavailable
from imaging_cloud.ports.spool import SpooledFile


def entry(name: str) -> SpooledFile:
    return SpooledFile(path=Path(name), institution="A", data_set_offset=0, sha256="", size=0)


class Floor:
    """What was swept and what was left, and the calls of make_durable."""

    def __init__(self) -> None:
        self.swept: list[str] = []
        self.left: list[str] = []
        self.calls: list[list[str]] = []
        self.broom = Broom(
            lambda each: self.swept.append(each.path.name),
            lambda each: self.left.append(each.path.name),
        )

    def make_durable(self, keys: Sequence[str]) -> None:
        assert self.swept == []
        self.calls.append(list(keys))


def test_many_entries_share_one_call_and_go_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_broom, "_SECONDS", 3600)
    floor = Floor()
    for number in range(10):
        floor.broom.take(entry(f"e{number}"), f"k{number}", floor.make_durable)

    floor.broom.close()

    assert floor.calls == [[f"k{number}" for number in range(10)]]
    assert floor.swept == [f"e{number}" for number in range(10)]


@pytest.mark.parametrize("error", [Unavailable("away"), RuntimeError("a fault")])
def test_entries_whose_names_cannot_be_made_durable_are_left(error: Exception) -> None:
    floor = Floor()

    def fail(_keys: Sequence[str]) -> None:
        raise error

    floor.broom.take(entry("e"), "k", fail)
    floor.broom.close()

    assert (floor.swept, floor.left) == ([], ["e"])


def test_it_goes_on_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_broom, "_SECONDS", 0)
    floor = Floor()
    failed = threading.Event()

    def fail(_keys: Sequence[str]) -> None:
        failed.set()
        raise Unavailable("away")

    floor.broom.take(entry("a"), "k", fail)
    assert failed.wait(20)
    floor.broom.take(entry("b"), "k", floor.make_durable)
    floor.broom.close()

    assert (floor.left, floor.swept) == (["a"], ["b"])


def test_a_store_that_is_far_behind_makes_senders_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_broom, "_MOST", 2)
    monkeypatch.setattr(spool_broom, "_AT_ONCE", 2)
    floor = Floor()
    for number in range(50):
        floor.broom.take(entry(f"e{number}"), "k", lambda keys: floor.calls.append(list(keys)))
    floor.broom.close()

    assert len(floor.swept) == 50
    assert max(len(keys) for keys in floor.calls) <= 2


def test_what_comes_after_the_end_stays_for_the_next_start() -> None:
    floor = Floor()
    floor.broom.close()

    floor.broom.take(entry("e"), "k", floor.make_durable)

    assert (floor.swept, floor.left, floor.calls) == ([], [], [])
