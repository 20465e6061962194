"""Who is who: resident numbers, placeholders, contradiction, certainty, choice."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.imaging import PatientAttributes
from imaging_cloud.domain.orders import OrderedPatient
from imaging_cloud.domain.patients import (
    RESIDENT_ID,
    Candidate,
    Certainty,
    PersonFacts,
    choose_person,
    contradiction,
    facts_of_order,
    facts_of_study,
    identifiers_of,
    is_resident_id,
    judge_identity,
    usable_identifier,
)

ZHANG = "11010519491231002X"
LOCAL = PatientIdentifier("HOSP_A", "A-1001")
NATIONAL = PatientIdentifier(RESIDENT_ID, ZHANG)
OTHER_NATIONAL = PatientIdentifier(RESIDENT_ID, "440308199901101512")


def check_digit(first: str) -> str:
    """By the formula of GB 11643 (ISO 7064 MOD 11-2), written another way than the code."""
    remainder = 0
    for digit in first:
        remainder = (remainder + int(digit)) * 2 % 11
    return "0123456789X"[(12 - remainder) % 11]


def test_the_number_of_the_standard_is_valid() -> None:
    assert is_resident_id(ZHANG)
    assert is_resident_id(OTHER_NATIONAL.value)


@pytest.mark.parametrize(
    "text",
    [
        *("", "11010519491231002", "11010519491231002x", "110105194912310021", ZHANG + "X"),
        *("110105491231002", "1101051949123100 X", "１１０１０５１９４９１２３１００２X"),
        *(" " + ZHANG, ZHANG + "\n"),
    ],
)
def test_what_is_no_resident_number(text: str) -> None:
    assert not is_resident_id(text)


@pytest.mark.parametrize("first", ["00000000000000000", "11010519491331002", "11010520230229002"])
def test_a_right_check_digit_without_a_birth_date_is_no_resident_number(first: str) -> None:
    assert not is_resident_id(first + check_digit(first))


births = st.dates(date(1880, 1, 1), date(2030, 1, 1))


@given(st.integers(110000, 820000), births, st.integers(0, 999))
def test_every_number_with_its_check_digit_is_valid(area: int, born: date, serial: int) -> None:
    first = f"{area:06}{born:%Y%m%d}{serial:03}"

    assert is_resident_id(first + check_digit(first))


@given(births, st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(born: date, serial: int, place: int, shift: int) -> None:
    right = f"110105{born:%Y%m%d}{serial:03}"
    right += check_digit(right)
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]

    assert not is_resident_id(wrong)


@pytest.mark.parametrize(
    "value",
    ["", " ", "0", "0000", "xxxx", "-", "unknown", "Unknown", "N/A", "anonymous", "无名氏", "None"],
)
def test_a_placeholder_links_nobody(value: str) -> None:
    assert usable_identifier(PatientIdentifier("HOSP_A", value)) is None


def test_a_resident_number_with_a_wrong_check_digit_links_nobody() -> None:
    assert usable_identifier(PatientIdentifier(RESIDENT_ID, "110105194912310021")) is None


def test_a_resident_number_is_written_with_a_capital_x() -> None:
    assert usable_identifier(PatientIdentifier(RESIDENT_ID, f" {ZHANG.lower()} ")) == NATIONAL


def test_a_local_number_keeps_its_case_and_loses_its_padding() -> None:
    assert usable_identifier(PatientIdentifier("HOSP_A", " a-1 ")) == PatientIdentifier(
        "HOSP_A", "a-1"
    )


def test_a_number_without_issuer_belongs_to_the_sender() -> None:
    patient = PatientAttributes(patient_id="A-1001", other_identifiers=(NATIONAL, LOCAL))

    assert identifiers_of(patient, "HOSP_A") == (LOCAL, NATIONAL)


def test_a_number_with_issuer_keeps_it() -> None:
    patient = PatientAttributes(patient_id="A-1001", issuer="HOSP_C")

    assert identifiers_of(patient, "HOSP_A") == (PatientIdentifier("HOSP_C", "A-1001"),)


def test_facts_of_study_and_order_say_the_same_of_one_patient() -> None:
    study = facts_of_study(
        PatientAttributes(patient_id="A-1001", name="张伟", birth_date=date(1949, 12, 31), sex="M"),
        "HOSP_A",
    )
    asked = facts_of_order(
        OrderedPatient(
            identifiers=(LOCAL, PatientIdentifier("HOSP_A", "unknown")),
            name="张伟",
            birth_date=date(1949, 12, 31),
            sex="M",
        )
    )

    assert study == asked


ONE = PersonFacts(
    identifiers=(LOCAL,), names=("Zhang^Wei=张^伟",), birth_date=date(1949, 12, 31), sex="M"
)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (ONE, None),
        (PersonFacts(), None),
        (replace(ONE, birth_date=date(1949, 12, 30)), "other birth date"),
        (replace(ONE, birth_date=None), None),
        (replace(ONE, sex="F"), "other sex"),
        (replace(ONE, sex="O"), None),
        (replace(ONE, sex=""), None),
        (replace(ONE, names=("李娜",)), "other name"),
        (replace(ONE, names=("张伟",)), None),
        (replace(ONE, names=("WEI ZHANG",)), None),
        (replace(ONE, names=("zhang.wei",)), None),
        (replace(ONE, names=("Li^Na",)), "other name"),
        (replace(ONE, names=("Zhang^Wei=章^卫",)), "other name"),
        (replace(ONE, names=("Chang^Wei=张^伟",)), None),
        (replace(ONE, names=("李娜", "张伟")), None),
        (replace(ONE, names=("^^^",)), None),
    ],
)
def test_what_contradicts_that_two_records_are_one_person(
    other: PersonFacts, why: str | None
) -> None:
    assert contradiction(ONE, other) == why


def test_two_resident_numbers_are_two_people() -> None:
    one = PersonFacts(identifiers=(LOCAL, NATIONAL))
    other = PersonFacts(identifiers=(LOCAL, OTHER_NATIONAL))

    assert contradiction(one, other) == "other CN-RESIDENT-ID"


def test_a_shared_national_number_outweighs_another_name() -> None:
    one = replace(ONE, identifiers=(NATIONAL,))
    other = replace(ONE, identifiers=(NATIONAL,), names=("李娜",))

    assert contradiction(one, other) is None


def test_a_shared_national_number_does_not_outweigh_another_birth_date() -> None:
    parent = replace(ONE, identifiers=(NATIONAL,))
    infant = replace(parent, birth_date=date(2026, 1, 1))

    assert contradiction(parent, infant) == "other birth date"


def test_a_reason_never_tells_a_value() -> None:
    one = PersonFacts(identifiers=(NATIONAL,))

    assert ZHANG not in str(contradiction(one, PersonFacts(identifiers=(OTHER_NATIONAL,))))


identifiers = st.sampled_from(
    [
        *(LOCAL, NATIONAL, OTHER_NATIONAL, PatientIdentifier("HOSP_B", "B-1")),
        *(PatientIdentifier("CN-HEALTH-CARD", "H1"), PatientIdentifier("CN-HEALTH-CARD", "H2")),
        *(PatientIdentifier("CN-INSURANCE", "I1"), PatientIdentifier("CN-INSURANCE", "I2")),
    ]
)
persons = st.builds(
    PersonFacts,
    identifiers=st.lists(identifiers, max_size=4, unique=True).map(tuple),
    names=st.lists(
        st.sampled_from(["Zhang^Wei=张^伟", "张伟", "章卫", "Wei Zhang", "Li^Na", "", "=单^田"]),
        max_size=2,
    ).map(tuple),
    birth_date=st.sampled_from([None, date(1949, 12, 31), date(2001, 2, 3)]),
    sex=st.sampled_from(["", "M", "F", "O"]),
)


@given(persons, persons)
def test_contradiction_is_symmetric(one: PersonFacts, other: PersonFacts) -> None:
    assert contradiction(one, other) == contradiction(other, one)


@given(persons)
def test_nobody_contradicts_themselves(one: PersonFacts) -> None:
    assert contradiction(one, one) is None


candidate_lists = st.lists(persons, max_size=5).map(
    lambda some: [Candidate(person_id=f"p{at}", facts=facts) for at, facts in enumerate(some)]
)


@given(persons, candidate_lists, st.randoms(use_true_random=False))
def test_every_process_chooses_alike(
    arriving: PersonFacts, candidates: list[Candidate], shuffler: object
) -> None:
    shuffled = list(candidates)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]

    assert choose_person(arriving, candidates) == choose_person(arriving, shuffled)


@given(persons, candidate_lists)
def test_a_person_is_chosen_only_without_contradiction(
    arriving: PersonFacts, candidates: list[Candidate]
) -> None:
    chosen = choose_person(arriving, candidates)

    fitting = {each.person_id for each in candidates if contradiction(arriving, each.facts) is None}
    assert chosen in fitting if fitting else chosen is None


def test_of_several_the_one_with_a_national_number_wins_then_the_oldest() -> None:
    plain = Candidate(person_id="p1", facts=PersonFacts(identifiers=(LOCAL,)))
    strong = Candidate(person_id="p3", facts=PersonFacts(identifiers=(LOCAL, NATIONAL)))
    later = Candidate(person_id="p2", facts=PersonFacts(identifiers=(LOCAL,)))

    assert choose_person(ONE, [later, plain, strong]) == "p3"
    assert choose_person(ONE, [later, plain]) == "p1"


def test_nobody_known_is_unknown() -> None:
    assert judge_identity(ONE, []).certainty is Certainty.UNKNOWN


def test_one_without_contradiction_is_certain() -> None:
    found = judge_identity(ONE, [Candidate(person_id="p1", facts=ONE)])

    assert (found.certainty, found.certain) == (Certainty.CERTAIN, ("p1",))


def test_one_who_contradicts_is_possible_and_the_doubt_is_said() -> None:
    other = replace(ONE, birth_date=date(1950, 1, 1))

    found = judge_identity(ONE, [Candidate(person_id="p1", facts=other)])

    assert found.certainty is Certainty.POSSIBLE
    assert found.doubts == (("p1", "other birth date"),)


def test_two_who_contradict_each_other_are_both_only_possible() -> None:
    bare = PersonFacts(identifiers=(LOCAL,))
    man = Candidate(person_id="p1", facts=replace(bare, sex="M"))
    woman = Candidate(person_id="p2", facts=replace(bare, sex="F"))

    found = judge_identity(bare, [man, woman])

    assert found.certainty is Certainty.POSSIBLE
    assert set(found.possible) == {"p1", "p2"}


def test_the_order_s_own_facts_rule_one_of_them_out() -> None:
    bare = PersonFacts(identifiers=(LOCAL,))
    man = Candidate(person_id="p1", facts=replace(bare, sex="M"))
    woman = Candidate(person_id="p2", facts=replace(bare, sex="F"))

    found = judge_identity(replace(bare, sex="M"), [man, woman])

    assert (found.certain, found.possible) == (("p1",), ("p2",))


@given(persons, candidate_lists)
def test_certain_persons_agree_with_the_order_and_with_each_other(
    ordered: PersonFacts, candidates: list[Candidate]
) -> None:
    found = judge_identity(ordered, candidates)
    facts = {each.person_id: each.facts for each in candidates}

    assert set(found.certain) | set(found.possible) == set(facts)
    assert not set(found.certain) & set(found.possible)
    assert {person for person, _ in found.doubts} == set(found.possible)
    for person in found.certain:
        assert contradiction(ordered, facts[person]) is None
        for other in found.certain:
            assert contradiction(facts[person], facts[other]) is None
