"""What the folder store alone promises: durability, links, a disk that refuses."""

import errno
import os
from pathlib import Path

import pytest

from imaging_cloud.adapters import filesystem_store
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
    shard = root / "HOSP_A" / "ab"
    assert fsyncs == [shard / "abc", shard / "abd", shard, root / "HOSP_A", root]

    fsyncs.clear()
    folder.put_file("HOSP_A/ab/abc", spooled)
    folder.make_durable(["HOSP_A/ab/abc"])
    assert fsyncs == [shard / "abc", shard]


def test_folders_that_another_process_made_are_made_durable_too(
    tmp_path: Path, spooled: Path, fsyncs: list[Path]
) -> None:
    root = tmp_path / "objects"
    FilesystemStore(root).put_file("HOSP_A/ab/abc", spooled)
    other = FilesystemStore(root)
    fsyncs.clear()

    other.put_file("HOSP_A/ab/abd", spooled)
    other.make_durable(["HOSP_A/ab/abd"])

    shard = root / "HOSP_A" / "ab"
    assert fsyncs == [shard / "abd", shard, root / "HOSP_A", root]


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


CONTENT = bytes(range(256)) * 40


def test_bytes_are_put_as_they_are(folder: FilesystemStore, tmp_path: Path) -> None:
    folder.put_bytes("A/ab/1", CONTENT)
    folder.put_bytes("A/ab/1", CONTENT)

    assert folder.read_range("A/ab/1", 0, 20_000) == CONTENT
    assert (tmp_path / "objects/A/ab/1").stat().st_mode & 0o777 == 0o600
    assert not list((tmp_path / "objects/.incoming").iterdir())


@pytest.mark.parametrize(
    "torn", [b"", CONTENT[:700], CONTENT[:1024] + bytes(1024) + CONTENT[2048:], bytes(len(CONTENT))]
)
@pytest.mark.parametrize("again", ["bytes", "file"])
def test_what_a_crash_tore_is_mended_by_the_next_put(
    folder: FilesystemStore, tmp_path: Path, torn: bytes, again: str
) -> None:
    folder.put_bytes("A/ab/1", CONTENT)
    (tmp_path / "objects/A/ab/1").write_bytes(torn)
    whole = tmp_path / "whole"
    whole.write_bytes(CONTENT)

    if again == "bytes":
        folder.put_bytes("A/ab/1", CONTENT)
    else:
        folder.put_file("A/ab/1", whole)

    assert folder.read_range("A/ab/1", 0, 20_000) == CONTENT
    assert not list((tmp_path / "objects/.incoming").iterdir())


@pytest.mark.parametrize("again", ["bytes", "file"])
def test_an_object_that_is_whole_is_never_replaced_by_another(
    folder: FilesystemStore, tmp_path: Path, again: str
) -> None:
    folder.put_bytes("A/ab/1", CONTENT)
    other = b"x" + CONTENT[1:]
    path = tmp_path / "other"
    path.write_bytes(other)

    if again == "bytes":
        folder.put_bytes("A/ab/1", other)
    else:
        folder.put_file("A/ab/1", path)

    assert folder.read_range("A/ab/1", 0, 20_000) == CONTENT
    with pytest.raises(Unavailable, match="another size"):
        folder.put_bytes("A/ab/1", other[:-1])


def test_a_durable_file_takes_the_place_of_bytes_that_may_not_be(
    folder: FilesystemStore, tmp_path: Path
) -> None:
    """A flush of the object failed, its entry was replayed: the kernel may have dropped pages."""
    folder.put_bytes("A/ab/1", CONTENT)
    entry = tmp_path / "entry"
    entry.write_bytes(CONTENT)

    folder.put_file("A/ab/1", entry)

    assert entry.samefile(tmp_path / "objects/A/ab/1")


def test_bytes_that_do_not_fit_leave_nothing(
    folder: FilesystemStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", refuse)
        with pytest.raises(OutOfSpace):
            folder.put_bytes("A/ab/1", CONTENT)

    assert list(folder.list_objects()) == []
    folder.put_bytes("A/ab/1", CONTENT)


def test_many_objects_share_one_flush_of_the_file_system(
    folder: FilesystemStore, fsyncs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(filesystem_store, "sync_file_system", flushed.append)
    keys = [f"A/{number:02x}/1" for number in range(20)]
    for key in keys:
        folder.put_bytes(key, CONTENT)
    fsyncs.clear()

    folder.make_durable(keys)

    assert (len(flushed), fsyncs) == (1, [])


def test_where_there_is_no_such_call_each_is_flushed(
    folder: FilesystemStore, fsyncs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: Path) -> None:
        raise OSError(errno.ENOSYS, "no such call")

    monkeypatch.setattr(filesystem_store, "sync_file_system", missing)
    keys = [f"A/{number:02x}/1" for number in range(20)]
    for key in keys:
        folder.put_bytes(key, CONTENT)
    fsyncs.clear()

    folder.make_durable(keys)

    assert {path.name for path in fsyncs} >= {"1", "A", "objects", "00", "13"}
    assert sum(path.name == "1" for path in fsyncs) == 20


def test_a_flush_that_failed_is_said_and_its_folders_are_changed_before_the_next(
    folder: FilesystemStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [f"A/{number:02x}/1" for number in range(20)]
    for key in keys:
        folder.put_bytes(key, CONTENT)

    def fail(_: Path) -> None:
        raise OSError(errno.EIO, "a write-back failed")

    with monkeypatch.context() as patched:
        patched.setattr(filesystem_store, "sync_file_system", fail)
        with pytest.raises(Unavailable):
            folder.make_durable(keys)
    linked: list[Path] = []
    real = os.link
    monkeypatch.setattr(
        os, "link", lambda source, target: (linked.append(target), real(source, target))
    )

    folder.make_durable(keys)
    folder.make_durable(keys)

    assert len(linked) == 20
