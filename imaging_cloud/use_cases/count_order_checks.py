"""count_order_checks: what became of order checks, by institution, item and month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from imaging_cloud.domain.access import Principal, Role
from imaging_cloud.domain.alerts import Grade
from imaging_cloud.domain.comparability import compare
from imaging_cloud.domain.errors import InvalidRequest, NotPermitted
from imaging_cloud.domain.exam_values import DEFAULT_VALUES, ExamValue, value_of
from imaging_cloud.domain.statistics import Counted, JudgedAlert, count, hide_small
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.statistics import CheckRecord, LaterExam

# An exam of the kind within so many days of an alert is a repeat; without one it was saved.
WATCHED_DAYS = 30
_MOST_MONTHS = 36
# Years that the index and time zones can reckon with.
_YEARS = range(1900, 2201)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole months, the region's: days would let single patients be told by subtraction."""

    first: date
    after: date


def period_of(first: str, last: str) -> Period:
    """From `YYYY-MM` or `YYYY-MM-DD` texts, both included; days are widened to their months."""
    start, end = _month(first, "from"), _month(last, "to")
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    if not 0 < months <= _MOST_MONTHS:
        raise InvalidRequest(f"to: 1 to {_MOST_MONTHS} months are counted at once", field="to")
    return Period(first=start, after=(end + timedelta(days=31)).replace(day=1))


def _month(text: str, field: str) -> date:
    try:
        day = date.fromisoformat(text if len(text) > len("2026-11") else f"{text}-01")
        if day.year not in _YEARS:
            raise ValueError(day.year)
        return day.replace(day=1)
    except ValueError:
        raise InvalidRequest(f"{field}: a month as YYYY-MM is needed", field=field) from None


def count_order_checks(
    period: Period, institution: str | None, principal: Principal, cloud: Cloud
) -> list[Counted]:
    """Rows fit to be told: small groups are hidden. Raises NotPermitted, Unavailable.

    Operators see the region, an institution's administrators their own.
    """
    if principal.role is not Role.ADMIN:
        raise NotPermitted(f"not for the role {principal.role.value}")
    if principal.institution is not None and institution not in (None, principal.institution):
        raise NotPermitted(f"this access token speaks for {principal.institution} only")
    checks = cloud.statistics.list_checks(
        _start(period.first, cloud),
        _start(period.after, cloud),
        institution=principal.institution or institution,
        later_days=WATCHED_DAYS,
    )
    values = [*cloud.statistics.list_values(), *DEFAULT_VALUES]
    return [hide_small(row) for row in count(_judged(each, values, cloud) for each in checks)]


def _start(day: date, cloud: Cloud) -> datetime:
    return datetime.combine(day, time(), tzinfo=cloud.policy.time_zone)


def _judged(check: CheckRecord, values: Sequence[ExamValue], cloud: Cloud) -> JudgedAlert:
    cents, microsievert = value_of(check.item, check.institution, values)
    return JudgedAlert(
        institution=check.institution,
        item=check.item,
        month=check.at.astimezone(cloud.policy.time_zone).strftime("%Y-%m"),
        outcome=check.outcome,
        opened=check.opened,
        decision=check.decision,
        reason=check.reason,
        repeated_later=any(_is_repeat(check, exam) for exam in check.later),
        watched=cloud.clock.now() - check.at >= timedelta(days=WATCHED_DAYS),
        cents=cents,
        microsievert=microsievert,
    )


def _is_repeat(check: CheckRecord, exam: LaterExam) -> bool:
    """Whether the exam was made after the check and is of the kind that was ordered.

    A study without a time stands at the beginning of its day: then its arrival tells.
    """
    if check.ordered is None or exam.study_uid in check.shown:
        return False
    after = exam.performed_at >= check.at or exam.first_received_at >= check.at
    if not after or exam.performed_at > check.at + timedelta(days=WATCHED_DAYS):
        return False
    day = check.at.date()
    found = compare(check.ordered, exam.descriptor, performed_on=day, ordered_on=day)
    return found is not None and found.grade in (Grade.DUPLICATE, Grade.PARTIAL)
