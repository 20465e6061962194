"""Rows that tell what happened: audit events, quarantine entries and the outbox."""

import hashlib
import zlib
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, and_, insert, select, update

from imaging_cloud.adapters.sql.column_types import clean_text, new_id
from imaging_cloud.adapters.sql.intake_rows import Row
from imaging_cloud.adapters.sql.table_base import (
    KEY_LENGTH,
    SHORT_LENGTH,
    TEXT_LENGTH,
    UID_LENGTH,
)
from imaging_cloud.adapters.sql.tables import AUDIT_EVENT, OUTBOX_BUCKETS, QUARANTINE
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.intake import Refusal

# The words of the audit trail that this package writes itself (docs/operations.md).
INSTANCES_RECEIVED = "instances-received"
INSTANCE_QUARANTINED = "instance-quarantined"
CONSENT_DECIDED = "consent-decided"

STUDY_CHANGED = "study-changed"
# Begins the event id of a study that is arriving.
ARRIVAL = "arrival-"
DERIVE = "derive"
HELD = "held"


def audit_row(event: AuditEvent) -> Row:
    return {
        "institution": clean_text(event.institution, SHORT_LENGTH),
        "event_id": new_id(),
        "at": event.at,
        "action": clean_text(event.action, SHORT_LENGTH),
        "actor": clean_text(event.actor, TEXT_LENGTH),
        "role": clean_text(event.role, SHORT_LENGTH),
        "study_uid": clean_text(event.study_uid, UID_LENGTH),
        "person_id": event.person_id,
        "outcome": clean_text(event.outcome, SHORT_LENGTH),
        "detail": clean_text(event.detail, TEXT_LENGTH),
    }


def outbox_bucket(study_uid: str) -> int:
    return zlib.crc32(study_uid.encode()) % OUTBOX_BUCKETS


def outbox_row(
    institution: str,
    study_uid: str,
    at: datetime,
    kind: str = STUDY_CHANGED,
    event_id: str | None = None,
) -> Row:
    return {
        "bucket": outbox_bucket(study_uid),
        "event_id": event_id or new_id(),
        "kind": kind,
        "institution": institution,
        "study_uid": study_uid,
        "created_at": at,
        "leased_until": None,
        "attempts": 0,
    }


def arrival_row(institution: str, study_uid: str, at: datetime) -> Row:
    """The one outbox row of a study that is arriving, whatever comes of it meanwhile."""
    return outbox_row(institution, study_uid, at, event_id=_arrival_id(institution, study_uid))


@lru_cache(maxsize=1024)  # asked for with every instance
def _arrival_id(institution: str, study_uid: str) -> str:
    name = f"{institution}|{study_uid}".encode()
    return f"{ARRIVAL}{hashlib.sha256(name).hexdigest()[:28]}"


def quarantine_refusal(connection: Connection, refusal: Refusal) -> str:
    """Write the quarantine row and its audit row; return the quarantine id.

    The same bytes refused for the same cause again are one entry, which counts deliveries: a
    sender that tries all night does not bury the list.
    """
    known = _find_held(connection, refusal) if refusal.object_key else None
    if known is None:
        quarantine_id = new_id()
        connection.execute(insert(QUARANTINE), [_quarantine_row(refusal, quarantine_id)])
    else:
        quarantine_id = known
        connection.execute(
            update(QUARANTINE)
            .where(
                QUARANTINE.c.institution == refusal.origin.institution,
                QUARANTINE.c.quarantine_id == quarantine_id,
            )
            .values(deliveries=QUARANTINE.c.deliveries + 1, last_received_at=refusal.received_at)
        )
    event = AuditEvent(
        at=refusal.received_at,
        action=INSTANCE_QUARANTINED,
        actor=refusal.origin.source,
        role=refusal.origin.kind,
        institution=refusal.origin.institution,
        outcome="failure",
        detail=f"{refusal.cause} {quarantine_id} {refusal.sop_instance_uid}",
    )
    connection.execute(insert(AUDIT_EVENT), [audit_row(event)])
    return quarantine_id


def _find_held(connection: Connection, refusal: Refusal) -> str | None:
    found: str | None = connection.execute(
        select(QUARANTINE.c.quarantine_id)
        .where(
            and_(
                QUARANTINE.c.institution == refusal.origin.institution,
                QUARANTINE.c.object_key == clean_text(refusal.object_key, KEY_LENGTH),
                QUARANTINE.c.cause == clean_text(refusal.cause, SHORT_LENGTH),
                QUARANTINE.c.state == HELD,
            )
        )
        .order_by(QUARANTINE.c.quarantine_id)
        .limit(1)
    ).scalar()
    return found


def _quarantine_row(refusal: Refusal, quarantine_id: str) -> Row:
    return {
        "institution": refusal.origin.institution,
        "quarantine_id": quarantine_id,
        "sop_instance_uid": clean_text(refusal.sop_instance_uid, UID_LENGTH),
        "cause": clean_text(refusal.cause, SHORT_LENGTH),
        "message": clean_text(refusal.message, TEXT_LENGTH),
        "object_key": clean_text(refusal.object_key, KEY_LENGTH),
        "size": refusal.size,
        "origin_kind": clean_text(refusal.origin.kind, SHORT_LENGTH),
        "source": clean_text(refusal.origin.source, TEXT_LENGTH),
        "received_at": refusal.received_at,
        "last_received_at": refusal.received_at,
        "deliveries": 1,
        "state": HELD,
    }
