"""decide_quarantine: a person looks at held bytes, and accepts or discards them."""

import hashlib
import time
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from imaging_cloud.dicom.differences import Difference, header_differences
from imaging_cloud.dicom.header import read_header
from imaging_cloud.domain.errors import Conflict, InvalidInstance, NotFound
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.intake import InstanceRecord
from imaging_cloud.ports.quarantine import Decision, Held
from imaging_cloud.ports.spool import SpooledFile
from imaging_cloud.use_cases.adopt_object import copy_to_spool
from imaging_cloud.use_cases.read_back import ReadBack, read_back
from imaging_cloud.use_cases.receive_instance import (
    object_key,
    quarantine_key,
    receive_instance,
)

_KIND = "quarantine"
# Where no instance ever rests.
_APART = "quarantine/"
_CHUNK = 1024**2
_IN_MEMORY = 8 * 1024**2
_CONTESTED = frozenset({"differs", "clash", "superseded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An entry beside what is stored under its UID. None where there is nothing to read.

    `differences` is None when nothing is stored, or one of the two cannot be read.
    """

    held: Held
    held_bytes: ReadBack | None
    differences: list[Difference] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """`former_id` names the entry that holds the former bytes, "" when there were none."""

    sop_instance_uid: str
    former_id: str


def show_entry(quarantine_id: str, cloud: Cloud) -> Shown:
    """Why the entry is held and how it differs. Raises NotFound, Unavailable."""
    held = cloud.quarantine.find_held(quarantine_id)
    if not held.object_key:
        return Shown(held=held, held_bytes=None, differences=None)
    try:
        with cloud.objects.open_object(held.object_key) as stream:
            found = read_back(stream)
    except NotFound:
        return Shown(held=held, held_bytes=None, differences=None)
    differences = None
    if held.stored is not None and held.stored.object_key != held.object_key:
        differences = _differences(held.stored.object_key, held.object_key, cloud)
    return Shown(held=held, held_bytes=found, differences=differences)


def _differences(stored_key: str, held_key: str, cloud: Cloud) -> list[Difference] | None:
    """Both are copied to unnamed local files first: a store's streams cannot be searched."""
    try:
        with _local(stored_key, cloud) as stored, _local(held_key, cloud) as held:
            return header_differences(stored, held)
    except NotFound:
        return None


def _local(key: str, cloud: Cloud) -> BinaryIO:
    local = cast("BinaryIO", SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - given away
    with cloud.objects.open_object(key) as stream:
        while chunk := stream.read(_CHUNK):
            local.write(chunk)
    local.seek(0)
    return local


def accept_entry(quarantine_id: str, actor: str, cloud: Cloud) -> Accepted:
    """Make the held bytes the instance of their UID; the former ones stay in quarantine.

    Raises NotFound; Conflict when no bytes were kept, when they are no instance, or when taking
    them in would tear a study or series apart.
    """
    held = cloud.quarantine.find_held(quarantine_id)
    decision = Decision(quarantine_id=quarantine_id, actor=actor, at=cloud.clock.now())
    spooled = _bytes_of(held, cloud)
    if held.entry.cause in _CONTESTED:
        try:
            return _accept_contested(held, decision, spooled, cloud)
        finally:
            cloud.spool.discard(spooled)
    return _accept_refused(held, decision, spooled, cloud)


def _bytes_of(held: Held, cloud: Cloud) -> SpooledFile:
    """The entry's bytes, proved to be those that its key names."""
    if not held.object_key:
        raise Conflict("nothing of it was kept: the sender must send it again")
    institution = held.entry.institution
    try:
        spooled = copy_to_spool(held.object_key, institution, cloud)
    except NotFound:
        raise Conflict("its object is missing from the store: run imaging-cloud check") from None
    keys = (object_key(institution, spooled.sha256), quarantine_key(institution, spooled.sha256))
    if held.object_key not in (*keys, quarantine_key(institution, _whole_sha256(spooled))):
        cloud.spool.discard(spooled)
        raise Conflict("its object is damaged: its checksum is not that of its key")
    return spooled


def _whole_sha256(spooled: SpooledFile) -> str:
    """Of the file meta too: files that were refused before they were read are named so."""
    with spooled.path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _accept_contested(
    held: Held, decision: Decision, spooled: SpooledFile, cloud: Cloud
) -> Accepted:
    if held.stored is not None and held.stored.object_key == held.object_key:
        raise Conflict(
            "it is the stored data set under another transfer syntax, whose own file was not kept:"
            " discard it"
        )
    header = read_header(spooled.path, spooled.data_set_offset)
    record = InstanceRecord(
        header=header,
        origin=Origin(institution=held.entry.institution, kind=_KIND, source=held.entry.source),
        object_key=held.object_key,
        sha256=spooled.sha256,
        size=spooled.size,
        received_at=decision.at,
    )
    former_id = cloud.quarantine.accept_bytes(decision, record)
    return Accepted(sop_instance_uid=header.instance.sop_instance_uid, former_id=former_id)


def _accept_refused(held: Held, decision: Decision, spooled: SpooledFile, cloud: Cloud) -> Accepted:
    """What was refused for its command, or by older rules: taken in the way everything comes in."""
    try:
        header = read_header(spooled.path, spooled.data_set_offset)
    except InvalidInstance as still:
        cloud.spool.discard(spooled)
        raise Conflict(f"it is no instance ({still.cause}): {still}") from None
    origin = Origin(institution=held.entry.institution, kind=_KIND, source=held.entry.source)
    receipt = receive_instance(spooled, origin, None, cloud)
    if not receipt.kept:
        raise Conflict(
            f"it cannot be taken in ({receipt.cause}): {receipt.message};"
            f" that is entry {receipt.quarantine_id} now"
        )
    unused = cloud.quarantine.close_entry(decision, "accepted")
    if unused:
        cloud.objects.delete_object(unused)
    return Accepted(sop_instance_uid=header.instance.sop_instance_uid, former_id="")


def discard_entry(
    quarantine_id: str, actor: str, cloud: Cloud, *, grace_seconds: float = 2
) -> bool:
    """End the entry and delete its bytes; whether there were any that nothing else rests on.

    The decision is durable first: a crash in between leaves an object without a row, which
    `check` finds. The same bytes may be on their way in at this very moment, past the store and
    before the index: so a copy is kept for `grace_seconds`, and put back if a row rests on it.
    """
    held = cloud.quarantine.find_held(quarantine_id)
    decision = Decision(quarantine_id=quarantine_id, actor=actor, at=cloud.clock.now())
    unused = cloud.quarantine.close_entry(decision, "discarded")
    if not unused:
        return False
    try:
        spooled = copy_to_spool(unused, held.entry.institution, cloud)
    except NotFound:
        return False
    cloud.objects.delete_object(unused)
    if not unused.startswith(_APART):
        time.sleep(grace_seconds)
    if cloud.quarantine.is_referenced(held):
        cloud.objects.put_file(unused, spooled.path)
        cloud.objects.make_durable([unused])
    cloud.spool.discard(spooled)
    return True
