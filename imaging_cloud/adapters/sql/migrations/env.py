"""Alembic's entry: runs the versions on the connection that migrate.py hands in."""

from alembic import context

from imaging_cloud.adapters.sql.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
