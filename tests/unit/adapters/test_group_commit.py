"""Many callers, one transaction: shared when they come together, apart when one is at fault."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest

from imaging_cloud.adapters.sql.turns import GroupCommit
from imaging_cloud.domain.errors import Unavailable


class Disk:
    """Takes batches; the first one only when it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.entered, self.go = threading.Event(), threading.Event()

    def write(self, works: Sequence[int]) -> None:
        if not self.batches:
            self.batches.append(list(works))
            self.entered.set()
            assert self.go.wait(10)
            return
        if any(work < 0 for work in works):
            raise ValueError(str(works))
        self.batches.append(list(works))


def run(disk: Disk, works: Sequence[int]) -> list[BaseException | None]:
    """The first leads and is held up; the others gather meanwhile."""
    group: GroupCommit[int] = GroupCommit(disk.write)
    with ThreadPoolExecutor(len(works)) as pool:
        first = pool.submit(group.commit, works[0])
        assert disk.entered.wait(10)
        others = [pool.submit(group.commit, work) for work in works[1:]]
        while len(group._waiting) < len(others):
            threading.Event().wait(0.001)
        disk.go.set()
        return [future.exception(10) for future in (first, *others)]


def test_who_comes_meanwhile_shares_the_next_commit() -> None:
    disk = Disk()

    assert run(disk, range(9)) == [None] * 9
    assert disk.batches[0] == [0]
    assert sorted(disk.batches[1]) == list(range(1, 9))
    assert len(disk.batches) == 2


def test_only_the_one_at_fault_fails() -> None:
    disk = Disk()

    failures = run(disk, [0, 1, -2, 3])

    assert [type(each) for each in failures] == [type(None), type(None), ValueError, type(None)]
    assert sorted(chain(*disk.batches)) == [0, 1, 3]


def test_when_the_index_is_away_everybody_is_told_and_the_next_may_try() -> None:
    away = True

    def write(works: Sequence[int]) -> None:
        if away:
            raise Unavailable("away")

    group: GroupCommit[int] = GroupCommit(write)
    with pytest.raises(Unavailable):
        group.commit(1)
    away = False

    group.commit(2)
