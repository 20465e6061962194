"""What stands in the tables of an index, for tests."""

from typing import Any

from sqlalchemy import func, select

from imaging_cloud.adapters.sql.engine import IndexDatabase


def count(database: IndexDatabase, table: Any) -> int:
    return database.read(lambda c: c.execute(select(func.count()).select_from(table)).scalar_one())


def rows(database: IndexDatabase, table: Any) -> list[dict[str, Any]]:
    return database.read(lambda c: [dict(row) for row in c.execute(select(table)).mappings()])
