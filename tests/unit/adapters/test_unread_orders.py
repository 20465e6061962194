"""Names nobody understood: counted at once, written soon, kept while the index is away."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from imaging_cloud.adapters.sql import unread_orders
from imaging_cloud.adapters.sql.engine import IndexDatabase, open_engine
from imaging_cloud.adapters.sql.migrate import upgrade_index
from imaging_cloud.adapters.sql.tables import UNREAD_ORDER
from imaging_cloud.adapters.sql.unread_orders import UnreadOrder, UnreadOrders
from imaging_cloud.domain.errors import Unavailable

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[IndexDatabase]:
    url = f"sqlite:///{tmp_path / 'index.sqlite3'}"
    upgrade_index(url)
    database = open_engine(url)
    yield database
    database.close()


def unread(name: str) -> UnreadOrder:
    return UnreadOrder("HOSP_A", name, "", name, "regions", NOW)


def times(database: IndexDatabase) -> dict[str, int]:
    wanted = select(UNREAD_ORDER.c.name, UNREAD_ORDER.c.times)
    return database.read(
        lambda connection: {row.name: row.times for row in connection.execute(wanted)}
    )


def test_without_anybody_asking_the_counts_are_written(
    index: IndexDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread_orders, "_GATHER_SECONDS", 0.01)
    orders = UnreadOrders(index)
    for name in ("b", "a", "b"):
        orders.note(unread(name))

    until = time.monotonic() + 30
    while times(index) != {"a": 1, "b": 2}:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_two_processes_count_into_one_row(index: IndexDatabase) -> None:
    for _ in range(2):
        orders = UnreadOrders(index)
        orders.note(unread("a"))
        orders.write()

    assert times(index) == {"a": 2}


def test_what_waits_is_written_at_the_end(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'index.sqlite3'}"
    upgrade_index(url)
    database = open_engine(url)
    UnreadOrders(database).note(unread("a"))

    database.close()

    again = open_engine(url)
    assert times(again) == {"a": 1}
    again.close()


def test_with_the_index_away_counts_are_kept_and_no_order_waits(
    index: IndexDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_statements: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(unread_orders, "_MOST_NAMES", 2)
    orders = UnreadOrders(index)
    written = orders._write
    monkeypatch.setattr(orders, "_write", refuse)
    for name in ("a", "b", "one too many", "a"):
        orders.note(unread(name))
    with pytest.raises(Unavailable):
        orders.write()
    monkeypatch.setattr(orders, "_write", written)

    orders.write()

    assert times(index) == {"a": 2, "b": 1}
