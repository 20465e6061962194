"""The object store contract, over a local folder and a real S3 server."""

import errno
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from imaging_cloud.adapters import filesystem_store, s3_store
from imaging_cloud.adapters.filesystem_store import FilesystemStore
from imaging_cloud.adapters.s3_store import S3Location, S3Store
from imaging_cloud.domain.errors import InvalidRequest, NotFound, OutOfSpace, Unavailable
from imaging_cloud.ports.object_store import ObjectStore
from tests.services import S3Server, free_ports


@pytest.fixture
def s3(seaweedfs: S3Server) -> S3Store:
    return S3Store(
        S3Location.parse(seaweedfs.url),
        access_key=seaweedfs.access_key,
        secret_key=seaweedfs.secret_key,
    )


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return FilesystemStore(tmp_path / "objects")
    opened: S3Store = request.getfixturevalue("s3")
    return opened


@pytest.fixture
def institution() -> str:
    """A name of this test's own, since the bucket is shared."""
    return f"T{uuid4().hex}"


@pytest.fixture
def spooled(tmp_path: Path) -> Path:
    path = tmp_path / "spooled.dcm"
    path.write_bytes(bytes(range(256)) * 1000)
    return path


def test_bytes_come_back_as_they_were_put(
    store: ObjectStore, institution: str, spooled: Path
) -> None:
    key = f"{institution}/ab/abcdef"
    before = datetime.now(UTC) - timedelta(minutes=5)
    store.put_file(key, spooled)
    content = spooled.read_bytes()
    spooled.unlink()

    with store.open_object(key) as stream:
        assert stream.read(10) == content[:10]
        assert stream.read() == content[10:]
    assert store.read_range(key, 0, 256_000) == content
    assert store.read_range(key, 300, 7) == content[300:307]
    assert store.read_range(key, 255_998, 100) == content[-2:]
    assert store.read_range(key, 256_000, 100) == b""
    assert store.read_range(key, 10**9, 100) == b""
    assert store.read_range(key, 0, 0) == b""
    found = store.stat_object(key)
    assert (found.key, found.size) == (key, 256_000)
    assert found.changed_at is not None
    assert found.changed_at > before


def test_the_same_key_again_changes_nothing(
    store: ObjectStore, institution: str, spooled: Path, tmp_path: Path
) -> None:
    key = f"{institution}/ab/same"
    store.put_file(key, spooled)
    store.put_file(key, spooled)
    copy = tmp_path / "copy"
    shutil.copy(spooled, copy)
    store.put_file(key, copy)

    assert store.read_range(key, 0, 10**6) == spooled.read_bytes()


def test_an_object_of_another_size_is_never_replaced(
    store: ObjectStore, institution: str, spooled: Path, tmp_path: Path
) -> None:
    key = f"{institution}/ab/size"
    store.put_file(key, spooled)
    other = tmp_path / "other"
    other.write_bytes(b"other")

    with pytest.raises(Unavailable, match="another size"):
        store.put_file(key, other)
    assert store.stat_object(key).size == 256_000


def test_sixteen_writers_of_one_key_agree(
    store: ObjectStore, institution: str, spooled: Path
) -> None:
    key = f"{institution}/ab/race"
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: store.put_file(key, spooled), range(16)))

    assert store.read_range(key, 0, 10**6) == spooled.read_bytes()


def test_a_missing_object_is_not_found(store: ObjectStore, institution: str) -> None:
    key = f"{institution}/ab/missing"
    with pytest.raises(NotFound):
        store.open_object(key)
    with pytest.raises(NotFound):
        store.read_range(key, 0, 1)
    with pytest.raises(NotFound):
        store.stat_object(key)
    store.delete_object(key)


def test_objects_are_listed_by_prefix(store: ObjectStore, institution: str, spooled: Path) -> None:
    for name in ("ab/1", "ab/2", "cd/1"):
        store.put_file(f"{institution}/{name}", spooled)
    store.put_file(f"quarantine/{institution}/1", spooled)

    def listed(prefix: str) -> set[str]:
        return {each.key for each in store.list_objects(prefix)}

    assert listed(f"{institution}/") == {f"{institution}/{n}" for n in ("ab/1", "ab/2", "cd/1")}
    assert listed(f"{institution}/a") == {f"{institution}/ab/1", f"{institution}/ab/2"}
    assert listed(f"{institution}/ab/2") == {f"{institution}/ab/2"}
    assert listed(f"{institution}/x") == set()
    assert listed("") >= {f"quarantine/{institution}/1", f"{institution}/ab/1"}
    assert {each.size for each in store.list_objects(f"{institution}/")} == {256_000}


def test_a_deleted_object_is_gone(store: ObjectStore, institution: str, spooled: Path) -> None:
    key = f"{institution}/ab/gone"
    store.put_file(key, spooled)
    store.delete_object(key)

    with pytest.raises(NotFound):
        store.stat_object(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "../x",
        "a/../b",
        "a//b",
        "/etc/passwd",
        "a/.hidden",
        "a/",
        "a\x00",
        "a/b\n",
        "é",
        "a" * 2000,
    ],
)
def test_keys_that_could_lead_elsewhere_are_refused(
    store: ObjectStore, spooled: Path, key: str
) -> None:
    with pytest.raises(InvalidRequest):
        store.put_file(key, spooled)
    with pytest.raises(InvalidRequest):
        store.read_range(key, 0, 1)


def test_an_empty_file_is_an_object(store: ObjectStore, institution: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    store.put_file(f"{institution}/ab/empty", empty)

    assert store.stat_object(f"{institution}/ab/empty").size == 0


def test_a_store_that_is_there_is_ready(store: ObjectStore) -> None:
    store.check_ready()


def test_a_store_that_is_away_is_unavailable(tmp_path: Path, spooled: Path) -> None:
    folder = FilesystemStore(tmp_path / "objects")
    shutil.rmtree(tmp_path / "objects")
    (port,) = free_ports(1)
    bucket = S3Store(
        S3Location.parse(f"s3://bucket?endpoint=http://127.0.0.1:{port}"),
        access_key="a",
        secret_key="b",
    )
    with pytest.raises(Unavailable):
        folder.check_ready()
    for act in (
        bucket.check_ready,
        lambda: bucket.put_file("a/b", spooled),
        lambda: bucket.read_range("a/b", 0, 1),
        lambda: list(bucket.list_objects()),
    ):
        with pytest.raises(Unavailable):
            act()


# The folder alone


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
    folder.put_file("HOSP_A/ab/abc", spooled)

    root = tmp_path / "new" / "objects"
    assert fsyncs == [
        tmp_path,
        tmp_path / "new",
        root,
        root,
        root / "HOSP_A",
        root / "HOSP_A" / "ab",
    ]
    fsyncs.clear()
    folder.put_file("HOSP_A/ab/abc", spooled)
    assert fsyncs == [root / "HOSP_A" / "ab"]


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

    def refuse(*_: object) -> None:
        raise OSError(number, "refused")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(meaning):
            folder.put_file("A/ab/1", spooled)
    folder.put_file("A/ab/1", spooled)
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


# S3 alone


def test_the_server_is_probed(
    s3: S3Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    found = s3.probe_abilities(tmp_path)

    assert found.refuses_existing
    assert found.checks_content
    assert "If-None-Match kept, Content-MD5 checked" in caplog.text
    assert list(tmp_path.iterdir()) == []
    assert not [each for each in s3.list_objects() if "probe" in each.key]


def test_large_objects_go_in_parts(
    s3: S3Store, institution: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_store, "_PART_BYTES", 5 << 20)
    large = tmp_path / "large"
    large.write_bytes(os.urandom(11 << 20))
    key = f"{institution}/ab/large"

    s3.put_file(key, large)
    s3.put_file(key, large)

    with s3.open_object(key) as stream:
        assert stream.read() == large.read_bytes()


def test_wrong_keys_and_buckets_are_unavailable(seaweedfs: S3Server, spooled: Path) -> None:
    wrong_secret = S3Store(
        S3Location.parse(seaweedfs.url), access_key=seaweedfs.access_key, secret_key="wrong-secret"
    )
    wrong_bucket = S3Store(
        S3Location.parse(seaweedfs.url.replace("dicom", "nothere")),
        access_key=seaweedfs.access_key,
        secret_key=seaweedfs.secret_key,
    )
    for store in (wrong_secret, wrong_bucket):
        with pytest.raises(Unavailable):
            store.put_file("a/b", spooled)
        with pytest.raises(Unavailable):
            store.check_ready()


def test_a_stream_may_be_closed_early(s3: S3Store, institution: str, spooled: Path) -> None:
    key = f"{institution}/ab/early"
    s3.put_file(key, spooled)
    for _ in range(3):
        with s3.open_object(key) as stream:
            assert stream.read(1) == b"\x00"


@pytest.mark.parametrize(
    ("status", "code", "message", "meaning"),
    [
        (507, "", "", OutOfSpace),
        (400, "XMinioStorageFull", "", OutOfSpace),
        (500, "InternalError", "no free volumes left for collection", OutOfSpace),
        (500, "InternalError", "disk: No space left on device", OutOfSpace),
        (503, "SlowDown", "", Unavailable),
        (403, "AccessDenied", "", Unavailable),
        (404, "NoSuchBucket", "", Unavailable),
        (404, "NoSuchKey", "", NotFound),
        (404, "", "", NotFound),
    ],
)
def test_answers_are_read_by_meaning(
    status: int, code: str, message: str, meaning: type[Exception]
) -> None:
    assert type(s3_store._meaning_of(status, code, "k", message)) is meaning


@pytest.mark.parametrize("url", ["file:///x", "s3://", "s3://bucket?endpoint=ftp://x", "http://b"])
def test_addresses_that_are_no_bucket_are_refused(url: str) -> None:
    with pytest.raises(InvalidRequest):
        S3Location.parse(url)


def test_an_address_is_read() -> None:
    assert S3Location.parse(
        "s3://dicom?endpoint=https://s3.example:9000/&region=cn-1"
    ) == S3Location(bucket="dicom", endpoint="https://s3.example:9000", region="cn-1")
    assert filesystem_store._MAX_KEY <= s3_store._MAX_KEY
