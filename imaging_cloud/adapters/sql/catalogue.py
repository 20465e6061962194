"""SqlCatalogue: hospitals' mappings, held by each process until their version changes."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, delete, func, insert, select

from imaging_cloud.adapters.sql.catalogue_rows import (
    Place,
    item_from_row,
    item_row,
    touched_page,
    unread_orders,
    unread_studies,
)
from imaging_cloud.adapters.sql.column_types import clean_text
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.people import lock_names
from imaging_cloud.adapters.sql.prepared import Asker, PreparedByDialect
from imaging_cloud.adapters.sql.table_base import KEY_LENGTH, TEXT_LENGTH
from imaging_cloud.adapters.sql.tables import (
    CATALOGUE_ITEM,
    CATALOGUE_VERSION,
    OUTBOX,
)
from imaging_cloud.adapters.sql.trail_rows import outbox_row
from imaging_cloud.adapters.sql.unread_orders import UnreadOrder, UnreadOrders
from imaging_cloud.adapters.sql.upserting import upsert_row
from imaging_cloud.domain.errors import Unavailable
from imaging_cloud.domain.exams.descriptor import ExamEvidence, ExamMeaning, ProcedureCode
from imaging_cloud.domain.exams.mapping import (
    CatalogueItem,
    CatalogueMapping,
    describe_mapped,
    name_key,
)
from imaging_cloud.ports.catalogue import Catalogue, SavedItems, UnreadName

_log = logging.getLogger(__name__)

# How long a process may go on with what it holds before it asks whether that has changed.
FRESH_SECONDS = 2.0
# Asked for more than the caller wants, since mapped names are left out afterwards.
_SPARE = 200
_REMOVED_AT_ONCE = 500

_Versions = tuple[tuple[str, int], ...]
# Asked in an order check's own time.
_VERSIONS = PreparedByDialect(
    select(CATALOGUE_VERSION.c.institution, CATALOGUE_VERSION.c.version).order_by(
        CATALOGUE_VERSION.c.institution
    )
)


class SqlCatalogue(Catalogue):
    def __init__(self, database: IndexDatabase, *, fresh_seconds: float = FRESH_SECONDS) -> None:
        self._database = database
        self._fresh_seconds = fresh_seconds
        self._held = CatalogueMapping(())
        self._versions: _Versions = ()
        self._asked_at: float | None = None
        self._unread = UnreadOrders(database)

    def describe(self, evidence: ExamEvidence) -> ExamMeaning:
        return describe_mapped(evidence, self._mapping())

    def name_of(self, evidence: ExamEvidence) -> str:
        found = self._mapping().find(evidence)
        return found[0].name if found else ""

    def _mapping(self) -> CatalogueMapping:
        """What is held, asked for anew when another version stands in the index.

        Two threads may both ask: they come to the same mapping.
        """
        now = time.monotonic()
        if self._asked_at is not None and now - self._asked_at < self._fresh_seconds:
            return self._held
        self._asked_at = now
        try:
            versions = self._database.ask(_versions, together=False)
            if versions != self._versions:
                self._held = CatalogueMapping(self.list_items())
                self._versions = versions
        except Unavailable as exc:
            _log.warning("the catalogue could not be asked for (%s); going on with the last", exc)
        return self._held

    def list_items(self, institution: str | None = None) -> tuple[CatalogueItem, ...]:
        return self._database.read(lambda connection: _items(connection, institution))

    def save_items(
        self, institution: str, items: Sequence[CatalogueItem], *, replace: bool, at: datetime
    ) -> SavedItems:
        saved, keys = self._database.write(
            lambda connection: _save(connection, institution, items, replace=replace, at=at)
        )
        self._asked_at = None
        return self._queue(institution, saved, keys, at) if keys else saved

    def _queue(
        self, institution: str, saved: SavedItems, keys: frozenset[str], at: datetime
    ) -> SavedItems:
        """Queue the studies page by page: a long list must not hold up senders."""
        after: Place | None = None
        count = 0
        while True:
            find = partial(touched_page, institution=institution, keys=keys, after=after)
            studies, after = self._database.read(find)
            rows = [outbox_row(each, study_uid, at) for each, study_uid in studies]
            if rows:
                self._database.write(partial(_put, rows=rows))
            count += len(rows)
            if after is None:
                return replace(saved, studies=count)

    def list_unread(self, institution: str | None, limit: int) -> list[UnreadName]:
        self._unread.write()
        found = self._database.read(
            lambda connection: [
                *unread_studies(connection, institution, limit + _SPARE),
                *unread_orders(connection, institution, limit + _SPARE),
            ]
        )
        mapping = CatalogueMapping(self.list_items())
        unread = [each for each in found if mapping.find(_asked(each)) is None]
        return sorted(unread, key=lambda each: (-each.times, each.institution, each.name))[:limit]

    def note_unread_order(
        self, institution: str, name: str, code: str, missing: tuple[str, ...], at: datetime
    ) -> None:
        self._unread.note(
            UnreadOrder(
                institution=institution,
                name_key=clean_text(name_key(name) or f"code:{code}", KEY_LENGTH),
                code=clean_text(code, TEXT_LENGTH),
                name=clean_text(name, TEXT_LENGTH),
                missing="|".join(missing),
                last_seen_at=at,
            )
        )


def _asked(unread: UnreadName) -> ExamEvidence:
    codes = (ProcedureCode(value=unread.code, scheme=""),) if unread.code else ()
    return ExamEvidence(name=unread.name, procedure_codes=codes, institution=unread.institution)


def _put(connection: Connection, rows: list[dict[str, object]]) -> None:
    connection.execute(insert(OUTBOX), rows)


def _versions(asker: Asker) -> _Versions:
    return tuple((institution, version) for institution, version in _VERSIONS.rows(asker, {}))


def _items(connection: Connection, institution: str | None) -> tuple[CatalogueItem, ...]:
    wanted = select(CATALOGUE_ITEM).order_by(
        CATALOGUE_ITEM.c.institution, CATALOGUE_ITEM.c.item_key
    )
    if institution is not None:
        wanted = wanted.where(CATALOGUE_ITEM.c.institution == institution)
    return tuple(item_from_row(row) for row in connection.execute(wanted).mappings())


def _save(
    connection: Connection,
    institution: str,
    items: Iterable[CatalogueItem],
    *,
    replace: bool,
    at: datetime,
) -> tuple[SavedItems, frozenset[str]]:
    """Write what differs; the keys by which the studies concerned are found."""
    lock_names(connection, [f"catalogue|{institution}"])
    before = {item.key: item for item in _items(connection, institution)}
    after = {item.key: item for item in items}
    added = [item for key, item in after.items() if key not in before]
    changed = [item for key, item in after.items() if key in before and before[key] != item]
    removed = [item for key, item in before.items() if replace and key not in after]
    version = (
        connection.execute(
            select(func.max(CATALOGUE_VERSION.c.version)).where(
                CATALOGUE_VERSION.c.institution == institution
            )
        ).scalar()
        or 0
    )
    saved = SavedItems(
        added=len(added),
        changed=len(changed),
        removed=len(removed),
        unchanged=len(after) - len(added) - len(changed),
        studies=0,
        version=version + bool(added or changed or removed),
    )
    if saved.version == version:
        return saved, frozenset()
    for item in (*added, *changed):
        upsert_row(connection, CATALOGUE_ITEM, item_row(item, saved.version, at))
    gone = [item.key for item in removed]
    for start in range(0, len(gone), _REMOVED_AT_ONCE):
        connection.execute(
            delete(CATALOGUE_ITEM).where(
                CATALOGUE_ITEM.c.institution == institution,
                CATALOGUE_ITEM.c.item_key.in_(gone[start : start + _REMOVED_AT_ONCE]),
            )
        )
    upsert_row(
        connection,
        CATALOGUE_VERSION,
        {"institution": institution, "version": saved.version, "changed_at": at},
    )
    older = [before[item.key] for item in changed]
    concerned = (*added, *changed, *older, *removed)
    return saved, frozenset(key for item in concerned for key in item.keys)
