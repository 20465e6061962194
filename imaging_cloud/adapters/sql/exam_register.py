"""SqlExamRegister: persons by identifier and their exams, in two indexed questions."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, or_, select

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.exam_rows import descriptor_from
from imaging_cloud.adapters.sql.people import clean_patient_identifier, persons_where, persons_with
from imaging_cloud.adapters.sql.tables import CODE, EXAM, ID, IDENTIFIER, PERSON, PERSON_IDENTIFIER
from imaging_cloud.adapters.sql.visibility import newest_decision
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.patients import usable_identifier
from imaging_cloud.ports.exam_register import ExamRegister, ExamRow, KnownPerson, PatientExams

# The most recent ones decide; nobody has more exams that could still count.
_MAX_EXAMS = 2000
# More than any patient has; it bounds the statement.
_MAX_ASKED = 64

_RECEIVED = ("instance_count", "first_received_at", "last_received_at", "settled_count")
_COLUMNS = (
    *("institution", "study_uid", "person_id", "performed_at"),
    *("modality", "regions", "focus", "laterality", "contrast", "angio", "purpose"),
    *("description", *_RECEIVED),
)


class SqlExamRegister(ExamRegister):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def find_exams_of(
        self, identifiers: Sequence[PatientIdentifier], *, asking_institution: str
    ) -> PatientExams:
        """Placeholders (`UNKNOWN`, `0000`) match nobody: they would join strangers."""
        wanted = usable(identifiers)
        if not wanted:
            return PatientExams(persons=(), exams=(), decisions={})

        def ask(connection: Connection) -> PatientExams:
            asked = {"asking": asking_institution, **_bound(wanted)}
            rows = connection.execute(_persons_of(len(wanted)), asked).all()
            persons = _persons(rows)
            decisions = {
                row.person_id: bool(row.granted) for row in rows if row.granted is not None
            }
            ids = {f"person{n}": person.person_id for n, person in enumerate(persons)}
            exams = connection.execute(_exams_of(len(ids)), ids).all() if ids else []
            return PatientExams(
                persons=persons, exams=tuple(_exam(row) for row in exams), decisions=decisions
            )

        return self._database.read(ask)

    def find_persons(self, identifiers: Sequence[PatientIdentifier]) -> tuple[KnownPerson, ...]:
        wanted = usable(identifiers)
        if not wanted:
            return ()
        return self._database.read(
            lambda connection: _persons(connection.execute(persons_with(wanted)).all())
        )


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
def _persons_of(count: int) -> Select[Any]:
    """Persons with any of `count` identifiers, and their decision about the asking institution."""
    decision = newest_decision(PERSON.c.person_id, bindparam("asking", type_=CODE))
    return persons_where(
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


@lru_cache(maxsize=64)
def _exams_of(count: int) -> Select[Any]:
    """Select the exams of `count` persons, the newest first."""
    persons = [bindparam(f"person{n}", type_=ID) for n in range(count)]
    return (
        select(*(EXAM.c[name] for name in _COLUMNS))
        .where(EXAM.c.person_id == persons[0] if count == 1 else EXAM.c.person_id.in_(persons))
        .order_by(EXAM.c.performed_at.desc().nulls_last(), EXAM.c.study_uid, EXAM.c.institution)
        .limit(_MAX_EXAMS)
    )


def _exam(row: Row[Any]) -> ExamRow:
    institution, study_uid, person_id, performed_at, *meaning = row[: -len(_RECEIVED)]
    *descriptor, description = meaning
    instance_count, first_received_at, last_received_at, settled_count = row[-len(_RECEIVED) :]
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
    )


def _persons(rows: Sequence[Row[Any]]) -> tuple[KnownPerson, ...]:
    """One person for the rows of their identifiers, the oldest person first."""
    identifiers: dict[str, list[PatientIdentifier]] = {}
    first: dict[str, Row[Any]] = {}
    for row in rows:
        first.setdefault(row.person_id, row)
        identifiers.setdefault(row.person_id, []).append(PatientIdentifier(row.issuer, row.value))
    return tuple(
        KnownPerson(
            person_id=person_id,
            identifiers=tuple(sorted(identifiers[person_id])),
            names=tuple(row.names),
            birth_date=row.birth_date,
            sex=row.sex,
        )
        for person_id, row in sorted(first.items())
    )
