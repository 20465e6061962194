"""POST /cds-services/{id}/feedback: what became of cards (CDS Hooks 2.0.1, Feedback)."""

from datetime import UTC, datetime

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from imaging_cloud.domain.decisions import AlertDecision
from imaging_cloud.domain.errors import InvalidRequest, NotFound
from imaging_cloud.domain.reexam_reasons import REASONS_SYSTEM
from imaging_cloud.use_cases.take_feedback import take_feedback
from imaging_cloud.web.bodies import read_body
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.cds_hooks.discovery import HOOK_OF
from imaging_cloud.web.cds_hooks.models import FeedbackItem, parse_feedback
from imaging_cloud.web.fhir.elements import moment_of
from imaging_cloud.web.outcomes import FHIR_JSON, outcome_document
from imaging_cloud.web.security import principal_of

_LONGEST_REASON = 1024


def post_feedback(request: Request, service: str) -> Response:
    """Take what became of cards: accepted, or overridden with a reason. May be sent again."""
    if service not in HOOK_OF:
        raise NotFound("no such CDS service; GET /cds-services lists them")
    told = parse_feedback(read_body(request)).feedback
    decisions = [_decision(item, number) for number, item in enumerate(told)]
    unknown = take_feedback(decisions, principal_of(request), cloud_of(request))
    if len(unknown) == len(decisions):
        raise NotFound("feedback.0.card: no such card, or not for this caller")
    if unknown:
        number = decisions.index(unknown[0])
        document = outcome_document(
            404,
            "some cards are not known here",
            field=f"feedback.{number}.card",
            severity="warning",
        )
        return JSONResponse(document, media_type=FHIR_JSON)
    return Response(status_code=200)


def _decision(item: FeedbackItem, number: int) -> AlertDecision:
    """The alert is named by its card: the two have one id."""
    accepted = item.outcome == "accepted"
    if accepted and not item.accepted_suggestions:
        field = f"feedback.{number}.acceptedSuggestions"
        raise InvalidRequest(f"{field}: needed where the outcome is accepted", field=field)
    code, text = _reason(item)
    return AlertDecision(
        alert_id=item.card,
        card_id=item.card,
        outcome="recognised" if accepted else "repeated",
        reason_code=code,
        reason_text=text,
        decided_at=_moment(item.outcome_timestamp, number),
        actor="",
        institution="",
    )


def _reason(item: FeedbackItem) -> tuple[str, str]:
    """(code, words) of an override; a code of another system is no code of ours."""
    given = item.override_reason
    if item.outcome == "accepted" or given is None:
        return "", ""
    reason, text = given.reason, given.user_comment
    if reason is None:
        return "", text[:_LONGEST_REASON]
    ours = reason.system in {"", REASONS_SYSTEM}
    words = text or ("" if ours else reason.display)
    return (reason.code if ours else "other"), words[:_LONGEST_REASON]


def _moment(text: str, number: int) -> datetime:
    moment = moment_of(text, UTC)
    if moment is None or "T" not in text:
        field = f"feedback.{number}.outcomeTimestamp"
        raise InvalidRequest(f"{field}: as 2026-11-20T02:00:00Z is needed", field=field)
    return moment
