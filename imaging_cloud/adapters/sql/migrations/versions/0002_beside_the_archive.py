"""What stands beside the archive: decisions, order screens, certificates, commitment, catalogue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def _key(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "alert_decision",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("alert_id", _key(255), nullable=False),
        sa.Column("card_id", _key(255), nullable=False),
        sa.Column("outcome", _key(16), nullable=False),
        sa.Column("reason_code", _key(255), nullable=False),
        sa.Column("reason_text", sa.Text(), nullable=False),
        sa.Column("study_uid", _key(64), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "institution", "alert_id", "card_id", "outcome", name=op.f("pk_alert_decision")
        ),
    )
    op.create_table(
        "exam_value",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("modality", _key(16), nullable=False),
        sa.Column("region", _key(64), nullable=False),
        sa.Column("contrast", _key(16), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=True),
        sa.Column("dose_microsievert", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "institution", "modality", "region", "contrast", name=op.f("pk_exam_value")
        ),
    )
    _create_cds_tables()
    op.create_table(
        "device_certificate",
        sa.Column("ae_title", _key(64), nullable=False),
        sa.Column("fingerprint", _key(64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("ae_title", "fingerprint", name=op.f("pk_device_certificate")),
    )
    _create_commitment()
    _create_catalogue()
    _create_recognition()


def _create_cds_tables() -> None:
    op.create_table(
        "cds_client",
        sa.Column("issuer", _key(255), nullable=False),
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("jku", sa.Text(), nullable=False),
        sa.Column("jwks", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("issuer", name=op.f("pk_cds_client")),
    )
    op.create_table(
        "client_token_use",
        sa.Column("issuer", _key(255), nullable=False),
        sa.Column("token_id", _key(255), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "token_id", name=op.f("pk_client_token_use")),
    )
    op.create_index(
        op.f("ix_client_token_use_expires_at"), "client_token_use", ["expires_at"], unique=False
    )


def _create_catalogue() -> None:
    """Hospitals' own mappings of their items, and the names that nobody understood."""
    op.create_table(
        "catalogue_item",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("item_key", _key(255), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("modality", _key(16), nullable=True),
        sa.Column("regions", sa.Text(), nullable=True),
        sa.Column("focus", sa.Text(), nullable=True),
        sa.Column("laterality", _key(16), nullable=True),
        sa.Column("contrast", _key(16), nullable=True),
        sa.Column("angio", sa.Boolean(), nullable=True),
        sa.Column("purpose", _key(16), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("institution", "item_key", name=op.f("pk_catalogue_item")),
    )
    op.create_table(
        "catalogue_version",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("institution", name=op.f("pk_catalogue_version")),
    )
    op.create_table(
        "unread_order",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("name_key", _key(255), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("institution", "name_key", name=op.f("pk_unread_order")),
    )


def _create_commitment() -> None:
    op.create_table(
        "commitment",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("commitment_id", _key(36), nullable=False),
        sa.Column("transaction_uid", _key(64), nullable=False),
        sa.Column("ae_title", _key(64), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", _key(16), nullable=False),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("digest", _key(64), nullable=False),
        sa.Column("committed_count", sa.Integer(), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("institution", "commitment_id", name=op.f("pk_commitment")),
    )
    for columns in (["state", "next_try_at"], ["institution", "transaction_uid"]):
        name = op.f(f"ix_commitment_{'_'.join(columns)}")
        op.create_index(name, "commitment", columns, unique=False)
    op.create_index(
        op.f("ix_quarantine_institution_sop_instance_uid"),
        "quarantine",
        ["institution", "sop_instance_uid"],
        unique=False,
    )


def _create_recognition() -> None:
    """Marks of quality and windows by item, and the areas that institutions lie in."""
    op.create_table(
        "recognised_item",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("modality", _key(16), nullable=False),
        sa.Column("region", _key(64), nullable=False),
        sa.Column("contrast", _key(16), nullable=False),
        sa.Column("level", _key(16), nullable=False),
        sa.Column("area", _key(64), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            *("institution", "modality", "region", "contrast", "level", "area"),
            name=op.f("pk_recognised_item"),
        ),
    )
    op.create_table(
        "institution_area",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("area", _key(64), nullable=False),
        sa.PrimaryKeyConstraint("institution", "area", name=op.f("pk_institution_area")),
    )
    op.create_table(
        "recognition_version",
        sa.Column("name", _key(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_recognition_version")),
    )


def downgrade() -> None:
    """Not offered: an index is never taken back to a layout that cannot hold what it holds."""
    raise NotImplementedError("restore a backup instead")
