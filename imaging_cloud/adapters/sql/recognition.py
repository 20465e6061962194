"""SqlRecognition: the table of mutual recognition, held by each process until it changes."""

import logging
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update

from imaging_cloud.adapters.sql.catalogue import FRESH_SECONDS
from imaging_cloud.adapters.sql.column_types import clean_text
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.people import lock_names
from imaging_cloud.adapters.sql.prepared import Asker, PreparedByDialect
from imaging_cloud.adapters.sql.table_base import TEXT_LENGTH
from imaging_cloud.adapters.sql.tables import (
    EXAM,
    INSTITUTION_AREA,
    RECOGNISED_ITEM,
    RECOGNITION_VERSION,
)
from imaging_cloud.adapters.sql.upserting import upsert_row
from imaging_cloud.domain.errors import Unavailable
from imaging_cloud.domain.exams.descriptor import ExamModality
from imaging_cloud.domain.recognition import Level, RecognisedItem, RecognitionTable
from imaging_cloud.domain.retrieval import Retrieval
from imaging_cloud.ports.recognition import RecognitionRegister, SavedRecognition

_log = logging.getLogger(__name__)
_KEY = ("institution", "modality", "region", "contrast", "level", "area")
_NAME = "recognition"


class SqlRecognition(RecognitionRegister):
    def __init__(self, database: IndexDatabase, *, fresh_seconds: float = FRESH_SECONDS) -> None:
        self._database = database
        self._fresh_seconds = fresh_seconds
        self._held = RecognitionTable((), {})
        self._asked_at: float | None = None

    def table(self) -> RecognitionTable:
        """Asked for anew when another version stands in the index.

        Two threads may both ask: they come to the same table.
        """
        now = time.monotonic()
        if self._asked_at is not None and now - self._asked_at < self._fresh_seconds:
            return self._held
        self._asked_at = now
        try:
            if self._database.ask(_standing_version, together=False) != self._held.version:
                self._held = self._database.read(_table)
        except Unavailable as exc:
            _log.warning("the recognition table could not be asked for (%s); the last stands", exc)
        return self._held

    def list_items(self) -> tuple[RecognisedItem, ...]:
        return self._database.read(_items)

    def list_areas(self) -> dict[str, frozenset[str]]:
        return self._database.read(_areas)

    def save_items(
        self, items: Sequence[RecognisedItem], *, replace: bool, at: datetime
    ) -> SavedRecognition:
        saved = self._database.write(lambda connection: _save(connection, items, replace, at))
        self._asked_at = None
        return saved

    def save_areas(self, institution: str, areas: Collection[str], *, at: datetime) -> bool:
        wanted = frozenset(areas)

        def save(connection: Connection) -> bool:
            lock_names(connection, [_NAME])
            if _areas(connection).get(institution, frozenset()) == wanted:
                return False
            here = INSTITUTION_AREA.c.institution == institution
            connection.execute(delete(INSTITUTION_AREA).where(here))
            if wanted:
                rows = [{"institution": institution, "area": area} for area in sorted(wanted)]
                connection.execute(insert(INSTITUTION_AREA), rows)
            _count_up(connection, at)
            return True

        changed = self._database.write(save)
        self._asked_at = None
        return changed

    def note_retrieval(self, institution: str, study_uid: str, retrieval: Retrieval) -> bool:
        where = and_(EXAM.c.institution == institution, EXAM.c.study_uid == study_uid)
        note = update(EXAM).where(where).values(retrieval=retrieval.value or None)
        return self._database.write(lambda connection: connection.execute(note).rowcount > 0)

    def list_not_at_hand(self) -> list[tuple[str, str, Retrieval]]:
        wanted = select(EXAM.c.institution, EXAM.c.study_uid, EXAM.c.retrieval).where(
            EXAM.c.retrieval.is_not(None)
        )
        rows = self._database.read(lambda connection: connection.execute(wanted).all())
        return [(row.institution, row.study_uid, Retrieval(row.retrieval)) for row in rows]


# Asked in an order check's own time.
_VERSION = select(RECOGNITION_VERSION.c.version).where(RECOGNITION_VERSION.c.name == _NAME)
_PREPARED_VERSION = PreparedByDialect(_VERSION)


def _standing_version(asker: Asker) -> int:
    rows = _PREPARED_VERSION.rows(asker, {})
    return int(rows[0][0]) if rows else 0


def _version(connection: Connection) -> int:
    return connection.execute(_VERSION).scalar() or 0


def _table(connection: Connection) -> RecognitionTable:
    return RecognitionTable(_items(connection), _areas(connection), _version(connection))


def _count_up(connection: Connection, at: datetime) -> int:
    version = _version(connection) + 1
    row = {"name": _NAME, "version": version, "changed_at": at}
    upsert_row(connection, RECOGNITION_VERSION, row)
    return version


def _items(connection: Connection) -> tuple[RecognisedItem, ...]:
    wanted = select(RECOGNISED_ITEM).order_by(*(RECOGNISED_ITEM.c[name] for name in _KEY))
    return tuple(_item(dict(row)) for row in connection.execute(wanted).mappings())


def _item(row: dict[str, Any]) -> RecognisedItem:
    level = Level(row["level"]) if row["level"] else None
    return RecognisedItem(**row | {"modality": ExamModality(row["modality"]), "level": level})


def _areas(connection: Connection) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(INSTITUTION_AREA)):
        found.setdefault(row.institution, set()).add(row.area)
    return {institution: frozenset(areas) for institution, areas in found.items()}


def _save(
    connection: Connection, items: Sequence[RecognisedItem], replace: bool, at: datetime
) -> SavedRecognition:
    lock_names(connection, [_NAME])
    before = {item.key: item for item in _items(connection)}
    after = {item.key: item for item in items}
    added = [item for key, item in after.items() if key not in before]
    changed = [item for key, item in after.items() if key in before and before[key] != item]
    removed = [item for key, item in before.items() if replace and key not in after]
    for item in (*added, *changed):
        row = asdict(item) | {
            "modality": item.modality.value,
            "level": item.level.value if item.level else "",
            "source": clean_text(item.source, TEXT_LENGTH),
        }
        upsert_row(connection, RECOGNISED_ITEM, row)
    for item in removed:
        key = zip(_KEY, item.key, strict=True)
        connection.execute(
            delete(RECOGNISED_ITEM).where(*(RECOGNISED_ITEM.c[name] == part for name, part in key))
        )
    moved = bool(added or changed or removed)
    return SavedRecognition(
        added=len(added),
        changed=len(changed),
        removed=len(removed),
        unchanged=len(after) - len(added) - len(changed),
        version=_count_up(connection, at) if moved else _version(connection),
    )
