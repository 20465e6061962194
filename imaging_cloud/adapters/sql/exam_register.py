"""SqlExamRegister: persons by identifier and their exams, in two indexed questions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.exam_rows import descriptor_from
from imaging_cloud.adapters.sql.people import clean_patient_identifier, persons_with
from imaging_cloud.adapters.sql.tables import EXAM, PERSON
from imaging_cloud.adapters.sql.visibility import newest_decision
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.patients import usable_identifier
from imaging_cloud.ports.exam_register import ExamRegister, ExamRow, KnownPerson, PatientExams

# The most recent ones decide; nobody has more exams that could still count.
_MAX_EXAMS = 2000


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
            decision = newest_decision(PERSON.c.person_id, asking_institution).label("granted")
            rows = connection.execute(persons_with(wanted, decision)).all()
            persons = _persons(rows)
            decisions = {
                row.person_id: bool(row.granted) for row in rows if row.granted is not None
            }
            ids = [person.person_id for person in persons]
            exams = connection.execute(_exams_of(ids)).all() if ids else []
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
    return list(dict.fromkeys(clean_patient_identifier(each) for each in kept if each is not None))


def _exams_of(person_ids: list[str]) -> Select[Any]:
    found = (
        EXAM.c.person_id == person_ids[0]
        if len(person_ids) == 1
        else EXAM.c.person_id.in_(person_ids)
    )
    return (
        select(
            EXAM.c.institution,
            EXAM.c.study_uid,
            EXAM.c.person_id,
            EXAM.c.performed_at,
            EXAM.c.modality,
            EXAM.c.regions,
            EXAM.c.focus,
            EXAM.c.laterality,
            EXAM.c.contrast,
            EXAM.c.angio,
            EXAM.c.purpose,
            EXAM.c.description,
            EXAM.c.instance_count,
            EXAM.c.first_received_at,
            EXAM.c.last_received_at,
        )
        .where(found)
        .order_by(EXAM.c.performed_at.desc().nulls_last(), EXAM.c.study_uid, EXAM.c.institution)
        .limit(_MAX_EXAMS)
    )


def _exam(row: Row[Any]) -> ExamRow:
    return ExamRow(
        institution=row.institution,
        study_uid=row.study_uid,
        person_id=row.person_id,
        performed_at=row.performed_at,
        descriptor=descriptor_from(
            row.modality,
            row.regions,
            row.focus,
            row.laterality,
            row.contrast,
            row.angio,
            row.purpose,
        ),
        description=row.description,
        instance_count=row.instance_count,
        first_received_at=row.first_received_at,
        last_received_at=row.last_received_at,
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
