"""list_accesses: who looked at a patient's images, and when, for the patient to see."""

from imaging_cloud.domain.access import Principal
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.identify_caller import own_persons


def list_accesses(principal: Principal, cloud: Cloud, limit: int = 200) -> list[AuditEvent]:
    """Newest first."""
    events = [
        event
        for person in own_persons(principal, cloud)
        for event in cloud.audit.list_events_of(person, limit)
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)[:limit]
