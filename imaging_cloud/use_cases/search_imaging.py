"""search_imaging: run a search of the index and write down that it was made."""

from collections.abc import Callable
from typing import TypeVar

from imaging_cloud.domain.access import Principal
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.open_study import actor_of

Row = TypeVar("Row")


def search_imaging(find: Callable[[], list[Row]], principal: Principal, cloud: Cloud) -> list[Row]:
    """The rows found. The trail holds who searched and how much was shown, never the keys."""
    rows = find()
    cloud.audit.append_event(
        AuditEvent(
            at=cloud.clock.now(),
            action="search",
            actor=actor_of(principal),
            role=principal.role.value,
            institution=principal.institution or "",
            detail=f"{len(rows)} found",
        )
    )
    return rows
