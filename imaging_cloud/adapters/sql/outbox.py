"""The outbox: studies that changed, worked over once they are quiet."""

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from imaging_cloud.adapters.sql.derivations import ask
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.exam_rows import ExamRules, meaning_columns
from imaging_cloud.adapters.sql.people import lock_names
from imaging_cloud.adapters.sql.tables import EXAM, OUTBOX, SERIES, STUDY
from imaging_cloud.adapters.sql.trail_rows import STUDY_CHANGED, outbox_bucket
from imaging_cloud.ports.outbox import Outbox, SettledStudy


class SqlOutbox(Outbox):
    def __init__(self, database: IndexDatabase, rules: ExamRules) -> None:
        self._database = database
        self._rules = rules

    def take_settled(self, quiet_before: datetime, limit: int) -> list[SettledStudy]:
        """Take no lease: settling is idempotent, and two workers on one study agree."""
        statement = (
            select(OUTBOX.c.institution, OUTBOX.c.study_uid, OUTBOX.c.event_id)
            .join(
                STUDY,
                (STUDY.c.institution == OUTBOX.c.institution)
                & (STUDY.c.study_uid == OUTBOX.c.study_uid),
            )
            .where(STUDY.c.last_received_at < quiet_before)
            .where(OUTBOX.c.kind == STUDY_CHANGED)
            .order_by(OUTBOX.c.event_id)
            .limit(limit)
        )
        rows = self._database.read(lambda connection: connection.execute(statement).all())
        events: dict[tuple[str, str], list[str]] = {}
        for institution, study_uid, event_id in rows:
            events.setdefault((institution, study_uid), []).append(event_id)
        return [
            SettledStudy(institution=institution, study_uid=study_uid, events=tuple(ids))
            for (institution, study_uid), ids in events.items()
        ]

    def settle_study(self, study: SettledStudy, *, at: datetime) -> None:
        def settle(connection: Connection) -> None:
            self._settle(connection, study)
            ask(connection, study.institution, study.study_uid, at)

        self._database.write(settle)

    def _settle(self, connection: Connection, settled: SettledStudy) -> None:
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
        connection.execute(
            delete(OUTBOX).where(
                OUTBOX.c.bucket == outbox_bucket(study_uid), OUTBOX.c.event_id.in_(settled.events)
            )
        )
