"""Where derived objects lie, and reading them: `derived/INSTITUTION/STUDY/SERIES/…`.

A series has one document per version and packs that the document names. The version is worked out
of what the series holds, so a document is either right or not there. A pack's name is the SHA-256
of its bytes. Everything here can be deleted at any time and made again.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from imaging_cloud.domain.errors import NotFound
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.ports.object_store import ObjectStore

PREFIX = "derived/"
FORMAT = 1
_DOCUMENT = ".json.gz"
_MOST_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class SeriesPlace:
    """The folder of one series' derived objects."""

    institution: str
    study_uid: str
    series_uid: str

    @property
    def folder(self) -> str:
        return f"{PREFIX}{self.institution}/{self.study_uid}/{self.series_uid}/"

    def document_key(self, version: str) -> str:
        return f"{self.folder}{version}{_DOCUMENT}"

    def pack_key(self, name: str) -> str:
        return self.folder + name


@dataclass(frozen=True, slots=True)
class SeriesDocument:
    """`data` is the gzipped JSON as stored; `facts` what it says."""

    place: SeriesPlace
    version: str
    data: bytes
    facts: dict[str, Any]


def place_of(row: InstanceRow) -> SeriesPlace:
    return SeriesPlace(row.institution, row.study_uid, row.series_uid)


def series_version(rows: Sequence[InstanceRow]) -> str:
    """Names what a series holds and the way it is derived; rows in any order."""
    from imaging_cloud.dicom.htj2k import DERIVATION  # noqa: PLC0415 - loads the codecs

    digest = hashlib.sha256(f"{FORMAT} {DERIVATION}\n".encode())
    for line in sorted(f"{row.institution} {row.sop_instance_uid} {row.sha256}\n" for row in rows):
        digest.update(line.encode())
    return digest.hexdigest()[:32]


def pack_document(facts: dict[str, Any]) -> bytes:
    """Gzipped JSON, the same bytes for the same facts."""
    text = json.dumps(facts, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return gzip.compress(text.encode("utf-8", "replace"), 6, mtime=0)


def read_document(place: SeriesPlace, version: str, objects: ObjectStore) -> SeriesDocument | None:
    """None when it is not there, or damaged (then it is as good as not there)."""
    try:
        data = objects.read_range(place.document_key(version), 0, _MOST_BYTES)
        facts = json.loads(gzip.decompress(data))
    except (NotFound, OSError, EOFError, ValueError):
        return None
    if not isinstance(facts, dict) or facts.get("version") != version:
        return None
    return SeriesDocument(place, version, data, facts)


def slices_of(document: SeriesDocument) -> list[dict[str, Any]]:
    """Every slice's facts, what all have in common put back in."""
    common: dict[str, Any] = document.facts["common"]
    return [common | each for each in document.facts["slices"]]


def read_packed(document: SeriesDocument, at: Sequence[int], length: int, cloud: Cloud) -> bytes:
    """`length` bytes of a slice's place `at` (pack number, offset). Raises NotFound when gone."""
    name, _ = document.facts["frames"][at[0]]
    return _read_whole(document.place.pack_key(name), at[1], length, cloud)


def read_previews(
    document: SeriesDocument, step: int, offset: int, length: int, cloud: Cloud
) -> bytes:
    """Bytes of one step's previews, all slices' one after the other. Raises NotFound."""
    found = bytearray()
    for name, size in document.facts["previews"][step]:
        if offset < size and length > 0:
            taken = min(size - offset, length)
            found += _read_whole(document.place.pack_key(name), offset, taken, cloud)
            offset, length = size, length - taken
        offset -= size
    return bytes(found)


def previews_size(document: SeriesDocument, step: int) -> int:
    return sum(int(size) for _, size in document.facts["previews"][step])


def pack_names(facts: dict[str, Any]) -> set[str]:
    """All packs that a document names."""
    packs = [*facts["frames"], *(pack for step in facts["previews"] for pack in step)]
    return {name for name, _ in packs}


def _read_whole(key: str, offset: int, length: int, cloud: Cloud) -> bytes:
    data = cloud.objects.read_range(key, offset, length)
    if len(data) < length:
        raise NotFound("this derived picture is gone; it will be made again")
    return data


def delete_derived(cloud: Cloud, study_uid: str | None = None) -> int:
    """Delete derived objects, of one study or all; how many there were."""
    keys = [each.key for each in cloud.objects.list_objects(PREFIX)]
    wanted = [key for key in keys if study_uid is None or _study_of(key) == study_uid]
    # Documents first: what they name must not be missing while they stand.
    for key in sorted(wanted, key=lambda each: not each.endswith(_DOCUMENT)):
        cloud.objects.delete_object(key)
    return len(wanted)


def _study_of(key: str) -> str:
    parts = key.split("/")
    return parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - derived/INSTITUTION/STUDY


def other_versions(place: SeriesPlace, version: str, cloud: Cloud) -> Iterator[SeriesDocument]:
    """Documents of the series as it was before."""
    for each in cloud.objects.list_objects(place.folder):
        name = each.key.removeprefix(place.folder)
        if name.endswith(_DOCUMENT) and name != version + _DOCUMENT:
            found = read_document(place, name.removesuffix(_DOCUMENT), cloud.objects)
            if found is not None:
                yield found


def _has_packs(document: SeriesDocument, cloud: Cloud) -> bool:
    try:
        for name in pack_names(document.facts):
            cloud.objects.stat_object(document.place.pack_key(name))
    except NotFound:
        return False
    return True


def is_damaged(key: str, cloud: Cloud) -> bool:
    """Whether a derived object is not what its name says; reads all of it."""
    name = key.rpartition("/")[2]
    if name.endswith(_DOCUMENT):
        try:
            place = SeriesPlace(*key.split("/")[1:4])
        except TypeError:
            return True
        found = read_document(place, name.removesuffix(_DOCUMENT), cloud.objects)
        return found is None or not _has_packs(found, cloud)
    digest = hashlib.sha256()
    with cloud.objects.open_object(key) as stream:
        while chunk := stream.read(1024**2):
            digest.update(chunk)
    return not name.startswith(digest.hexdigest()[:32])
