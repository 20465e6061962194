"""The schema: migrations equal the metadata, run once, and keep the rules of scale-out."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Integer

from imaging_cloud.adapters.sql import migrate
from imaging_cloud.adapters.sql.engine import IndexDatabase, open_engine
from imaging_cloud.adapters.sql.migrate import index_is_current, upgrade_index
from imaging_cloud.adapters.sql.tables import DISTRIBUTED_BY, METADATA
from imaging_cloud.domain.errors import Unavailable

VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new folder' / 'index.sqlite3'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


def test_the_migrations_make_what_the_tables_say(database: IndexDatabase) -> None:
    with database.writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_an_index_is_made_once_and_then_left_alone(empty_url: str) -> None:
    assert not index_is_current(empty_url)
    upgrade_index(empty_url)
    assert index_is_current(empty_url)
    upgrade_index(empty_url)


def test_the_note_in_a_new_index_is_the_revision_that_alembic_calls_the_head(
    database: IndexDatabase,
) -> None:
    """A start compares the note with the names of the files, and leaves Alembic alone."""
    head = ScriptDirectory(str(VERSIONS.parent)).get_current_head()
    newest = max(path.name for path in VERSIONS.glob("[0-9]*_*.py"))
    with database.writer.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == head
    assert newest.partition("_")[0] == head


def test_many_may_upgrade_at_once(empty_url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(upgrade_index, [empty_url] * 6))

    assert index_is_current(empty_url)
    database = open_engine(empty_url)
    database.read(lambda connection: connection.exec_driver_sql("SELECT 1 FROM study").all())
    database.close()


def test_an_index_that_is_away_cannot_be_upgraded() -> None:
    for act in (upgrade_index, index_is_current):
        with pytest.raises(Unavailable):
            act("postgresql://test@127.0.0.1:1/nowhere")


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: table.name)
def test_every_key_begins_with_the_column_that_distributes(table: object) -> None:
    name = table.name  # type: ignore[attr-defined]
    keys = [list(table.primary_key.columns)]  # type: ignore[attr-defined]
    keys += [list(index.columns) for index in table.indexes if index.unique]  # type: ignore[attr-defined]
    if name in DISTRIBUTED_BY:
        assert {key[0].name for key in keys} == {DISTRIBUTED_BY[name]}
    for column in table.columns:  # type: ignore[attr-defined]
        assert not column.foreign_keys
        assert column.server_default is None
        if column.primary_key and isinstance(column.type, Integer | BigInteger):
            assert name == "outbox"
