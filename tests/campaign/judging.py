"""Sent, acknowledged, there: the three lists that every campaign compares."""

import functools
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydicom import dcmread

from imaging_cloud.use_cases.derived_objects import PREFIX as DERIVED
from tests.makers import data_set_bytes

_SENT = re.compile(r"Sending file: (?P<path>.+)$")
_ACKNOWLEDGED = "Received Store Response (Success)"


def fingerprint(path: Path) -> tuple[str, str]:
    """SOP Instance UID, and SHA-256 of the data set alone."""
    return _fingerprint(path, path.stat().st_mtime_ns)


@functools.cache
def _fingerprint(path: Path, _changed: int) -> tuple[str, str]:
    instance = dcmread(path, stop_before_pixels=True)
    digest = hashlib.sha256(data_set_bytes(path.read_bytes())).hexdigest()
    return str(instance.SOPInstanceUID), digest


def acknowledged(log: Path) -> list[Path]:
    """The files that storescu (-v) was told success for, in the order of the answers."""
    kept, current = [], ""
    for line in log.read_text(errors="replace").splitlines():
        if found := _SENT.search(line):
            current = found["path"]
        elif _ACKNOWLEDGED in line:
            kept.append(Path(current))
    return kept


def answers(log: Path) -> list[str]:
    """What storescu (-v) printed of each answer: `Success`, `Refused: OutOfResources` …"""
    return re.findall(r"Received Store Response \((.+)\)", log.read_text(errors="replace"))


@dataclass
class Judgement:
    """`lost` was acknowledged and is gone or damaged; the rest is what nobody can explain."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    dangling: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    spooled: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not (self.lost or self.orphans or self.dangling or self.faults or self.spooled)

    def __str__(self) -> str:
        return (
            f"lost {self.lost}, objects without row {self.orphans}, rows without object "
            f"{self.dangling}, check {self.faults}, left in the spool {self.spooled}"
        )


def judged(state: Mapping[str, Any], kept: Iterable[tuple[str, str]]) -> Judgement:
    """Compare what is there after recovery with what was acknowledged: (UID, SHA-256) pairs.

    Stricter than `check`, which leaves young objects alone: here nothing is on its way any more.
    """
    objects = set(state["objects"])
    damaged = {word for line in state["faults"] for word in line.split()}
    known = {key for _, key, _ in state["rows"]} | set(state["held"])
    whole = {
        (uid, sha256) for uid, key, sha256 in state["rows"] if key in objects and uid not in damaged
    }
    kept = set(kept)
    return Judgement(
        acknowledged=len(kept),
        lost=sorted(uid for uid, _ in kept - whole),
        orphans=sorted(objects - known - _derived(objects, state["series"])),
        dangling=sorted(known - objects),
        faults=list(state["faults"]),
        spooled=list(state["spooled"]),
    )


def _derived(objects: Iterable[str], series: Iterable[str]) -> set[str]:
    """What a worker made of series that have rows; that it is whole is `check`'s to find out."""
    folders = set(series)
    derived = (key for key in objects if key.startswith(DERIVED))
    return {key for key in derived if key.removeprefix(DERIVED).rpartition("/")[0] in folders}
