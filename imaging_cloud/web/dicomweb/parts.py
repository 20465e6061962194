"""Which part of a study a DICOMweb request is for, found and written down before it is shown."""

from typing import BinaryIO

from fastapi import Request

from imaging_cloud.dicom.range_file import range_file
from imaging_cloud.dicom.stored import StoredInstance, read_stored
from imaging_cloud.domain.errors import NotFound
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.use_cases.open_study import OpenedStudy, StudyPart, open_study
from imaging_cloud.web.calls import cloud_of, scope_of_call
from imaging_cloud.web.security import principal_of


def opened_part(request: Request, action: str) -> OpenedStudy:
    """The part that the path names; the audit event is durable on return."""
    names = request.path_params
    part = StudyPart(
        study_uid=names["study_uid"],
        series_uid=names.get("series_uid"),
        sop_instance_uid=names.get("sop_instance_uid"),
    )
    scope = scope_of_call(request)
    return open_study(part, action, principal_of(request), scope, cloud_of(request))


def source_of(row: InstanceRow, cloud: Cloud) -> BinaryIO:
    """The stored object as a file that fetches what is read of it."""
    key = row.object_key
    return range_file(
        lambda offset, length: cloud.objects.read_range(key, offset, length), row.size
    )


def stored_of(row: InstanceRow, cloud: Cloud) -> StoredInstance:
    return read_stored(source_of(row, cloud))


def middle_picture(opened: OpenedStudy) -> InstanceRow:
    """The instance that stands for a study or series: the middle one of those with pixels."""
    pictures = [row for row in opened.instances if row.rows]
    if not pictures:
        raise NotFound("there is no picture in this part of the study")
    return pictures[len(pictures) // 2]


def instance_address(row: InstanceRow, public_url: str) -> str:
    return (
        f"{public_url}/dicom-web/studies/{row.study_uid}/series/{row.series_uid}"
        f"/instances/{row.sop_instance_uid}"
    )
