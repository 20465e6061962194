"""Fixtures of the contract tests."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from imaging_cloud.adapters.s3_store import S3Location, S3Store
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.intake import SqlIntake
from tests.records import open_intake
from tests.services import S3Server


@pytest.fixture
def intake(database: IndexDatabase) -> Iterator[SqlIntake]:
    opened = open_intake(database)
    yield opened
    opened.close()


@pytest.fixture
def s3(seaweedfs: S3Server) -> S3Store:
    return S3Store(
        S3Location.parse(seaweedfs.url),
        access_key=seaweedfs.access_key,
        secret_key=seaweedfs.secret_key,
    )


@pytest.fixture
def institution() -> str:
    """A name of this test's own, since the bucket is shared."""
    return f"T{uuid4().hex}"


@pytest.fixture
def spooled(tmp_path: Path) -> Path:
    path = tmp_path / "spooled.dcm"
    path.write_bytes(bytes(range(256)) * 1000)
    return path
