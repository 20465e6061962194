"""verify_archive: everything is read back; what is missing, unexplained or damaged is listed."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from itertools import islice

from imaging_cloud.domain.errors import NotFound, Unavailable
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.ports.spool import Backlog
from imaging_cloud.use_cases.adopt_object import adopt_object
from imaging_cloud.use_cases.derived_objects import PREFIX as DERIVED
from imaging_cloud.use_cases.derived_objects import is_damaged
from imaging_cloud.use_cases.match_keys import KeyMatcher, MatchedKey
from imaging_cloud.use_cases.read_back import fault_of, read_back
from imaging_cloud.use_cases.receive_instance import object_key, quarantine_key

# An instance on its way rests in the store before it has a row; none takes this long.
_YOUNG = timedelta(minutes=5)
# Objects read at once, and rows handed to the readers together.
_READERS = 4
_WINDOW = 64
# Faults that are kept by name; beyond it they are only counted.
_MOST_LISTED = 100_000

Progress = Callable[[int, int | None], None]


class FaultKind(StrEnum):
    ROW_WITHOUT_OBJECT = "row-without-object"
    OBJECT_WITHOUT_ROW = "object-without-row"
    QUARANTINE_WITHOUT_OBJECT = "quarantine-without-object"
    WRONG_SIZE = "wrong-size"
    WRONG_CHECKSUM = "wrong-checksum"
    WRONG_FILE_META = "wrong-file-meta"
    NOT_DICOM = "not-dicom"
    UNREADABLE = "unreadable"
    DERIVED_DAMAGED = "derived-damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    kind: FaultKind
    key: str
    sop_instance_uid: str = ""
    repaired: bool = False

    def line(self) -> str:
        """One line for the operator: what, where, and whether it is mended. No patient data."""
        parts = [self.kind, self.key, self.sop_instance_uid, "repaired" if self.repaired else ""]
        return " ".join(part for part in parts if part)


@dataclass(slots=True, kw_only=True)
class VerifyReport:
    """`bytes_read` is 0 where checksums were left out. `counts` holds all faults, by kind.

    `waiting` is no fault: a worker takes it in.
    """

    rows: int = 0
    objects: int = 0
    derived: int = 0
    bytes_read: int = 0
    faults: list[Fault] = field(default_factory=list)
    counts: Counter[FaultKind] = field(default_factory=Counter)
    repaired: int = 0
    waiting: Backlog = field(default_factory=Backlog)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong that was not repaired."""
        return self.counts.total() == self.repaired

    def lines(self) -> list[str]:
        """Each fault, then the sums."""
        listed = [fault.line() for fault in self.faults]
        unlisted = self.counts.total() - len(self.faults)
        if unlisted:
            listed.append(f"... and {unlisted} more")
        sums = f"{self.rows} rows, {self.objects} objects, {self.bytes_read} bytes read back"
        if self.derived:
            sums += f", {self.derived} derived objects"
        found = ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items()))
        end = [f"{sums}: {found or 'nothing wrong'}, {self.repaired} repaired"]
        if self.waiting.instances:
            end += [f"{self.waiting.instances} wait in the spool, {self.waiting.bytes} bytes"]
        return [*listed, *end]

    def add(self, fault: Fault) -> None:
        self.counts[fault.kind] += 1
        self.repaired += fault.repaired
        if len(self.faults) < _MOST_LISTED:
            self.faults.append(fault)


def verify_archive(
    cloud: Cloud, *, repair: bool, checksums: bool = True, progress: Progress | None = None
) -> VerifyReport:
    """Compare rows, objects and quarantine, and read every object back unless told otherwise.

    May run beside a serving cloud. With `repair` objects without a row are taken in again; a row
    whose object is gone and a damaged object can only be listed; nothing is ever deleted but
    damaged derived objects.
    `progress` is called with the rows done so far and None. Raises Unavailable when the store or
    the index is away, since a check that saw half of it would report the other half as lost.
    """
    report = VerifyReport()
    with KeyMatcher() as matcher, ThreadPoolExecutor(_READERS) as readers:
        # Objects first: whatever is recorded from here on has its object already.
        for stored in cloud.objects.list_objects():
            if stored.key.startswith(DERIVED):
                report.derived += 1
                if checksums:
                    _read_derived(stored.key, cloud, report, repair=repair)
                continue
            changed = stored.changed_at.timestamp() if stored.changed_at else 0.0
            matcher.add_object(stored.key, stored.size, changed)
            report.objects += 1
        for key in cloud.index.list_quarantined_keys():
            matcher.add_held(key)
        for window in _windows(cloud.index.iterate_all_instances()):
            for row in window:
                matcher.add_row(row.object_key, row.size, row.sop_instance_uid)
            if checksums:
                _read_window(window, readers, cloud, report)
            report.rows += len(window)
            if progress is not None:
                progress(report.rows, None)
        _judge_keys(matcher, cloud, report, repair=repair, sizes=not checksums)
    report.waiting = cloud.spool.read_backlog()
    return report


def _read_derived(key: str, cloud: Cloud, report: VerifyReport, *, repair: bool) -> None:
    """A damaged one is deleted by `repair`: it is made again when it is needed."""
    try:
        damaged = is_damaged(key, cloud)
    except NotFound:
        return  # swept meanwhile
    if damaged:
        if repair:
            cloud.objects.delete_object(key)
        report.add(replace(_fault(FaultKind.DERIVED_DAMAGED, key), repaired=repair))


def _windows(rows: Iterator[InstanceRow]) -> Iterator[list[InstanceRow]]:
    while window := list(islice(rows, _WINDOW)):
        yield window


def _read_window(
    window: list[InstanceRow], readers: ThreadPoolExecutor, cloud: Cloud, report: VerifyReport
) -> None:
    for fault, size in readers.map(lambda row: _read_row(row, cloud), window):
        report.bytes_read += size
        if fault is not None:
            report.add(fault)


def _read_row(row: InstanceRow, cloud: Cloud) -> tuple[Fault | None, int]:
    """Find the fault of the row's object, and how many bytes were read.

    A missing object is no matter of reading: the matching of keys finds it.
    """
    try:
        with cloud.objects.open_object(row.object_key) as stream:
            found = read_back(stream)
    except NotFound:
        return None, 0
    except Unavailable:
        cloud.objects.check_ready()  # the store is there, so it is this object that is damaged
        return _fault(FaultKind.UNREADABLE, row.object_key, row.sop_instance_uid), 0
    kind = fault_of(row, found)
    fault = _fault(FaultKind(kind), row.object_key, row.sop_instance_uid) if kind else None
    return fault, found.size


def _fault(kind: FaultKind, key: str, sop_instance_uid: str = "") -> Fault:
    return Fault(kind=kind, key=key, sop_instance_uid=sop_instance_uid)


def _judge_keys(
    matcher: KeyMatcher, cloud: Cloud, report: VerifyReport, *, repair: bool, sizes: bool
) -> None:
    spooled: set[str] | None = None
    limit = (cloud.clock.now() - _YOUNG).timestamp()
    for each in matcher.match():
        if each.object_size is None:
            _judge_missing(each, cloud, report)
        elif each.row_size is not None:
            if sizes and each.row_size != each.object_size:
                report.add(_fault(FaultKind.WRONG_SIZE, each.key, each.sop_instance_uid))
        elif not each.is_held and each.changed_at < limit:
            if spooled is None:
                spooled = _spooled_keys(cloud)
            if each.key not in spooled:
                _judge_unknown(each, cloud, report, repair=repair)


def _judge_missing(each: MatchedKey, cloud: Cloud, report: VerifyReport) -> None:
    """Asked once more: an object may have come after the store was listed."""
    try:
        cloud.objects.stat_object(each.key)
    except NotFound:
        is_row = each.row_size is not None
        kind = FaultKind.ROW_WITHOUT_OBJECT if is_row else FaultKind.QUARANTINE_WITHOUT_OBJECT
        report.add(_fault(kind, each.key, each.sop_instance_uid))


def _judge_unknown(each: MatchedKey, cloud: Cloud, report: VerifyReport, *, repair: bool) -> None:
    fault = _fault(FaultKind.OBJECT_WITHOUT_ROW, each.key)
    if repair:
        try:
            adopted = adopt_object(each.key, each.object_size or 0, cloud)
        except NotFound:
            return  # deleted meanwhile
        fault = replace(fault, repaired=adopted)
    report.add(fault)


def _spooled_keys(cloud: Cloud) -> set[str]:
    """Keys of what waits in the spool: the next start will give them their rows."""
    return {
        key_of(spooled.institution, spooled.sha256)
        for spooled in cloud.spool.list_sealed()
        for key_of in (object_key, quarantine_key)
    }
