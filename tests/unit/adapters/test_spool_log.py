"""The spool log: small entries, one file for many, and what a crash leaves of it."""

import errno
import hashlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from imaging_cloud.adapters import spool_log, spool_segment
from imaging_cloud.adapters.filesystem_spool import FilesystemSpool
from imaging_cloud.adapters.spool_log import SpoolLog
from imaging_cloud.adapters.spool_segment import BLOCK, Segment, read_segment
from imaging_cloud.dicom.file_meta import encode_file_meta
from imaging_cloud.domain.errors import OutOfSpace, Unavailable
from imaging_cloud.ports.spool import SpooledFile

PREFIX = encode_file_meta("1.2.840.10008.5.1.4.1.1.2", "1.2.3", "1.2.840.10008.1.2.1")


@pytest.fixture
def spool(tmp_path: Path) -> FilesystemSpool:
    return FilesystemSpool(tmp_path / "spool", max_bytes=1_000_000, reserve=0)


@pytest.fixture
def log(tmp_path: Path) -> SpoolLog:
    return SpoolLog(tmp_path, lambda: "1-1")


def keep(spool: FilesystemSpool, data: bytes) -> SpooledFile:
    entry = spool.open_entry("HOSP_A", PREFIX, may_share=True)
    entry.write(data)
    return entry.seal()


def append(log: SpoolLog, data: bytes) -> Any:
    return log.append("HOSP_A", data, 0, hashlib.sha256(data).digest())


def contents(folder: Path) -> list[bytes]:
    return [each.content for path in sorted(folder.glob("*.log")) for each in read_segment(path)]


def files(spool: FilesystemSpool) -> list[str]:
    return sorted(path.suffix for path in spool._root.rglob("*") if path.is_file())


def test_a_small_entry_that_may_share_has_no_file_of_its_own(spool: FilesystemSpool) -> None:
    sealed = keep(spool, b"x" * 100)

    assert not sealed.has_file
    assert sealed.content == PREFIX + b"x" * 100
    assert sealed.sha256 == hashlib.sha256(b"x" * 100).hexdigest()
    assert files(spool) == [".log"]
    assert contents(spool._root) == [PREFIX + b"x" * 100]


def test_a_large_one_has(spool: FilesystemSpool) -> None:
    assert keep(spool, b"x" * 100_000).has_file
    assert files(spool) == [".dcm"]


def test_records_are_durable_when_append_returns(
    log: SpoolLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[bytes]] = []
    real = os.fdatasync

    def note(descriptor: int) -> None:
        seen.append(contents(tmp_path))
        real(descriptor)

    monkeypatch.setattr(os, "fdatasync", note)
    append(log, b"one")
    append(log, b"two")

    assert seen == [[b"one"], [b"one", b"two"]]


def test_senders_at_once_lose_nothing(log: SpoolLog, tmp_path: Path) -> None:
    sent = [f"record {number}".encode() * 50 for number in range(400)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda data: append(log, data), sent))

    assert sorted(contents(tmp_path)) == sorted(sent)


def test_a_segment_comes_back_when_all_it_held_is_finished(log: SpoolLog, tmp_path: Path) -> None:
    holds = [append(log, data) for data in (b"one", b"two")]
    log.turn_over()
    holds[0]()
    holds[0]()  # twice is once
    assert contents(tmp_path) == [b"one", b"two"]

    holds[1]()

    assert contents(tmp_path) == []
    append(log, b"three")
    assert contents(tmp_path) == [b"three"]
    assert len(list(tmp_path.glob("*.log"))) == 1


def test_what_is_finished_is_void_though_nobody_turned_over(log: SpoolLog, tmp_path: Path) -> None:
    first, second = append(log, b"one"), append(log, b"two")
    first()
    assert contents(tmp_path) == [b"one", b"two"]

    second()

    assert contents(tmp_path) == []
    assert len(list(tmp_path.glob("*.log"))) == 1


def test_what_an_earlier_epoch_left_behind_is_not_read(log: SpoolLog, tmp_path: Path) -> None:
    many = [append(log, bytes([number]) * 5000) for number in range(5)]
    log.turn_over()
    for hold in many:
        hold()

    append(log, b"short")

    assert contents(tmp_path) == [b"short"]


def test_a_full_segment_gives_way_to_another_and_the_last_to_none(
    log: SpoolLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_segment, "SEGMENT_BYTES", 3 * BLOCK)
    monkeypatch.setattr(spool_log, "MOST_SEGMENTS", 2)
    holds = [append(log, bytes([number])) for number in range(4)]
    assert all(holds)

    assert append(log, b"no room") is None

    assert len(list(tmp_path.glob("*.log"))) == 2
    for hold in holds:
        hold()
    assert append(log, b"room again") is not None


def test_a_log_that_is_warm_has_the_next_segment_at_hand(
    log: SpoolLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_segment, "SEGMENT_BYTES", 3 * BLOCK)
    log.warm_up()
    assert len(list(tmp_path.glob("*.log"))) == 2

    makers: list[str] = []
    real = Segment.__init__

    def note(self: Segment, *given: Any) -> None:
        makers.append(threading.current_thread().name)
        real(self, *given)

    monkeypatch.setattr(Segment, "__init__", note)
    holds = [append(log, bytes([number])) for number in range(3)]  # the third in the next
    assert log._maker is not None
    log._maker.join()

    assert makers == ["spool-log"]
    log.close()
    for hold in holds:
        hold()
    assert list(tmp_path.glob("*.log")) == []


@pytest.mark.parametrize("at", [0, 8, 60, 300, 4500])
def test_a_torn_record_is_not_read_and_those_around_it_are(
    log: SpoolLog, tmp_path: Path, at: int
) -> None:
    for data in (b"a" * 5000, b"b" * 5000, b"c" * 5000):
        append(log, data)
    [path] = tmp_path.glob("*.log")
    whole = bytearray(path.read_bytes())
    whole[3 * BLOCK + at] ^= 0xFF
    path.write_bytes(whole)

    assert contents(tmp_path) == [b"a" * 5000, b"c" * 5000]


def test_a_file_that_was_never_finished_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "1.1-1.log").write_bytes(b"")
    (tmp_path / "2.1-1.log").write_bytes(bytes(2 * BLOCK))

    assert contents(tmp_path) == []


@pytest.mark.parametrize(
    ("call", "code", "meaning"),
    [("pwrite", errno.EIO, Unavailable), ("fdatasync", errno.EIO, Unavailable)],
)
def test_after_a_fault_a_segment_is_not_written_to_again(
    spool: FilesystemSpool,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    code: int,
    meaning: type[Exception],
) -> None:
    first = keep(spool, b"first")
    calls: list[int] = []

    def fail(*_: object) -> int:
        calls.append(1)
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        with pytest.raises(meaning):
            keep(spool, b"second")

    assert len(calls) == 1  # a failed flush is not asked again
    third = keep(spool, b"third")
    assert len(list(spool._root.glob("*.log"))) == 2
    for each in (first, third):
        spool.discard(each)


def test_a_disk_too_full_for_a_segment_may_have_room_for_an_entry(
    spool: FilesystemSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write

    def small_only(descriptor: int, data: memoryview) -> int:
        if len(data) > 60_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", small_only)

    assert keep(spool, b"x").has_file
    assert files(spool) == [".dcm"]


def test_a_disk_too_full_for_anything_says_so(
    spool: FilesystemSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OutOfSpace):
            keep(spool, b"x")

    assert files(spool) == []
    assert keep(spool, b"x").sha256


@pytest.mark.parametrize("how", ["leave_for_replay", "hold"])
def test_an_entry_that_must_wait_gets_a_file_of_its_own(spool: FilesystemSpool, how: str) -> None:
    sealed = keep(spool, b"waiting")
    spool.log.turn_over()

    getattr(spool, how)(sealed)

    [found] = spool.list_sealed()
    assert (found.sha256, found.size, found.data_set_offset) == (
        sealed.sha256,
        sealed.size,
        len(PREFIX),
    )
    assert contents(spool._root) == []
    assert spool.read_backlog().instances == 1


def test_a_wait_that_cannot_be_written_down_stays_in_the_log(
    spool: FilesystemSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = keep(spool, b"waiting")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        spool.leave_for_replay(sealed)
    spool.log.turn_over()

    assert contents(spool._root) == [PREFIX + b"waiting"]


CRASH = """
import os, sys
from pathlib import Path
from imaging_cloud.adapters.filesystem_spool import FilesystemSpool
spool = FilesystemSpool(Path(sys.argv[1]), max_bytes=10_000, reserve=0)
prefix = bytes.fromhex(sys.argv[2])
for number in range(3):
    entry = spool.open_entry("HOSP_A", prefix, may_share=True)
    entry.write(bytes([number]) * 10)
    done = entry.seal()
spool.discard(done)
os._exit(9)
"""


def test_after_a_crash_its_entries_are_listed_in_their_order(spool: FilesystemSpool) -> None:
    command = [sys.executable, "-c", CRASH, str(spool._root), PREFIX.hex()]
    assert subprocess.run(command, check=False, timeout=60).returncode == 9
    own = keep(spool, b"mine")

    found = list(spool.list_sealed())

    # The finished one too: what its segment held is void only when all of it is finished.
    assert [each.sha256 for each in found] == [
        hashlib.sha256(bytes([number]) * 10).hexdigest() for number in range(3)
    ]
    assert {(each.institution, each.data_set_offset, each.size) for each in found} == {
        ("HOSP_A", len(PREFIX), len(PREFIX) + 10)
    }
    assert all(each.path.exists() for each in found)
    assert contents(spool._root) == [own.content]  # of the living, nothing was touched


def test_closing_removes_what_holds_nothing(spool: FilesystemSpool) -> None:
    one, two = keep(spool, b"one"), keep(spool, b"two")
    spool.discard(one)
    spool.close()
    assert contents(spool._root) == [PREFIX + b"one", PREFIX + b"two"]

    spool.discard(two)

    assert files(spool) == []
    assert keep(spool, b"late").has_file
