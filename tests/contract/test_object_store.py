"""The object store contract, over a local folder and a real S3 server."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from imaging_cloud.adapters.filesystem_store import FilesystemStore
from imaging_cloud.adapters.s3_store import S3Location, S3Store
from imaging_cloud.domain.errors import InvalidRequest, NotFound, Unavailable
from imaging_cloud.ports.object_store import ObjectStore
from tests.services import free_ports


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return FilesystemStore(tmp_path / "objects")
    opened: S3Store = request.getfixturevalue("s3")
    return opened


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
