"""list_accesses: who looked at a patient's images, and when, for the patient to see."""

from imaging_cloud.domain.access import Principal
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.identify_caller import own_persons

# Acts by which somebody learned of the patient's exams; arrivals and decisions are no such acts.
ACCESSES = frozenset(
    {
        "view",
        "retrieve",
        "retrieve-frames",
        "retrieve-bulk-data",
        "metadata",
        "order-check",
        "share-opened",
        "download",
    }
)


# A page of pictures is as many events.
_EVENTS_PER_LOOK = 20


def list_accesses(principal: Principal, cloud: Cloud, limit: int = 200) -> list[AuditEvent]:
    """Newest first."""
    events = [
        event
        for person in own_persons(principal, cloud)
        for event in cloud.audit.list_events_of(person, limit * _EVENTS_PER_LOOK)
        if event.action in ACCESSES
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)[:limit]
