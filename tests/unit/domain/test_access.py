"""Who may see what: policies, decisions, scopes."""

import pytest

from imaging_cloud.domain.access import (
    NOTHING,
    ConsentPolicy,
    Principal,
    Role,
    Scope,
    institution_may_see,
    scope_of,
)

IN, OUT, OPEN = ConsentPolicy.OPT_IN, ConsentPolicy.OPT_OUT, ConsentPolicy.OPEN


@pytest.mark.parametrize(
    ("policy", "decision", "sees"),
    [
        (IN, None, False),
        (IN, True, True),
        (IN, False, False),
        (OUT, None, True),
        (OUT, True, True),
        (OUT, False, False),
        (OPEN, None, True),
        (OPEN, True, True),
        (OPEN, False, True),
    ],
)
def test_what_another_institution_sees(
    policy: ConsentPolicy, decision: bool | None, sees: bool
) -> None:
    assert institution_may_see(policy, decision) is sees


def principal(role: Role, institution: str | None = "HOSP_A") -> Principal:
    return Principal(role=role, subject="someone", institution=institution)


def test_an_operator_reads_everything() -> None:
    assert scope_of(principal(Role.ADMIN), IN) == Scope(everything=True)


def test_a_patient_reads_only_their_own_whatever_the_policy_and_institution() -> None:
    for policy in ConsentPolicy:
        assert scope_of(principal(Role.PATIENT), policy, ("p1", "p2")) == Scope(
            person_ids=("p1", "p2")
        )


def test_a_patient_who_is_not_known_reads_nothing() -> None:
    assert scope_of(principal(Role.PATIENT, None), OPEN) == NOTHING


def test_a_technician_reads_their_own_institution_and_nothing_shared() -> None:
    assert scope_of(principal(Role.TECHNICIAN), OPEN) == Scope(institution="HOSP_A")


@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.SERVICE])
def test_a_physician_reads_their_own_and_what_is_shared_under_the_policy(role: Role) -> None:
    assert scope_of(principal(role), OUT) == Scope(
        institution="HOSP_A", shared_with_institution=True, policy=OUT
    )


@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.TECHNICIAN])
def test_staff_without_an_institution_read_nothing(role: Role) -> None:
    found = scope_of(principal(role, None), IN)

    assert not found.everything
    assert not found.shared_with_institution
    assert found.institution is None
    assert found.person_ids == ()


def test_person_ids_are_for_patients_only() -> None:
    for role in set(Role) - {Role.PATIENT}:
        assert scope_of(principal(role), OPEN, ("p1",)).person_ids == ()


def test_only_the_service_of_the_region_reads_everything_besides_the_operator() -> None:
    seeing_all = [
        (role, institution)
        for role in Role
        for institution in (None, "HOSP_A")
        if scope_of(principal(role, institution), IN).everything
    ]

    assert seeing_all == [(Role.ADMIN, None), (Role.ADMIN, "HOSP_A"), (Role.SERVICE, None)]
