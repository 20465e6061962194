"""Counting alerts, and hiding what would tell of single patients."""

from dataclasses import replace

import pytest

from imaging_cloud.domain.exam_values import ExamValue, value_of
from imaging_cloud.domain.statistics import Counted, JudgedAlert, count, hide_small, total

ALERT = JudgedAlert(
    institution="H",
    item="CT CHEST",
    month="2026-10",
    outcome="duplicate",
    opened=False,
    decision="",
    reason="",
    repeated_later=False,
    watched=True,
    cents=20_000,
    microsievert=7000,
)


def alerts(recognised: int = 0, undecided: int = 0, **reasons: int) -> list[JudgedAlert]:
    return [
        *[replace(ALERT, decision="recognised")] * recognised,
        *[ALERT] * undecided,
        *(
            replace(ALERT, decision="repeated", reason=code)
            for code, number in reasons.items()
            for _ in range(number)
        ),
    ]


def told(*judged: JudgedAlert) -> Counted:
    [row] = count(judged)
    return hide_small(row)


def test_what_was_saved_is_recognised_watched_and_not_made_again() -> None:
    used = replace(ALERT, decision="recognised")
    judged = [
        *[used] * 6,
        *[replace(used, repeated_later=True)] * 5,
        *[replace(used, watched=False)] * 5,
        *[replace(ALERT, outcome="related")] * 9,
    ]

    row = told(*judged)

    assert (row.checks, row.alerts, row.recognised, row.true_repeats, row.saved) == (
        25,
        16,
        16,
        5,
        6,
    )
    assert (row.cents_saved, row.microsievert_saved) == (120_000, 42_000)


def test_a_price_nobody_knows_is_not_nought() -> None:
    assert told(*[replace(ALERT, decision="recognised", cents=None)] * 9).cents_saved is None


def test_a_group_of_four_tells_nothing() -> None:
    row = told(*alerts(recognised=4))

    assert {getattr(row, n) for n in ("checks", "alerts", "opened", "recognised", "saved")} == {
        None
    }
    assert row.reasons == {}


@pytest.mark.parametrize(
    ("judged", "shown"),
    [
        (alerts(recognised=10, undecided=8, x=6), (10, 6, 8)),
        (alerts(recognised=10, undecided=8, x=4), (10, None, None)),
        (alerts(recognised=3, undecided=8, x=6), (None, None, 8)),
        (alerts(recognised=10, undecided=0, x=2), (None, None, 0)),
    ],
)
def test_a_hidden_part_cannot_be_had_by_subtraction(
    judged: list[JudgedAlert], shown: tuple[int | None, ...]
) -> None:
    row = told(*judged)

    assert (row.recognised, row.repeated, row.undecided) == shown
    assert row.alerts == len(judged)


def test_a_hidden_reason_hides_a_second_one() -> None:
    assert told(*alerts(recognised=9, a=2, b=9, c=7)).reasons == {"a": None, "b": 9, "c": None}


@pytest.mark.parametrize("other", range(5, 12))
def test_no_cell_below_five_follows_from_the_others(other: int) -> None:
    for few in range(1, 5):
        row = told(*alerts(recognised=other, undecided=20, a=few, b=6))
        parts = [row.recognised, row.repeated, row.undecided]

        assert parts.count(None) != 1
        assert list(row.reasons.values()).count(None) != 1


def test_totals_hold_what_is_told_only() -> None:
    rows = [told(*alerts(recognised=9, undecided=9)), told(*alerts(recognised=2))]

    assert total(rows, "recognised") == 9
    assert total(rows[1:], "recognised") is None


def test_the_most_special_value_counts() -> None:
    table = [
        ExamValue(modality="CT", price_cents=100, source="s"),
        ExamValue(modality="CT", region="CHEST", price_cents=200, source="s"),
        ExamValue(modality="CT", region="CHEST", contrast="contrast", price_cents=300, source="s"),
        ExamValue(institution="H", modality="CT", price_cents=400, source="s"),
    ]

    assert value_of("CT HEAD", "X", table) == (100, None)
    assert value_of("CT CHEST", "X", table) == (200, None)
    assert value_of("CT ABDOMEN+CHEST contrast", "X", table) == (300, None)
    assert value_of("CT CHEST", "H", table) == (400, None)
    assert value_of("MR CHEST", "H", table) == (None, None)
