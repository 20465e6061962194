"""SqlImagingIndex: searches within a scope, and where instances lie."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    Select,
    Table,
    exists,
    literal,
    select,
    tuple_,
)

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.listing import read_list
from imaging_cloud.adapters.sql.searching import (
    Conditions,
    holds_instance,
    holds_series,
    instance_conditions,
    series_conditions,
    study_conditions,
)
from imaging_cloud.adapters.sql.tables import INSTANCE, QUARANTINE, SERIES, STUDY
from imaging_cloud.adapters.sql.trail_rows import HELD
from imaging_cloud.adapters.sql.visibility import (
    is_better_copy,
    not_own,
    sees_one_institution,
    visible,
)
from imaging_cloud.domain.access import Scope
from imaging_cloud.domain.queries import ImagingQuery
from imaging_cloud.ports.imaging_index import (
    ImagingIndex,
    InstanceRow,
    QuarantineRow,
    SeriesRow,
    StudyRow,
)

# Rows read at a time when everything is streamed: bounded memory, no long transaction.
_PAGE = 2000
# Values in one IN list.
_ASKED_AT_ONCE = 500

_STUDY_FIELDS = tuple(StudyRow.__dataclass_fields__)
_SERIES_FIELDS = tuple(SeriesRow.__dataclass_fields__)
_INSTANCE_FIELDS = tuple(InstanceRow.__dataclass_fields__)
# A copy elsewhere that may come first. Made once: an alias takes its columns over one by one.
_OTHER_STUDY, _OTHER_SERIES = STUDY.alias(), SERIES.alias()
_QUARANTINE_FIELDS = tuple(QuarantineRow.__dataclass_fields__)


class SqlImagingIndex(ImagingIndex):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def find_studies(self, query: ImagingQuery, scope: Scope) -> list[StudyRow]:
        statement = select(*_columns(STUDY, _STUDY_FIELDS)).where(
            *_study_filter(STUDY, query, scope)
        )
        if not sees_one_institution(scope):
            other = _OTHER_STUDY
            statement = statement.where(
                ~exists().where(
                    other.c.study_uid == STUDY.c.study_uid,
                    is_better_copy(other, STUDY, scope),
                    *_study_filter(other, query, scope),
                )
            )
        statement = statement.order_by(STUDY.c.date_order, STUDY.c.study_uid)
        return [_study(row) for row in self._page(statement, query)]

    def find_series(self, query: ImagingQuery, scope: Scope) -> list[tuple[StudyRow, SeriesRow]]:
        columns = (*_columns(STUDY, _STUDY_FIELDS), *_columns(SERIES, _SERIES_FIELDS))
        statement = (
            select(*columns)
            .join_from(STUDY, SERIES, _same(STUDY, SERIES, "study_uid"))
            .where(*_series_filter(STUDY, SERIES, query, scope))
        )
        if not sees_one_institution(scope):
            study, series = _OTHER_STUDY, _OTHER_SERIES
            statement = statement.where(
                ~exists().where(
                    study.c.study_uid == STUDY.c.study_uid,
                    is_better_copy(study, STUDY, scope),
                    series.c.institution == study.c.institution,
                    series.c.series_uid == SERIES.c.series_uid,
                    series.c.study_uid == study.c.study_uid,
                    *_series_filter(study, series, query, scope),
                )
            )
        statement = statement.order_by(STUDY.c.date_order, STUDY.c.study_uid, *_series_order())
        return [(_study(row), _series(row)) for row in self._page(statement, query)]

    def find_instances(
        self, query: ImagingQuery, scope: Scope
    ) -> list[tuple[StudyRow, SeriesRow, InstanceRow]]:
        columns = (
            *_columns(STUDY, _STUDY_FIELDS),
            *_columns(SERIES, _SERIES_FIELDS),
            *_columns(INSTANCE, _INSTANCE_FIELDS),
        )
        statement = (
            select(*columns)
            .join_from(STUDY, SERIES, _same(STUDY, SERIES, "study_uid"))
            .join(INSTANCE, _same(SERIES, INSTANCE, "study_uid", "series_uid"))
            .where(*_instance_filter(STUDY, SERIES, INSTANCE, query, scope))
        )
        if not sees_one_institution(scope):
            statement = statement.where(~_better_instance(query, scope))
        statement = statement.order_by(
            STUDY.c.date_order, STUDY.c.study_uid, *_series_order(), *_instance_order()
        )
        found = self._page(statement, query)
        return [(_study(row), _series(row), _instance(row)) for row in found]

    def list_instances(
        self,
        scope: Scope,
        study_uid: str,
        *,
        series_uid: str | None = None,
        sop_instance_uid: str | None = None,
    ) -> list[InstanceRow]:
        """Instances of one study; copies at several institutions are merged, own ones first.

        Only copies of the same person are merged: should two institutions use one UID for two
        patients, the caller sees one of them, never a mixture.
        """
        rank = not_own(STUDY, scope)
        statement = (
            select(*_columns(INSTANCE, _INSTANCE_FIELDS), STUDY.c.person_id, rank.label("rank"))
            .join_from(STUDY, SERIES, _same(STUDY, SERIES, "study_uid"))
            .join(INSTANCE, _same(SERIES, INSTANCE, "study_uid", "series_uid"))
            .where(STUDY.c.study_uid == study_uid, visible(STUDY, scope))
            .order_by(rank, STUDY.c.institution)
        )
        if series_uid is not None:
            statement = statement.where(INSTANCE.c.series_uid == series_uid)
        if sop_instance_uid is not None:
            statement = statement.where(INSTANCE.c.sop_instance_uid == sop_instance_uid)
        statement = statement.add_columns(SERIES.c.series_number)
        rows = self._all(statement)
        once: dict[str, RowMapping] = {}
        for row in rows:
            if row["person_id"] == rows[0]["person_id"]:
                once.setdefault(row["instance_sop_instance_uid"], row)
        return [_instance(row) for row in sorted(once.values(), key=_viewing_order)]

    def find_stored(self, institution: str, uids: Sequence[str]) -> dict[str, InstanceRow]:
        found: dict[str, InstanceRow] = {}
        for start in range(0, len(uids), _ASKED_AT_ONCE):
            statement = select(*_columns(INSTANCE, _INSTANCE_FIELDS)).where(
                INSTANCE.c.institution == institution,
                INSTANCE.c.sop_instance_uid.in_(uids[start : start + _ASKED_AT_ONCE]),
            )
            rows = map(_instance, self._all(statement))
            found.update((row.sop_instance_uid, row) for row in rows)
        return found

    def iterate_all_instances(self) -> Iterator[InstanceRow]:
        return (_instance(row) for row in self._stream(INSTANCE, "sop_instance_uid"))

    def list_quarantined_keys(self) -> Iterator[str]:
        rows = self._stream(QUARANTINE, "quarantine_id")
        return (
            row["quarantine_object_key"]
            for row in rows
            if row["quarantine_object_key"] and row["quarantine_state"] == HELD
        )

    def list_quarantine(self, limit: int = 100) -> list[QuarantineRow]:
        statement = (
            select(*(QUARANTINE.c[name] for name in _QUARANTINE_FIELDS))
            .where(QUARANTINE.c.state == HELD)
            .order_by(QUARANTINE.c.last_received_at.desc(), QUARANTINE.c.quarantine_id)
            .limit(limit)
        )
        return [QuarantineRow(**dict(row)) for row in self._all(statement)]

    def check_ready(self) -> None:
        self._database.read(lambda connection: connection.execute(select(literal(1))).scalar())

    def _page(self, statement: Select[Any], query: ImagingQuery) -> list[RowMapping]:
        return self._all(statement.limit(query.limit).offset(query.offset or None))

    def _all(self, statement: Select[Any]) -> list[RowMapping]:
        def ask(connection: Connection) -> list[RowMapping]:
            return list(connection.execute(statement).mappings())

        return self._database.read(ask)

    def _stream(self, table: Table, last_key: str) -> Iterator[RowMapping]:
        """Every row in key order, a page at a time from where the last page ended."""
        key = tuple_(table.c.institution, table.c[last_key])
        fields = tuple(column.name for column in table.columns)
        statement = select(*_columns(table, fields)).order_by(*key.clauses).limit(_PAGE)
        rows = self._all(statement)
        while rows:
            yield from rows
            last = (rows[-1][f"{table.name}_institution"], rows[-1][f"{table.name}_{last_key}"])
            rows = self._all(statement.where(key > tuple_(*map(literal, last))))


@cache
def _columns(table: FromClause, fields: tuple[str, ...]) -> tuple[ColumnElement[Any], ...]:
    """Label the fields of a row type with their table so that joins can hold several."""
    name_of = getattr(table, "name", "")
    return tuple(table.c[name].label(f"{name_of}_{name}") for name in fields)


def _same(parent: FromClause, child: FromClause, *names: str) -> ColumnElement[bool]:
    condition = parent.c.institution == child.c.institution
    for name in names:
        condition &= parent.c[name] == child.c[name]
    return condition


def _study_filter(study: FromClause, query: ImagingQuery, scope: Scope) -> Conditions:
    return [
        visible(study, scope),
        *study_conditions(study, query),
        *holds_series(study, query),
        *holds_instance(study, query, of_series=False),
    ]


def _series_filter(
    study: FromClause, series: FromClause, query: ImagingQuery, scope: Scope
) -> Conditions:
    return [
        visible(study, scope),
        *study_conditions(study, query),
        *series_conditions(series, query),
        *holds_instance(series, query, of_series=True),
    ]


def _instance_filter(
    study: FromClause, series: FromClause, instance: FromClause, query: ImagingQuery, scope: Scope
) -> Conditions:
    return [
        visible(study, scope),
        *study_conditions(study, query),
        *series_conditions(series, query),
        *instance_conditions(instance, query),
    ]


def _better_instance(query: ImagingQuery, scope: Scope) -> ColumnElement[bool]:
    study, series, instance = STUDY.alias(), SERIES.alias(), INSTANCE.alias()
    return exists().where(
        study.c.study_uid == STUDY.c.study_uid,
        is_better_copy(study, STUDY, scope),
        instance.c.institution == study.c.institution,
        instance.c.sop_instance_uid == INSTANCE.c.sop_instance_uid,
        instance.c.study_uid == study.c.study_uid,
        _same(instance, series, "series_uid"),
        *_instance_filter(study, series, instance, query, scope),
    )


def _series_order() -> list[ColumnElement[Any]]:
    return [SERIES.c.series_number.asc().nulls_last(), SERIES.c.series_uid]


def _instance_order() -> list[ColumnElement[Any]]:
    return [INSTANCE.c.instance_number.asc().nulls_last(), INSTANCE.c.sop_instance_uid]


def _viewing_order(row: RowMapping) -> tuple[Any, ...]:
    series, instance = row["series_number"], row["instance_instance_number"]
    return (
        (series is None, series or 0, row["instance_series_uid"]),
        (instance is None, instance or 0, row["instance_sop_instance_uid"]),
    )


def _study(row: RowMapping) -> StudyRow:
    values = {name: row[f"study_{name}"] for name in _STUDY_FIELDS}
    values["modalities"] = read_list(values["modalities"])
    return StudyRow(**values)


def _series(row: RowMapping) -> SeriesRow:
    return SeriesRow(**{name: row[f"series_{name}"] for name in _SERIES_FIELDS})


def _instance(row: RowMapping) -> InstanceRow:
    return InstanceRow(**{name: row[f"instance_{name}"] for name in _INSTANCE_FIELDS})
