"""What the folder store alone promises: durability, links, a disk that refuses."""

import errno
import os
from pathlib import Path

import pytest

from imaging_cloud.adapters.filesystem_store import FilesystemStore
from imaging_cloud.domain.errors import InvalidRequest, OutOfSpace, Unavailable


@pytest.fixture
def folder(tmp_path: Path) -> FilesystemStore:
    return FilesystemStore(tmp_path / "objects")


@pytest.fixture
def fsyncs(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The paths that are fsynced, in order."""
    seen: list[Path] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        seen.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return seen


def test_every_folder_that_was_made_is_made_durable(
    tmp_path: Path, spooled: Path, fsyncs: list[Path]
) -> None:
    folder = FilesystemStore(tmp_path / "new" / "objects")
    root = tmp_path / "new" / "objects"
    assert fsyncs == [tmp_path, tmp_path / "new", root]

    fsyncs.clear()
    folder.put_file("HOSP_A/ab/abc", spooled)
    folder.put_file("HOSP_A/ab/abd", spooled)
    assert fsyncs == []
    folder.make_durable(["HOSP_A/ab/abc", "HOSP_A/ab/abd"])
    assert fsyncs == [root / "HOSP_A" / "ab", root / "HOSP_A", root]

    fsyncs.clear()
    folder.put_file("HOSP_A/ab/abc", spooled)
    folder.make_durable(["HOSP_A/ab/abc"])
    assert fsyncs == [root / "HOSP_A" / "ab"]


def test_folders_that_another_process_made_are_made_durable_too(
    tmp_path: Path, spooled: Path, fsyncs: list[Path]
) -> None:
    root = tmp_path / "objects"
    FilesystemStore(root).put_file("HOSP_A/ab/abc", spooled)
    other = FilesystemStore(root)
    fsyncs.clear()

    other.put_file("HOSP_A/ab/abd", spooled)
    other.make_durable(["HOSP_A/ab/abd"])

    assert fsyncs == [root / "HOSP_A" / "ab", root / "HOSP_A", root]


def test_the_spooled_file_is_linked_not_copied(
    folder: FilesystemStore, tmp_path: Path, spooled: Path
) -> None:
    folder.put_file("A/ab/1", spooled)

    assert (tmp_path / "objects/A/ab/1").stat().st_ino == spooled.stat().st_ino


def test_a_spool_on_another_file_system_is_copied(
    folder: FilesystemStore, spooled: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = os.link

    def link(source: Path, target: Path) -> None:
        if Path(source) == spooled:
            raise OSError(errno.EXDEV, "other file system")
        real(source, target)

    monkeypatch.setattr(os, "link", link)
    folder.put_file("A/ab/1", spooled)
    folder.put_file("A/ab/1", spooled)

    assert folder.read_range("A/ab/1", 0, 10**6) == spooled.read_bytes()
    assert list((tmp_path / "objects" / ".incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("number", "meaning"),
    [
        (errno.ENOSPC, OutOfSpace),
        (errno.EDQUOT, OutOfSpace),
        (errno.EIO, Unavailable),
        (errno.EROFS, Unavailable),
    ],
)
@pytest.mark.parametrize("call", ["link", "fsync"])
def test_what_the_disk_refuses_is_said(
    folder: FilesystemStore,
    spooled: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    meaning: type[Exception],
    call: str,
) -> None:
    folder.put_file("A/ab/0", spooled)
    folder.make_durable(["A/ab/0"])

    def refuse(*_: object) -> None:
        raise OSError(number, "refused")

    def put() -> None:
        folder.put_file("A/ab/1", spooled)
        folder.make_durable(["A/ab/1"])

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(meaning):
            put()
    put()
    assert folder.stat_object("A/ab/1").size == 256_000
    assert {each.key for each in folder.list_objects()} == {"A/ab/0", "A/ab/1"}


def test_a_folder_is_opened_by_its_address(tmp_path: Path) -> None:
    FilesystemStore.from_url(f"file://{tmp_path}/with%20space").check_ready()

    assert (tmp_path / "with space").is_dir()
    for url in ("s3://x", "file://elsewhere/x"):
        with pytest.raises(InvalidRequest):
            FilesystemStore.from_url(url)


def test_old_copies_are_swept_and_new_ones_are_not(tmp_path: Path) -> None:
    FilesystemStore(tmp_path)
    old, new = tmp_path / ".incoming" / "old.part", tmp_path / ".incoming" / "new.part"
    old.touch()
    new.touch()
    os.utime(old, (0, 0))

    FilesystemStore(tmp_path)

    assert not old.exists()
    assert new.exists()


def test_a_folder_that_another_sender_made_meanwhile_is_used(
    folder: FilesystemStore, tmp_path: Path, spooled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the link that finds no folder and the look whether there is one."""
    real = os.link
    shard = tmp_path / "objects" / "HOSP_A" / "ab"

    def link(source: Path, target: Path) -> None:
        if not shard.exists():
            shard.mkdir(parents=True)
            raise FileNotFoundError(errno.ENOENT, "the folder was not there yet")
        real(source, target)

    monkeypatch.setattr(os, "link", link)

    folder.put_file("HOSP_A/ab/abc", spooled)

    assert folder.stat_object("HOSP_A/ab/abc").size == spooled.stat().st_size


def test_a_root_that_has_gone_is_not_made_again(
    folder: FilesystemStore, tmp_path: Path, spooled: Path
) -> None:
    (tmp_path / "objects").rename(tmp_path / "unmounted")

    with pytest.raises(Unavailable):
        folder.put_file("HOSP_A/ab/abc", spooled)

    assert not (tmp_path / "objects").exists()
