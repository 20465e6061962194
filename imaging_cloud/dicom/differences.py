"""How two stored objects differ, attribute by attribute, without showing a value.

Values are patient data, and a list of what differs must be safe to print: keywords, lengths and
checksums say enough to decide who has to be asked.
"""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset

from imaging_cloud.dicom.stored import StoredInstance, read_stored
from imaging_cloud.domain.errors import CloudError

_CHUNK = 1024**2
# A header of thousands of private attributes that all differ is told by its first ones.
MOST_LISTED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`keyword` is the DICOM keyword, or `(gggg,eeee)`; `kind` is changed, added or missing."""

    keyword: str
    kind: str


def header_differences(stored: BinaryIO, held: BinaryIO) -> list[Difference] | None:
    """What `held` changes, adds and leaves out, in tag order; None where one cannot be read.

    Both streams are seekable and stand at the first byte of a Part 10 file. Of pixels it is said
    only whether they differ.
    """
    try:
        before, after = read_stored(stored), read_stored(held)
        found = _compare(before.dataset, after.dataset)
        if _pixel_digest(before) != _pixel_digest(after):
            found.append(Difference(keyword="PixelData", kind="changed"))
    except CloudError:
        return None
    return found[:MOST_LISTED]


def _compare(before: Dataset, after: Dataset) -> list[Difference]:
    found = []
    for tag in sorted(set(before.keys()) | set(after.keys())):
        if tag not in after:
            kind = "missing"
        elif tag not in before:
            kind = "added"
        elif _value_of(before, tag) != _value_of(after, tag):
            kind = "changed"
        else:
            continue
        keyword = keyword_for_tag(tag) or f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
        found.append(Difference(keyword=keyword, kind=kind))
    return found


def _value_of(dataset: Dataset, tag: int) -> object:
    """The value as it was read; elements that cannot be decoded compare by their bytes."""
    raw = dataset.get_item(tag).value  # before it is decoded, which replaces it
    try:
        return dataset[tag]
    except (ValueError, KeyError, AttributeError, TypeError, NotImplementedError):
        return raw


def _pixel_digest(instance: StoredInstance) -> str:
    """Of all that follows from the pixels on; "" without pixels."""
    if instance.pixels is None:
        return ""
    instance.source.seek(instance.pixels.offset)
    digest = hashlib.sha256()
    while chunk := instance.source.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
