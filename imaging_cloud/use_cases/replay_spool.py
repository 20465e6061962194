"""replay_spool: what a crash left sealed in the spool goes the way it was on."""

import logging
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice

from imaging_cloud.dicom.file_meta import read_file_meta
from imaging_cloud.domain.errors import InvalidInstance, Unavailable
from imaging_cloud.domain.imaging import Claim, Origin
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.spool import SpooledFile
from imaging_cloud.use_cases.receive_instance import discard_entry, keep_instance

LOGGER = logging.getLogger(__name__)

# Entries taken in at once: enough to share a commit, few enough for any store.
_AT_ONCE = 8
_WINDOW = 32

_Claimed = tuple[SpooledFile, Claim | None]


class _End(Enum):
    KEPT = auto()
    REFUSED = auto()
    LEFT = auto()
    AWAY = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How many entries were kept, refused into quarantine, and tried and left."""

    kept: int = 0
    refused: int = 0
    left: int = 0
    swept: int = 0


def replay_spool(cloud: Cloud) -> Replay:
    """Run at start and now and then, in any number of processes (docs/adr/0001).

    Nothing of these was acknowledged, so nothing would be lost without them; but an object may
    already rest in the store without a row, and this gives it one. An entry whose store or index
    is away stays for the next time; where that is so of many in a row, those behind them are not
    tried now. Several are taken in at once, so that they share commits; entries of one SOP
    instance keep their order, so that the older bytes stay the first.
    """
    swept = cloud.spool.sweep_unsealed()
    ends: Counter[_End] = Counter()
    entries = cloud.spool.list_sealed()
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="replay") as pool:
        while window := list(islice(entries, _WINDOW)):
            now: Counter[_End] = Counter()
            for found in pool.map(lambda chain: _replay_all(chain, cloud), _chains(window)):
                now.update(found)
            ends += now
            if now[_End.AWAY] == now.total() > 0:
                break  # what is away for all of these is away for the others
    kept, refused = ends[_End.KEPT], ends[_End.REFUSED]
    left = ends[_End.LEFT] + ends[_End.AWAY]
    if kept or refused or left:
        LOGGER.info("replay: %d kept, %d refused, %d left", kept, refused, left)
    return Replay(kept=kept, refused=refused, left=left, swept=swept)


def _chains(window: list[SpooledFile]) -> Iterable[list[_Claimed]]:
    """Entries of one institution and instance together, in their order."""
    chains: dict[tuple[str, str], list[_Claimed]] = {}
    for spooled in window:
        try:
            claim = _claim_of(spooled)
        except FileNotFoundError:
            continue  # another process replayed it meanwhile
        uid = claim.sop_instance_uid if claim else spooled.path.name
        chains.setdefault((spooled.institution, uid), []).append((spooled, claim))
    return chains.values()


def _replay_all(chain: list[_Claimed], cloud: Cloud) -> list[_End]:
    return [_replay_one(spooled, claim, cloud) for spooled, claim in chain]


def _replay_one(spooled: SpooledFile, claim: Claim | None, cloud: Cloud) -> _End:
    origin = Origin(institution=spooled.institution, kind="replay")
    name = spooled.path.name
    try:
        receipt = keep_instance(spooled, origin, claim, cloud)
    except Unavailable as away:
        LOGGER.warning("replay: %s stays in the spool: %s", name, away)
        return _End.AWAY
    except FileNotFoundError:
        return _End.GONE  # another process replayed it meanwhile
    except Exception as fault:  # noqa: BLE001 - one entry must not keep the others waiting
        # Without traceback: its last line may quote the object.
        LOGGER.error("replay: %s stays in the spool: %s", name, type(fault).__name__)  # noqa: TRY400
        return _End.LEFT
    discard_entry(spooled, receipt, cloud)
    return _End.KEPT if receipt.kept else _End.REFUSED


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
