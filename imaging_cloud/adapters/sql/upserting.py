"""INSERT ... ON CONFLICT, the same for SQLite and PostgreSQL."""

from typing import cast

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.dialects import sqlite

from imaging_cloud.adapters.sql.intake_rows import Row


def insert_into(table: Table, dialect: Dialect) -> sqlite.Insert:
    """An INSERT that knows ON CONFLICT; PostgreSQL's takes the same calls as SQLite's."""
    if dialect.name != "postgresql":
        return sqlite.insert(table)
    # Slow to import, and nothing to those who have no PostgreSQL.
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return cast("sqlite.Insert", postgresql.insert(table))


def upsert_row(connection: Connection, table: Table, row: Row) -> None:
    """Insert the row, or set its other columns where its key is there already."""
    statement = insert_into(table, connection.dialect)
    key = [column.name for column in table.primary_key]
    others = {name: statement.excluded[name] for name in row if name not in key}
    bound = statement.values(row)
    connection.execute(
        bound.on_conflict_do_update(index_elements=key, set_=others)
        if others
        else bound.on_conflict_do_nothing(index_elements=key)
    )
