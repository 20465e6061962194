"""check_order: has this patient a comparable exam already, and would this one harm them."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from imaging_cloud.domain.access import institution_may_see
from imaging_cloud.domain.alerts import OrderAlert
from imaging_cloud.domain.catalogue import ORDER_MEMORY_HOURS
from imaging_cloud.domain.exams.describe import describe_exam
from imaging_cloud.domain.exams.descriptor import ExamDescriptor
from imaging_cloud.domain.exams.mapping import missing_of
from imaging_cloud.domain.judging import KnownExam, OrderInputs, judge
from imaging_cloud.domain.orders import ClinicalFacts, Coding, Order, OrderedPatient
from imaging_cloud.domain.patients import (
    Candidate,
    PersonFacts,
    facts_of_order,
    judge_identity,
)
from imaging_cloud.domain.recognition import NO_STANDING, RecognitionTable, Standing
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.exam_register import ExamRow, KnownPerson
from imaging_cloud.use_cases.order_codes import OrderReader, order_evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuestion:
    """An order about to be placed, with its patient and what is known of them."""

    patient: OrderedPatient
    order: Order
    facts: ClinicalFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOrder:
    """The verdict, and the inputs it can be reached from again."""

    alert: OrderAlert
    inputs: OrderInputs


def check_order(question: OrderQuestion, cloud: Cloud) -> CheckedOrder:
    """Judge one order. Reads only exam rows; raises Unavailable when the index is away.

    The asking institution is the order's. Exams of other institutions count only as `withheld`
    where the patient has not opened them to it.
    """
    inputs = gather_inputs(question, cloud)
    return CheckedOrder(alert=judge(inputs, alert_id=_alert_id(inputs.checked_at)), inputs=inputs)


def _alert_id(at: datetime) -> str:
    """A UUIDv7 (RFC 9562 5.7): alerts of one hour lie side by side, so a commit is few pages."""
    chance = secrets.randbits(74)
    bits = int(at.timestamp() * 1000) << 80 | 0x7 << 76 | (chance >> 62) << 64 | 0x2 << 62
    return str(uuid.UUID(int=bits | chance & (1 << 62) - 1))


def gather_inputs(question: OrderQuestion, cloud: Cloud) -> OrderInputs:
    """Everything the verdict rests on, as the index knows it now."""
    order = _named(question.order, cloud)
    asking = order.institution
    patient = facts_of_order(question.patient)
    now = cloud.clock.now()
    known = cloud.exams.find_exams_of(
        patient.identifiers,
        asking_institution=asking,
        orders_since=now - timedelta(hours=ORDER_MEMORY_HOURS),
    )
    identity = judge_identity(patient, [_candidate(person) for person in known.persons])
    doubts = dict(identity.doubts)
    opened = {
        person.person_id: institution_may_see(
            cloud.policy.consent, known.decisions.get(person.person_id)
        )
        for person in known.persons
    }
    judging = _Asking(
        order=order,
        ordered=_understand(order, cloud),
        table=cloud.recognition.table(),
        region=cloud.policy.time_zone,
    )
    return OrderInputs(
        order=order,
        ordered=judging.ordered,
        facts=question.facts,
        certainty=identity.certainty,
        person_id=next(iter((*identity.certain, *identity.possible)), None),
        exams=tuple(judging.known_exam(exam, opened, doubts) for exam in known.exams),
        earlier=tuple(
            order.earlier
            for order in known.orders
            if order.person_id in identity.certain
            and (order.earlier.institution == asking or opened[order.person_id])
        ),
        checked_at=now,
        region=cloud.policy.time_zone,
        quiet_seconds=cloud.policy.quiet_seconds,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """What is ordered, where: how each prior stands towards it."""

    order: Order
    ordered: ExamDescriptor
    table: RecognitionTable
    region: tzinfo

    def known_exam(
        self, exam: ExamRow, opened: Mapping[str, bool], doubts: Mapping[str, str]
    ) -> KnownExam:
        own = exam.institution == self.order.institution
        return KnownExam(
            institution=exam.institution,
            study_uid=exam.study_uid,
            performed_at=exam.performed_at,
            descriptor=exam.descriptor,
            last_received_at=exam.last_received_at,
            visible=own or opened[exam.person_id],
            settled=exam.is_settled,
            doubt=doubts.get(exam.person_id) or "",
            standing=self._standing(exam),
            retrieval=exam.retrieval,
        )

    def _standing(self, exam: ExamRow) -> Standing:
        if not self.table:
            return NO_STANDING
        at = exam.performed_at
        return self.table.standing(
            self.ordered,
            exam.descriptor,
            made_at=exam.institution,
            asking=self.order.institution,
            performed_on=at.astimezone(self.region).date() if at else None,
        )


def _named(order: Order, cloud: Cloud) -> Order:
    """An order by code alone has the name that the hospital or the code's system gives it."""
    if order.name.strip():
        return order
    codings = (*((Coding("", order.code),) if order.code else ()), *order.codings)
    name = OrderReader(order.institution, cloud.catalogue).name_of(codings)
    return replace(order, name=name) if name else order


def _understand(order: Order, cloud: Cloud) -> ExamDescriptor:
    """What the order asks for; a name that tells too little goes on the work list."""
    meaning = cloud.catalogue.describe(order_evidence(order))
    missing = missing_of(meaning)
    if missing and (order.name or order.code):
        cloud.catalogue.note_unread_order(
            order.institution, order.name, order.code or "", missing, cloud.clock.now()
        )
    return meaning.descriptor


def describe_order(order: Order) -> ExamDescriptor:
    """What the order asks for, by the rules alone."""
    return describe_exam(order_evidence(order)).descriptor


def _candidate(person: KnownPerson) -> Candidate:
    facts = PersonFacts(
        identifiers=person.identifiers,
        names=person.names,
        birth_date=person.birth_date,
        sex=person.sex,
    )
    return Candidate(person_id=person.person_id, facts=facts)
