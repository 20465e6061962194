"""What every command needs: settings, a prepared home and an open cloud."""

from collections.abc import Iterator
from contextlib import contextmanager

from imaging_cloud.domain.errors import NotFound
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.process import configure_logging
from imaging_cloud.settings import Settings


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Cloud]:
    """The cloud of the current settings, created or upgraded first, closed at the end."""
    from imaging_cloud.bootstrap import open_cloud, prepare_home

    settings = settings or Settings()
    configure_logging(settings.log_level)
    prepare_home(settings)
    cloud = open_cloud(settings)
    try:
        yield cloud
    finally:
        cloud.close()


def note_operator_act(cloud: Cloud, action: str, *, institution: str, detail: str = "") -> None:
    """Write into the audit trail what was done by command."""
    cloud.audit.append_event(
        AuditEvent(
            at=cloud.clock.now(),
            action=action,
            actor="command line",
            role="operator",
            institution=institution,
            detail=detail,
        )
    )


def require_institution(cloud: Cloud, code: str) -> None:
    if cloud.register.find_institution(code) is None:
        raise NotFound(
            f"institution {code} is not known; add it first:"
            f" imaging-cloud institution add {code} --name NAME"
        )
