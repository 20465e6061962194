"""log_order_check: every verdict is kept with its inputs, and who asked stands in the trail."""

from typing import Any

from imaging_cloud.domain.access import Principal
from imaging_cloud.domain.alerts import OrderAlert
from imaging_cloud.domain.catalogue import CATALOGUE_VERSION
from imaging_cloud.ports.alert_log import LoggedAlert
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.open_study import actor_of


def log_order_check(
    alert: OrderAlert,
    principal: Principal,
    institution: str,
    documents: tuple[dict[str, Any], dict[str, Any]],
    cloud: Cloud,
) -> None:
    """`documents` are the request and the answer. Raises Unavailable: then nothing is told."""
    request, answer = documents
    cloud.alerts.add_alert(
        LoggedAlert(
            alert_id=alert.alert_id,
            at=alert.checked_at,
            institution=institution,
            actor=actor_of(principal),
            outcome=alert.outcome.value,
            rules_version=alert.rules_version,
            catalogue_version=CATALOGUE_VERSION,
            person_id=alert.person_id or "",
            item="",
            inputs=request,
            answer=answer,
        )
    )
    cloud.audit.append_event(
        AuditEvent(
            at=alert.checked_at,
            action="order-check",
            actor=actor_of(principal),
            role=principal.role.value,
            institution=institution,
            person_id=alert.person_id or "",
            detail=f"{alert.alert_id} {alert.outcome.value}",
        )
    )
