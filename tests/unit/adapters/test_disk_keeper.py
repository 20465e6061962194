"""Commits that do not wait for the disk: synced soon, never far ahead, refused when it fails."""

import errno
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from imaging_cloud.adapters.sql.disk_keeper import DiskKeeper, Limits
from imaging_cloud.domain.errors import Unavailable

AT_ONCE = Limits(gather=0, ahead=0, patience=0)
SOON = Limits(gather=0, ahead=0, patience=10)


class Disk:
    """Syncs when it is let go, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked = threading.Event()
        self.synced = 0
        self.failures = 0
        self.home = threading.Event()

    def sync(self) -> None:
        self.asked.set()
        assert self.go.wait(10)
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EIO, "Input/output error")
        self.synced += 1

    def bring_home(self) -> bool:
        self.home.set()
        return True


@contextmanager
def keeping(disk: Disk, limits: Limits) -> Iterator[DiskKeeper]:
    keeper = DiskKeeper(disk.sync, disk.bring_home, limits)
    try:
        yield keeper
    finally:
        disk.go.set()
        keeper.close()


def test_a_commit_is_synced_without_anybody_asking() -> None:
    disk = Disk()
    with keeping(disk, SOON) as keeper:
        keeper.note_commit(1)
        assert disk.asked.wait(10)
        disk.go.set()

        keeper.wait_until_near()

        assert disk.synced == 1


def test_a_disk_that_does_not_answer_ends_in_a_refusal_not_in_more_unsynced_commits() -> None:
    disk = Disk()
    with keeping(disk, AT_ONCE) as keeper:
        keeper.note_commit(1)
        assert disk.asked.wait(10)

        with pytest.raises(Unavailable):
            keeper.wait_until_near()


def test_after_a_failed_sync_the_log_is_brought_home_before_anything_more_is_taken() -> None:
    disk = Disk()
    disk.failures = 1
    disk.go.set()
    with keeping(disk, SOON) as keeper:
        keeper.note_commit(1)
        assert disk.home.wait(10)

        keeper.wait_until_near()

        # A second fsync would say yes to what the first has thrown away.
        assert disk.synced == 0


def test_the_log_is_brought_home_when_it_has_grown() -> None:
    disk = Disk()
    disk.go.set()
    with keeping(disk, Limits(gather=0, ahead=10, patience=10, rows=3)) as keeper:
        keeper.note_commit(2)
        keeper.wait_until_near()
        assert not disk.home.is_set()

        keeper.note_commit(1)

        assert disk.home.wait(10)


def test_closing_syncs_what_is_left() -> None:
    disk = Disk()
    disk.go.set()
    keeper = DiskKeeper(disk.sync, disk.bring_home, Limits(gather=0))
    keeper.note_commit(1)

    keeper.close()

    assert disk.synced == 1
    assert keeper._waiting is None
