"""logged_check: every verdict is kept with its inputs, and who asked stands in the trail."""

from typing import Any

from imaging_cloud.domain.access import Principal
from imaging_cloud.domain.catalogue import CATALOGUE_VERSION
from imaging_cloud.domain.exam_items import item_of
from imaging_cloud.ports.alert_log import LoggedAlert, LoggedCheck
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.alert_inputs import inputs_document
from imaging_cloud.use_cases.check_order import CheckedOrder
from imaging_cloud.use_cases.open_study import actor_of


def logged_check(
    checked: CheckedOrder,
    principal: Principal,
    answer: dict[str, Any],
    cloud: Cloud,
    *,
    preview: bool = False,
) -> LoggedCheck:
    """What `add_alerts` must have kept before the answer is told.

    A preview is no order: statistics leave it out until somebody decides on it.
    """
    alert, actor = checked.alert, actor_of(principal)
    institution = checked.inputs.order.institution
    return (
        LoggedAlert(
            alert_id=alert.alert_id,
            at=alert.checked_at,
            institution=institution,
            actor=actor,
            outcome=alert.outcome.value,
            rules_version=alert.rules_version,
            catalogue_version=_catalogue_version(cloud),
            person_id=alert.person_id or "",
            item=item_of(alert.exam),
            preview=preview,
            inputs=inputs_document(checked.inputs),
            answer=answer,
        ),
        AuditEvent(
            at=alert.checked_at,
            action="order-check",
            actor=actor,
            role=principal.role.value,
            institution=institution,
            person_id=alert.person_id or "",
            detail=f"{alert.alert_id} {alert.outcome.value}{' preview' if preview else ''}",
        ),
    )


def _catalogue_version(cloud: Cloud) -> str:
    """The defaults' version, and how often the region's table of marks and windows changed."""
    changes = cloud.recognition.table().version
    return f"{CATALOGUE_VERSION}+{changes}" if changes else CATALOGUE_VERSION
