"""find_imaging: the studies of one patient, by an identifier, within the caller's sight."""

from itertools import combinations

from imaging_cloud.domain.access import Principal, Role, Scope
from imaging_cloud.domain.errors import Conflict
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.patients import PersonFacts, contradiction
from imaging_cloud.domain.queries import ImagingQuery
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.exam_register import KnownPerson
from imaging_cloud.ports.imaging_index import StudyRow
from imaging_cloud.use_cases.identify_caller import own_persons

# Study UIDs in one question to the index.
_AT_ONCE = 200


def persons_of(
    identifier: PatientIdentifier, principal: Principal, cloud: Cloud
) -> tuple[KnownPerson, ...]:
    """Everyone with the identifier; for a patient only themselves.

    Raises Conflict when the identifier stands for people who cannot be one.
    """
    found = cloud.exams.find_persons((identifier,))
    if principal.role is Role.PATIENT:
        own = set(own_persons(principal, cloud))
        found = tuple(each for each in found if each.person_id in own)
    for one, other in combinations(found, 2):
        if contradiction(_facts(one), _facts(other)) is not None:
            raise Conflict("this identifier stands for more than one person in our records")
    return found


def find_imaging(
    identifier: PatientIdentifier, principal: Principal, scope: Scope, cloud: Cloud
) -> list[StudyRow]:
    """Newest first; nothing for an identifier nobody has."""
    persons = {each.person_id for each in persons_of(identifier, principal, cloud)}
    if not persons:
        return []
    known = cloud.exams.find_exams_of((identifier,), asking_institution=scope.institution or "")
    uids = list(dict.fromkeys(exam.study_uid for exam in known.exams))
    rows: list[StudyRow] = []
    for start in range(0, len(uids), _AT_ONCE):
        query = ImagingQuery(study_uids=tuple(uids[start : start + _AT_ONCE]), limit=_AT_ONCE)
        rows += cloud.index.find_studies(query, scope)
    mine = [row for row in rows if row.person_id in persons]
    return sorted(mine, key=_newest, reverse=True)


def _newest(row: StudyRow) -> tuple[str, str, str]:
    day = row.study_date.isoformat() if row.study_date else ""
    return day, row.study_time.isoformat() if row.study_time else "", row.study_uid


def _facts(person: KnownPerson) -> PersonFacts:
    return PersonFacts(
        identifiers=person.identifiers,
        names=person.names,
        birth_date=person.birth_date,
        sex=person.sex,
    )
