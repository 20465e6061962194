"""Persons and their identifiers: loading, choosing and extending them inside a transaction."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    insert,
    or_,
    select,
    text,
    update,
)

from imaging_cloud.adapters.sql.column_types import clean_identifier, clean_text, new_id
from imaging_cloud.adapters.sql.table_base import CODE_LENGTH, IDENTIFIER_LENGTH, TEXT_LENGTH
from imaging_cloud.adapters.sql.tables import PERSON, PERSON_IDENTIFIER
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.imaging import PatientAttributes
from imaging_cloud.domain.patients import Candidate, PersonFacts, choose_person

# How many spellings of a name a person keeps; more say nothing new.
_MAX_NAMES = 16
_MAX_OTHER_IDENTIFIERS = 32
# Identifiers in one statement; each may be one term of an OR, and SQLite limits its depth.
_AT_ONCE = 400

_INSERT_PERSONS = insert(PERSON)
_INSERT_IDENTIFIERS = insert(PERSON_IDENTIFIER)
_UPDATE_PERSONS = (
    update(PERSON)
    .where(PERSON.c.person_id == bindparam("key"))
    .values(names=bindparam("names"), birth_date=bindparam("birth_date"), sex=bindparam("sex"))
)


def clean_patient_identifier(identifier: PatientIdentifier) -> PatientIdentifier:
    """Bring the identifier into the form the index keeps, for arrivals and questions alike."""
    return PatientIdentifier(
        clean_identifier(identifier.issuer, CODE_LENGTH),
        clean_identifier(identifier.value, IDENTIFIER_LENGTH),
    )


def clean_patient(patient: PatientAttributes) -> PatientAttributes:
    """Bring the patient attributes into a form the index can hold them."""
    others = patient.other_identifiers[:_MAX_OTHER_IDENTIFIERS]
    return replace(
        patient,
        patient_id=clean_identifier(patient.patient_id, IDENTIFIER_LENGTH),
        issuer=clean_identifier(patient.issuer, CODE_LENGTH),
        other_identifiers=tuple(clean_patient_identifier(each) for each in others),
        name=clean_text(patient.name, TEXT_LENGTH),
        sex=clean_text(patient.sex, 16),
    )


def any_of(identifiers: Iterable[PatientIdentifier]) -> ColumnElement[bool]:
    """Match person_identifier rows of any of the identifiers, through its primary key."""
    values: dict[str, list[str]] = {}
    for each in identifiers:
        values.setdefault(each.issuer, []).append(each.value)
    return or_(
        *(
            and_(PERSON_IDENTIFIER.c.issuer == issuer, PERSON_IDENTIFIER.c.value.in_(listed))
            for issuer, listed in sorted(values.items())
        )
    )


def lock_names(connection: Connection, names: Iterable[str]) -> None:
    """Keep other PostgreSQL transactions from the named things until this one ends.

    Taken in one order by everybody, so that waiting never runs in a circle. SQLite has one
    writer at a time and needs none.
    """
    if connection.dialect.name != "postgresql":
        return
    keys = lock_keys(names)
    if keys:
        connection.execute(_LOCK, {"keys": keys})


# In the driver's words: the ingest path runs it without SQLAlchemy.
LOCK_NAMES = "SELECT pg_advisory_xact_lock(k) FROM unnest(CAST(%(keys)s AS bigint[])) AS k"
_LOCK = text(LOCK_NAMES.replace("%(keys)s", ":keys"))


def lock_keys(names: Iterable[str]) -> list[int]:
    return sorted({_lock_key(name) for name in names})


def _lock_key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


@dataclass(slots=True)
class _Person:
    """A person in memory; `key` is "" until it is written."""

    person_id: str
    identifiers: set[PatientIdentifier]
    names: list[str]
    birth_date: date | None
    sex: str
    is_new: bool = False
    changed: bool = False
    new_identifiers: list[PatientIdentifier] = field(default_factory=list)

    def facts(self) -> PersonFacts:
        return PersonFacts(
            identifiers=tuple(self.identifiers),
            names=tuple(self.names),
            birth_date=self.birth_date,
            sex=self.sex,
        )

    def learn(self, facts: PersonFacts) -> None:
        """Add what a study of theirs says; a known birth date or sex stays."""
        for identifier in facts.identifiers:
            if identifier not in self.identifiers:
                self.identifiers.add(identifier)
                self.new_identifiers.append(identifier)
        for name in facts.names:
            if name not in self.names and len(self.names) < _MAX_NAMES:
                self.names.append(name)
                self.changed = True
        if self.birth_date is None and facts.birth_date is not None:
            self.birth_date = facts.birth_date
            self.changed = True
        if not self.sex and facts.sex:
            self.sex = facts.sex
            self.changed = True


class People:
    """The persons that a transaction's new studies may belong to."""

    def __init__(self, connection: Connection, identifiers: Sequence[PatientIdentifier]) -> None:
        """Lock the identifiers and load everyone who has one of them."""
        wanted = sorted(set(identifiers))
        lock_names(connection, (f"person|{each.issuer}|{each.value}" for each in wanted))
        self._persons: dict[str, _Person] = {}
        self._by_identifier: dict[PatientIdentifier, set[str]] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            self._load(connection, wanted[start : start + _AT_ONCE])

    def _load(self, connection: Connection, identifiers: Sequence[PatientIdentifier]) -> None:
        for row in connection.execute(persons_with(identifiers)):
            person = self._persons.get(row.person_id)
            if person is None:
                person = _Person(row.person_id, set(), list(row.names), row.birth_date, row.sex)
                self._persons[row.person_id] = person
            identifier = PatientIdentifier(row.issuer, row.value)
            person.identifiers.add(identifier)
            self._by_identifier.setdefault(identifier, set()).add(row.person_id)

    def oldest_with(self, identifier: PatientIdentifier) -> str | None:
        return min(self._by_identifier.get(identifier, ()), default=None)

    def person_for(self, facts: PersonFacts) -> str:
        """Choose or make the person a new study belongs to, who learns what it says."""
        sharing: set[str] = set()
        for identifier in facts.identifiers:
            sharing |= self._by_identifier.get(identifier, set())
        candidates = [
            Candidate(person_id=each, facts=self._persons[each].facts()) for each in sharing
        ]
        chosen = choose_person(facts, candidates)
        person = self._persons[chosen] if chosen is not None else self._make()
        person.learn(facts)
        for identifier in facts.identifiers:
            self._by_identifier.setdefault(identifier, set()).add(person.person_id)
        return person.person_id

    def _make(self) -> _Person:
        person = _Person(new_id(), set(), [], None, "", is_new=True)
        self._persons[person.person_id] = person
        return person

    def save(self, connection: Connection, at: datetime) -> None:
        """Write what is new or has changed."""
        made = [each for each in self._persons.values() if each.is_new]
        changed = [each for each in self._persons.values() if each.changed and not each.is_new]
        if made:
            connection.execute(_INSERT_PERSONS, [{**_row(each), "created_at": at} for each in made])
        if changed:
            connection.execute(
                _UPDATE_PERSONS, [{"key": each.person_id, **_row(each)} for each in changed]
            )
        links = [
            {"issuer": one.issuer, "value": one.value, "person_id": each.person_id}
            for each in self._persons.values()
            for one in each.new_identifiers
        ]
        if links:
            connection.execute(_INSERT_IDENTIFIERS, links)


def _row(person: _Person) -> dict[str, Any]:
    return {
        "person_id": person.person_id,
        "names": person.names,
        "birth_date": person.birth_date,
        "sex": person.sex,
    }


def persons_with(identifiers: Sequence[PatientIdentifier]) -> Select[Any]:
    """Select everyone with any of the identifiers: a row for each identifier of theirs."""
    return persons_where(any_of(identifiers))


def persons_where(condition: ColumnElement[bool], *extra: ColumnElement[Any]) -> Select[Any]:
    """The same by a condition on person_identifier rows, with columns that depend on PERSON."""
    theirs = PERSON_IDENTIFIER.alias("theirs")
    sharing = select(PERSON_IDENTIFIER.c.person_id).where(condition)
    return (
        select(
            PERSON.c.person_id,
            PERSON.c.names,
            PERSON.c.birth_date,
            PERSON.c.sex,
            theirs.c.issuer,
            theirs.c.value,
            *extra,
        )
        .join_from(PERSON, theirs, theirs.c.person_id == PERSON.c.person_id)
        .where(PERSON.c.person_id.in_(sharing))
    )
