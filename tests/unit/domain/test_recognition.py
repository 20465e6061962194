"""Marks of recognition (HR), their reach, windows by item, and images that cannot be had."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from imaging_cloud.domain.alerts import Grade
from imaging_cloud.domain.comparability import compare
from imaging_cloud.domain.exams.descriptor import Contrast, ExamDescriptor, ExamModality, Region
from imaging_cloud.domain.recognition import (
    NO_STANDING,
    Level,
    RecognisedItem,
    RecognitionTable,
    Standing,
)
from imaging_cloud.domain.retrieval import Retrieval

TODAY = date(2026, 11, 20)
CHEST = ExamDescriptor(modality=ExamModality.CT, regions=(Region.CHEST,), contrast=Contrast.NONE)
BOTH = replace(CHEST, regions=(Region.CHEST, Region.ABDOMEN))
CT = ExamModality.CT
AREAS = {
    "A": frozenset({"浙江", "杭州"}),
    "B": frozenset({"浙江", "宁波"}),
    "C": frozenset({"江苏"}),
}


def item(
    level: Level | None = Level.PROVINCE, area: str = "浙江", **more: object
) -> RecognisedItem:
    given = {"institution": "A", "modality": CT, "level": level, "area": area} | more
    return RecognisedItem(**given)  # type: ignore[arg-type]


NATIONAL = item(Level.NATIONAL, "")


def standing(
    *items: RecognisedItem,
    asking: str = "B",
    ordered: ExamDescriptor = CHEST,
    prior: ExamDescriptor = CHEST,
    performed_on: date | None = TODAY,
) -> Standing:
    table = RecognitionTable(items, AREAS)
    return table.standing(ordered, prior, made_at="A", asking=asking, performed_on=performed_on)


@pytest.mark.parametrize(
    ("mark", "asking", "reaches"),
    [
        (NATIONAL, "B", True),
        (NATIONAL, "C", True),
        (item(), "B", True),
        (item(), "C", False),
        (item(Level.CITY, "杭州"), "B", False),
        (item(Level.UNION, "宁波"), "B", True),
        (item(institution=""), "B", True),
        (item(institution="X"), "B", False),
        (item(region="CHEST"), "B", True),
        (item(region="HEAD"), "B", False),
        (item(contrast="plain"), "B", True),
        (item(contrast="contrast"), "B", False),
        (item(modality=ExamModality.MR), "B", False),
        (item(since=TODAY, until=TODAY), "B", True),
        (item(since=TODAY + timedelta(days=1)), "B", False),
        (item(until=TODAY - timedelta(days=1)), "B", False),
    ],
)
def test_a_mark_reaches_whom_it_is_for(mark: RecognisedItem, asking: str, reaches: bool) -> None:
    assert standing(mark, asking=asking).reaches is reaches


def test_ones_own_exam_and_a_region_without_marks_need_none() -> None:
    assert standing(item(Level.CITY, "宁波"), asking="A") == NO_STANDING
    assert standing() == NO_STANDING
    assert standing(item(None, "", days=20)) == Standing(days=20)


def test_an_undated_exam_has_only_marks_without_dates() -> None:
    assert standing(item(), performed_on=None).reaches is True
    assert standing(item(since=TODAY), performed_on=None).reaches is False


def test_every_ordered_region_needs_its_mark() -> None:
    chest, abdomen = item(region="CHEST"), item(Level.CITY, "宁波", region="ABDOMEN")

    assert standing(chest, ordered=BOTH, prior=BOTH).reaches is False
    assert standing(chest, abdomen, ordered=BOTH, prior=BOTH) == Standing(
        mark="宁波HR", reaches=True
    )
    assert standing(chest, ordered=CHEST, prior=BOTH).reaches is True


def test_the_widest_mark_that_reaches_is_shown_else_the_one_that_does_not() -> None:
    assert standing(item(), NATIONAL).mark == "全国HR"
    assert standing(item(), item(Level.CITY, "杭州")).mark == "浙江HR"
    assert standing(item(Level.CITY, "杭州")) == Standing(mark="杭州HR", reaches=False)


def test_the_most_special_window_counts_and_the_shortest_of_several_regions() -> None:
    general, special = item(days=60), item(Level.CITY, "宁波", region="CHEST", days=14)

    assert standing(general).days == 60
    assert standing(general, special).days == 14
    assert standing(general, special, ordered=BOTH, prior=BOTH).days == 14
    # The abdomen has no row of its own: its kind's 90 days are longer than the chest's 14.
    assert standing(special, ordered=BOTH, prior=BOTH).days == 14
    assert standing(item(region="CHEST", days=200), ordered=BOTH, prior=BOTH).days == 90


@pytest.mark.parametrize(
    ("given", "grade", "words", "zh"),
    [
        (
            Standing(mark="全国HR", reaches=True),
            Grade.DUPLICATE,
            "recognised by mark 全国HR",
            "互认标识：全国HR",
        ),
        (
            Standing(reaches=False),
            Grade.PARTIAL,
            "carries no mark of recognition (HR)",
            "无互认标识（HR）",
        ),
        (
            *(Standing(mark="江苏HR", reaches=False), Grade.PARTIAL),
            *("the mark 江苏HR does not reach this institution", "互认标识江苏HR的范围不含本机构"),
        ),
    ],
)
def test_the_mark_takes_part_in_the_grade(
    given: Standing, grade: Grade, words: str, zh: str
) -> None:
    found = compare(CHEST, CHEST, performed_on=TODAY, ordered_on=TODAY, standing=given)

    assert found is not None
    assert found.grade is grade
    assert found.reasons_zh[found.reasons.index(words)] == zh


@pytest.mark.parametrize("days", [0, 1, 14, 90, 365])
def test_the_items_own_window_is_exact_to_the_day(days: int) -> None:
    own = Standing(days=days)
    last = TODAY - timedelta(days=days)
    serving = compare(CHEST, CHEST, performed_on=last, ordered_on=TODAY, standing=own)
    late = compare(
        CHEST, CHEST, performed_on=last - timedelta(days=1), ordered_on=TODAY, standing=own
    )

    assert serving is not None
    assert late is not None
    assert (serving.grade, serving.valid_until) == (Grade.DUPLICATE, TODAY)
    assert late.grade is Grade.RELATED


@pytest.mark.parametrize("retrieval", [each for each in Retrieval if each])
def test_images_that_cannot_be_had_are_no_duplicate(retrieval: Retrieval) -> None:
    found = compare(CHEST, CHEST, performed_on=TODAY, ordered_on=TODAY, retrieval=retrieval)
    film = replace(CHEST, modality=ExamModality.XR)
    other = compare(CHEST, film, performed_on=TODAY, ordered_on=TODAY, retrieval=retrieval)

    assert found is not None
    assert other is not None
    assert found.grade is Grade.PARTIAL
    assert "images" in found.reasons[-2]
    assert "影像" in found.reasons_zh[-2]
    assert "images" in other.reasons[-1]


def test_a_date_at_the_end_of_time_is_compared() -> None:
    found = compare(CHEST, CHEST, performed_on=date.max, ordered_on=TODAY)

    assert found is not None
    assert (found.grade, found.valid_until) == (Grade.RELATED, None)
