"""SqlShares: patients' links, each change with its event in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, or_, select, update

from imaging_cloud.adapters.sql.column_types import clean_text
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.table_base import TEXT_LENGTH
from imaging_cloud.adapters.sql.tables import AUDIT_EVENT, SHARE
from imaging_cloud.adapters.sql.trail_rows import audit_row
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.shares import MOST_PASSCODE_TRIES, Share
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.shares import Shares


class SqlShares(Shares):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def add_share(self, share: Share, token_hash: str, event: AuditEvent) -> None:
        row = {
            "share_id": share.share_id,
            "token_hash": token_hash,
            "person_id": share.person_id,
            "issuer": share.identifier.issuer,
            "value": share.identifier.value,
            "study_uids": list(share.study_uids),
            "label": clean_text(share.label, TEXT_LENGTH),
            "passcode_digest": share.passcode_digest,
            "max_opens": share.max_opens,
            "opens": share.opens,
            "tries": share.tries,
            "created_at": share.created_at,
            "expires_at": share.expires_at,
            "revoked_at": share.revoked_at,
        }
        trail = audit_row(event)

        def add(connection: Connection) -> None:
            connection.execute(insert(SHARE), [row])
            connection.execute(insert(AUDIT_EVENT), [trail])

        self._database.write(add)

    def find_share(self, share_id: str) -> Share | None:
        return self._one(select(SHARE).where(SHARE.c.share_id == share_id))

    def find_by_token(self, token_hash: str) -> Share | None:
        return self._one(select(SHARE).where(SHARE.c.token_hash == token_hash))

    def list_shares(self, person_ids: Sequence[str], limit: int = 100) -> list[Share]:
        statement = (
            select(SHARE)
            .where(SHARE.c.person_id.in_(person_ids))
            .order_by(SHARE.c.created_at.desc(), SHARE.c.share_id)
            .limit(limit)
        )
        rows = self._database.read(lambda connection: list(connection.execute(statement)))
        return [_share(row) for row in rows]

    def revoke_share(self, share_id: str, *, at: datetime, event: AuditEvent) -> None:
        statement = (
            update(SHARE)
            .where(SHARE.c.share_id == share_id, SHARE.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        trail = audit_row(event)

        def revoke(connection: Connection) -> None:
            if connection.execute(statement).rowcount:
                connection.execute(insert(AUDIT_EVENT), [trail])

        self._database.write(revoke)

    def count_opening(self, share_id: str, event: AuditEvent) -> bool:
        statement = (
            update(SHARE)
            .where(
                SHARE.c.share_id == share_id,
                SHARE.c.revoked_at.is_(None),
                or_(SHARE.c.max_opens.is_(None), SHARE.c.opens < SHARE.c.max_opens),
            )
            .values(opens=SHARE.c.opens + 1)
        )
        trail = audit_row(event)

        def count(connection: Connection) -> bool:
            if not connection.execute(statement).rowcount:
                return False
            connection.execute(insert(AUDIT_EVENT), [trail])
            return True

        return self._database.write(count)

    def take_try(self, share_id: str) -> bool:
        statement = (
            update(SHARE)
            .where(SHARE.c.share_id == share_id, SHARE.c.tries < MOST_PASSCODE_TRIES)
            .values(tries=SHARE.c.tries + 1)
        )
        return self._database.write(lambda connection: connection.execute(statement).rowcount > 0)

    def give_back_try(self, share_id: str) -> None:
        statement = (
            update(SHARE)
            .where(SHARE.c.share_id == share_id, SHARE.c.tries > 0)
            .values(tries=SHARE.c.tries - 1)
        )
        self._database.write(lambda connection: connection.execute(statement))

    def _one(self, statement: Select[Any]) -> Share | None:
        row = self._database.read(lambda connection: connection.execute(statement).one_or_none())
        return _share(row) if row is not None else None


def _share(row: Row[Any]) -> Share:
    return Share(
        share_id=row.share_id,
        person_id=row.person_id,
        identifier=PatientIdentifier(row.issuer, row.value),
        study_uids=tuple(row.study_uids),
        label=row.label,
        created_at=row.created_at,
        expires_at=row.expires_at,
        passcode_digest=row.passcode_digest,
        max_opens=row.max_opens,
        opens=row.opens,
        tries=row.tries,
        revoked_at=row.revoked_at,
    )
