"""check_commitments: say of each referenced instance whether it is kept, having read it back."""

import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from imaging_cloud.domain.commitments import (
    CHECK_PATIENCE,
    Commitment,
    FailureReason,
    Reference,
    pause_after,
)
from imaging_cloud.domain.errors import NotFound, Unavailable
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.use_cases.read_back import fault_of, read_back

LOGGER = logging.getLogger(__name__)

_READERS = 4
_WINDOW = 32
# Renewed while the check goes on; a worker that dies keeps the others waiting for so long.
_LEASE = timedelta(seconds=30)
_RENEWED_AFTER = timedelta(seconds=5)
_BATCH = 4

Rows = dict[str, InstanceRow]
Progress = Callable[[], None]


class TooLong(Exception):  # noqa: N818 - named by its meaning
    """The check would keep its caller longer than the caller can stay."""


def check_commitments(cloud: Cloud) -> int:
    """Check up to a batch of requests; how many were taken. Run by any number of workers.

    While the store is away a request waits; after CHECK_PATIENCE what could not be read is
    reported as failed, for want of resources: a sender keeps what is not committed.
    """
    now = cloud.clock.now()
    taken = cloud.commitments.take_unchecked(now, now + _LEASE, limit=_BATCH)
    for commitment in taken:
        try:
            check_commitment(commitment, cloud, progress=_renewing(commitment, cloud))
        except Unavailable as away:
            _wait_or_fail(commitment, cloud, away)
    return len(taken)


def _renewing(commitment: Commitment, cloud: Cloud) -> Progress:
    renewed_at = cloud.clock.now()

    def renew() -> None:
        nonlocal renewed_at
        now = cloud.clock.now()
        if now - renewed_at > _RENEWED_AFTER:
            cloud.commitments.extend_lease(commitment, now + _LEASE)
            renewed_at = now

    return renew


def _wait_or_fail(commitment: Commitment, cloud: Cloud, away: Unavailable) -> None:
    now = cloud.clock.now()
    if now - commitment.requested_at < CHECK_PATIENCE:
        LOGGER.warning("commitment %s waits: %s", commitment.transaction_uid, away)
        until = now + pause_after(commitment.attempts + 1)
        cloud.commitments.postpone(commitment, until, failed=True)
        return
    LOGGER.warning("commitment %s failed: %s", commitment.transaction_uid, away)
    reasons = [FailureReason.RESOURCE_LIMITATION] * len(commitment.references)
    cloud.commitments.save_result(commitment, reasons)


def check_commitment(
    commitment: Commitment,
    cloud: Cloud,
    *,
    progress: Progress,
    most_bytes: int | None = None,
) -> tuple[int, ...]:
    """Check one leased request, save its result, and settle the studies that it commits whole.

    `progress` is called now and then; what it raises ends the check. Raises TooLong when more
    than `most_bytes` would have to be read, Unavailable when store or index are away.
    """
    uids = list({each.sop_instance_uid: None for each in commitment.references})
    rows = cloud.index.find_stored(commitment.institution, uids)
    if most_bytes is not None and sum(row.size for row in rows.values()) > most_bytes:
        raise TooLong
    contested = cloud.quarantine.contested_uids(commitment.institution, uids)
    reasons: list[int] = []
    with ThreadPoolExecutor(_READERS) as readers:
        for start in range(0, len(commitment.references), _WINDOW):
            window = commitment.references[start : start + _WINDOW]
            for reason in readers.map(lambda each: _reason(each, rows, contested, cloud), window):
                reasons.append(reason)
                progress()
    cloud.commitments.save_result(commitment, reasons)
    _settle_whole_studies(commitment, reasons, rows, cloud)
    return tuple(reasons)


def _reason(reference: Reference, rows: Rows, contested: set[str], cloud: Cloud) -> FailureReason:
    """PS3.3 C.14.1.1, the reason that says most first."""
    uid = reference.sop_instance_uid
    row = rows.get(uid)
    if row is None:
        return _why_absent(reference, contested)
    if row.sop_class_uid != reference.sop_class_uid:
        return FailureReason.CLASS_INSTANCE_CONFLICT
    if uid in contested:
        # Nobody knows which of the two the sender means until a person has decided.
        return FailureReason.PROCESSING_FAILURE
    fault = _fault_of_object(row, cloud)
    if fault:
        LOGGER.error("commitment: the object of instance %s: %s", uid, fault)
        return FailureReason.PROCESSING_FAILURE
    return FailureReason.COMMITTED


def _why_absent(reference: Reference, contested: set[str]) -> FailureReason:
    if reference.sop_instance_uid in contested:
        return FailureReason.PROCESSING_FAILURE
    if not reference.is_supported:
        return FailureReason.CLASS_NOT_SUPPORTED
    return FailureReason.NO_SUCH_INSTANCE


def _fault_of_object(row: InstanceRow, cloud: Cloud) -> str:
    try:
        with cloud.objects.open_object(row.object_key) as stream:
            return fault_of(row, read_back(stream))
    except NotFound:
        return "missing"
    except Unavailable:
        cloud.objects.check_ready()  # the store is there, so it is this object that is damaged
        return "unreadable"


def _settle_whole_studies(
    commitment: Commitment, reasons: list[int], rows: Rows, cloud: Cloud
) -> None:
    """A sender that has every instance of a study committed has sent it whole."""
    if any(reason != FailureReason.COMMITTED for reason in reasons):
        return
    for study_uid, count in Counter(row.study_uid for row in rows.values()).items():
        cloud.outbox.settle_committed(
            commitment.institution, study_uid, instance_count=count, at=cloud.clock.now()
        )
