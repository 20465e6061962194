"""check_order: has this patient a comparable exam already, and would this one harm them."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from imaging_cloud.domain.access import institution_may_see
from imaging_cloud.domain.alerts import (
    Comparison,
    Grade,
    Match,
    OrderAlert,
    outcome_of,
)
from imaging_cloud.domain.comparability import RULES_VERSION, as_note, compare, downgrade_reason
from imaging_cloud.domain.contraindications import cautions_for
from imaging_cloud.domain.exams.describe import describe_exam
from imaging_cloud.domain.exams.descriptor import (
    ExamDescriptor,
    ExamEvidence,
    ProcedureCode,
)
from imaging_cloud.domain.orders import ClinicalFacts, Order, OrderedPatient
from imaging_cloud.domain.patients import (
    Candidate,
    Identity,
    PersonFacts,
    facts_of_order,
    judge_identity,
)
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.exam_register import ExamRow, KnownPerson, PatientExams

# More than this nobody reads; the strongest and newest stay.
_MOST_MATCHES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuestion:
    """An order about to be placed, with its patient and what is known of them."""

    patient: OrderedPatient
    order: Order
    facts: ClinicalFacts


def check_order(question: OrderQuestion, cloud: Cloud) -> OrderAlert:
    """Judge one order. Reads only exam rows; raises Unavailable when the index is away.

    The asking institution is the order's. Exams of other institutions count only as `withheld`
    where the patient has not opened them to it.
    """
    ordered = describe_order(question.order)
    patient = facts_of_order(question.patient)
    known = cloud.exams.find_exams_of(
        patient.identifiers, asking_institution=question.order.institution
    )
    identity = judge_identity(patient, [_candidate(person) for person in known.persons])
    now = cloud.clock.now()
    shown, withheld = _judge_exams(question.order, ordered, known, identity, cloud, now)
    return OrderAlert(
        alert_id=str(uuid.uuid4()),
        outcome=outcome_of(shown),
        exam=ordered,
        certainty=identity.certainty,
        person_id=next(iter((*identity.certain, *identity.possible)), None),
        matches=shown,
        cautions=cautions_for(question.order, ordered, question.facts),
        withheld=withheld,
        checked_at=now,
        rules_version=RULES_VERSION,
    )


def describe_order(order: Order) -> ExamDescriptor:
    """What the order asks for, by the same rules that describe studies."""
    code = ProcedureCode(value=order.code, scheme="") if order.code else None
    evidence = ExamEvidence(
        name=order.name,
        modalities=(order.modality,) if order.modality else (),
        procedure_codes=(code,) if code else (),
        lateralities=(order.laterality,) if order.laterality else (),
    )
    return describe_exam(evidence).descriptor


def _candidate(person: KnownPerson) -> Candidate:
    facts = PersonFacts(
        identifiers=person.identifiers,
        names=person.names,
        birth_date=person.birth_date,
        sex=person.sex,
    )
    return Candidate(person_id=person.person_id, facts=facts)


def _judge_exams(
    order: Order,
    ordered: ExamDescriptor,
    known: PatientExams,
    identity: Identity,
    cloud: Cloud,
    now: datetime,
) -> tuple[tuple[Match, ...], int]:
    """(matches the asker may see, number of those it may not)."""
    doubts = dict(identity.doubts)
    softening = downgrade_reason(order, ordered)
    found: dict[str, Match] = {}
    hidden: set[str] = set()
    for exam in known.exams:
        comparison = _compare(exam, ordered, order, cloud.policy.time_zone)
        if comparison is None:
            continue
        if not _may_see(exam, order.institution, known.decisions, cloud):
            hidden.add(exam.study_uid)
            continue
        doubt = doubts.get(exam.person_id)
        if doubt is not None:
            comparison = as_note(comparison, f"possibly another patient: {doubt}")
        elif softening is not None:
            comparison = as_note(comparison, softening)
        match = _match(exam, comparison, now, cloud.policy.quiet_seconds)
        found[exam.study_uid] = _better(found.get(exam.study_uid), match)
    ranked = sorted(found.values(), key=_rank)[:_MOST_MATCHES]
    return tuple(ranked), len(hidden - found.keys())


def _compare(
    exam: ExamRow, ordered: ExamDescriptor, order: Order, region: tzinfo
) -> Comparison | None:
    return compare(
        ordered,
        exam.descriptor,
        performed_on=_day(exam.performed_at, region),
        ordered_on=order.placed_at.astimezone(region).date(),
    )


def _day(moment: datetime | None, region: tzinfo) -> date | None:
    return moment.astimezone(region).date() if moment else None


def _may_see(exam: ExamRow, asking: str, decisions: dict[str, bool], cloud: Cloud) -> bool:
    if exam.institution == asking:
        return True
    return institution_may_see(cloud.policy.consent, decisions.get(exam.person_id))


def _match(exam: ExamRow, comparison: Comparison, now: datetime, quiet_seconds: float) -> Match:
    return Match(
        comparison=comparison,
        study_uid=exam.study_uid,
        institution=exam.institution,
        performed_at=exam.performed_at,
        exam=exam.descriptor,
        # A worker that is away must not leave a study arriving for ever: quiet counts here too.
        arriving=not exam.is_settled
        and (now - exam.last_received_at).total_seconds() < quiet_seconds,
    )


def _better(one: Match | None, other: Match) -> Match:
    """Of two copies of one study (two institutions hold it) the one that says more."""
    return other if one is None or _rank(other) < _rank(one) else one


_STRENGTH = {Grade.DUPLICATE: 0, Grade.PARTIAL: 1, Grade.RELATED: 2}


def _rank(match: Match) -> tuple[int, float, str]:
    """Strongest first, then newest."""
    when = match.performed_at.timestamp() if match.performed_at else 0.0
    return _STRENGTH[match.comparison.grade], -when, match.study_uid


def count_grades(alert: OrderAlert) -> Counter[str]:
    """How many matches of each grade, for metrics."""
    return Counter(match.comparison.grade.value for match in alert.matches)
