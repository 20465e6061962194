"""The spool on disk: seal, abandon, sweep, limits, what a crash leaves."""

import errno
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from imaging_cloud.adapters import filesystem_spool, spool_entry
from imaging_cloud.adapters.direct_file import CHUNK
from imaging_cloud.adapters.filesystem_spool import FilesystemSpool
from imaging_cloud.dicom.file_meta import encode_file_meta
from imaging_cloud.domain.errors import InvalidInstance, InvalidRequest, OutOfSpace, Unavailable

PREFIX = encode_file_meta("1.2.840.10008.5.1.4.1.1.2", "1.2.3", "1.2.840.10008.1.2.1")
DATA = b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 192"


@pytest.fixture
def spool(tmp_path: Path) -> FilesystemSpool:
    return FilesystemSpool(tmp_path / "spool", max_bytes=10_000, reserve=0)


def files(spool: FilesystemSpool) -> list[str]:
    return sorted(path.suffix for path in spool._root.rglob("*") if path.is_file())


def free(monkeypatch: pytest.MonkeyPatch, amounts: list[int]) -> None:
    """Pretend free space, the last amount for ever."""

    def usage(_path: Path) -> Any:
        return SimpleNamespace(free=amounts.pop(0) if len(amounts) > 1 else amounts[0])

    monkeypatch.setattr(shutil, "disk_usage", usage)


def failing(monkeypatch: pytest.MonkeyPatch, name: str, code: int) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, name, fail)


def test_a_sealed_entry_holds_prefix_and_data_and_the_hash_of_the_data_alone(
    spool: FilesystemSpool,
) -> None:
    entry = spool.open_entry("HOSP_A", PREFIX)
    entry.write(DATA[:5])
    entry.write(bytearray(DATA[5:9]))
    entry.write(memoryview(DATA)[9:])

    sealed = entry.seal()

    assert sealed.path.read_bytes() == PREFIX + DATA
    assert sealed.sha256 == hashlib.sha256(DATA).hexdigest()
    assert (sealed.data_set_offset, sealed.size) == (len(PREFIX), len(PREFIX + DATA))
    assert sealed.institution == "HOSP_A"
    assert sealed.path.stat().st_mode & 0o777 == 0o600
    assert sealed.path.parent.stat().st_mode & 0o777 == 0o700
    assert files(spool) == [".dcm"]


def test_an_abandoned_entry_leaves_nothing(spool: FilesystemSpool) -> None:
    entry = spool.open_entry("HOSP_A", PREFIX)
    entry.write(DATA)

    entry.abandon()
    entry.abandon()

    assert files(spool) == []


def test_abandon_after_seal_keeps_the_sealed_file(spool: FilesystemSpool) -> None:
    entry = spool.open_entry("HOSP_A", PREFIX)
    sealed = entry.seal()

    entry.abandon()

    assert sealed.path.exists()


def test_a_second_seal_says_the_same_and_takes_nothing_away(spool: FilesystemSpool) -> None:
    entry = spool.open_entry("HOSP_A", PREFIX)
    sealed = entry.seal()

    assert entry.seal() == sealed
    assert sealed.path.exists()


def test_seal_and_write_after_abandon_are_refused(spool: FilesystemSpool) -> None:
    entry = spool.open_entry("HOSP_A", PREFIX)
    entry.abandon()

    with pytest.raises(Unavailable):
        entry.write(DATA)
    with pytest.raises(Unavailable):
        entry.seal()
    assert files(spool) == []


def test_an_entry_may_reach_the_limit_and_not_pass_it(tmp_path: Path) -> None:
    spool = FilesystemSpool(tmp_path, max_bytes=len(PREFIX) + 10, reserve=0)
    entry = spool.open_entry("HOSP_A", PREFIX)
    entry.write(b"x" * 10)

    with pytest.raises(InvalidInstance) as caught:
        entry.write(b"x")

    assert caught.value.cause == "too-large"
    assert entry.seal().size == len(PREFIX) + 10


def test_no_entry_opens_inside_the_reserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = FilesystemSpool(tmp_path, max_bytes=100, reserve=1000)
    free(monkeypatch, [1000])

    assert spool.free_bytes() == 0
    with pytest.raises(OutOfSpace):
        spool.open_entry("HOSP_A", PREFIX)
    assert files(spool) == []


def test_one_byte_above_the_reserve_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = FilesystemSpool(tmp_path, max_bytes=10_000, reserve=1000)
    free(monkeypatch, [1001])

    assert spool.open_entry("HOSP_A", PREFIX).seal().path.exists()


def test_the_reserve_is_asked_for_again_while_a_long_entry_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_entry, "_CHECK_EVERY", 100)
    spool = FilesystemSpool(tmp_path, max_bytes=10_000, reserve=1000)
    free(monkeypatch, [5000, 5000, 900])
    entry = spool.open_entry("HOSP_A", PREFIX)
    entry.write(b"x" * 99)
    entry.write(b"x")

    with pytest.raises(OutOfSpace):
        entry.write(b"x" * 100)


@pytest.mark.parametrize(
    ("code", "meaning"),
    [(errno.ENOSPC, OutOfSpace), (errno.EDQUOT, OutOfSpace), (errno.EIO, Unavailable)],
)
@pytest.mark.parametrize("size", [10, 200_000])
def test_a_write_that_fails_says_what_it_means_and_tells_no_path(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    meaning: type[Exception],
    size: int,
) -> None:
    spool = FilesystemSpool(tmp_path / "spool", max_bytes=10**6, reserve=0)
    entry = spool.open_entry("HOSP_A", PREFIX)
    failing(monkeypatch, "write", code)

    def write_and_seal() -> None:
        entry.write(bytes(size))
        entry.seal()

    with pytest.raises(meaning) as caught:
        write_and_seal()
    assert files(spool) in ([], [".part"])
    entry.abandon()
    assert files(spool) == []

    assert type(caught.value) is meaning
    assert "HOSP_A" not in str(caught.value)


@pytest.mark.parametrize(("step", "size"), [("fsync", 10), ("fsync", 200_000), ("rename", 200_000)])
def test_a_seal_that_fails_leaves_nothing_that_looks_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, size: int
) -> None:
    spool = FilesystemSpool(tmp_path / "spool", max_bytes=10**6, reserve=0)
    entry = spool.open_entry("HOSP_A", PREFIX)
    entry.write(bytes(size))
    failing(monkeypatch, step, errno.EIO)

    with pytest.raises(Unavailable):
        entry.seal()

    assert files(spool) == []


@pytest.mark.parametrize("code", ["../x", "", "a/b", ".", "HOSP A"])
def test_an_institution_is_never_a_path(spool: FilesystemSpool, code: str) -> None:
    with pytest.raises(InvalidRequest):
        spool.open_entry(code, PREFIX)


CRASH = """
import os, sys
from pathlib import Path
from imaging_cloud.adapters.filesystem_spool import FilesystemSpool
spool = FilesystemSpool(Path(sys.argv[1]), max_bytes=1_000_000, reserve=0)
prefix = bytes.fromhex(sys.argv[2])
for number in range(3):
    entry = spool.open_entry("HOSP_A", prefix)
    entry.write(bytes([number]) * 10)
    entry.seal()
open_entry = spool.open_entry("HOSP_B", prefix)
open_entry.write(b"half" * 50_000)
os._exit(9)
"""


def test_after_a_crash_the_sealed_entries_are_listed_and_the_open_one_is_swept(
    spool: FilesystemSpool,
) -> None:
    command = [sys.executable, "-c", CRASH, str(spool._root), PREFIX.hex()]
    assert subprocess.run(command, check=False, timeout=60).returncode == 9

    found = list(spool.list_sealed())

    assert {entry.sha256 for entry in found} == {
        hashlib.sha256(bytes([number]) * 10).hexdigest() for number in range(3)
    }
    assert {(entry.institution, entry.data_set_offset, entry.size) for entry in found} == {
        ("HOSP_A", len(PREFIX), len(PREFIX) + 10)
    }
    assert spool.sweep_unsealed() == 1
    assert files(spool) == [".dcm"] * 3


def test_the_oldest_entry_is_listed_first(spool: FilesystemSpool) -> None:
    folder = spool.folder_of("HOSP_A")
    for name, second in (("bb", 2), ("cc", 1), ("aa", 3)):
        entry = folder / f"{name}.left.dcm"
        entry.write_bytes(PREFIX + DATA)
        os.utime(entry, (second, second))

    assert [entry.path.name[:2] for entry in spool.list_sealed()] == ["cc", "bb", "aa"]


def test_entries_of_a_living_process_are_left_alone(spool: FilesystemSpool) -> None:
    folder = spool.folder_of("HOSP_A")
    parent = os.getppid()
    start = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[19]
    alive = f"{parent}-{start}"
    (folder / f"aa.{alive}.part").write_bytes(b"")
    (folder / f"bb.{alive}.dcm").write_bytes(PREFIX + DATA)

    assert spool.sweep_unsealed() == 0
    assert list(spool.list_sealed()) == []


def test_entries_of_an_earlier_process_with_the_same_id_are_replayed(
    spool: FilesystemSpool,
) -> None:
    (spool.folder_of("HOSP_A") / f"aa.{os.getppid()}-1.dcm").write_bytes(PREFIX + DATA)

    assert len(list(spool.list_sealed())) == 1


def test_an_entry_left_for_replay_is_listed_by_any_process(spool: FilesystemSpool) -> None:
    sealed = spool.open_entry("HOSP_A", PREFIX).seal()

    spool.leave_for_replay(sealed)

    (found,) = spool.list_sealed()
    assert found.sha256 == sealed.sha256
    assert found.path != sealed.path
    spool.leave_for_replay(sealed)  # gone by now: says so in the log, never raises


def test_bytes_that_are_no_dicom_are_listed_from_their_first_byte(spool: FilesystemSpool) -> None:
    entry = spool.open_entry("HOSP_A", b"")
    entry.write(b"no DICOM at all")
    entry.seal()

    (found,) = spool.list_sealed()

    assert (found.data_set_offset, found.size) == (0, 15)
    assert found.sha256 == hashlib.sha256(b"no DICOM at all").hexdigest()


def test_discard_removes_and_may_be_repeated(spool: FilesystemSpool) -> None:
    sealed = spool.open_entry("HOSP_A", PREFIX).seal()

    spool.discard(sealed)
    spool.discard(sealed)

    assert files(spool) == []
    assert list(spool.list_sealed()) == []


def test_bytes_that_a_power_cut_tore_are_swept_and_not_replayed(spool: FilesystemSpool) -> None:
    torn, whole = (spool.open_entry("HOSP_A", PREFIX) for _ in range(2))
    for entry in (torn, whole):
        entry.write(DATA)
        entry.seal()
    sealed = torn.seal()
    sealed.path.write_bytes(b"")

    assert [each.size for each in spool.list_sealed()] == [len(PREFIX + DATA)]
    assert spool.sweep_unsealed() == 1
    assert not sealed.path.exists()
    assert len(list(spool.list_sealed())) == 1


def test_the_folder_is_synced_where_names_do_not_follow_their_files(
    spool: FilesystemSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        seen.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    entries = [spool.open_entry("HOSP_A", PREFIX) for _ in range(2)]
    monkeypatch.setattr(os, "fsync", note)
    for entry, follow in zip(entries, (True, False), strict=True):
        monkeypatch.setattr(spool, "_names_follow", follow)
        name = entry.seal().path.name
        assert seen == ([name] if follow else [name, "HOSP_A"])
        seen.clear()


def test_a_sealed_entry_is_synced_before_it_is_replayed(
    spool: FilesystemSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process may have been killed between the rename and the fsync."""
    good, bad = (spool.open_entry("HOSP_A", PREFIX).seal() for _ in range(2))
    real = os.fsync

    def fail_once(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink() == bad.path:
            raise OSError(errno.EIO, "input/output error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fail_once)

    assert [each.path for each in spool.list_sealed()] == [good.path]


def test_an_entry_up_to_a_chunk_is_handed_on_with_its_bytes(tmp_path: Path) -> None:
    spool = FilesystemSpool(tmp_path, max_bytes=10**7, reserve=0)
    contents = []
    for size in (10, 100_000, CHUNK - len(PREFIX) - 1, CHUNK):
        entry = spool.open_entry("HOSP_A", PREFIX)
        entry.write(b"x" * size)
        contents.append(entry.seal().content)

    assert [each and len(each) - len(PREFIX) for each in contents] == [
        *(10, 100_000, CHUNK - len(PREFIX) - 1),
        None,
    ]


def test_free_space_is_not_asked_for_at_every_entry_where_there_is_plenty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = FilesystemSpool(tmp_path, max_bytes=10_000, reserve=1000)
    free(monkeypatch, [2**40, 900])
    spool.open_entry("HOSP_A", PREFIX).seal()
    spool.open_entry("HOSP_A", PREFIX).seal()
    monkeypatch.setattr(filesystem_spool.time, "monotonic", lambda: 10.0**12)

    with pytest.raises(OutOfSpace):
        spool.open_entry("HOSP_A", PREFIX)
