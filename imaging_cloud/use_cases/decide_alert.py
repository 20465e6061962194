"""decide_alert: a physician says what became of an alert."""

from dataclasses import dataclass

from imaging_cloud.domain.access import Principal
from imaging_cloud.domain.decisions import AlertDecision, DecisionOutcome
from imaging_cloud.domain.errors import InvalidRequest, NotFound
from imaging_cloud.domain.reexam_reasons import REEXAM_REASONS
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.open_study import actor_of

# Beside the six situations: what order screens name when the prior itself does not serve.
_OF_THE_PRIOR = ("quality", "incomplete", "not-accessible")
REASON_CODES = (*(reason.code for reason in REEXAM_REASONS), *_OF_THE_PRIOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfAlert:
    alert_id: str
    outcome: DecisionOutcome
    study_uid: str = ""
    reason_code: str = ""
    reason_text: str = ""


def decide_alert(said: SaidOfAlert, principal: Principal, cloud: Cloud) -> AlertDecision:
    """Record it and its line in the trail; saying the same again changes nothing but the time.

    Raises NotFound alike for an alert that does not exist and for another institution's,
    InvalidRequest when a repeat has no reason we know, Unavailable: then say it again.
    """
    alert = cloud.alerts.find_alert(said.alert_id)
    if alert is None or principal.institution not in (None, alert.institution):
        raise NotFound("no such alert, or not for this caller")
    _check(said, alert.answer.get("matches", ()))
    decision = AlertDecision(
        alert_id=alert.alert_id,
        card_id="",
        outcome=said.outcome,
        reason_code=said.reason_code,
        reason_text=said.reason_text,
        decided_at=cloud.clock.now(),
        actor=actor_of(principal),
        institution=alert.institution,
        study_uid=said.study_uid,
    )
    cloud.decisions.record(decision)
    cloud.audit.append_event(
        AuditEvent(
            at=decision.decided_at,
            action="alert-decided",
            actor=decision.actor,
            role=principal.role.value,
            institution=alert.institution,
            study_uid=said.study_uid,
            person_id=alert.person_id,
            detail=f"{alert.alert_id} {said.outcome} {said.reason_code}".strip(),
        )
    )
    return decision


def _check(said: SaidOfAlert, matches: object) -> None:
    if said.outcome == "repeated" and not said.reason_code:
        raise InvalidRequest("reason.code: a repeat needs a coded reason", field="reason.code")
    if said.reason_code and said.reason_code not in REASON_CODES:
        known = ", ".join(REASON_CODES)
        raise InvalidRequest(f"reason.code: one of {known} is needed", field="reason.code")
    told = {each["studyInstanceUID"] for each in matches} if isinstance(matches, list) else set()
    if said.study_uid and said.study_uid not in told:
        raise InvalidRequest(
            "studyInstanceUID: not a match of this alert", field="studyInstanceUID"
        )
