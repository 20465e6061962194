"""The outbox: studies that changed, worked over once they have arrived."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from imaging_cloud.adapters.sql.derivations import ask
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.exam_rows import ExamRules, meaning_columns
from imaging_cloud.adapters.sql.people import lock_names
from imaging_cloud.adapters.sql.tables import EXAM, OUTBOX, SERIES, STUDY
from imaging_cloud.adapters.sql.trail_rows import ARRIVAL, STUDY_CHANGED, outbox_bucket
from imaging_cloud.ports.outbox import Outbox, SettledBy, SettledStudy


class SqlOutbox(Outbox):
    def __init__(self, database: IndexDatabase, rules: ExamRules) -> None:
        self._database = database
        self._rules = rules

    def take_settled(self, quiet_before: datetime, limit: int) -> list[SettledStudy]:
        """Take no lease: settling is idempotent, and two workers on one study agree."""
        is_quiet = STUDY.c.last_received_at < quiet_before
        because = case((is_quiet, SettledBy.QUIET.value), else_=SettledBy.COUNT.value)
        statement = (
            select(
                OUTBOX.c.institution,
                OUTBOX.c.study_uid,
                OUTBOX.c.event_id,
                STUDY.c.instance_count,
                because,
            )
            .join(
                STUDY,
                (STUDY.c.institution == OUTBOX.c.institution)
                & (STUDY.c.study_uid == OUTBOX.c.study_uid),
            )
            .where(or_(is_quiet, _is_as_announced()), OUTBOX.c.kind == STUDY_CHANGED)
            .order_by(OUTBOX.c.event_id)
            .limit(limit)
        )
        rows = self._database.read(lambda connection: connection.execute(statement).all())
        events: dict[tuple[str, str, int, str], list[str]] = {}
        for institution, study_uid, event_id, count, reason in rows:
            events.setdefault((institution, study_uid, count, reason), []).append(event_id)
        return [
            SettledStudy(
                institution=institution,
                study_uid=study_uid,
                events=tuple(ids),
                instance_count=count,
                because=SettledBy(reason),
            )
            for (institution, study_uid, count, reason), ids in events.items()
        ]

    def settle_study(self, study: SettledStudy, *, at: datetime) -> None:
        def settle(connection: Connection) -> None:
            self._settle(connection, study, at)
            ask(connection, study.institution, study.study_uid, at)

        self._database.write(settle)

    def settle_committed(
        self, institution: str, study_uid: str, *, instance_count: int, at: datetime
    ) -> None:
        """The outbox rows stay: they are removed when the study is quiet, as always."""

        def settle(connection: Connection) -> None:
            lock_names(connection, [f"study|{institution}|{study_uid}"])
            _mark(
                connection,
                institution,
                study_uid,
                _settled(SettledBy.COMMITMENT, at),
                instance_count,
            )

        self._database.write(settle)

    def _settle(self, connection: Connection, settled: SettledStudy, at: datetime) -> None:
        institution, study_uid = settled.institution, settled.study_uid
        lock_names(connection, [f"study|{institution}|{study_uid}"])
        study = (
            connection.execute(
                select(STUDY).where(
                    STUDY.c.institution == institution, STUDY.c.study_uid == study_uid
                )
            )
            .mappings()
            .one_or_none()
        )
        if study is not None:
            series = connection.execute(
                select(SERIES).where(
                    SERIES.c.institution == institution, SERIES.c.study_uid == study_uid
                )
            ).mappings()
            meaning = meaning_columns(dict(study), [dict(row) for row in series], self._rules)
            connection.execute(
                update(EXAM)
                .where(EXAM.c.institution == institution, EXAM.c.study_uid == study_uid)
                .values(**meaning, instance_count=study["instance_count"])
            )
            columns = _settled(settled.because, at)
            _mark(connection, institution, study_uid, columns, settled.instance_count)
        # One more has come since this was read: the study's row must go on standing for it.
        came = study is not None and study["instance_count"] != settled.instance_count
        done = [each for each in settled.events if not (came and each.startswith(ARRIVAL))]
        connection.execute(
            delete(OUTBOX).where(
                OUTBOX.c.bucket == outbox_bucket(study_uid), OUTBOX.c.event_id.in_(done)
            )
        )


def _is_as_announced() -> ColumnElement[bool]:
    """As many instances as announced, neither more nor fewer: more proves the number wrong."""
    short = exists().where(
        SERIES.c.institution == STUDY.c.institution,
        SERIES.c.study_uid == STUDY.c.study_uid,
        or_(
            SERIES.c.instances_expected.is_(None),
            SERIES.c.instances_expected != SERIES.c.instance_count,
        ),
    )
    return or_(
        STUDY.c.instances_expected == STUDY.c.instance_count,
        and_(
            STUDY.c.instances_expected.is_(None),
            STUDY.c.series_expected == STUDY.c.series_count,
            ~short,
        ),
    )


def _settled(because: SettledBy, at: datetime) -> dict[str, Any]:
    return {"settled_at": at, "settled_by": because.value}


def _mark(
    connection: Connection, institution: str, study_uid: str, columns: dict[str, Any], count: int
) -> None:
    """Mark the exam as settled with so many instances; the first reason for them stays."""
    connection.execute(
        update(EXAM)
        .where(
            EXAM.c.institution == institution,
            EXAM.c.study_uid == study_uid,
            EXAM.c.instance_count == count,
            func.coalesce(EXAM.c.settled_count, -1) != count,
        )
        .values(**columns, settled_count=count)
    )
