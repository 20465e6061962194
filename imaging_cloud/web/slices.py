"""The pictures of a series in viewing order, and which of them to show first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from imaging_cloud.ports.imaging_index import InstanceRow

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Slice:
    """One picture: a frame of an instance; `number` from 1 within its series."""

    number: int
    instance: InstanceRow
    frame: int

    @property
    def address(self) -> str:
        row = self.instance
        return (
            f"/dicom-web/studies/{row.study_uid}/series/{row.series_uid}"
            f"/instances/{row.sop_instance_uid}/frames/{self.frame}/rendered"
        )


def slices_of(instances: Sequence[InstanceRow]) -> list[Slice]:
    pairs = [
        (row, frame) for row in instances if row.rows for frame in range(1, max(row.frames, 1) + 1)
    ]
    return [Slice(number, row, frame) for number, (row, frame) in enumerate(pairs, start=1)]


def evenly_spaced(items: Sequence[Item], count: int) -> list[Item]:
    """At most `count` of them, the first and the last among them."""
    if len(items) <= count:
        return list(items)
    if count == 1:
        return [items[len(items) // 2]]
    step = (len(items) - 1) / (count - 1)
    return [items[round(number * step)] for number in range(count)]
