"""Patients' links, log-in codes and counts of tries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def _key(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "share",
        sa.Column("share_id", _key(36), nullable=False),
        sa.Column("token_hash", _key(64), nullable=False),
        sa.Column("person_id", _key(36), nullable=False),
        sa.Column("issuer", _key(64), nullable=False),
        sa.Column("value", _key(128), nullable=False),
        sa.Column("study_uids", sa.JSON(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("passcode_digest", _key(64), nullable=False),
        sa.Column("max_opens", sa.Integer(), nullable=True),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("share_id", name=op.f("pk_share")),
    )
    op.create_index(op.f("ix_share_token_hash"), "share", ["token_hash"], unique=False)
    op.create_index(op.f("ix_share_person_id"), "share", ["person_id"], unique=False)
    op.create_table(
        "login_code",
        sa.Column("login_id", _key(64), nullable=False),
        sa.Column("issuer", _key(64), nullable=False),
        sa.Column("value", _key(128), nullable=False),
        sa.Column("code_digest", _key(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("login_id", name=op.f("pk_login_code")),
    )
    op.create_index(op.f("ix_login_code_expires_at"), "login_code", ["expires_at"], unique=False)
    op.create_table(
        "try_count",
        sa.Column("try_key", _key(64), nullable=False),
        sa.Column("window_start", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("try_key", name=op.f("pk_try_count")),
    )
    op.create_index(op.f("ix_try_count_over_at"), "try_count", ["over_at"], unique=False)


def downgrade() -> None:
    """Not offered: an index is never taken back to a layout that cannot hold what it holds."""
    raise NotImplementedError("restore a backup instead")
