"""judge: from all that was known when an order was checked to the verdict. Pure, so replayable."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from imaging_cloud.domain.alerts import (
    Comparison,
    EarlierOrder,
    Grade,
    Match,
    OrderAlert,
    outcome_of,
)
from imaging_cloud.domain.catalogue import ORDER_MEMORY_HOURS, SAME_ORDER_MINUTES
from imaging_cloud.domain.comparability import RULES_VERSION, compare
from imaging_cloud.domain.contraindications import cautions_for
from imaging_cloud.domain.exams.descriptor import ExamDescriptor
from imaging_cloud.domain.orders import ClinicalFacts, Order
from imaging_cloud.domain.patients import Certainty
from imaging_cloud.domain.recognition import NO_STANDING, Standing
from imaging_cloud.domain.retrieval import AT_HAND, Retrieval
from imaging_cloud.domain.softening import as_note, downgrade_reason

# More than this nobody reads; the strongest and newest stay.
_MOST_MATCHES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownExam:
    """A prior of the patient. `doubt` says why it may be another person's, "" when it is not.

    `settled`: its instances were found complete. `visible`: the patient has opened it to the
    asking institution, or it was made there. `standing` is its mark of quality as the asking
    institution has to take it, `retrieval` whether its images can be had.
    """

    institution: str
    study_uid: str
    performed_at: datetime | None
    descriptor: ExamDescriptor
    last_received_at: datetime
    visible: bool
    settled: bool = False
    doubt: str = ""
    standing: Standing = NO_STANDING
    retrieval: Retrieval = AT_HAND


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderInputs:
    """All a verdict rests on: no name, number or birth date is among it.

    `region` is the time zone in which days are counted, `quiet_seconds` how long a study
    without a new instance counts as arriving.
    """

    order: Order
    ordered: ExamDescriptor
    facts: ClinicalFacts
    certainty: Certainty
    person_id: str | None
    exams: tuple[KnownExam, ...]
    earlier: tuple[EarlierOrder, ...]
    checked_at: datetime
    region: tzinfo
    quiet_seconds: float


def judge(inputs: OrderInputs, *, alert_id: str) -> OrderAlert:
    """The verdict by the rules of now; the same inputs give the same verdict."""
    matches, withheld = _judge_exams(inputs)
    return OrderAlert(
        alert_id=alert_id,
        outcome=outcome_of(matches),
        exam=inputs.ordered,
        certainty=inputs.certainty,
        person_id=inputs.person_id,
        matches=matches,
        cautions=cautions_for(inputs.order, inputs.ordered, inputs.facts),
        withheld=withheld,
        checked_at=inputs.checked_at,
        rules_version=RULES_VERSION,
        already_ordered=_already_ordered(inputs),
    )


def _judge_exams(inputs: OrderInputs) -> tuple[tuple[Match, ...], int]:
    """(matches the asker may see, number of those it may not)."""
    order, ordered = inputs.order, inputs.ordered
    softening = downgrade_reason(order, ordered)
    today = _day(order.placed_at, inputs.region)
    found: dict[str, Match] = {}
    hidden: set[str] = set()
    for exam in inputs.exams:
        performed_on = _day(exam.performed_at, inputs.region) if exam.performed_at else None
        comparison = compare(
            ordered,
            exam.descriptor,
            performed_on=performed_on,
            ordered_on=today,
            standing=exam.standing,
            retrieval=exam.retrieval,
        )
        if comparison is None:
            continue
        if not exam.visible:
            hidden.add(exam.study_uid)
            continue
        if exam.doubt:
            comparison = as_note(comparison, f"possibly another patient: {exam.doubt}")
        elif softening is not None:
            comparison = as_note(comparison, softening)
        match = _match(exam, comparison, inputs)
        found[exam.study_uid] = _better(found.get(exam.study_uid), match)
    ranked = sorted(found.values(), key=_rank)[:_MOST_MATCHES]
    return tuple(ranked), len(hidden - found.keys())


def _day(moment: datetime, region: tzinfo) -> date:
    return moment.astimezone(region).date()


def _match(exam: KnownExam, comparison: Comparison, inputs: OrderInputs) -> Match:
    quiet_for = (inputs.checked_at - exam.last_received_at).total_seconds()
    return Match(
        comparison=comparison,
        study_uid=exam.study_uid,
        institution=exam.institution,
        performed_at=exam.performed_at,
        exam=exam.descriptor,
        # A worker that is away must not leave a study arriving for ever: quiet counts here too.
        arriving=not exam.settled and quiet_for < inputs.quiet_seconds,
        standing=exam.standing,
        retrieval=exam.retrieval,
    )


def _better(one: Match | None, other: Match) -> Match:
    """Of two copies of one study (two institutions hold it) the one that says more."""
    return other if one is None or _rank(other) < _rank(one) else one


_STRENGTH = {Grade.DUPLICATE: 0, Grade.PARTIAL: 1, Grade.RELATED: 2}


def _rank(match: Match) -> tuple[int, float, str]:
    """Strongest first, then newest."""
    when = match.performed_at.timestamp() if match.performed_at else 0.0
    return _STRENGTH[match.comparison.grade], -when, match.study_uid


def _already_ordered(inputs: OrderInputs) -> tuple[EarlierOrder, ...]:
    """Earlier orders of an exam that would serve this one, the newest first; one an institution.

    The same institution asking again within minutes is one order being made (it is checked when
    it is selected, and again when it is signed), not two.
    """
    oldest = inputs.checked_at - timedelta(hours=ORDER_MEMORY_HOURS)
    same_order = inputs.checked_at - timedelta(minutes=SAME_ORDER_MINUTES)
    today = _day(inputs.checked_at, inputs.region)
    found: dict[str, EarlierOrder] = {}
    for each in sorted(inputs.earlier, key=lambda one: one.asked_at, reverse=True):
        own = each.institution == inputs.order.institution
        if not oldest <= each.asked_at <= (same_order if own else inputs.checked_at):
            continue
        comparison = compare(inputs.ordered, each.exam, performed_on=today, ordered_on=today)
        if comparison is not None and comparison.grade is Grade.DUPLICATE:
            found.setdefault(each.institution, each)
    return tuple(found.values())
