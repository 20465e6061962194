"""admit_upload: one uploaded Part 10 file, which may be bound to a study (STOW-RS)."""

from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from imaging_cloud.dicom.file_meta import FileMeta, read_file_meta
from imaging_cloud.dicom.stored import read_stored
from imaging_cloud.domain.errors import CloudError, InvalidInstance
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.admit_part10 import admit_part10
from imaging_cloud.use_cases.receive_instance import Receipt, ReceiptStatus

# Most instances are smaller and never touch the disk before the spool; the rest lies in a
# temporary file without a name.
_IN_MEMORY_BYTES = 2 * 1024**2


def upload_buffer() -> BinaryIO:
    return cast("BinaryIO", SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES))


def admit_upload(stream: BinaryIO, study_uid: str | None, origin: Origin, cloud: Cloud) -> Receipt:
    """Take in the file; an instance of another study than `study_uid` is refused, not kept.

    The sender is told so and still has it (PS3.18 10.5.1: all instances belong to the study).
    """
    stream.seek(0)
    if study_uid is not None and _study_of(stream) not in (None, study_uid):
        meta = uploaded_meta(stream)
        return Receipt(
            status=ReceiptStatus.INVALID,
            sop_class_uid=meta.sop_class_uid,
            sop_instance_uid=meta.sop_instance_uid,
            cause="uid-mismatch",
            message="StudyInstanceUID is not that of the address",
        )
    stream.seek(0)
    receipt = admit_part10(stream, origin, cloud)
    if receipt.kept or receipt.sop_instance_uid:
        return receipt
    meta = uploaded_meta(stream)
    return replace(
        receipt, sop_class_uid=meta.sop_class_uid, sop_instance_uid=meta.sop_instance_uid
    )


def uploaded_meta(stream: BinaryIO) -> FileMeta:
    """What the file says it is, for the answer about it; empty when it says nothing."""
    stream.seek(0)
    try:
        return read_file_meta(stream)
    except InvalidInstance:
        return FileMeta(length=0)


def _study_of(stream: BinaryIO) -> str | None:
    """None where nothing can be read: the way in will say what is wrong with it."""
    try:
        uid = read_stored(stream).dataset.get("StudyInstanceUID")
    except CloudError:
        return None
    return str(uid) if uid else None
