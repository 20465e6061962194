"""The index as it was first laid out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

# Tables to which rows are only ever added.
_APPEND_ONLY = ("audit_event", "consent_decision")


def _key(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _search() -> TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("alert_id", _key(255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("outcome", _key(64), nullable=False),
        sa.Column("rules_version", _key(64), nullable=False),
        sa.Column("catalogue_version", _key(64), nullable=False),
        sa.Column("person_id", _key(36), nullable=False),
        sa.Column("item", _key(255), nullable=False),
        sa.Column("preview", sa.Boolean(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "alert_id", name=op.f("pk_alert")),
    )
    op.create_index(op.f("ix_alert_person_id_at"), "alert", ["person_id", "at"], unique=False)
    op.create_index(op.f("ix_alert_alert_id"), "alert", ["alert_id"], unique=False)
    op.create_index(op.f("ix_alert_institution_at"), "alert", ["institution", "at"], unique=False)
    op.create_table(
        "audit_event",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("event_id", _key(36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", _key(64), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", _key(64), nullable=False),
        sa.Column("study_uid", _key(64), nullable=False),
        sa.Column("person_id", _key(36), nullable=False),
        sa.Column("outcome", _key(64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "event_id", name=op.f("pk_audit_event")),
    )
    op.create_index(
        op.f("ix_audit_event_person_id_at"), "audit_event", ["person_id", "at"], unique=False
    )
    op.create_table(
        "consent_decision",
        sa.Column("person_id", _key(36), nullable=False),
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision_id", _key(36), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "person_id",
            "institution",
            "decided_at",
            "decision_id",
            name=op.f("pk_consent_decision"),
        ),
    )
    op.create_table(
        "device",
        sa.Column("ae_title", _key(64), nullable=False),
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("tls", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("ae_title", name=op.f("pk_device")),
    )
    op.create_table(
        "exam",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("study_uid", _key(64), nullable=False),
        sa.Column("person_id", _key(36), nullable=False),
        sa.Column("performed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modality", _key(16), nullable=False),
        sa.Column("regions", sa.Text(), nullable=False),
        sa.Column("focus", sa.Text(), nullable=False),
        sa.Column("laterality", _key(16), nullable=False),
        sa.Column("contrast", _key(16), nullable=False),
        sa.Column("angio", sa.Boolean(), nullable=False),
        sa.Column("purpose", _key(16), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("instance_count", sa.Integer(), nullable=False),
        sa.Column("first_received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.JSON(), nullable=False),
        sa.Column("rules_version", _key(64), nullable=False),
        sa.Column("settled_count", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", _key(16), nullable=True),
        sa.Column("retrieval", _key(16), nullable=True),
        sa.PrimaryKeyConstraint("institution", "study_uid", name=op.f("pk_exam")),
    )
    op.create_index(op.f("ix_exam_person_id"), "exam", ["person_id"], unique=False)
    op.create_table(
        "harvest_state",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("archive", _key(255), nullable=False),
        sa.Column("archive_identity", sa.Text(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("institution", "archive", name=op.f("pk_harvest_state")),
    )
    op.create_table(
        "instance",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("sop_instance_uid", _key(64), nullable=False),
        sa.Column("study_uid", _key(64), nullable=False),
        sa.Column("series_uid", _key(64), nullable=False),
        sa.Column("sop_class_uid", _key(64), nullable=False),
        sa.Column("transfer_syntax_uid", _key(64), nullable=False),
        sa.Column("instance_number", sa.Integer(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("columns", sa.Integer(), nullable=True),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("bits_allocated", sa.Integer(), nullable=True),
        sa.Column("object_key", _key(255), nullable=False),
        sa.Column("sha256", _key(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("institution", "sop_instance_uid", name=op.f("pk_instance")),
    )
    op.create_index(
        op.f("ix_instance_institution_study_uid_series_uid"),
        "instance",
        ["institution", "study_uid", "series_uid"],
        unique=False,
    )
    op.create_table(
        "institution",
        sa.Column("code", _key(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_institution")),
    )
    op.create_table(
        "outbox",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("event_id", _key(36), nullable=False),
        sa.Column("kind", _key(64), nullable=False),
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("study_uid", _key(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "event_id", name=op.f("pk_outbox")),
    )
    op.create_table(
        "person",
        sa.Column("person_id", _key(36), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", _key(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person")),
    )
    op.create_table(
        "person_identifier",
        sa.Column("issuer", _key(64), nullable=False),
        sa.Column("value", _key(128), nullable=False),
        sa.Column("person_id", _key(36), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "value", "person_id", name=op.f("pk_person_identifier")),
    )
    op.create_index(
        op.f("ix_person_identifier_person_id"), "person_identifier", ["person_id"], unique=False
    )
    op.create_table(
        "quarantine",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("quarantine_id", _key(36), nullable=False),
        sa.Column("sop_instance_uid", _key(64), nullable=False),
        sa.Column("cause", _key(64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("object_key", _key(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("origin_kind", _key(64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("state", _key(16), nullable=False),
        sa.PrimaryKeyConstraint("institution", "quarantine_id", name=op.f("pk_quarantine")),
    )
    op.create_index(
        op.f("ix_quarantine_institution_object_key"),
        "quarantine",
        ["institution", "object_key"],
        unique=False,
    )
    op.create_table(
        "series",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("series_uid", _key(64), nullable=False),
        sa.Column("study_uid", _key(64), nullable=False),
        sa.Column("modality", _key(64), nullable=False),
        sa.Column("series_number", sa.Integer(), nullable=True),
        sa.Column("description", _search(), nullable=False),
        sa.Column("protocol_name", sa.Text(), nullable=False),
        sa.Column("body_part", _search(), nullable=False),
        sa.Column("laterality", _key(16), nullable=False),
        sa.Column("contrast_agent", sa.Text(), nullable=False),
        sa.Column("instance_count", sa.Integer(), nullable=False),
        sa.Column("instances_expected", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("institution", "series_uid", name=op.f("pk_series")),
    )
    op.create_index(
        op.f("ix_series_institution_study_uid"),
        "series",
        ["institution", "study_uid"],
        unique=False,
    )
    op.create_table(
        "study",
        sa.Column("institution", _key(64), nullable=False),
        sa.Column("study_uid", _key(64), nullable=False),
        sa.Column("person_id", _key(36), nullable=False),
        sa.Column("patient_id", _key(128), nullable=False),
        sa.Column("issuer", _key(64), nullable=False),
        sa.Column("patient_name", sa.Text(), nullable=False),
        sa.Column("name_alphabetic", _search(), nullable=False),
        sa.Column("name_ideographic", _search(), nullable=False),
        sa.Column("name_phonetic", _search(), nullable=False),
        sa.Column("name_words", _search(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", _key(16), nullable=False),
        sa.Column("study_date", sa.Date(), nullable=True),
        sa.Column("date_order", sa.Integer(), nullable=False),
        sa.Column("study_time", sa.Time(), nullable=True),
        sa.Column("timezone_offset", _key(16), nullable=False),
        sa.Column("description", _search(), nullable=False),
        sa.Column("accession_number", _search(), nullable=False),
        sa.Column("study_id", _search(), nullable=False),
        sa.Column("referring_physician", sa.Text(), nullable=False),
        sa.Column("referring_search", _search(), nullable=False),
        sa.Column("procedure_codes", sa.JSON(), nullable=False),
        sa.Column("image_lateralities", sa.Text(), nullable=False),
        sa.Column("modalities", sa.Text(), nullable=False),
        sa.Column("series_count", sa.Integer(), nullable=False),
        sa.Column("instance_count", sa.Integer(), nullable=False),
        sa.Column("series_expected", sa.Integer(), nullable=True),
        sa.Column("instances_expected", sa.Integer(), nullable=True),
        sa.Column("first_received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("institution", "study_uid", name=op.f("pk_study")),
    )
    op.create_index(op.f("ix_study_accession_number"), "study", ["accession_number"], unique=False)
    op.create_index(
        op.f("ix_study_date_order_study_uid"), "study", ["date_order", "study_uid"], unique=False
    )
    op.create_index(
        op.f("ix_study_institution_date_order_study_uid"),
        "study",
        ["institution", "date_order", "study_uid"],
        unique=False,
    )
    op.create_index(op.f("ix_study_name_alphabetic"), "study", ["name_alphabetic"], unique=False)
    op.create_index(op.f("ix_study_name_ideographic"), "study", ["name_ideographic"], unique=False)
    op.create_index(op.f("ix_study_patient_id"), "study", ["patient_id"], unique=False)
    op.create_index(op.f("ix_study_person_id"), "study", ["person_id"], unique=False)
    op.create_index(op.f("ix_study_study_uid"), "study", ["study_uid"], unique=False)
    op.create_table(
        "token_revocation",
        sa.Column("token_id", _key(128), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_token_revocation")),
    )
    for table in _APPEND_ONLY:
        _refuse_changes(table)


def _refuse_changes(table: str) -> None:
    """Let the database itself refuse to change or delete what was appended."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def downgrade() -> None:
    """Not offered: an index is never taken back to a layout that cannot hold what it holds."""
    raise NotImplementedError("restore a backup instead")
