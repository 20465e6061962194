"""SqlStatistics: order checks with their decisions and the exams that followed."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from imaging_cloud.adapters.sql.column_types import clean_text
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.exam_rows import descriptor_from, descriptor_of_document
from imaging_cloud.adapters.sql.table_base import TEXT_LENGTH
from imaging_cloud.adapters.sql.tables import ALERT, ALERT_DECISION, EXAM, EXAM_VALUE
from imaging_cloud.adapters.sql.upserting import upsert_row
from imaging_cloud.domain.exam_values import ExamValue
from imaging_cloud.ports.statistics import CheckRecord, LaterExam, Statistics

_DUPLICATE = "duplicate"
_MEANING = ("modality", "regions", "focus", "laterality", "contrast", "angio", "purpose")
_LAST_WORDS = ("recognised", "repeated")

_Key = tuple[str, str]
# A row of a select whose columns are named where it is read.
_Row = Any


class SqlStatistics(Statistics):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def list_checks(
        self, since: datetime, until: datetime, *, institution: str | None, later_days: int
    ) -> list[CheckRecord]:
        period = and_(ALERT.c.at >= since, ALERT.c.at < until)
        if institution is not None:
            period = and_(period, ALERT.c.institution == institution)
        # What was asked while typing counts only where somebody decided on what was shown.
        said = ALERT_DECISION.alias()
        decided = (
            exists()
            .where(said.c.institution == ALERT.c.institution, said.c.alert_id == ALERT.c.alert_id)
            .correlate(ALERT)
        )
        period = and_(period, or_(ALERT.c.preview.is_(False), decided))
        last = until + timedelta(days=later_days)

        def ask(connection: Connection) -> list[CheckRecord]:
            decisions = _decisions(connection, period)
            answers = _answers(connection, period)
            later = _later_exams(connection, period, last)
            asked = select(
                ALERT.c.institution, ALERT.c.alert_id, ALERT.c.at, ALERT.c.outcome, ALERT.c.item
            ).where(period)
            return [
                _record(row, decisions, answers.get(_key(row)), later.get(_key(row), []))
                for row in connection.execute(asked)
            ]

        return self._database.read(ask)

    def list_values(self) -> list[ExamValue]:
        rows = self._database.read(lambda connection: connection.execute(select(EXAM_VALUE)).all())
        return [ExamValue(**row._mapping) for row in rows]  # noqa: SLF001 - Row's public accessor

    def save_values(self, values: Sequence[ExamValue]) -> None:
        rows = [
            asdict(value) | {"source": clean_text(value.source, TEXT_LENGTH)} for value in values
        ]

        def save(connection: Connection) -> None:
            for row in rows:
                upsert_row(connection, EXAM_VALUE, row)

        self._database.write(save)


def _key(row: _Row) -> _Key:
    return row.institution, row.alert_id


def _decisions(connection: Connection, period: ColumnElement[bool]) -> dict[_Key, list[_Row]]:
    """What was said of each alert, the newest last."""
    asked = (
        select(
            *(ALERT.c.institution, ALERT.c.alert_id),
            *(ALERT_DECISION.c.outcome, ALERT_DECISION.c.reason_code),
        )
        .join_from(
            ALERT,
            ALERT_DECISION,
            and_(
                ALERT_DECISION.c.institution == ALERT.c.institution,
                ALERT_DECISION.c.alert_id == ALERT.c.alert_id,
            ),
        )
        .where(period)
        .order_by(ALERT_DECISION.c.decided_at)
    )
    found: dict[_Key, list[_Row]] = {}
    for row in connection.execute(asked):
        found.setdefault(_key(row), []).append(row)
    return found


def _answers(connection: Connection, period: ColumnElement[bool]) -> dict[_Key, dict[str, Any]]:
    asked = select(ALERT.c.institution, ALERT.c.alert_id, ALERT.c.answer).where(
        period, ALERT.c.outcome == _DUPLICATE
    )
    return {_key(row): row.answer for row in connection.execute(asked)}


def _later_exams(
    connection: Connection, period: ColumnElement[bool], last: datetime
) -> dict[_Key, list[LaterExam]]:
    """Exams of the alerts' persons about or after each alert; the rules look at the time again."""
    asked = (
        select(
            *(ALERT.c.institution, ALERT.c.alert_id, ALERT.c.at, EXAM.c.study_uid),
            *(EXAM.c.performed_at, EXAM.c.first_received_at),
            *(EXAM.c[name] for name in _MEANING),
        )
        .join_from(ALERT, EXAM, EXAM.c.person_id == ALERT.c.person_id)
        .where(period, ALERT.c.outcome == _DUPLICATE, ALERT.c.person_id != "")
        .where(EXAM.c.performed_at.is_not(None), EXAM.c.performed_at < last)
    )
    found: dict[_Key, list[LaterExam]] = {}
    for row in connection.execute(asked):
        if row.performed_at < row.at - timedelta(days=1):
            continue
        exam = LaterExam(
            study_uid=row.study_uid,
            performed_at=row.performed_at,
            first_received_at=row.first_received_at,
            descriptor=descriptor_from(*(getattr(row, name) for name in _MEANING)),
        )
        found.setdefault(_key(row), []).append(exam)
    return found


def _record(
    row: _Row,
    decisions: dict[_Key, list[_Row]],
    answer: dict[str, Any] | None,
    later: list[LaterExam],
) -> CheckRecord:
    said = decisions.get(_key(row), [])
    last = next((each for each in reversed(said) if each.outcome in _LAST_WORDS), None)
    return CheckRecord(
        institution=row.institution,
        at=row.at,
        outcome=row.outcome,
        item=row.item,
        opened=any(each.outcome == "opened" for each in said),
        decision=last.outcome if last is not None else "",
        reason=last.reason_code if last is not None else "",
        ordered=descriptor_of_document(answer["exam"]) if answer else None,
        shown=tuple(each["studyInstanceUID"] for each in answer["matches"]) if answer else (),
        later=tuple(later),
    )
