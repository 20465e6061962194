"""POST /cds-services/{id}: orders in the making are judged, cards are answered."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import anyio
from anyio import to_thread
from fastapi import Request
from fastapi.responses import JSONResponse, Response

from imaging_cloud.domain.access import Principal
from imaging_cloud.domain.baskets import BesideOrder, repeats_of
from imaging_cloud.domain.cautions.agents import agents_of
from imaging_cloud.domain.errors import InvalidRequest, NotFound, Unavailable
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.softening import downgrade_reason
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.order_codes import OrderReader
from imaging_cloud.web.calls import cloud_of, lanes_of
from imaging_cloud.web.cds_hooks.cards import Judged, card_of
from imaging_cloud.web.cds_hooks.discovery import HOOK_OF, ORDER_SELECT
from imaging_cloud.web.cds_hooks.drafts import Draft, active_orders, read_drafts, select_drafts
from imaging_cloud.web.cds_hooks.models import HookCall, parse_call
from imaging_cloud.web.cds_hooks.records import Records, gather_records
from imaging_cloud.web.errors import MissingData
from imaging_cloud.web.fhir.facts import facts_of
from imaging_cloud.web.fhir.people import identifiers_of_patient, patient_document
from imaging_cloud.web.fhir.resources import MedicationUse, Patient
from imaging_cloud.web.order_check import answer_order
from imaging_cloud.web.order_models import parse_order_check
from imaging_cloud.web.security import principal_of

# Less than an order screen waits, whatever happens (CDS Hooks: "on the order of 500 ms").
_SECONDS_TO_ANSWER = 1.5
_CAUTION_KEYS = ("problems", "allergies", "medications", "devices", "renal", "pregnancy")


async def post_service(request: Request, service: str) -> Response:
    """Cards for the draft orders: related exams, repeats in the basket, cautions (CDS Hooks)."""
    began: float = request.state.began
    hook = HOOK_OF.get(service)
    if hook is None:
        raise NotFound("no such CDS service; GET /cds-services lists them")
    call = parse_call(await request.body())
    if call.hook != hook:
        raise InvalidRequest(f"hook: this service is for {hook}", field="hook")
    work = partial(answer_call, call, service, principal_of(request), cloud_of(request))
    try:
        with anyio.fail_at(began + _SECONDS_TO_ANSWER):
            cards = await to_thread.run_sync(
                work, limiter=lanes_of(request).orders, abandon_on_cancel=True
            )
    except TimeoutError as error:
        raise Unavailable("the check could not be made in time; the order can go on") from error
    return JSONResponse({"cards": cards})


def answer_call(
    call: HookCall, service: str, principal: Principal, cloud: Cloud
) -> list[dict[str, Any]]:
    """The cards of one call, in the order of the drafts."""
    now, zone = cloud.clock.now(), cloud.policy.time_zone
    reader = OrderReader(principal.institution or "", cloud.catalogue)
    drafts, basket, keys = read_drafts(call.context.draft_orders, now=now, zone=zone, reader=reader)
    judged = (
        select_drafts(drafts, call.context.selections, keys) if service == ORDER_SELECT else drafts
    )
    if not judged:
        return []
    wanted = ["patient", "orders"]
    if any(agents_of(draft.as_order(""), draft.exam) for draft in judged):
        wanted += _CAUTION_KEYS
    records = gather_records(call, wanted, cloud.outside)
    patient = _patient(records)
    asking = _Asking(principal, cloud, patient)
    medicines = [each for each in basket if isinstance(each, MedicationUse)]
    facts = facts_of([*records.of(*_CAUTION_KEYS), *medicines], now=now, zone=zone)
    placed = active_orders(records.of("orders"), drafts, now=now, zone=zone, reader=reader)
    common = {
        "patient": patient_document(patient, asking.identifiers),
        "facts": facts.document(),
    }
    cards = []
    for draft in judged:
        repeats = _repeats(draft, drafts, judged, placed)
        card = card_of(_judge(draft, common, asking, repeats, records))
        if card is not None:
            cards.append(card)
    return cards


class _Asking:
    """Who asks, for which institution and patient."""

    def __init__(self, principal: Principal, cloud: Cloud, patient: Patient | None) -> None:
        self.principal = principal
        self.cloud = cloud
        policy = cloud.policy
        identifiers: tuple[PatientIdentifier, ...] = (
            identifiers_of_patient(patient, principal.institution, policy) if patient else ()
        )
        self.names = {each.code: each.name for each in cloud.register.list_institutions()}
        self.identifiers = identifiers
        self.institution = principal.institution or self._issuing_institution()

    def _issuing_institution(self) -> str:
        """For a caller of no institution: the one whose patient number was sent."""
        for each in self.identifiers:
            if each.issuer in self.names:
                return each.issuer
        field = "prefetch.patient.identifier"
        raise InvalidRequest(
            f"{field}: this access token is of no institution, so a number of one is needed",
            field=field,
        )


def _patient(records: Records) -> Patient | None:
    """The patient; None when the client says there is none. 412 when nobody could tell."""
    if "patient" in records.missing or "patient" in records.failed:
        raise MissingData(
            "prefetch.patient is needed: send it along, or have the FHIR server listed here"
        )
    return next((each for each in records.of("patient") if isinstance(each, Patient)), None)


def _repeats(
    draft: Draft,
    drafts: Sequence[Draft],
    judged: Sequence[Draft],
    placed: Sequence[BesideOrder],
) -> tuple[BesideOrder, ...]:
    """The same exam among the other orders; of two that are judged only the later one says so."""
    position = drafts.index(draft)
    beside = [
        other.beside(active=False)
        for number, other in enumerate(drafts)
        if number != position and (number < position or other not in judged)
    ]
    return repeats_of(draft.exam, (*beside, *placed))


def _judge(
    draft: Draft,
    common: dict[str, Any],
    asking: _Asking,
    repeats: tuple[BesideOrder, ...],
    records: Records,
) -> Judged:
    """Judge and log one order, by the same way the plain call goes."""
    order = draft.as_order(asking.institution)
    document = {**common, "order": draft.document(asking.institution)}
    asked = parse_order_check(json.dumps(document).encode())
    told = agents_of(order, draft.exam)
    return Judged(
        key=draft.key,
        name=draft.title,
        answer=answer_order(asked, asking.principal, asking.cloud),
        repeats=repeats,
        softened=downgrade_reason(order, draft.exam) is not None,
        failed=sorted(records.failed & set(_CAUTION_KEYS)) if told else (),
        institutions=asking.names,
        smart_launch_url=asking.cloud.policy.smart_launch_url,
    )
