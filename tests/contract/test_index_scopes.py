"""The imaging index contract: who sees what, and copies at several institutions."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from imaging_cloud.adapters.sql.access_register import SqlAccessRegister
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.index import SqlImagingIndex
from imaging_cloud.domain.access import NOTHING, Consent, ConsentPolicy, Scope, institution_may_see
from imaging_cloud.domain.queries import ImagingQuery
from tests.records import NOW, make_record, open_intake

ALL = Scope(everything=True)
Keep = Callable[..., None]


@pytest.fixture
def keep(database: IndexDatabase) -> Iterator[Keep]:
    """Record instances, each given as the keyword arguments of make_record."""
    intake = open_intake(database)

    def record(*instances: dict[str, Any]) -> None:
        for each in instances:
            intake.record_instance(make_record(**each))

    yield record
    intake.close()


@pytest.fixture
def index(database: IndexDatabase) -> SqlImagingIndex:
    return SqlImagingIndex(database)


def found(index: SqlImagingIndex, scope: Scope = ALL, **keys: Any) -> list[str]:
    return [row.study_uid for row in index.find_studies(ImagingQuery(**keys), scope)]


@pytest.fixture
def region(keep: Keep, database: IndexDatabase) -> dict[str, str]:
    """One patient at HOSP_A and HOSP_B, one at HOSP_C; the persons by institution."""
    keep(
        {"study": "1.1", "institution": "HOSP_A", "patient_id": "A-1"},
        {"study": "1.2", "institution": "HOSP_B", "patient_id": "B-1"},
        {"study": "1.3", "institution": "HOSP_C", "patient_id": "C-1"},
    )
    rows = SqlImagingIndex(database).find_studies(ImagingQuery(), ALL)
    return {row.institution: row.person_id for row in rows}


@pytest.mark.parametrize("policy", list(ConsentPolicy))
@pytest.mark.parametrize("decision", [None, True, False])
@pytest.mark.parametrize("shared", [True, False])
def test_another_institution_sees_what_the_policy_and_the_patient_allow(
    region: dict[str, str],
    database: IndexDatabase,
    index: SqlImagingIndex,
    policy: ConsentPolicy,
    decision: bool | None,
    shared: bool,
) -> None:
    """The SQL decides as the domain does, in every corner of the matrix."""
    register = SqlAccessRegister(database)
    for earlier in [] if decision is None else [not decision, decision]:
        register.decide_consent(
            Consent(
                person_id=region["HOSP_A"],
                institution="HOSP_B",
                granted=earlier,
                decided_at=NOW,
                decided_by="patient",
            )
        )
    scope = Scope(institution="HOSP_B", shared_with_institution=shared, policy=policy)

    sees_a = shared and institution_may_see(policy, decision)
    sees_c = shared and institution_may_see(policy, None)
    expected = {"1.2"} | ({"1.1"} if sees_a else set()) | ({"1.3"} if sees_c else set())
    assert set(found(index, scope)) == expected
    assert {row.study_uid for row, _ in index.find_series(ImagingQuery(), scope)} == expected
    searched = index.find_instances(ImagingQuery(), scope)
    assert {row.study_uid for row, _, _ in searched} == expected
    listed = {study for study in ("1.1", "1.2", "1.3") if index.list_instances(scope, study)}
    assert listed == expected


def test_a_withdrawn_permission_ends_at_once(
    region: dict[str, str], database: IndexDatabase, index: SqlImagingIndex
) -> None:
    register = SqlAccessRegister(database)
    scope = Scope(institution="HOSP_B", shared_with_institution=True)

    seen = []
    for granted in (True, False, True, False):
        register.decide_consent(
            Consent(
                person_id=region["HOSP_A"],
                institution="HOSP_B",
                granted=granted,
                decided_at=NOW,
                decided_by="patient",
            )
        )
        seen.append("1.1" in found(index, scope))

    assert seen == [True, False, True, False]


def test_an_empty_scope_sees_nothing(region: dict[str, str], index: SqlImagingIndex) -> None:
    for scope in (NOTHING, Scope(shared_with_institution=True, policy=ConsentPolicy.OPEN)):
        assert found(index, scope) == []
        assert index.list_instances(scope, "1.1") == []


def test_patients_see_their_own_wherever_it_lies(
    region: dict[str, str], index: SqlImagingIndex
) -> None:
    scope = Scope(person_ids=(region["HOSP_A"], region["HOSP_C"]))

    assert found(index, scope) == ["1.1", "1.3"]


def test_the_same_study_at_two_institutions_is_returned_once(
    keep: Keep, index: SqlImagingIndex
) -> None:
    keep(
        {"institution": "HOSP_A", "patient_id": "A-1", "number": 1},
        {"institution": "HOSP_B", "patient_id": "B-1", "number": 1},
        {"institution": "HOSP_C", "patient_id": "C-1", "number": 1},
    )
    for own in ("HOSP_A", "HOSP_B", "HOSP_C"):
        scope = Scope(institution=own, shared_with_institution=True, policy=ConsentPolicy.OPEN)
        assert [row.institution for row in index.find_studies(ImagingQuery(), scope)] == [own]
        assert [row.institution for row, _ in index.find_series(ImagingQuery(), scope)] == [own]
        searched = index.find_instances(ImagingQuery(), scope)
        assert [row.institution for _, _, row in searched] == [own]
        assert [row.institution for row in index.list_instances(scope, "1.2.3")] == [own]
    (row,) = index.find_studies(ImagingQuery(), ALL)
    assert row.institution == "HOSP_A"


def test_a_copy_that_does_not_match_hides_none_that_does(
    keep: Keep, index: SqlImagingIndex
) -> None:
    keep(
        {"institution": "HOSP_A", "patient_id": "A-1"},
        {"institution": "HOSP_B", "patient_id": "B-1"},
    )

    (row,) = index.find_studies(ImagingQuery(patient_id="B-1"), ALL)

    assert row.institution == "HOSP_B"


def test_copies_of_one_person_are_merged_and_those_of_two_are_not(
    keep: Keep, index: SqlImagingIndex
) -> None:
    one_person = {"patient_id": "R-1", "issuer": "REGION"}
    keep(
        {"study": "1.1", "institution": "HOSP_A", "number": 1, **one_person},
        {"study": "1.1", "institution": "HOSP_B", "number": 1, **one_person},
        {"study": "1.1", "institution": "HOSP_B", "number": 2, **one_person},
        {"study": "1.2", "institution": "HOSP_A", "number": 1, "patient_id": "A-1"},
        {"study": "1.2", "institution": "HOSP_B", "number": 2, "patient_id": "B-1"},
    )

    merged = index.list_instances(ALL, "1.1")
    assert [(row.institution, row.instance_number) for row in merged] == [
        ("HOSP_A", 1),
        ("HOSP_B", 2),
    ]
    assert [row.institution for row in index.list_instances(ALL, "1.2")] == ["HOSP_A"]
