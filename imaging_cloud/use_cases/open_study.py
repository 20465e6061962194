"""open_study: the instances a caller may see of one study, written down before they are shown."""

from dataclasses import dataclass

from imaging_cloud.domain.access import Principal, Role, Scope
from imaging_cloud.domain.errors import NotFound
from imaging_cloud.domain.identifiers import is_uid
from imaging_cloud.domain.queries import ImagingQuery
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import InstanceRow, StudyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPart:
    """What of a study is asked for: all of it, one series, or one instance of a series."""

    study_uid: str
    series_uid: str | None = None
    sop_instance_uid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedStudy:
    study: StudyRow
    instances: tuple[InstanceRow, ...]


def open_study(
    part: StudyPart, action: str, principal: Principal, scope: Scope, cloud: Cloud
) -> OpenedStudy:
    """Find, then append the audit event, then return.

    Raises NotFound alike for what is not there and what is not this caller's, and Unavailable
    when the event cannot be written: then nothing is shown.
    """
    opened = find_study(part, scope, cloud)
    cloud.audit.append_event(
        AuditEvent(
            at=cloud.clock.now(),
            action=action,
            actor=actor_of(principal),
            role=principal.role.value,
            institution=principal.institution or "",
            study_uid=part.study_uid,
            person_id=opened.study.person_id,
            detail=_detail(part),
        )
    )
    return opened


def find_study(part: StudyPart, scope: Scope, cloud: Cloud) -> OpenedStudy:
    asked = (part.study_uid, part.series_uid, part.sop_instance_uid)
    if not all(uid is None or is_uid(uid) for uid in asked):
        raise NotFound("no such study, or not for this caller")
    studies = cloud.index.find_studies(ImagingQuery(study_uids=(part.study_uid,), limit=1), scope)
    rows = cloud.index.list_instances(
        scope,
        part.study_uid,
        series_uid=part.series_uid,
        sop_instance_uid=part.sop_instance_uid,
    )
    if not studies or not rows:
        raise NotFound("no such study, or not for this caller")
    return OpenedStudy(study=studies[0], instances=tuple(rows))


def actor_of(principal: Principal) -> str:
    """The name in the trail; a patient's own number stays out of it, the person id says who.

    A guest is called by the link: its id and what the patient named it.
    """
    if principal.role is Role.PATIENT:
        return "patient"
    return f"{principal.subject} {principal.label}".rstrip()


def _detail(part: StudyPart) -> str:
    return part.sop_instance_uid or part.series_uid or ""
