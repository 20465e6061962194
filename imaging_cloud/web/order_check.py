"""POST /api/order-check: the plain call of order screens that speak no CDS Hooks."""

import asyncio
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from pydantic_core import to_json

from imaging_cloud.domain.access import Principal
from imaging_cloud.domain.errors import InvalidRequest, NotPermitted, Unavailable
from imaging_cloud.domain.identifiers import PatientIdentifier, checked_identifier
from imaging_cloud.domain.orders import ClinicalFacts, Coding, Order, OrderedPatient
from imaging_cloud.ports.alert_log import LoggedCheck
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.check_order import OrderQuestion, check_order
from imaging_cloud.use_cases.identify_caller import confirm_caller
from imaging_cloud.use_cases.log_order_check import logged_check
from imaging_cloud.web.calls import cloud_of, lanes_of
from imaging_cloud.web.order_answer import answer_document
from imaging_cloud.web.order_models import CodingIn, OrderCheckIn, OrderIn, parse_order_check
from imaging_cloud.web.security import principal_of

# The contract's 2 s, less what the way back takes. The guard before it gives up at 1.5 s.
_SECONDS_TO_ANSWER = 1.8


async def post_order_check(request: Request) -> Response:
    """Tell whether a comparable exam exists already, and whether this one would harm."""
    began: float = request.state.began
    body = await request.body()
    judge = partial(_confirm_and_judge, body, principal_of(request), cloud_of(request))
    try:
        async with asyncio.timeout_at(began + _SECONDS_TO_ANSWER):
            answer = await lanes_of(request).checks.answer(judge)
    except TimeoutError as error:
        raise Unavailable("the check could not be made in time; the order can go on") from error
    return Response(answer, media_type="application/json")


def _confirm_and_judge(
    body: bytes, principal: Principal, cloud: Cloud
) -> tuple[bytes, LoggedCheck]:
    """The guard has read the token only (security.CONFIRMING_PATHS): nothing is judged before."""
    caller = confirm_caller(principal, cloud)
    answer, logged = _judge_order(parse_order_check(body), caller, cloud)
    return to_json(answer), logged


def answer_order(asked: OrderCheckIn, principal: Principal, cloud: Cloud) -> dict[str, Any]:
    """Check one order for this caller, log it, and return the answer document."""
    answer, logged = _judge_order(asked, principal, cloud)
    cloud.alerts.add_alerts([logged])
    return answer


def _judge_order(
    asked: OrderCheckIn, principal: Principal, cloud: Cloud
) -> tuple[dict[str, Any], LoggedCheck]:
    """The answer document, and what must be logged before it is told."""
    institution = _asking_institution(asked.order, principal, cloud)
    checked = check_order(question_of(asked, institution, cloud), cloud)
    answer = answer_document(
        checked.alert, region=cloud.policy.time_zone, public_url=cloud.policy.public_url
    )
    return answer, logged_check(checked, principal, answer, cloud, preview=asked.preview)


def _asking_institution(order: OrderIn, principal: Principal, cloud: Cloud) -> str:
    if principal.institution is not None and order.institution != principal.institution:
        raise NotPermitted(f"this access token speaks for {principal.institution} only")
    if not cloud.register.has_institution(order.institution):
        raise InvalidRequest(
            "order.institution: not an institution here", field="order.institution"
        )
    return order.institution


def question_of(asked: OrderCheckIn, institution: str, cloud: Cloud) -> OrderQuestion:
    order, patient, facts = asked.order, asked.patient, asked.facts
    placed_at = order.placed_at
    if placed_at.tzinfo is None:
        placed_at = placed_at.replace(tzinfo=cloud.policy.time_zone)
    return OrderQuestion(
        patient=OrderedPatient(
            identifiers=_identifiers(asked),
            name=patient.name or "",
            birth_date=patient.birth_date,
            sex=patient.sex.value,
        ),
        order=Order(
            name=order.name or "",
            code=order.code,
            codings=_codings(order.codings),
            modality=order.modality,
            laterality=order.laterality.value if order.laterality else None,
            priority=order.priority,
            reasons=_codings(order.reason_codes),
            reexam_reason=order.reexam_reason,
            institution=institution,
            placed_at=placed_at,
        ),
        facts=ClinicalFacts(
            conditions=_codings(facts.conditions),
            allergies=_codings(facts.allergies),
            egfr=facts.egfr,
            pregnant=facts.pregnant,
            devices=_codings(facts.devices),
        ),
    )


def _identifiers(asked: OrderCheckIn) -> tuple[PatientIdentifier, ...]:
    found = []
    for number, each in enumerate(asked.patient.identifiers):
        try:
            found.append(checked_identifier(each.issuer.strip(), each.value))
        except InvalidRequest as error:
            field = f"patient.identifiers.{number}.issuer"
            raise InvalidRequest(f"{field}: an issuer code is needed", field=field) from error
    return tuple(found)


def _codings(given: tuple[CodingIn, ...]) -> tuple[Coding, ...]:
    return tuple(Coding(each.system, each.code) for each in given)
