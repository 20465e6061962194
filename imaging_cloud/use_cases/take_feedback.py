"""take_feedback: what order screens tell of their cards goes to the alerts they came from."""

from collections.abc import Sequence
from dataclasses import replace

from imaging_cloud.domain.access import Principal
from imaging_cloud.domain.decisions import AlertDecision
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.open_study import actor_of


def take_feedback(
    told: Sequence[AlertDecision], principal: Principal, cloud: Cloud
) -> list[AlertDecision]:
    """Record each; return those whose alert does not exist, or not for this caller.

    Actor and institution are the caller's and the alert's, whatever was told. Recording the same
    again changes nothing. Raises Unavailable: then it is to be sent again.
    """
    unknown = []
    for decision in told:
        alert = cloud.alerts.find_alert(decision.alert_id)
        if alert is None or principal.institution not in {None, alert.institution}:
            unknown.append(decision)
            continue
        actor = actor_of(principal)
        cloud.decisions.record(replace(decision, actor=actor, institution=alert.institution))
        cloud.audit.append_event(
            AuditEvent(
                at=cloud.clock.now(),
                action="alert-decided",
                actor=actor,
                role=principal.role.value,
                institution=alert.institution,
                person_id=alert.person_id,
                detail=f"{decision.alert_id} {decision.outcome}",
            )
        )
    return unknown
