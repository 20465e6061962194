"""INSERT ... ON CONFLICT, the same for SQLite and PostgreSQL."""

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from imaging_cloud.adapters.sql.intake_rows import Row


def upsert_row(connection: Connection, table: Table, row: Row) -> None:
    """Insert the row, or set its other columns where its key is there already."""
    is_postgresql = connection.dialect.name == "postgresql"
    statement = postgresql.insert(table) if is_postgresql else sqlite.insert(table)
    key = [column.name for column in table.primary_key]
    others = {name: statement.excluded[name] for name in row if name not in key}
    bound = statement.values(row)
    connection.execute(
        bound.on_conflict_do_update(index_elements=key, set_=others)
        if others
        else bound.on_conflict_do_nothing(index_elements=key)
    )
