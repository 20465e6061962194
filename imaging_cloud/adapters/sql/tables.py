"""All tables of the index.

Laid out so that Citus or YugabyteDB can distribute them: every primary key begins with the
column that distributes (`DISTRIBUTED_BY`), ids are made in code, there are no sequences and no
foreign keys between tables (rows that belong together are written in one transaction).
"""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, Index, SmallInteger, Table, Text
from sqlmodel import Field

from imaging_cloud.adapters.sql import recognition_tables, tables_beside
from imaging_cloud.adapters.sql.catalogue_tables import catalogue_tables
from imaging_cloud.adapters.sql.column_types import UtcDateTime, key_type
from imaging_cloud.adapters.sql.share_tables import share_tables
from imaging_cloud.adapters.sql.table_base import (
    BIG,
    CODE,
    ID,
    IDENTIFIER,
    KEY,
    SEARCH,
    SHORT_LENGTH,
    UID,
    IndexRow,
)


class InstitutionRow(IndexRow, table=True):
    __tablename__ = "institution"

    code: str = Field(sa_type=CODE, primary_key=True)
    name: str = Field(sa_type=Text)


class DeviceRow(IndexRow, table=True):
    __tablename__ = "device"

    ae_title: str = Field(sa_type=CODE, primary_key=True)
    institution: str = Field(sa_type=CODE)
    host: str | None = Field(sa_type=Text)
    port: int | None
    tls: bool


class TokenRevocationRow(IndexRow, table=True):
    __tablename__ = "token_revocation"

    token_id: str = Field(sa_type=IDENTIFIER, primary_key=True)
    revoked_at: datetime = Field(sa_type=UtcDateTime)


class PersonRow(IndexRow, table=True):
    """`names` holds the PN values their studies gave, each once, a bounded number of them."""

    __tablename__ = "person"

    person_id: str = Field(sa_type=ID, primary_key=True)
    names: list[str] = Field(sa_type=JSON)
    birth_date: date | None
    sex: str = Field(sa_type=key_type(16))
    created_at: datetime = Field(sa_type=UtcDateTime)


class PersonIdentifierRow(IndexRow, table=True):
    """One identifier may stand for two persons who contradict one another."""

    __tablename__ = "person_identifier"
    __table_args__ = (Index(None, "person_id"),)

    issuer: str = Field(sa_type=CODE, primary_key=True)
    value: str = Field(sa_type=IDENTIFIER, primary_key=True)
    person_id: str = Field(sa_type=ID, primary_key=True)


class StudyTable(IndexRow, table=True):
    """A study as one institution sent it.

    `modalities` and `image_lateralities` are lists written `|CT|SR|`. `date_order` is minus the
    day number of the study date, 0 without one: ascending, it lists the newest first and
    undated studies last on every engine. The `name_*` and `referring_search` columns are folded
    for searching (names.py).
    """

    __tablename__ = "study"
    __table_args__ = (
        Index(None, "study_uid"),
        Index(None, "person_id"),
        Index(None, "patient_id"),
        Index(None, "accession_number"),
        Index(None, "date_order", "study_uid"),
        Index(None, "institution", "date_order", "study_uid"),
        Index(None, "name_alphabetic"),
        Index(None, "name_ideographic"),
    )

    institution: str = Field(sa_type=CODE, primary_key=True)
    study_uid: str = Field(sa_type=UID, primary_key=True)
    person_id: str = Field(sa_type=ID)
    patient_id: str = Field(sa_type=IDENTIFIER)
    issuer: str = Field(sa_type=CODE)
    patient_name: str = Field(sa_type=Text)
    name_alphabetic: str = Field(sa_type=SEARCH)
    name_ideographic: str = Field(sa_type=SEARCH)
    name_phonetic: str = Field(sa_type=SEARCH)
    name_words: str = Field(sa_type=SEARCH)
    birth_date: date | None
    sex: str = Field(sa_type=key_type(16))
    study_date: date | None
    date_order: int
    study_time: time | None
    timezone_offset: str = Field(sa_type=key_type(16))
    description: str = Field(sa_type=SEARCH)
    accession_number: str = Field(sa_type=SEARCH)
    study_id: str = Field(sa_type=SEARCH)
    referring_physician: str = Field(sa_type=Text)
    referring_search: str = Field(sa_type=SEARCH)
    procedure_codes: list[list[str]] = Field(sa_type=JSON)
    image_lateralities: str = Field(sa_type=Text)
    modalities: str = Field(sa_type=Text)
    series_count: int
    instance_count: int
    series_expected: int | None
    instances_expected: int | None
    first_received_at: datetime = Field(sa_type=UtcDateTime)
    last_received_at: datetime = Field(sa_type=UtcDateTime)


class SeriesTable(IndexRow, table=True):
    __tablename__ = "series"
    __table_args__ = (Index(None, "institution", "study_uid"),)

    institution: str = Field(sa_type=CODE, primary_key=True)
    series_uid: str = Field(sa_type=UID, primary_key=True)
    study_uid: str = Field(sa_type=UID)
    modality: str = Field(sa_type=key_type(SHORT_LENGTH))
    series_number: int | None
    description: str = Field(sa_type=SEARCH)
    protocol_name: str = Field(sa_type=Text)
    body_part: str = Field(sa_type=SEARCH)
    laterality: str = Field(sa_type=key_type(16))
    contrast_agent: str = Field(sa_type=Text)
    instance_count: int
    instances_expected: int | None


class InstanceTable(IndexRow, table=True):
    __tablename__ = "instance"
    __table_args__ = (Index(None, "institution", "study_uid", "series_uid"),)

    institution: str = Field(sa_type=CODE, primary_key=True)
    sop_instance_uid: str = Field(sa_type=UID, primary_key=True)
    study_uid: str = Field(sa_type=UID)
    series_uid: str = Field(sa_type=UID)
    sop_class_uid: str = Field(sa_type=UID)
    transfer_syntax_uid: str = Field(sa_type=UID)
    instance_number: int | None
    rows: int | None
    columns: int | None
    frames: int
    bits_allocated: int | None
    object_key: str = Field(sa_type=KEY)
    sha256: str = Field(sa_type=key_type(64))
    size: int = Field(sa_type=BIG)
    received_at: datetime = Field(sa_type=UtcDateTime)


class ExamTable(IndexRow, table=True):
    """One row per study with what it means. `regions` is a list written `|CHEST|ABDOMEN|`.

    The study is settled while `settled_count` equals `instance_count`: a late instance opens it
    again without anybody having to say so. `retrieval` says why its images cannot all be had
    ('offline', 'missing', 'incomplete'), null: they can.
    """

    __tablename__ = "exam"
    __table_args__ = (Index(None, "person_id"),)

    institution: str = Field(sa_type=CODE, primary_key=True)
    study_uid: str = Field(sa_type=UID, primary_key=True)
    person_id: str = Field(sa_type=ID)
    performed_at: datetime | None = Field(sa_type=UtcDateTime)
    modality: str = Field(sa_type=key_type(16))
    regions: str = Field(sa_type=Text)
    focus: str = Field(sa_type=Text)
    laterality: str = Field(sa_type=key_type(16))
    contrast: str = Field(sa_type=key_type(16))
    angio: bool
    purpose: str = Field(sa_type=key_type(16))
    description: str = Field(sa_type=Text)
    instance_count: int
    first_received_at: datetime = Field(sa_type=UtcDateTime)
    last_received_at: datetime = Field(sa_type=UtcDateTime)
    because: list[list[str]] = Field(sa_type=JSON)
    rules_version: str = Field(sa_type=key_type(SHORT_LENGTH))
    settled_count: int | None
    settled_at: datetime | None = Field(sa_type=UtcDateTime)
    settled_by: str | None = Field(sa_type=key_type(16))
    retrieval: str | None = Field(sa_type=key_type(16))


class ConsentDecisionRow(IndexRow, table=True):
    """Appended, never changed; the newest one of a person about an institution counts."""

    __tablename__ = "consent_decision"

    person_id: str = Field(sa_type=ID, primary_key=True)
    institution: str = Field(sa_type=CODE, primary_key=True)
    decided_at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    decision_id: str = Field(sa_type=ID, primary_key=True)
    granted: bool
    decided_by: str = Field(sa_type=Text)


class AuditEventRow(IndexRow, table=True):
    """Appended, never changed (a trigger refuses it)."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "person_id", "at"),)

    institution: str = Field(sa_type=CODE, primary_key=True)
    event_id: str = Field(sa_type=ID, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    action: str = Field(sa_type=key_type(SHORT_LENGTH))
    actor: str = Field(sa_type=Text)
    role: str = Field(sa_type=key_type(SHORT_LENGTH))
    study_uid: str = Field(sa_type=UID)
    person_id: str = Field(sa_type=ID)
    outcome: str = Field(sa_type=key_type(SHORT_LENGTH))
    detail: str = Field(sa_type=Text)


class AlertRow(IndexRow, table=True):
    """One order check. `inputs` is what was judged (no names, numbers or birth dates).

    `person_id` is empty for a patient the index does not know. `item` is the kind of exam that
    was ordered, as statistics count it. `preview`: asked while the order was still being typed.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index(None, "alert_id"),
        Index(None, "institution", "at"),
        Index(None, "person_id", "at"),
    )

    institution: str = Field(sa_type=CODE, primary_key=True)
    alert_id: str = Field(sa_type=KEY, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(sa_type=Text)
    outcome: str = Field(sa_type=key_type(SHORT_LENGTH))
    rules_version: str = Field(sa_type=key_type(SHORT_LENGTH))
    catalogue_version: str = Field(sa_type=key_type(SHORT_LENGTH))
    person_id: str = Field(sa_type=ID)
    item: str = Field(sa_type=KEY)
    preview: bool
    inputs: dict[str, Any] = Field(sa_type=JSON)
    answer: dict[str, Any] = Field(sa_type=JSON)


class QuarantineRow(IndexRow, table=True):
    """Bytes that were refused and kept. `state` is 'held' until a person decides."""

    __tablename__ = "quarantine"
    __table_args__ = (
        Index(None, "institution", "object_key"),
        Index(None, "institution", "sop_instance_uid"),
    )

    institution: str = Field(sa_type=CODE, primary_key=True)
    quarantine_id: str = Field(sa_type=ID, primary_key=True)
    sop_instance_uid: str = Field(sa_type=UID)
    cause: str = Field(sa_type=key_type(SHORT_LENGTH))
    message: str = Field(sa_type=Text)
    object_key: str = Field(sa_type=KEY)
    size: int = Field(sa_type=BIG)
    origin_kind: str = Field(sa_type=key_type(SHORT_LENGTH))
    source: str = Field(sa_type=Text)
    received_at: datetime = Field(sa_type=UtcDateTime)
    last_received_at: datetime = Field(sa_type=UtcDateTime)
    deliveries: int
    state: str = Field(sa_type=key_type(16))


class OutboxRow(IndexRow, table=True):
    """Work that follows from a commit. Workers own buckets and lease rows of theirs."""

    __tablename__ = "outbox"

    bucket: int = Field(sa_type=SmallInteger, primary_key=True)
    event_id: str = Field(sa_type=ID, primary_key=True)
    kind: str = Field(sa_type=key_type(SHORT_LENGTH))
    institution: str = Field(sa_type=CODE)
    study_uid: str = Field(sa_type=UID)
    created_at: datetime = Field(sa_type=UtcDateTime)
    leased_until: datetime | None = Field(sa_type=UtcDateTime)
    attempts: int


class HarvestStateRow(IndexRow, table=True):
    __tablename__ = "harvest_state"

    institution: str = Field(sa_type=CODE, primary_key=True)
    archive: str = Field(sa_type=KEY, primary_key=True)
    archive_identity: str = Field(sa_type=Text)
    cursor: int = Field(sa_type=BIG)
    updated_at: datetime = Field(sa_type=UtcDateTime)


# Imported for their tables, which join the same MetaData.
_ = (tables_beside, recognition_tables)

METADATA = IndexRow.metadata


def _table(name: str) -> Table:
    return METADATA.tables[name]


INSTITUTION = _table("institution")
DEVICE = _table("device")
DEVICE_CERTIFICATE = _table("device_certificate")
TOKEN_REVOCATION = _table("token_revocation")
PERSON = _table("person")
PERSON_IDENTIFIER = _table("person_identifier")
STUDY = _table("study")
SERIES = _table("series")
INSTANCE = _table("instance")
EXAM = _table("exam")
CONSENT_DECISION = _table("consent_decision")
AUDIT_EVENT = _table("audit_event")
ALERT = _table("alert")
QUARANTINE = _table("quarantine")
OUTBOX = _table("outbox")
HARVEST_STATE = _table("harvest_state")
ALERT_DECISION = _table("alert_decision")
EXAM_VALUE = _table("exam_value")
CDS_CLIENT = _table("cds_client")
CLIENT_TOKEN_USE = _table("client_token_use")
CATALOGUE_ITEM, CATALOGUE_VERSION, UNREAD_ORDER = catalogue_tables(METADATA)
COMMITMENT = _table("commitment")
RECOGNISED_ITEM = _table("recognised_item")
INSTITUTION_AREA = _table("institution_area")
RECOGNITION_VERSION = _table("recognition_version")
SHARE, LOGIN_CODE, TRY_COUNT = share_tables(METADATA)

# Small tables without an entry are copied to every node (Citus: reference tables).
DISTRIBUTED_BY = {
    "person": "person_id",
    "person_identifier": "issuer",
    "consent_decision": "person_id",
    "study": "institution",
    "series": "institution",
    "instance": "institution",
    "exam": "institution",
    "audit_event": "institution",
    "alert": "institution",
    "quarantine": "institution",
    "outbox": "bucket",
    "harvest_state": "institution",
    "alert_decision": "institution",
    "exam_value": "institution",
    "client_token_use": "issuer",
    "unread_order": "institution",
    "commitment": "institution",
}

# As many as workers could ever share; a bucket is a study's, so its events stay in order.
OUTBOX_BUCKETS = 64
