"""replay_spool: what a crash left sealed in the spool goes the way it was on."""

import logging
from dataclasses import dataclass

from imaging_cloud.dicom.file_meta import read_file_meta
from imaging_cloud.domain.errors import InvalidInstance, Unavailable
from imaging_cloud.domain.imaging import Claim, Origin
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.spool import SpooledFile
from imaging_cloud.use_cases.receive_instance import discard_entry, keep_instance

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How many entries were kept, refused into quarantine, and left because a store is away."""

    kept: int = 0
    refused: int = 0
    left: int = 0
    swept: int = 0


def replay_spool(cloud: Cloud) -> Replay:
    """Run at start and now and then, in any number of processes (docs/adr/0001).

    Nothing of these was acknowledged, so nothing would be lost without them; but an object may
    already rest in the store without a row, and this gives it one. An entry whose store or index
    is away stays for the next start.
    """
    swept = cloud.spool.sweep_unsealed()
    kept = refused = left = 0
    for spooled in cloud.spool.list_sealed():
        origin = Origin(institution=spooled.institution, kind="replay")
        try:
            receipt = keep_instance(spooled, origin, _claim_of(spooled), cloud)
        except Unavailable as away:
            LOGGER.warning("replay: %s stays in the spool: %s", spooled.path.name, away)
            left += 1
            continue
        except FileNotFoundError:
            continue  # another process replayed it meanwhile
        except Exception as fault:  # noqa: BLE001 - one entry must not keep the others waiting
            # Without traceback: its last line may quote the object.
            name, kind = spooled.path.name, type(fault).__name__
            LOGGER.error("replay: %s stays in the spool: %s", name, kind)  # noqa: TRY400
            left += 1
            continue
        discard_entry(spooled, receipt, cloud)
        if receipt.kept:
            kept += 1
        else:
            refused += 1
    if kept or refused or left:
        LOGGER.info("replay: %d kept, %d refused, %d left", kept, refused, left)
    return Replay(kept=kept, refused=refused, left=left, swept=swept)


def _claim_of(spooled: SpooledFile) -> Claim | None:
    """What the sender said it was: the file meta was made from it before any byte was read."""
    with spooled.path.open("rb") as stream:
        try:
            meta = read_file_meta(stream)
        except InvalidInstance:
            return None  # bytes that are no DICOM, on their way to quarantine
    if not (meta.sop_class_uid and meta.sop_instance_uid):
        return None
    return Claim(sop_class_uid=meta.sop_class_uid, sop_instance_uid=meta.sop_instance_uid)
