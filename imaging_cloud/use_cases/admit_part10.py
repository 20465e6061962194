"""admit_part10: a Part 10 stream (import, STOW-RS, harvest) through the one way in."""

import io
from typing import BinaryIO

from imaging_cloud.dicom.file_meta import (
    MAGIC,
    PREAMBLE_LENGTH,
    FileMeta,
    encode_file_meta,
    has_part10_magic,
    read_file_meta,
)
from imaging_cloud.dicom.header import read_header
from imaging_cloud.dicom.loose import guess_transfer_syntax
from imaging_cloud.domain.errors import InvalidInstance, Unrecorded
from imaging_cloud.domain.identifiers import checked_uid
from imaging_cloud.domain.imaging import Claim, Origin
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.spool import SpooledFile
from imaging_cloud.use_cases.receive_instance import (
    Receipt,
    discard_entry,
    receive_instance,
    refuse_instance,
    refuse_unkept,
)

_CHUNK = 1024**2
_MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"


def admit_part10(stream: BinaryIO, origin: Origin, cloud: Cloud) -> Receipt:
    """Take in one file from a seekable stream that stands at its first byte.

    Files without preamble (old archives write bare data sets) are taken when their first element
    tells the encoding. The file meta is rewritten in our form; the data set is kept byte for
    byte. Bytes that are no instance are quarantined and answered with a receipt that says why;
    raises Unavailable or OutOfSpace as receive_instance does.
    """
    begin = stream.tell()
    try:
        meta = _meta_of(stream)
        prefix = encode_file_meta(
            meta.sop_class_uid, meta.sop_instance_uid, meta.transfer_syntax_uid
        )
        spooled = _spool(stream, origin.institution, prefix, cloud)
        if not meta.sop_instance_uid:
            spooled = _respool_with_own_uids(spooled, meta, cloud)
    except InvalidInstance as refused:
        stream.seek(begin)
        return _refuse(stream, origin, refused, cloud)
    claim = None
    if meta.sop_class_uid and meta.sop_instance_uid:
        claim = Claim(sop_class_uid=meta.sop_class_uid, sop_instance_uid=meta.sop_instance_uid)
    return receive_instance(spooled, origin, claim, cloud)


def _refuse(stream: BinaryIO, origin: Origin, refused: InvalidInstance, cloud: Cloud) -> Receipt:
    """Keep the file as it came, unless it is larger than anything we keep."""
    try:
        spooled = _spool(stream, origin.institution, b"", cloud)
    except InvalidInstance:
        return refuse_unkept(origin, refused, None, cloud)
    try:
        receipt = refuse_instance(spooled, origin, refused, None, cloud)
    except Unrecorded:
        cloud.spool.leave_for_replay(spooled)
        raise
    discard_entry(spooled, receipt, cloud)
    return receipt


def _meta_of(stream: BinaryIO) -> FileMeta:
    start = stream.read(PREAMBLE_LENGTH + len(MAGIC))
    stream.seek(-len(start), io.SEEK_CUR)
    if not has_part10_magic(start):
        return guess_transfer_syntax(stream)
    meta = read_file_meta(stream)
    if meta.sop_class_uid == _MEDIA_DIRECTORY:
        raise InvalidInstance(
            "a DICOMDIR lists the files of a medium; import the folder it lies in",
            cause="not-an-instance",
        )
    if not meta.transfer_syntax_uid:
        return guess_transfer_syntax(stream, meta)
    for uid, keyword in (
        (meta.transfer_syntax_uid, "TransferSyntaxUID"),
        (meta.sop_class_uid, "MediaStorageSOPClassUID"),
        (meta.sop_instance_uid, "MediaStorageSOPInstanceUID"),
    ):
        if uid:
            checked_uid(uid, keyword)
    return meta


def _respool_with_own_uids(spooled: SpooledFile, meta: FileMeta, cloud: Cloud) -> SpooledFile:
    """Write the entry again with the UIDs of its data set, which the file meta left out."""
    try:
        instance = read_header(spooled.path, spooled.data_set_offset).instance
        prefix = encode_file_meta(
            instance.sop_class_uid, instance.sop_instance_uid, meta.transfer_syntax_uid
        )
        with spooled.path.open("rb") as stream:
            stream.seek(spooled.data_set_offset)
            return _spool(stream, spooled.institution, prefix, cloud)
    finally:
        cloud.spool.discard(spooled)


def _spool(stream: BinaryIO, institution: str, prefix: bytes, cloud: Cloud) -> SpooledFile:
    entry = cloud.spool.open_entry(institution, prefix)
    try:
        while chunk := stream.read(_CHUNK):
            entry.write(chunk)
        return entry.seal()
    finally:
        entry.abandon()
