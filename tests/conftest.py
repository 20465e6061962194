"""Fixtures for everybody: fresh indexes on both engines, real servers started when asked for."""

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from imaging_cloud.adapters.sql.engine import IndexDatabase, open_engine
from imaging_cloud.adapters.sql.migrate import upgrade_index
from tests.services import (
    POSTGRESQL_MISSING,
    SEAWEEDFS_MISSING,
    PostgresServer,
    S3Server,
    postgres_programs,
    running_postgres,
    running_seaweedfs,
    weed_program,
)

_numbers = itertools.count(1)
_TEMPLATE = "index_template"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL a session (a worker, under xdist)."""
    if postgres_programs() is None:
        pytest.skip(POSTGRESQL_MISSING)
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a database with the schema, to be copied."""
    upgrade_index(postgres_server.create_database(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A database of this test's own, without a schema."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A database of this test's own, with the schema."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    yield postgres_server.create_database(name, template=postgres_template)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    upgrade_index(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'index.sqlite3')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An index with its schema, once on each engine."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[IndexDatabase]:
    opened = open_engine(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One SeaweedFS a session (a worker, under xdist), with a bucket that nobody empties."""
    if weed_program() is None:
        pytest.skip(SEAWEEDFS_MISSING)
    with running_seaweedfs(tmp_path_factory.mktemp("seaweedfs")) as server:
        yield server


# Whole clouds in processes of their own: minutes a file, while other files take seconds.
_LONG = ("journey", "campaign", "browser", "house", "protocol")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first, so that no worker is left alone with one at the end."""
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(here).parts[0]
        return _LONG.index(folder) if folder in _LONG else len(_LONG)

    items.sort(key=place)
