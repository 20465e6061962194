"""SqlExamRegister: persons by identifier and their exams, in two indexed questions."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.exam_rows import descriptor_from
from imaging_cloud.adapters.sql.orders import find_orders
from imaging_cloud.adapters.sql.people import clean_patient_identifier, persons_where, persons_with
from imaging_cloud.adapters.sql.prepared import Asker, PreparedByDialect
from imaging_cloud.adapters.sql.table_base import CODE, ID, IDENTIFIER
from imaging_cloud.adapters.sql.tables import EXAM, PERSON, PERSON_IDENTIFIER, STUDY
from imaging_cloud.adapters.sql.visibility import newest_decision
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.patients import usable_identifier
from imaging_cloud.domain.retrieval import AT_HAND, Retrieval
from imaging_cloud.ports.exam_register import (
    ExamRegister,
    ExamRow,
    ExplainedExam,
    KnownPerson,
    PatientExams,
)

# The most recent ones decide; nobody has more exams that could still count.
_MAX_EXAMS = 2000
# More than any patient has; it bounds the statement.
_MAX_ASKED = 64

_RECEIVED = (
    *("instance_count", "first_received_at", "last_received_at", "settled_count", "retrieval"),
)
_COLUMNS = (
    *("institution", "study_uid", "person_id", "performed_at"),
    *("modality", "regions", "focus", "laterality", "contrast", "angio", "purpose"),
    *("description", *_RECEIVED),
)

_EXPLAINED = (
    *("institution", "study_uid", "description", "because", "rules_version"),
    *("modality", "regions", "focus", "laterality", "contrast", "angio", "purpose"),
)


class SqlExamRegister(ExamRegister):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def find_exams_of(
        self,
        identifiers: Sequence[PatientIdentifier],
        *,
        asking_institution: str,
        orders_since: datetime | None = None,
    ) -> PatientExams:
        """Placeholders (`UNKNOWN`, `0000`) match nobody: they would join strangers."""
        wanted = usable(identifiers)
        if not wanted:
            return PatientExams(persons=(), exams=(), decisions={})

        def ask(asker: Asker) -> PatientExams:
            asked = {"asking": asking_institution, **_bound(wanted)}
            rows = _persons_of(len(wanted)).rows(asker, asked)
            persons = _persons(rows)
            if not persons:
                return PatientExams(persons=(), exams=(), decisions={})
            ids = {f"person{n}": person.person_id for n, person in enumerate(persons)}
            exams = _exams_of(len(ids)).rows(asker, ids)
            return PatientExams(
                persons=persons,
                exams=tuple(map(_exam, exams)),
                decisions={
                    row[0]: bool(row[_GRANTED]) for row in rows if row[_GRANTED] is not None
                },
                orders=find_orders(asker, ids, orders_since) if orders_since else (),
            )

        return self._database.ask(ask)

    def find_persons(self, identifiers: Sequence[PatientIdentifier]) -> tuple[KnownPerson, ...]:
        wanted = usable(identifiers)
        if not wanted:
            return ()
        return self._database.read(
            lambda connection: _persons(
                [tuple(row) for row in connection.execute(persons_with(wanted))]
            )
        )

    def explain_exams(self, study_uid: str) -> tuple[ExplainedExam, ...]:
        same = (STUDY.c.institution == EXAM.c.institution) & (STUDY.c.study_uid == EXAM.c.study_uid)
        wanted = (
            select(*(EXAM.c[name] for name in _EXPLAINED))
            .join(STUDY, same)
            .where(STUDY.c.study_uid == study_uid)
            .order_by(EXAM.c.institution)
        )
        rows = self._database.read(lambda connection: connection.execute(wanted).all())
        return tuple(_explained(tuple(row)) for row in rows)


def usable(identifiers: Sequence[PatientIdentifier]) -> list[PatientIdentifier]:
    """Bring the identifiers into the form the index keeps, each once; placeholders left out."""
    kept = (usable_identifier(each) for each in identifiers)
    once = dict.fromkeys(clean_patient_identifier(each) for each in kept if each is not None)
    return list(once)[:_MAX_ASKED]


def _bound(identifiers: Sequence[PatientIdentifier]) -> dict[str, str]:
    """The values of `_persons_of`, in its order."""
    values = {f"issuer{n}": each.issuer for n, each in enumerate(identifiers)}
    return values | {f"value{n}": each.value for n, each in enumerate(identifiers)}


# Orders ask hundreds of times a second: the statements of each size are put together once.
@lru_cache(maxsize=64)
def _persons_of(count: int) -> PreparedByDialect:
    """Persons with any of `count` identifiers, and their decision about the asking institution."""
    decision = newest_decision(PERSON.c.person_id, bindparam("asking", type_=CODE))
    statement = persons_where(
        or_(
            *(
                and_(
                    PERSON_IDENTIFIER.c.issuer == bindparam(f"issuer{n}", type_=CODE),
                    PERSON_IDENTIFIER.c.value == bindparam(f"value{n}", type_=IDENTIFIER),
                )
                for n in range(count)
            )
        ),
        decision.label("granted"),
    )
    return PreparedByDialect(statement)


@lru_cache(maxsize=64)
def _exams_of(count: int) -> PreparedByDialect:
    """Select the exams of `count` persons, the newest first."""
    persons = [bindparam(f"person{n}", type_=ID) for n in range(count)]
    statement = (
        select(*(EXAM.c[name] for name in _COLUMNS))
        .where(EXAM.c.person_id == persons[0] if count == 1 else EXAM.c.person_id.in_(persons))
        .order_by(EXAM.c.performed_at.desc().nulls_last(), EXAM.c.study_uid, EXAM.c.institution)
        .limit(_MAX_EXAMS)
    )
    return PreparedByDialect(statement)


def _exam(row: Sequence[Any]) -> ExamRow:
    institution, study_uid, person_id, performed_at, *meaning = row[: -len(_RECEIVED)]
    *descriptor, description = meaning
    instance_count, first_received_at, last_received_at, *state = row[-len(_RECEIVED) :]
    settled_count, retrieval = state
    return ExamRow(
        institution=institution,
        study_uid=study_uid,
        person_id=person_id,
        performed_at=performed_at,
        descriptor=descriptor_from(*descriptor),
        description=description,
        instance_count=instance_count,
        first_received_at=first_received_at,
        last_received_at=last_received_at,
        is_settled=settled_count == instance_count,
        retrieval=Retrieval(retrieval) if retrieval else AT_HAND,
    )


def _explained(row: Sequence[Any]) -> ExplainedExam:
    institution, study_uid, description, because, rules_version, *descriptor = tuple(row)
    return ExplainedExam(
        institution=institution,
        study_uid=study_uid,
        description=description,
        descriptor=descriptor_from(*descriptor),
        because=tuple((name, words) for name, words in because),
        rules_version=rules_version,
    )


# Where the columns of `persons_where` stand in its rows.
_NAMES, _BIRTH_DATE, _SEX, _ISSUER, _VALUE, _GRANTED = range(1, 7)


def _persons(rows: Sequence[Sequence[Any]]) -> tuple[KnownPerson, ...]:
    """One person for the rows of their identifiers, the oldest person first."""
    identifiers: dict[str, list[PatientIdentifier]] = {}
    first: dict[str, Sequence[Any]] = {}
    for row in rows:
        first.setdefault(row[0], row)
        identifiers.setdefault(row[0], []).append(PatientIdentifier(row[_ISSUER], row[_VALUE]))
    return tuple(
        KnownPerson(
            person_id=person_id,
            identifiers=tuple(sorted(identifiers[person_id])),
            names=tuple(row[_NAMES]),
            birth_date=row[_BIRTH_DATE],
            sex=row[_SEX],
        )
        for person_id, row in sorted(first.items())
    )
