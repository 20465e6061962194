"""SqlDerivations: outbox rows of kind `derive`, each held by one worker at a time."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Update, delete, func, insert, or_, select, update

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.tables import OUTBOX
from imaging_cloud.adapters.sql.trail_rows import DERIVE, outbox_bucket, outbox_row
from imaging_cloud.ports.derivations import Derivation, Derivations

# Workers that ask at the same moment find different rows to hold.
_CANDIDATES = 8


class SqlDerivations(Derivations):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def ask(self, institution: str, study_uid: str, *, at: datetime) -> None:
        self._database.write(lambda connection: ask(connection, institution, study_uid, at))

    def take(self, *, at: datetime, until: datetime) -> Derivation | None:
        free = or_(OUTBOX.c.leased_until.is_(None), OUTBOX.c.leased_until < at)
        candidates = (
            select(OUTBOX)
            .where(OUTBOX.c.kind == DERIVE, free)
            .order_by(OUTBOX.c.event_id)
            .limit(_CANDIDATES)
        )
        rows = self._database.read(lambda connection: connection.execute(candidates).all())
        for row in rows:
            # Only the first of two changes a row that is still free.
            lease = (
                update(OUTBOX)
                .where(*_is(row), free)
                .values(leased_until=until, attempts=row.attempts + 1)
            )
            if self._change(lease):
                return Derivation(
                    event_id=row.event_id,
                    institution=row.institution,
                    study_uid=row.study_uid,
                    attempts=row.attempts + 1,
                )
        return None

    def _change(self, statement: Update) -> int:
        return self._database.write(lambda connection: connection.execute(statement).rowcount)

    def hold(self, derivation: Derivation, *, until: datetime) -> None:
        statement = update(OUTBOX).where(*_named(derivation)).values(leased_until=until)
        self._database.write(lambda connection: connection.execute(statement))

    def finish(self, derivation: Derivation) -> None:
        statement = delete(OUTBOX).where(*_named(derivation))
        self._database.write(lambda connection: connection.execute(statement))

    def count_waiting(self) -> int:
        statement = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.kind == DERIVE)
        return int(
            self._database.read(lambda connection: connection.execute(statement).scalar()) or 0
        )


def ask(connection: Connection, institution: str, study_uid: str, at: datetime) -> None:
    """Within another transaction. A row that is held does not count: its worker may be past it."""
    waiting = connection.execute(
        select(OUTBOX.c.event_id).where(
            OUTBOX.c.bucket == outbox_bucket(study_uid),
            OUTBOX.c.kind == DERIVE,
            OUTBOX.c.institution == institution,
            OUTBOX.c.study_uid == study_uid,
            OUTBOX.c.leased_until.is_(None),
        )
    ).first()
    if waiting is None:
        connection.execute(insert(OUTBOX), [outbox_row(institution, study_uid, at, DERIVE)])


def _is(row: Row[Any]) -> tuple[Any, ...]:
    return OUTBOX.c.bucket == row.bucket, OUTBOX.c.event_id == row.event_id


def _named(derivation: Derivation) -> tuple[Any, ...]:
    bucket = outbox_bucket(derivation.study_uid)
    return OUTBOX.c.bucket == bucket, OUTBOX.c.event_id == derivation.event_id
