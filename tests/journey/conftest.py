"""One running cloud a test, over both columns of engines."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.journey.running import RunningCloud
from tests.services import S3Server

# Beyond one machine the parts are started apart, any number of each (docs/operations.md).
APART = (("gateway",), ("web",), ("worker",), ("worker",))


@pytest.fixture(params=["sqlite + folder", "postgresql + seaweedfs"])
def engines(request: pytest.FixtureRequest, tmp_path: Path) -> Mapping[str, str]:
    """The settings that choose the engines."""
    if request.param == "sqlite + folder":
        return {}
    store: S3Server = request.getfixturevalue("seaweedfs")
    return {
        "IMAGING_CLOUD_DATABASE_URL": request.getfixturevalue("empty_postgres_url"),
        "IMAGING_CLOUD_OBJECT_STORE_URL": store.url.replace(
            "?", f"/{tmp_path.name}-{tmp_path.parent.name}?"
        ),
        "AWS_ACCESS_KEY_ID": store.access_key,
        "AWS_SECRET_ACCESS_KEY": store.secret_key,
    }


@pytest.fixture
def cloud(tmp_path: Path, engines: Mapping[str, str]) -> Iterator[RunningCloud]:
    yield from running(tmp_path, engines)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[RunningCloud]:
    """The embedded default alone, where the engines make no difference."""
    yield from running(tmp_path, {})


@pytest.fixture
def apart(tmp_path: Path, engines: Mapping[str, str]) -> Iterator[RunningCloud]:
    """The same cloud, its parts started one by one as deploy/ does it."""
    yield from running(tmp_path, engines, APART)


def running(
    folder: Path, engines: Mapping[str, str], parts: Sequence[Sequence[str]] = (("serve",),)
) -> Iterator[RunningCloud]:
    cloud = RunningCloud(home=folder / "home", environment=engines, parts=parts)
    yield cloud
    for process in cloud.processes:
        process.kill()
        process.wait()
