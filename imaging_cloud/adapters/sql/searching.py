"""An ImagingQuery as SQL conditions, level by level."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, exists, or_

from imaging_cloud.adapters.sql.column_types import clean_identifier
from imaging_cloud.adapters.sql.names import (
    fold_name,
    matches_name,
    matches_referring,
    matches_text,
    matches_words,
)
from imaging_cloud.adapters.sql.table_base import CODE_LENGTH, IDENTIFIER_LENGTH, SHORT_LENGTH
from imaging_cloud.adapters.sql.tables import INSTANCE, SERIES
from imaging_cloud.domain.queries import DateRange, ImagingQuery

Conditions = list[ColumnElement[bool]]
_EVERYTHING = frozenset({"", "*"})
_WILD = ("*", "?")


def study_conditions(study: FromClause, query: ImagingQuery) -> Conditions:
    """Translate the study-level keys; an empty key matches everything."""
    found = [
        *_any(study.c.study_uid, query.study_uids),
        *_identifier(study.c.patient_id, query.patient_id, IDENTIFIER_LENGTH),
        *_issuer(study, query.issuer),
        *_text(study.c.sex, query.sex),
        *_identifier(study.c.accession_number, query.accession_number, SHORT_LENGTH),
        *_identifier(study.c.study_id, query.study_id, SHORT_LENGTH),
        *_text(study.c.description, query.study_description),
        *_dates(study, query.study_date),
        *_birth_dates(study.c.birth_date, query.birth_date),
        *_names(study, query),
        *_modalities(study.c.modalities, query.modalities_in_study),
    ]
    if query.study_time is not None:
        found += _between(study.c.study_time, query.study_time.first, query.study_time.last)
    if query.referring_physician not in _EVERYTHING:
        found.append(matches_referring(study.c.referring_search, query.referring_physician))
    return found


def series_conditions(series: FromClause, query: ImagingQuery) -> Conditions:
    found = [
        *_any(series.c.series_uid, query.series_uids),
        *_any(series.c.modality, query.modality),
        *_text(series.c.description, query.series_description),
        *_text(series.c.body_part, query.body_part),
    ]
    if query.series_number is not None:
        found.append(series.c.series_number == query.series_number)
    return found


def instance_conditions(instance: FromClause, query: ImagingQuery) -> Conditions:
    found = [
        *_any(instance.c.sop_instance_uid, query.sop_instance_uids),
        *_any(instance.c.sop_class_uid, query.sop_class_uids),
    ]
    if query.instance_number is not None:
        found.append(instance.c.instance_number == query.instance_number)
    return found


def holds_series(study: FromClause, query: ImagingQuery) -> Conditions:
    """Translate series keys of a study search: some series of the study matches them."""
    if not series_conditions(SERIES, query):
        return []  # an alias costs more than the rest of most questions
    series = SERIES.alias()
    return _holds(study, series, series_conditions(series, query), _of_study)


def holds_instance(parent: FromClause, query: ImagingQuery, *, of_series: bool) -> Conditions:
    """Translate instance keys of a study or series search: some instance in it matches them."""
    if not instance_conditions(INSTANCE, query):
        return []
    instance = INSTANCE.alias()
    conditions = instance_conditions(instance, query)
    return _holds(parent, instance, conditions, _of_series if of_series else _of_study)


def _holds(
    parent: FromClause,
    child: FromClause,
    conditions: Conditions,
    belongs: Callable[[FromClause, FromClause], ColumnElement[bool]],
) -> Conditions:
    return [exists().where(belongs(parent, child), *conditions)]


def _of_study(study: FromClause, child: FromClause) -> ColumnElement[bool]:
    return and_(child.c.institution == study.c.institution, child.c.study_uid == study.c.study_uid)


def _of_series(series: FromClause, child: FromClause) -> ColumnElement[bool]:
    return and_(
        child.c.institution == series.c.institution,
        child.c.study_uid == series.c.study_uid,
        child.c.series_uid == series.c.series_uid,
    )


def _any(column: ColumnElement[str], values: tuple[str, ...]) -> Conditions:
    if not values:
        return []
    if len(values) == 1:
        return [column == values[0]]
    return [column.in_(values)]


def _text(column: ColumnElement[str], text: str) -> Conditions:
    return [] if text in _EVERYTHING else [matches_text(column, text)]


def _identifier(column: ColumnElement[str], text: str, length: int) -> Conditions:
    """Like text, and an over-long value is looked for in the form it was kept in."""
    plain = text if any(each in text for each in _WILD) else clean_identifier(text, length)
    return _text(column, plain)


def _issuer(study: FromClause, issuer: str) -> Conditions:
    """Match the issuer; a number without one was issued by the institution that sent it."""
    if issuer in _EVERYTHING:
        return []
    plain = clean_identifier(issuer, CODE_LENGTH)
    unsaid = and_(study.c.issuer == "", matches_text(study.c.institution, plain))
    return [or_(matches_text(study.c.issuer, plain), unsaid)]


def _dates(study: FromClause, days: DateRange | None) -> Conditions:
    """On date_order (minus the day number), which the list is ordered by; undated never match."""
    if days is None or (days.first is None and days.last is None):
        return []
    newest = -days.last.toordinal() if days.last else None
    oldest = -days.first.toordinal() if days.first else -1
    return list(_between(study.c.date_order, newest, oldest))


def _birth_dates(column: ColumnElement[Any], days: DateRange | None) -> Conditions:
    return [] if days is None else list(_between(column, days.first, days.last))


def _between(
    column: ColumnElement[Any], first: object, last: object
) -> Iterator[ColumnElement[bool]]:
    if first is not None and first == last:
        yield column == first
        return
    if first is not None:
        yield column >= first
    if last is not None:
        yield column <= last


def _names(study: FromClause, query: ImagingQuery) -> Conditions:
    folded = fold_name(query.patient_name)
    if not folded.strip("*=^ "):
        return []
    if query.fuzzy:
        return [matches_words(study.c.name_words, folded)]
    columns = [study.c.name_alphabetic, study.c.name_ideographic, study.c.name_phonetic]
    return [matches_name(columns, folded)]


def _modalities(column: ColumnElement[str], modalities: tuple[str, ...]) -> Conditions:
    if not modalities:
        return []
    return [or_(*(column.contains(f"|{each}|", autoescape=True) for each in modalities))]
