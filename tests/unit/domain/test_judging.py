"""The verdict as a whole: days in the region's zone, edges to the day, order of the matches."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from imaging_cloud.domain.alerts import EarlierOrder, Outcome
from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamDescriptor,
    ExamModality,
    Laterality,
    Region,
)
from imaging_cloud.domain.judging import KnownExam, OrderInputs, judge
from imaging_cloud.domain.orders import ClinicalFacts, Order
from imaging_cloud.domain.patients import Certainty

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHEST = ExamDescriptor(modality=ExamModality.CT, regions=(Region.CHEST,), contrast=Contrast.NONE)
PLACED = datetime(2026, 11, 20, 0, 5, tzinfo=SHANGHAI)
INPUTS = OrderInputs(
    order=Order(name="胸部CT平扫", institution="HOSP_B", placed_at=PLACED),
    ordered=CHEST,
    facts=ClinicalFacts(),
    certainty=Certainty.CERTAIN,
    person_id="p",
    exams=(),
    earlier=(),
    checked_at=PLACED.astimezone(UTC),
    region=SHANGHAI,
    quiet_seconds=60,
)


def exam(performed_at: datetime | None, uid: str = "1.2", **changes: object) -> KnownExam:
    made = KnownExam(
        institution="HOSP_A",
        study_uid=uid,
        performed_at=performed_at,
        descriptor=CHEST,
        last_received_at=datetime(2026, 1, 1, tzinfo=UTC),
        visible=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def outcome(inputs: OrderInputs) -> Outcome:
    return judge(inputs, alert_id="a").outcome


@pytest.mark.parametrize(
    ("performed_at", "zone", "expected"),
    [
        # 90 days before 20 November is 22 August: its first minute, and the last before it.
        (datetime(2026, 8, 22, 0, 0, tzinfo=SHANGHAI), SHANGHAI, Outcome.DUPLICATE),
        (datetime(2026, 8, 21, 23, 59, tzinfo=SHANGHAI), SHANGHAI, Outcome.RELATED),
        # The same moments where it is still the day before: the order's day is the 19th.
        (datetime(2026, 8, 21, 23, 59, tzinfo=SHANGHAI), ZoneInfo("UTC"), Outcome.DUPLICATE),
        (datetime(2026, 8, 20, 23, 59, tzinfo=UTC), ZoneInfo("UTC"), Outcome.RELATED),
        # Made today, later than the order was placed: the same day still.
        (datetime(2026, 11, 20, 23, 0, tzinfo=SHANGHAI), SHANGHAI, Outcome.DUPLICATE),
        (datetime(2026, 11, 21, 0, 0, tzinfo=SHANGHAI), SHANGHAI, Outcome.RELATED),
        (None, SHANGHAI, Outcome.RELATED),
        (datetime(2046, 11, 20, tzinfo=SHANGHAI), SHANGHAI, Outcome.RELATED),
    ],
)
def test_a_window_ends_with_its_last_day_in_the_regions_time(
    performed_at: datetime | None, zone: ZoneInfo, expected: Outcome
) -> None:
    assert outcome(replace(INPUTS, exams=(exam(performed_at),), region=zone)) is expected


def test_matches_stand_best_first_then_newest_and_one_card_shows_three() -> None:
    days = [(40, "1.4"), (3, "1.1"), (200, "1.9"), (12, "1.2"), (30, "1.3")]
    exams = tuple(exam(PLACED - timedelta(days=age), uid) for age, uid in days)

    alert = judge(replace(INPUTS, exams=exams), alert_id="a")

    assert [match.study_uid for match in alert.matches] == ["1.1", "1.2", "1.3", "1.4", "1.9"]
    assert [match.study_uid for match in alert.interrupting] == ["1.1", "1.2", "1.3"]


def earlier(institution: str, **ago: float) -> EarlierOrder:
    at = INPUTS.checked_at - timedelta(**ago)
    return EarlierOrder(institution=institution, asked_at=at, exam=CHEST)


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (earlier("HOSP_A", minutes=1), True),
        (earlier("HOSP_A", hours=24), True),
        (earlier("HOSP_A", hours=24, seconds=1), False),
        (earlier("HOSP_A", seconds=-1), False),
        # One order is checked when it is selected and when it is signed.
        (earlier("HOSP_B", minutes=29, seconds=59), False),
        (earlier("HOSP_B", minutes=30), True),
        (replace(earlier("HOSP_A", hours=1), exam=replace(CHEST, contrast=Contrast.WITH)), True),
        (replace(earlier("HOSP_A", hours=1), exam=replace(CHEST, regions=(Region.HEAD,))), False),
    ],
)
def test_an_order_of_the_same_exam_counts_for_a_day(order: EarlierOrder, told: bool) -> None:
    alert = judge(replace(INPUTS, earlier=(order,)), alert_id="a")

    assert bool(alert.already_ordered) is told
    assert alert.outcome is Outcome.NONE


def test_an_order_of_the_other_side_is_another_exam() -> None:
    knee = ExamDescriptor(
        modality=ExamModality.MR,
        regions=(Region.KNEE,),
        laterality=Laterality.LEFT,
        contrast=Contrast.NONE,
    )
    right = replace(earlier("HOSP_A", hours=1), exam=replace(knee, laterality=Laterality.RIGHT))

    assert not judge(replace(INPUTS, ordered=knee, earlier=(right,)), alert_id="a").already_ordered
