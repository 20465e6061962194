"""Tables beside the archive: decisions, order screens, certificates, storage commitment."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Text
from sqlmodel import Field

from imaging_cloud.adapters.sql.column_types import UtcDateTime, key_type
from imaging_cloud.adapters.sql.table_base import BIG, CODE, ID, KEY, SHORT_LENGTH, UID, IndexRow


# What became of alerts, and what an exam that was not repeated saves.
class AlertDecisionRow(IndexRow, table=True):
    """One row a card and outcome: said again, the newest time and reason stand."""

    __tablename__ = "alert_decision"

    institution: str = Field(sa_type=CODE, primary_key=True)
    alert_id: str = Field(sa_type=KEY, primary_key=True)
    card_id: str = Field(sa_type=KEY, primary_key=True)
    outcome: str = Field(sa_type=key_type(16), primary_key=True)
    reason_code: str = Field(sa_type=KEY)
    reason_text: str = Field(sa_type=Text)
    study_uid: str = Field(sa_type=UID)
    decided_at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(sa_type=Text)


class ExamValueRow(IndexRow, table=True):
    """Price and dose of a kind of exam; empty key columns mean any, institution included."""

    __tablename__ = "exam_value"

    institution: str = Field(sa_type=CODE, primary_key=True)
    modality: str = Field(sa_type=key_type(16), primary_key=True)
    region: str = Field(sa_type=key_type(SHORT_LENGTH), primary_key=True)
    contrast: str = Field(sa_type=key_type(16), primary_key=True)
    price_cents: int | None = Field(sa_type=BIG)
    dose_microsievert: int | None = Field(sa_type=BIG)
    source: str = Field(sa_type=Text)


# Order screens that speak CDS Hooks with keys of their own.
class CdsClientRow(IndexRow, table=True):
    """An order screen with keys of its own; `jwks` where they were registered, else at `jku`."""

    __tablename__ = "cds_client"

    issuer: str = Field(sa_type=KEY, primary_key=True)
    institution: str = Field(sa_type=CODE)
    jku: str = Field(sa_type=Text)
    jwks: dict[str, Any] | None = Field(sa_type=JSON)


class ClientTokenUseRow(IndexRow, table=True):
    """Tokens of order screens that were used once, until they run out."""

    __tablename__ = "client_token_use"
    __table_args__ = (Index(None, "expires_at"),)

    issuer: str = Field(sa_type=KEY, primary_key=True)
    token_id: str = Field(sa_type=KEY, primary_key=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class DeviceCertificateRow(IndexRow, table=True):
    __tablename__ = "device_certificate"

    ae_title: str = Field(sa_type=CODE, primary_key=True)
    fingerprint: str = Field(sa_type=key_type(64), primary_key=True)
    subject: str = Field(sa_type=Text)
    not_after: datetime | None = Field(sa_type=UtcDateTime)


class CommitmentTable(IndexRow, table=True):
    """A storage commitment request until it is reported; then its numbers alone.

    `refs` are [SOP class, SOP instance, is supported], `reasons` one number each.
    """

    __tablename__ = "commitment"
    __table_args__ = (
        Index(None, "state", "next_try_at"),
        Index(None, "institution", "transaction_uid"),
    )

    institution: str = Field(sa_type=CODE, primary_key=True)
    commitment_id: str = Field(sa_type=ID, primary_key=True)
    transaction_uid: str = Field(sa_type=UID)
    ae_title: str = Field(sa_type=CODE)
    requested_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(sa_type=key_type(16))
    refs: list[list[Any]] = Field(sa_type=JSON)
    reasons: list[int] = Field(sa_type=JSON)
    digest: str = Field(sa_type=key_type(64))
    committed_count: int
    failed_count: int
    attempts: int
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    leased_until: datetime | None = Field(sa_type=UtcDateTime)
    reported_at: datetime | None = Field(sa_type=UtcDateTime)
