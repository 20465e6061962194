"""adopt_object: an object that no row knows is taken in again the way everything comes in."""

import re

from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.identifiers import checked_institution
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.intake import Refusal
from imaging_cloud.ports.spool import SpooledFile
from imaging_cloud.use_cases.read_back import meta_of, read_start
from imaging_cloud.use_cases.receive_instance import ReceiptStatus, receive_instance

_KIND = "repair"
_CHUNK = 1024**2
_INSTANCE = re.compile(r"(?P<institution>[^/]+)/[0-9a-f]{2}/(?P<sha256>[0-9a-f]{64})")
_QUARANTINED = re.compile(r"quarantine/(?P<institution>[^/]+)/[0-9a-f]{64}")


def adopt_object(key: str, size: int, cloud: Cloud) -> bool:
    """Give the object a row, or a quarantine row; whether it has one now.

    An object whose bytes are not those of its key is damaged, and one under a key that is not
    ours is none of our business: both are left as they are. Raises Unavailable, OutOfSpace.
    """
    if found := _QUARANTINED.fullmatch(key):
        return _hold(key, size, found["institution"], "unaccounted", cloud)
    found = _INSTANCE.fullmatch(key)
    if found is None or not _is_institution(found["institution"]):
        return False
    spooled = copy_to_spool(key, found["institution"], cloud)
    if spooled.sha256 != found["sha256"]:
        cloud.spool.discard(spooled)
        return False
    origin = Origin(institution=found["institution"], kind=_KIND)
    receipt = receive_instance(spooled, origin, None, cloud)
    if receipt.status is ReceiptStatus.INVALID:
        return _hold(key, size, found["institution"], receipt.cause, cloud)
    return True


def _is_institution(code: str) -> bool:
    try:
        checked_institution(code)
    except InvalidRequest:
        return False
    return True


def copy_to_spool(key: str, institution: str, cloud: Cloud) -> SpooledFile:
    """The object as a sealed spool entry, which the caller discards. Raises NotFound."""
    with cloud.objects.open_object(key) as stream:
        start = read_start(stream)
        meta = meta_of(start)
        offset = meta.length if meta else 0
        entry = cloud.spool.open_entry(institution, start[:offset])
        try:
            entry.write(start[offset:])
            while chunk := stream.read(_CHUNK):
                entry.write(chunk)
            return entry.seal()
        finally:
            entry.abandon()


def _hold(key: str, size: int, institution: str, cause: str, cloud: Cloud) -> bool:
    if not _is_institution(institution):
        return False
    cloud.intake.record_refusal(
        Refusal(
            origin=Origin(institution=institution, kind=_KIND),
            cause=cause,
            message="found in the store without a row; kept for a person to decide",
            object_key=key,
            size=size,
            received_at=cloud.clock.now(),
        )
    )
    return True
