"""What the S3 store alone promises: probing, parts, answers by meaning."""

import os
from pathlib import Path

import pytest

from imaging_cloud.adapters import filesystem_store, s3_store
from imaging_cloud.adapters.s3_store import S3Location, S3Store
from imaging_cloud.domain.errors import InvalidRequest, NotFound, OutOfSpace, StoreAway, Unavailable
from tests.services import S3Server


def test_the_server_is_probed(
    s3: S3Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    found = s3.probe_abilities()

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
        (503, "SlowDown", "", StoreAway),
        (403, "AccessDenied", "", StoreAway),
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
