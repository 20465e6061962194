"""receive_instance: from a sealed spool entry to a durable, recorded instance, or a refusal.

The one way in for every instance, whichever face brought it (docs/adr/0001 has the order).
"""

from dataclasses import dataclass
from enum import StrEnum

from imaging_cloud.dicom.header import read_header, read_header_of
from imaging_cloud.domain.errors import (
    InvalidInstance,
    OutOfSpace,
    StoreAway,
    Unavailable,
    Unrecorded,
)
from imaging_cloud.domain.imaging import Claim, InstanceHeader, Origin
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.intake import (
    AlreadyRecorded,
    Clashes,
    Differs,
    InstanceRecord,
    Recorded,
    Refusal,
)
from imaging_cloud.ports.spool import SpooledFile


class ReceiptStatus(StrEnum):
    """What became of the bytes. In every case they are kept, in the archive or in quarantine."""

    STORED = "stored"
    ALREADY_STORED = "already-stored"
    HELD = "held"
    DIFFERS = "differs"
    CLASHES = "clashes"
    INVALID = "invalid"


_KEPT = (ReceiptStatus.STORED, ReceiptStatus.ALREADY_STORED, ReceiptStatus.HELD)
# Whose senders may be told success on the spool: a device that sends by itself, and deletes.
_HELD_FOR = "c-store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`cause` and `message` say why an instance was not stored; "" when it was."""

    status: ReceiptStatus
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    study_uid: str = ""
    series_uid: str = ""
    cause: str = ""
    message: str = ""
    quarantine_id: str = ""

    @property
    def kept(self) -> bool:
        return self.status in _KEPT


def object_key(institution: str, sha256: str) -> str:
    """Content-addressed: the same data set of an institution is the same object."""
    return f"{institution}/{sha256[:2]}/{sha256}"


def quarantine_key(institution: str, sha256: str) -> str:
    return f"quarantine/{institution}/{sha256}"


def receive_instance(
    spooled: SpooledFile, origin: Origin, claim: Claim | None, cloud: Cloud
) -> Receipt:
    """Store, record, and only then say so; the spool entry is discarded once all is durable.

    `claim` is what the command set said (None where there was none, as with files). Raises
    Unavailable or OutOfSpace: the sender is told that nothing was kept and still has it. Where
    the object rests in the store already, the entry stays and is replayed, so that no object is
    left without a row; taking it in twice is harmless. Where the operator allowed it, it is held
    on the spool instead.
    """
    if cloud.spool.is_holding() and (held := _hold(spooled, origin, claim, cloud)):
        return held
    try:
        receipt = keep_instance(spooled, origin, claim, cloud)
    except Unavailable as away:
        if _is_elsewhere(away) and (held := _hold(spooled, origin, claim, cloud)):
            return held
        if isinstance(away, Unrecorded):
            cloud.spool.leave_for_replay(spooled)
        else:
            cloud.spool.discard(spooled)
        raise
    except BaseException:
        # A fault of ours: nobody knows how far it got, so the bytes stay.
        cloud.spool.leave_for_replay(spooled)
        raise
    discard_entry(spooled, receipt, cloud)
    return receipt


def _is_elsewhere(away: Unavailable) -> bool:
    """Whether what is away is no fault of the disk that the spool lies on."""
    if isinstance(away, Unrecorded):
        return not isinstance(away.__cause__, OutOfSpace)
    return isinstance(away, StoreAway)


def _hold(
    spooled: SpooledFile, origin: Origin, claim: Claim | None, cloud: Cloud
) -> Receipt | None:
    """Let it wait on the spool and call it kept; None where the operator's settings forbid it.

    Off unless IMAGING_CLOUD_ACK_ON_SPOOL says how many bytes may wait (docs/adr/0001).
    """
    allowed = cloud.policy.ack_on_spool
    if origin.kind != _HELD_FOR or not allowed:
        return None
    if cloud.spool.read_backlog().bytes + spooled.size > allowed:
        return None
    try:
        header = _read_header(spooled)
        _check_claim(header, claim)
        cloud.spool.hold(spooled)
    except (InvalidInstance, Unavailable):
        return None
    return _receipt(ReceiptStatus.HELD, header)


def discard_entry(spooled: SpooledFile, receipt: Receipt, cloud: Cloud) -> None:
    """All is recorded: the entry may go once object and row outlive a power cut without it."""
    if not (cloud.objects.names_lag or cloud.intake.rows_lag):
        cloud.spool.discard(spooled)
        return
    invalid = receipt.status is ReceiptStatus.INVALID
    key = (quarantine_key if invalid else object_key)(spooled.institution, spooled.sha256)
    cloud.spool.discard_later(spooled, key, cloud.make_durable)


def keep_instance(
    spooled: SpooledFile, origin: Origin, claim: Claim | None, cloud: Cloud
) -> Receipt:
    """The same, but the spool entry stays where it is: the caller discards it."""
    try:
        header = _read_header(spooled)
        _check_claim(header, claim)
    except InvalidInstance as refused:
        return refuse_instance(spooled, origin, refused, claim, cloud)
    key = object_key(spooled.institution, spooled.sha256)
    _put_object(key, spooled, cloud)
    record = InstanceRecord(
        header=header,
        origin=origin,
        object_key=key,
        sha256=spooled.sha256,
        size=spooled.size,
        received_at=cloud.clock.now(),
    )
    try:
        outcome = cloud.intake.record_instance(record)
    except Unavailable as away:
        raise Unrecorded(str(away)) from away
    match outcome:
        case Recorded():
            return _receipt(ReceiptStatus.STORED, header)
        case AlreadyRecorded():
            return _receipt(ReceiptStatus.ALREADY_STORED, header)
        case Differs(quarantine_id):
            return _receipt(
                ReceiptStatus.DIFFERS,
                header,
                cause="differs",
                message="other bytes are stored under this SOP Instance UID; these are quarantined",
                quarantine_id=quarantine_id,
            )
        case Clashes(quarantine_id, message):
            return _receipt(
                ReceiptStatus.CLASHES,
                header,
                cause="clash",
                message=message,
                quarantine_id=quarantine_id,
            )


def _put_object(key: str, spooled: SpooledFile, cloud: Cloud) -> None:
    """A local store links the file where there is one; another is spared reading it back."""
    if spooled.content is not None and not (spooled.has_file and cloud.objects.names_lag):
        cloud.objects.put_bytes(key, bytes(spooled.content))
    else:
        cloud.objects.put_file(key, spooled.path)


def _read_header(spooled: SpooledFile) -> InstanceHeader:
    if spooled.content is not None:
        return read_header_of(spooled.content, spooled.data_set_offset)
    return read_header(spooled.path, spooled.data_set_offset)


def _check_claim(header: InstanceHeader, claim: Claim | None) -> None:
    """The command set and the data set must name the same thing (PS3.4 B.2.3, 0xA900)."""
    if claim is None:
        return
    if header.instance.sop_instance_uid != claim.sop_instance_uid:
        raise InvalidInstance(
            "SOPInstanceUID of the data set is not AffectedSOPInstanceUID of the command",
            cause="uid-mismatch",
        )
    if header.instance.sop_class_uid != claim.sop_class_uid:
        raise InvalidInstance(
            "SOPClassUID of the data set is not AffectedSOPClassUID of the command",
            cause="sop-class-mismatch",
        )


def refuse_instance(
    spooled: SpooledFile,
    origin: Origin,
    refused: InvalidInstance,
    claim: Claim | None,
    cloud: Cloud,
) -> Receipt:
    """Keep the bytes in quarantine, record the refusal, and say why."""
    key = quarantine_key(spooled.institution, spooled.sha256)
    _put_object(key, spooled, cloud)
    return _record_refusal(origin, refused, claim, cloud, key, spooled.size)


def refuse_unkept(
    origin: Origin, refused: InvalidInstance, claim: Claim | None, cloud: Cloud
) -> Receipt:
    """Record a refusal of which no bytes could be kept (too large, or never read)."""
    return _record_refusal(origin, refused, claim, cloud, "", 0)


def _record_refusal(
    origin: Origin,
    refused: InvalidInstance,
    claim: Claim | None,
    cloud: Cloud,
    key: str,
    size: int,
) -> Receipt:
    sop_instance_uid = claim.sop_instance_uid if claim else ""
    refusal = Refusal(
        origin=origin,
        cause=refused.cause,
        message=str(refused),
        sop_instance_uid=sop_instance_uid,
        object_key=key,
        size=size,
        received_at=cloud.clock.now(),
    )
    try:
        quarantine_id = cloud.intake.record_refusal(refusal)
    except Unavailable as away:
        raise Unrecorded(str(away)) from away
    return Receipt(
        status=ReceiptStatus.INVALID,
        sop_instance_uid=sop_instance_uid,
        cause=refused.cause,
        message=str(refused),
        quarantine_id=quarantine_id,
    )


def _receipt(
    status: ReceiptStatus,
    header: InstanceHeader,
    *,
    cause: str = "",
    message: str = "",
    quarantine_id: str = "",
) -> Receipt:
    return Receipt(
        status=status,
        sop_class_uid=header.instance.sop_class_uid,
        sop_instance_uid=header.instance.sop_instance_uid,
        study_uid=header.study.study_uid,
        series_uid=header.series.series_uid,
        cause=cause,
        message=message,
        quarantine_id=quarantine_id,
    )
