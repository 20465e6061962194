"""derive_series: a series' document and packs, made once for each version of the series."""

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import uuid4

from imaging_cloud.dicom.frames import FrameSource, frame_source
from imaging_cloud.dicom.pixel_format import pixel_format
from imaging_cloud.dicom.range_file import range_file
from imaging_cloud.dicom.render import Look, look_of
from imaging_cloud.dicom.slices import Facts, slice_facts, viewing_order
from imaging_cloud.dicom.stored import StoredInstance, read_stored
from imaging_cloud.domain.errors import NotSupported
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.use_cases.derive_frames import NONE, DerivedFrame, derive_frame
from imaging_cloud.use_cases.derived_objects import (
    FORMAT,
    SeriesPlace,
    other_versions,
    pack_document,
    pack_names,
    place_of,
    read_document,
    series_version,
)
from imaging_cloud.use_cases.derived_packs import PackWriter

# More frames than this are slide scans, which no viewer of slices opens.
MAX_SLICES = 20_000
# Objects up to this size are fetched whole: one request, and the pixels are there already.
_WHOLE_BYTES = 8 * 1024**2
# The resolutions whose prefixes stand in the preview pack, from the smallest one.
_FIRST_STEP, _SECOND_STEP = 1, 2
_AHEAD = 4


@dataclass(slots=True)
class _Slice:
    """A picture to come: its facts so far, and where its pixels are found."""

    row: InstanceRow
    frame: int
    facts: Facts
    error: str = ""


def derive_series(rows: Sequence[InstanceRow], cloud: Cloud, crew: ThreadPoolExecutor) -> str:
    """Make what is missing; the version's name. `rows`: all of a series at one institution.

    Safe to run twice at once, and to be killed: the document is stored last.
    """
    place, version = place_of(rows[0]), series_version(rows)
    if read_document(place, version, cloud.objects) is not None:
        return version
    slices, others = read_slices(rows, cloud)
    with (
        PackWriter(cloud.policy.scratch, "frames") as frames,
        PackWriter(cloud.policy.scratch, "previews") as first,
        PackWriter(cloud.policy.scratch, "previews") as second,
    ):
        for each, derived in _derived(slices, cloud, crew):
            _add(each, derived, frames, (first, second))
        facts = document_facts(place, version, slices, others)
        facts["derived"] = True
        facts["frames"] = frames.store(place.pack_key, cloud.objects)
        facts["previews"] = [pack.store(place.pack_key, cloud.objects) for pack in (first, second)]
    # Names of packs first: what a document names must survive a power cut that it survives.
    cloud.objects.make_durable([place.pack_key(name) for name in sorted(pack_names(facts))])
    _store_document(place, version, pack_document(facts), cloud)
    _sweep(place, version, facts, cloud)
    return version


def read_slices(rows: Sequence[InstanceRow], cloud: Cloud) -> tuple[list[_Slice], list[Facts]]:
    """(pictures in viewing order, instances without any picture), out of the headers alone."""
    found: list[_Slice] = []
    others: list[Facts] = []
    for row in rows:
        slices = _slices_of(row, cloud) if row.rows else []
        if not slices:
            others.append({"instance": row.sop_instance_uid, "sopClass": row.sop_class_uid})
        found.extend(slices)
        if len(found) > MAX_SLICES:
            raise NotSupported("this series has too many frames to be shown as slices")
    order = viewing_order([each.facts for each in found])
    return [found[at] for at in order], others


def _slices_of(row: InstanceRow, cloud: Cloud) -> list[_Slice]:
    base = {"instance": row.sop_instance_uid, "sha": row.sha256[:16]}
    try:
        stored = _header(row, cloud)
        layout = pixel_format(stored.dataset)
    except NotSupported as error:
        facts = base | {"frame": 1, "form": NONE, "error": str(error)}
        return [_Slice(row, 1, facts, str(error))]
    return [
        _Slice(row, frame, base | slice_facts(stored.dataset, layout, frame))
        for frame in range(1, min(layout.frames, MAX_SLICES + 1) + 1)
    ]


def _header(row: InstanceRow, cloud: Cloud) -> StoredInstance:
    key = row.object_key
    return read_stored(
        range_file(lambda offset, length: cloud.objects.read_range(key, offset, length), row.size)
    )


def _derived(
    slices: Iterable[_Slice], cloud: Cloud, crew: ThreadPoolExecutor
) -> Iterator[tuple[_Slice, DerivedFrame]]:
    """In order, a few worked on at once; no more than those few are held in memory."""
    waiting: deque[tuple[_Slice, Future[DerivedFrame]]] = deque()
    sources = _Sources(cloud)
    for each in slices:
        waiting.append((each, crew.submit(_derive_one, each, sources, cloud)))
        if len(waiting) > _AHEAD:
            first, future = waiting.popleft()
            yield first, future.result()
    while waiting:
        first, future = waiting.popleft()
        yield first, future.result()


class _Sources:
    """Frames out of stored objects. An object of many frames is opened once for all of them."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._lock = threading.Lock()
        self._key = ""
        self._stored: StoredInstance | None = None

    def find(self, each: _Slice) -> tuple[FrameSource, Look]:
        """Raises NotSupported, NotFound."""
        if each.row.frames <= 1:
            return _source_of(_open(each.row, self._cloud), each.frame)
        # A file has one position, and a data set is not to be read by two threads.
        with self._lock:
            if self._stored is None or self._key != each.row.object_key:
                self._stored, self._key = _open(each.row, self._cloud), each.row.object_key
            return _source_of(self._stored, each.frame)


def _source_of(stored: StoredInstance, frame: int) -> tuple[FrameSource, Look]:
    return frame_source(stored, frame), look_of(stored.dataset, frame)


def _open(row: InstanceRow, cloud: Cloud) -> StoredInstance:
    if row.size <= _WHOLE_BYTES:
        return read_stored(BytesIO(cloud.objects.read_range(row.object_key, 0, row.size)))
    return _header(row, cloud)


def _derive_one(each: _Slice, sources: _Sources, cloud: Cloud) -> DerivedFrame:
    if each.error:
        return DerivedFrame(NONE, b"", (), b"", {"error": each.error})
    try:
        source, look = sources.find(each)
    except NotSupported as error:
        return DerivedFrame(NONE, b"", (), b"", {"error": str(error)})
    return derive_frame(source, look, cloud.jail)


def _add(
    each: _Slice,
    derived: DerivedFrame,
    frames: PackWriter,
    steps: tuple[PackWriter, PackWriter],
) -> None:
    """Append the frame to the packs, and its place to its facts."""
    each.facts |= {"form": derived.form, **derived.facts}
    first, second = b"", b""
    if derived.ends:
        each.facts["at"] = frames.append(derived.data)
        each.facts["ends"] = derived.ends
        last = len(derived.ends) - 1
        middle = derived.ends[min(_FIRST_STEP, last)]
        first = derived.data[:middle]
        second = derived.data[middle : derived.ends[min(_SECOND_STEP, last)]]
    else:
        first = derived.preview
    steps[0].append(first)
    steps[1].append(second)
    each.facts["preview"] = [len(first), len(second)]


def document_facts(
    place: SeriesPlace, version: str, slices: Sequence[_Slice], others: list[Facts]
) -> dict[str, Any]:
    """What all slices have in common is written once."""
    facts = [each.facts for each in slices]
    common = {
        key: value
        for key, value in (facts[0].items() if facts else ())
        if all(key in each and each[key] == value for each in facts[1:])
    }
    return {
        "format": FORMAT,
        "version": version,
        "derived": False,
        "study": place.study_uid,
        "series": place.series_uid,
        "common": common,
        "slices": [
            {key: value for key, value in each.items() if key not in common} for each in facts
        ],
        "others": others,
        "frames": [],
        "previews": [[], []],
    }


def _store_document(place: SeriesPlace, version: str, data: bytes, cloud: Cloud) -> None:
    key = place.document_key(version)
    # A damaged one would stay: a store keeps what stands under a key.
    cloud.objects.delete_object(key)
    path = cloud.policy.scratch / f"{uuid4().hex}.json.gz"
    try:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        cloud.objects.put_file(key, path)
    finally:
        path.unlink(missing_ok=True)


def _sweep(place: SeriesPlace, version: str, facts: dict[str, Any], cloud: Cloud) -> None:
    """Take away what the series was before, but for packs that it still has."""
    kept = pack_names(facts)
    for old in list(other_versions(place, version, cloud)):
        cloud.objects.delete_object(place.document_key(old.version))
        for name in pack_names(old.facts) - kept:
            cloud.objects.delete_object(place.pack_key(name))
