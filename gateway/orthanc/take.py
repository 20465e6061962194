"""Taking one instance: asked of the ledger, fetched, and through the one way in."""

import tempfile
from dataclasses import dataclass
from typing import BinaryIO, cast

from gateway.orthanc.client import OrthancClient
from gateway.orthanc.errors import ArchiveAway, ArchiveForbids, ResourceFailed, ResourceGone
from gateway.orthanc.report import Outcome
from imaging_cloud.domain.errors import InvalidInstance, Unavailable
from imaging_cloud.domain.identifiers import is_uid
from imaging_cloud.domain.imaging import Claim, Origin
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.admit_part10 import admit_part10
from imaging_cloud.use_cases.receive_instance import ReceiptStatus, refuse_unkept

# Ordinary slices stay in memory; larger files go to an unnamed temporary file on their way.
_IN_MEMORY = 8 * 1024**2
# Preamble and file meta come on top of the data set, which the spool bounds exactly.
_META_SLACK = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An instance of the archive. `sop_instance_uid` is "" when it is not known yet.

    `may_be_recorded`: the archive had it before this harvest looked, so an earlier harvest may
    have taken it. What arrives there while we follow is always fetched: when it stands here
    already, only its bytes tell whether it is the same.
    """

    instance_id: str
    sop_instance_uid: str = ""
    may_be_recorded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    outcome: Outcome
    cause: str = ""
    size: int = 0


def take_instance(wanted: Wanted, client: OrthancClient, origin: Origin, cloud: Cloud) -> Taken:
    """Blocks until the instance is durable or refused (its bytes then lie in quarantine).

    Raises ResourceFailed when this instance cannot be had now, ArchiveAway when none can,
    Unavailable or OutOfSpace when the cloud cannot keep it now.
    """
    try:
        return _take(wanted, client, origin, cloud)
    except ResourceGone:
        _confirm_deleted(wanted, client)
        return Taken(outcome=Outcome.DELETED_THERE)
    except (ArchiveAway, ArchiveForbids) as failed:
        # Is it the archive, or this one instance (a cut connection, a rule about its study)?
        client.check_is_orthanc()
        raise ResourceFailed(str(failed)) from failed


def _confirm_deleted(wanted: Wanted, client: OrthancClient) -> None:
    """Return when the archive says so twice; a lost file or a misled proxy is no deletion."""
    try:
        client.read_instance(wanted.instance_id)
    except ResourceGone:
        client.check_is_orthanc()
    else:
        raise ResourceFailed("the archive lists it, but does not have its file")


def _take(wanted: Wanted, client: OrthancClient, origin: Origin, cloud: Cloud) -> Taken:
    if wanted.may_be_recorded and _is_recorded(wanted, client, origin, cloud):
        return Taken(outcome=Outcome.RECORDED_BEFORE)
    try:
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spooled:
            file = cast("BinaryIO", spooled)  # it is one in all but its declared type
            limit = cloud.policy.max_instance_bytes + _META_SLACK
            size = client.download_file(wanted.instance_id, file, max_bytes=limit)
            file.seek(0)
            receipt = admit_part10(file, origin, cloud)
    except InvalidInstance as refused:
        receipt = refuse_unkept(origin, refused, _claim(wanted), cloud)
        size = 0
    except OSError as broken:
        raise Unavailable("the folder for temporary files cannot be written") from broken
    match receipt.status:
        case ReceiptStatus.STORED | ReceiptStatus.HELD:
            return Taken(outcome=Outcome.STORED, size=size)
        case ReceiptStatus.ALREADY_STORED:
            return Taken(outcome=Outcome.ALREADY_STORED, size=size)
        case ReceiptStatus.DIFFERS | ReceiptStatus.CLASHES | ReceiptStatus.INVALID:
            return Taken(outcome=Outcome.REFUSED, cause=receipt.cause, size=size)


def give_up_instance(wanted: Wanted, trouble: str, origin: Origin, cloud: Cloud) -> Taken:
    """Put it on the list of refusals, for a person to look at. Raises Unavailable."""
    refused = InvalidInstance(
        f"resource {wanted.instance_id} could not be taken ({trouble})",
        cause="unreadable-at-source",
    )
    refuse_unkept(origin, refused, _claim(wanted), cloud)
    return Taken(outcome=Outcome.UNREADABLE, cause=refused.cause)


def _is_recorded(wanted: Wanted, client: OrthancClient, origin: Origin, cloud: Cloud) -> bool:
    uid = wanted.sop_instance_uid or client.read_instance(wanted.instance_id).sop_instance_uid
    return is_uid(uid) and cloud.harvests.has_instance(origin.institution, uid)


def _claim(wanted: Wanted) -> Claim | None:
    """What the archive said it is, so that the refusal names it."""
    if not is_uid(wanted.sop_instance_uid):
        return None
    return Claim(sop_class_uid="", sop_instance_uid=wanted.sop_instance_uid)
