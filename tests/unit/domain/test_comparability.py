"""Whether a prior exam answers an order: the truth table, and every edge in days."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging_cloud.domain.alerts import Comparison, Grade
from imaging_cloud.domain.catalogue import LOOK_BACK_DAYS, WINDOWS, ServiceWindow, window_days
from imaging_cloud.domain.comparability import compare
from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamDescriptor,
    ExamModality,
    Laterality,
    Purpose,
    Region,
)
from imaging_cloud.domain.softening import as_note

TODAY = date(2026, 11, 20)
YESTERDAY = TODAY - timedelta(days=1)
CONTRASTS = {each.value for each in Contrast}
D, P, R = Grade.DUPLICATE, Grade.PARTIAL, Grade.RELATED


def exam(words: str) -> ExamDescriptor:
    """`CT CHEST+ABDOMEN none L angio screening focus=liver`: each word where it fits."""
    modality, regions, *rest = words.split()
    found = ExamDescriptor(
        modality=ExamModality(modality),
        regions=tuple(Region(part) for part in regions.split("+") if part != "-"),
        contrast=Contrast.NONE,
    )
    for word in rest:
        if word in CONTRASTS:
            found = replace(found, contrast=Contrast(word))
        elif word in ("L", "R", "B"):
            found = replace(found, laterality=Laterality(word))
        elif word == "angio":
            found = replace(found, angio=True)
        elif word.startswith("focus="):
            found = replace(found, focus=word.removeprefix("focus=").replace("_", " "))
        else:
            found = replace(found, purpose=Purpose(word))
    return found


def judged(ordered: str, prior: str, performed_on: date | None = YESTERDAY) -> Comparison | None:
    return compare(exam(ordered), exam(prior), performed_on=performed_on, ordered_on=TODAY)


def grade(ordered: str, prior: str, performed_on: date | None = YESTERDAY) -> Grade | None:
    found = judged(ordered, prior, performed_on)
    return found.grade if found else None


# sentence, order, prior of yesterday, grade
TRUTH = [
    # region cover
    ("the same region is a duplicate", "CT CHEST", "CT CHEST", D),
    ("a wider prior covers the order", "CT CHEST", "CT CHEST+ABDOMEN+PELVIS", D),
    ("chest does not cover chest-abdomen-pelvis", "CT CHEST+ABDOMEN+PELVIS", "CT CHEST", P),
    ("an upper abdomen does not cover a whole one", "US ABDOMEN+PELVIS", "US ABDOMEN", P),
    ("overlap without cover is partial", "CT NECK+CHEST", "CT CHEST+ABDOMEN", P),
    ("regions apart have no bearing", "CT CHEST", "CT HEAD", None),
    ("an order without region matches nothing", "CT -", "CT CHEST", None),
    ("a prior without region may be the very exam", "CT CHEST", "CT -", P),
    ("a prior without region of another kind says nothing", "CT CHEST", "MR -", None),
    ("two exams of unknown kind without regions say nothing", "? CHEST", "? -", None),
    # whole body
    ("a whole-body prior covers the chest", "PT CHEST", "PT WHOLEBODY", D),
    ("a whole-body prior does not cover the head", "PT HEAD", "PT WHOLEBODY", None),
    ("a chest prior is part of a whole-body order", "PT WHOLEBODY", "PT CHEST", P),
    ("whole body answers whole body", "NM WHOLEBODY", "NM WHOLEBODY", D),
    ("whole body in another kind is related", "CT CHEST", "PT WHOLEBODY", R),
    # side
    ("the same side is a duplicate", "MR KNEE L", "MR KNEE L", D),
    ("opposite sides never match", "MR KNEE L", "MR KNEE R", None),
    ("opposite sides never match the other way", "MR KNEE R", "MR KNEE L", None),
    ("opposite sides do not match in another kind either", "MR KNEE L", "XR KNEE R", None),
    ("a bilateral prior covers a left order", "XR KNEE L", "XR KNEE B", D),
    ("a bilateral prior covers a right order", "XR KNEE R", "XR KNEE B", D),
    ("a one-sided prior is half of a bilateral order", "XR KNEE B", "XR KNEE R", P),
    ("an unsaid side of the prior may be the other", "XR KNEE L", "XR KNEE", P),
    ("an unsaid side of the order may be the other", "XR KNEE", "XR KNEE R", P),
    ("an unsaid order is served by both sides", "XR KNEE", "XR KNEE B", D),
    ("an unsaid side of the prior is not both", "US BREAST B", "US BREAST", P),
    ("a left prior is half of a bilateral order", "XR HAND B", "XR HAND L", P),
    ("no side in either is the same", "XR KNEE", "XR KNEE", D),
    ("both sides answer both", "MG BREAST B", "MG BREAST B", D),
    # contrast
    ("a plain order takes a contrast prior", "CT CHEST none", "CT CHEST with", D),
    ("a plain order takes a prior not said", "CT CHEST none", "CT CHEST ?", D),
    ("an unsaid order takes a plain prior", "CT CHEST ?", "CT CHEST none", D),
    ("a contrast order is not served by a plain prior", "CT CHEST with", "CT CHEST none", P),
    ("a contrast order takes with", "CT CHEST with", "CT CHEST with", D),
    ("a contrast order takes both", "CT CHEST with", "CT CHEST both", D),
    ("a contrast order doubts a prior not said", "CT CHEST with", "CT CHEST ?", P),
    ("both phases need both phases", "CT ABDOMEN both", "CT ABDOMEN with", P),
    ("both phases take both phases", "CT ABDOMEN both", "CT ABDOMEN both", D),
    ("both phases are not served by a plain prior", "CT ABDOMEN both", "CT ABDOMEN none", P),
    ("barium answers barium", "RF ABDOMEN oral", "RF ABDOMEN oral", D),
    ("barium is not served by a plain prior", "RF ABDOMEN oral", "RF ABDOMEN none", P),
    ("an unsaid order takes any prior", "CT CHEST ?", "CT CHEST with", D),
    ("a plain order takes both phases", "CT CHEST none", "CT CHEST both", D),
    ("a plain order takes barium", "CT ABDOMEN none", "CT ABDOMEN oral", D),
    ("both phases doubt a prior not said", "CT ABDOMEN both", "CT ABDOMEN ?", P),
    ("barium is not served by an injected agent", "RF ABDOMEN oral", "RF ABDOMEN with", P),
    ("cover without contrast is partial", "CT CHEST with", "CT CHEST+ABDOMEN none", P),
    ("contrast without cover is partial", "CT CHEST+ABDOMEN none", "CT CHEST both", P),
    ("a contrast order is not served by barium", "CT ABDOMEN with", "CT ABDOMEN oral", P),
    # vessels, purpose, kind
    ("angiography answers angiography", "CT HEAD with angio", "CT HEAD with angio", D),
    ("angiography is not served without", "CT HEAD with angio", "CT HEAD with", P),
    ("an angiography does not serve a plain order", "CT HEAD", "CT HEAD with angio", P),
    ("a diagnostic prior answers screening", "MG BREAST screening", "MG BREAST", D),
    ("screening does not answer a diagnostic order", "MG BREAST", "MG BREAST screening", P),
    ("a guided biopsy is no diagnostic prior", "CT CHEST", "CT CHEST guidance", P),
    ("another kind of the same region is related", "CT CHEST", "XR CHEST", R),
    ("another kind elsewhere has no bearing", "CT CHEST", "XR KNEE", None),
    ("an unknown kind of the same region is related", "CT CHEST", "? CHEST", R),
    # focus
    ("the same focus is a duplicate", "US NECK focus=thyroid", "US NECK focus=thyroid", D),
    ("two foci in one region differ", "US NECK focus=thyroid", "US NECK focus=carotid", P),
    ("a rib film is no chest film", "XR CHEST", "XR CHEST focus=rib", P),
    ("a chest film is no rib film", "XR CHEST focus=rib", "XR CHEST", P),
    ("a wide prior holds the organ", "US ABDOMEN focus=liver", "US ABDOMEN", D),
    ("a liver CT shows the abdomen", "CT ABDOMEN", "CT ABDOMEN focus=liver", D),
    ("a lung CT is a chest CT", "CT CHEST focus=lung", "CT CHEST", D),
    ("a disc MR is a spine MR", "MR LSPINE", "MR LSPINE focus=intervertebral_disc", D),
    ("a hip film measures no bone density", "XR HIP focus=bone_density", "XR HIP", P),
    ("a bone density is no hip film", "XR HIP", "XR HIP focus=bone_density", P),
]


@pytest.mark.parametrize(
    ("ordered", "prior", "expected"), [row[1:] for row in TRUTH], ids=[row[0] for row in TRUTH]
)
def test_truth_table(ordered: str, prior: str, expected: Grade | None) -> None:
    assert grade(ordered, prior) == expected


@pytest.mark.parametrize(
    ("ordered", "prior", "words", "zh"),
    [
        ("CT CHEST+ABDOMEN", "CT CHEST", "does not cover abdomen", "未覆盖上腹部"),
        ("CT CHEST with", "CT CHEST", "the prior had no intravenous contrast", "既往检查未增强"),
        ("CT CHEST both", "CT CHEST with", "the prior has no native phase", "既往检查缺少平扫"),
        ("MR KNEE L", "MR KNEE", "the prior does not say which side", "既往检查未注明左右"),
        ("XR KNEE B", "XR KNEE R", "shows the right side only", "仅有右侧"),
        ("CT HEAD with angio", "CT HEAD with", "the prior is no angiography", "既往检查非血管成像"),
        ("MG BREAST", "MG BREAST screening", "the prior was for screening", "既往检查用于筛查"),
        ("CT CHEST", "CT -", "what the prior covers is not known", "既往检查部位不明"),
    ],
)
def test_what_is_missing_is_said_in_both_languages(
    ordered: str, prior: str, words: str, zh: str
) -> None:
    found = judged(ordered, prior)

    assert found is not None
    assert found.grade is P
    assert words in found.reasons
    assert found.reasons_zh[found.reasons.index(words)] == zh


@pytest.mark.parametrize("row", TRUTH, ids=[row[0] for row in TRUTH])
def test_every_reason_has_its_chinese(row: tuple[str, str, str, Grade | None]) -> None:
    found = judged(row[1], row[2])
    if found is None:
        return
    note = as_note(found, "emergency order")
    assert len(note.reasons_zh) == len(note.reasons)
    assert all(any(ord(letter) > 0x3000 for letter in reason) for reason in note.reasons_zh)


KINDS = [
    *("XR CHEST", "US NECK", "CT CHEST", "MR HEAD", "MG BREAST", "MG BREAST screening"),
    *("PT WHOLEBODY", "NM CHEST", "RF ABDOMEN oral", "XA HEART with", "XR HIP focus=bone_density"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_day_of_the_window_serves_and_the_next_does_not(kind: str) -> None:
    window = window_days(exam(kind))
    assert window is not None
    last = TODAY - timedelta(days=window)

    assert grade(kind, kind, last) is D
    assert grade(kind, kind, last - timedelta(days=1)) is R


def test_the_windows_are_those_of_the_signed_table() -> None:
    days = [window_days(exam(kind)) for kind in KINDS]

    assert days == [30, 30, 90, 90, 90, 365, 90, 90, 90, 90, 365]


def test_an_item_row_beats_the_default_of_its_kind() -> None:
    for early, row in enumerate(WINDOWS):
        later = WINDOWS[early + 1 :]
        assert not (row.purpose is None and row.focus is None) or all(
            other.modality is not row.modality for other in later
        )


def test_a_kind_without_a_window_never_gives_a_duplicate() -> None:
    assert window_days(exam("? CHEST")) is None
    assert grade("? CHEST", "? CHEST") is R
    assert ServiceWindow(modality=ExamModality.CT, days=1) not in WINDOWS


def test_the_same_day_serves_and_valid_until_is_the_last_day() -> None:
    found = judged("CT CHEST", "CT CHEST", TODAY)

    assert found is not None
    assert (found.grade, found.age_days) == (D, 0)
    assert found.valid_until == TODAY + timedelta(days=90)


@pytest.mark.parametrize("performed_on", [None, TODAY + timedelta(days=1)])
def test_a_prior_without_date_or_from_the_future_is_only_related(
    performed_on: date | None,
) -> None:
    assert grade("CT CHEST", "CT CHEST", performed_on) is R


def test_the_look_back_ends_exact_to_the_day() -> None:
    edge = TODAY - timedelta(days=LOOK_BACK_DAYS)

    assert grade("CT CHEST", "CT CHEST", edge) is R
    assert grade("CT CHEST", "CT CHEST", edge - timedelta(days=1)) is None
    assert grade("CT CHEST", "XR CHEST", edge) is R
    assert grade("CT CHEST", "XR CHEST", edge - timedelta(days=1)) is None


def test_a_leap_day_counts_as_a_day() -> None:
    found = compare(
        exam("XR CHEST"),
        exam("XR CHEST"),
        performed_on=date(2024, 2, 10),
        ordered_on=date(2024, 3, 11),
    )

    assert found is not None
    assert (found.grade, found.age_days) == (D, 30)


def test_the_reasons_are_words_a_physician_reads() -> None:
    found = judged("CT CHEST with", "CT CHEST none")

    assert found is not None
    assert found.reasons == (
        *("same modality", "covers chest", "the prior had no intravenous contrast"),
        "1 of 90 days",
    )


exams = st.builds(
    ExamDescriptor,
    modality=st.sampled_from(ExamModality),
    regions=st.sets(st.sampled_from(Region), max_size=4).map(
        lambda some: tuple(region for region in Region if region in some)
    ),
    laterality=st.sampled_from(Laterality),
    contrast=st.sampled_from(Contrast),
    angio=st.booleans(),
    purpose=st.sampled_from(Purpose),
    focus=st.sampled_from(["", "liver", "thyroid", "bone density"]),
)
days = st.none() | st.dates(date(2023, 1, 1), date(2027, 12, 31))


@given(exams, exams)
def test_having_a_bearing_is_mutual_for_known_regions(
    one: ExamDescriptor, other: ExamDescriptor
) -> None:
    if one.regions and other.regions:
        forth = compare(one, other, performed_on=TODAY, ordered_on=TODAY)
        back = compare(other, one, performed_on=TODAY, ordered_on=TODAY)

        assert (forth is None) == (back is None)


@given(exams, exams, days)
def test_a_duplicate_covers_in_time_and_never_on_the_other_side(
    ordered: ExamDescriptor, prior: ExamDescriptor, performed_on: date | None
) -> None:
    found = compare(ordered, prior, performed_on=performed_on, ordered_on=TODAY)

    if found and found.grade is D:
        assert ordered.modality is prior.modality
        assert performed_on is not None
        assert found.valid_until is not None
        assert performed_on <= TODAY <= found.valid_until
        assert {ordered.laterality, prior.laterality} != {Laterality.LEFT, Laterality.RIGHT}


@given(exams)
def test_an_exam_of_today_answers_itself(one: ExamDescriptor) -> None:
    found = compare(one, one, performed_on=TODAY, ordered_on=TODAY)

    if one.regions and one.modality is not ExamModality.UNKNOWN:
        assert found is not None
        assert found.grade is D
