"""The shelf: derived series documents at hand, so that a frame costs one read of the store."""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from imaging_cloud.dicom.frames import frame_source
from imaging_cloud.dicom.htj2k import decode_prefix
from imaging_cloud.dicom.render import Look
from imaging_cloud.dicom.slices import look_from
from imaging_cloud.dicom.stored import StoredInstance
from imaging_cloud.domain.access import Scope
from imaging_cloud.domain.errors import NotSupported
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.use_cases.derive_frames import (
    HTJ2K,
    DerivedFrame,
    derive_htj2k,
    form_of,
)
from imaging_cloud.use_cases.derived_merge import merge_documents
from imaging_cloud.use_cases.derived_objects import (
    SeriesDocument,
    SeriesPlace,
    merged_place,
    place_of,
    read_document,
    read_packed,
    read_previews,
    series_version,
    slices_of,
)

_MOST_DOCUMENTS = 64
# How long a document that was not there is not looked for again.
_PAUSE_SECONDS = 5.0


@dataclass(slots=True)
class _Kept:
    """`slices` by (SOP instance, frame); `document` None: looked for and not there."""

    document: SeriesDocument | None
    slices: dict[tuple[str, int], dict[str, Any]]
    looked_at: float


@dataclass(frozen=True, slots=True)
class DerivedSlice:
    """One slice's facts and where its bytes are."""

    document: SeriesDocument
    facts: dict[str, Any]

    @property
    def size(self) -> int:
        return int(self.facts["ends"][-1]) if "ends" in self.facts else 0

    def read(self, offset: int, length: int, cloud: Cloud) -> bytes:
        """Bytes of the codestream. Raises NotFound when it is gone."""
        pack, begin = self.facts["at"]
        return read_packed(self.document, (pack, begin + offset), length, cloud)

    def read_preview(self, cloud: Cloud) -> bytes:
        """The first step of the preview: a whole JPEG where there is no codestream."""
        begin, length = self.facts["previewAt"], self.facts["preview"][0]
        return read_previews(self.document, 0, begin, length, cloud)

    @property
    def look(self) -> Look:
        return look_from(self.facts)


class Shelf:
    """Safe for threads. What is found was made of the very bytes that the instance has now."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._lock = threading.Lock()
        self._kept: OrderedDict[SeriesPlace, _Kept] = OrderedDict()

    def find_document(self, rows: Sequence[InstanceRow]) -> SeriesDocument | None:
        """The document of exactly these rows (a whole series), where it is made already."""
        if len({row.institution for row in rows}) > 1:
            return self._find_merged(rows)
        place, version = place_of(rows[0]), series_version(rows)
        with self._lock:
            kept = self._kept.get(place)
        if kept and kept.document and kept.document.version == version:
            return kept.document
        document = read_document(place, version, self._cloud.objects)
        if document is not None:
            self._keep(place, document)
        return document

    def _find_merged(self, rows: Sequence[InstanceRow]) -> SeriesDocument | None:
        """None as long as one of the institutions' documents is missing."""
        place, version = merged_place(rows[0]), series_version(rows)
        with self._lock:
            kept = self._kept.get(place)
        if kept and kept.document and kept.document.version == version:
            return kept.document
        parts = []
        for institution in dict.fromkeys(row.institution for row in rows):
            scope = Scope(institution=institution)
            own = self._cloud.index.list_instances(
                scope, rows[0].study_uid, series_uid=rows[0].series_uid
            )
            part = self.find_document(own)
            if part is None:
                return None
            parts.append(part)
        merged = merge_documents(rows, parts)
        self._keep(place, merged)
        return merged

    def find_slice(self, row: InstanceRow, frame: int) -> DerivedSlice | None:
        """The derived slice of a frame (from 1), where it is made already."""
        place = place_of(row)
        with self._lock:
            kept = self._kept.get(place)
            if kept is not None:
                self._kept.move_to_end(place)
        found = _slice_in(kept, row, frame)
        if found is not None:
            return found
        if kept is not None and time.monotonic() - kept.looked_at < _PAUSE_SECONDS:
            return None
        scope = Scope(institution=row.institution)
        index = self._cloud.index
        rows = index.list_instances(scope, row.study_uid, series_uid=row.series_uid)
        document = read_document(place, series_version(rows), self._cloud.objects) if rows else None
        return _slice_in(self._keep(place, document), row, frame)

    def forget(self, document: SeriesDocument) -> None:
        """It names what is not there any more: it goes as well, and is made anew."""
        place, cloud = document.place, self._cloud
        with self._lock:
            self._kept.pop(place, None)
            of_series = [
                kept.document
                for other, kept in self._kept.items()
                if kept.document
                and (other.study_uid, other.series_uid) == (place.study_uid, place.series_uid)
            ]
        if not place.institution:
            for part in of_series:
                self.forget(part)
            return
        cloud.objects.delete_object(place.document_key(document.version))
        cloud.derivations.ask(place.institution, place.study_uid, at=cloud.clock.now())

    def _keep(self, place: SeriesPlace, document: SeriesDocument | None) -> _Kept:
        slices = slices_of(document) if document else []
        at = 0
        for each in slices:
            each["previewAt"] = at
            at += each["preview"][0]
        by_frame = {(each["instance"], each["frame"]): each for each in slices}
        kept = _Kept(document, by_frame, time.monotonic())
        with self._lock:
            self._kept[place] = kept
            self._kept.move_to_end(place)
            while len(self._kept) > _MOST_DOCUMENTS:
                self._kept.popitem(last=False)
        return kept


def _slice_in(kept: _Kept | None, row: InstanceRow, frame: int) -> DerivedSlice | None:
    if kept is None or kept.document is None:
        return None
    facts = kept.slices.get((row.sop_instance_uid, frame))
    if facts is None or facts["sha"] != row.sha256[:16] or facts["form"] == "none":
        return None
    return DerivedSlice(kept.document, facts)


def make_htj2k(stored: StoredInstance, frame: int, cloud: Cloud) -> DerivedFrame:
    """A frame's codestream, made now. Raises NotSupported for a frame that has none."""
    source = frame_source(stored, frame)
    if form_of(source.layout, is_real=source.is_real) != HTJ2K:
        raise NotSupported("only grey frames of at most 16 bits have an HTJ2K form")
    return derive_htj2k(source, cloud.jail)


def reduced_pixels(found: DerivedSlice, side: int, cloud: Cloud) -> Any:  # noqa: ANN401 - an array
    """The smallest resolution whose longer side is at least `side` pixels (or the frame itself)."""
    ends = found.facts["ends"]
    longest = max(found.facts["rows"], found.facts["columns"])
    reduction = 0
    while reduction + 1 < len(ends) and -(-longest >> (reduction + 1)) >= side:
        reduction += 1
    prefix = found.read(0, ends[len(ends) - 1 - reduction], cloud)
    return decode_prefix(prefix, reduction)
