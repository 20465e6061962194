"""The power goes: what was not synced is gone, what was acknowledged is not.

A real gateway is recorded once (every change of its files, every answer), and the recording is
cut at every place. Each cut is laid out on the disk as the file system may have left it, and a
real start has to make a whole archive of it.

CAMPAIGN_CUTS         random states for each model, on top of every synced one (default 150)
CAMPAIGN_CUT_OBJECTS  instances an association (default 12)
"""

import random
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

from tests.campaign.disk import Disk
from tests.campaign.judging import fingerprint
from tests.campaign.lane import Engines, Home, Lane, send_all, wait_until_swept
from tests.campaign.points import LARGE, Lanes
from tests.campaign.record import Record, number_from_environment
from tests.campaign.recording import OPTIONS, Event, Recorder, calls_of
from tests.makers import make_study

# PS3.7 9.3.1.2: (0000,0900) Status 0000 and (0000,1000) Affected SOP Instance UID.
_SUCCESS = b"\x00\x00\x00\x09\x02\x00\x00\x00\x00\x00"
_UID = re.compile(rb"\x00\x00\x00\x10.\x00\x00\x00([0-9.]+)", re.DOTALL)
MODELS = ("posix", "ext4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """`before` is the home as it was, `events` what was done to it, `sent` the files by UID."""

    before: Path
    home: PurePosixPath
    events: Sequence[Event]
    sent: dict[str, Path]


def record_a_gateway(
    lane: Lane, engines: Engines, folder: Path, batches: list[list[Path]], mutant: str = ""
) -> Recording:
    with engines.home() as home:
        folder.mkdir()
        before = folder / "before"
        shutil.copytree(home.path, before)
        log = folder / "strace.log"
        gateway, tracer = lane.start_traced_gateway(home, "-o", str(log), *OPTIONS, mutant=mutant)
        acknowledged = []
        for wave in waves_of(batches):
            acknowledged += send_all(gateway.port, wave, folder)
            wait_until_swept(gateway, home)
        lane.end(gateway)
        lane.end_trace(tracer)
        sent = {fingerprint(path)[0]: path for batch in batches for path in batch}
        assert len(acknowledged) == len(sent)
        path = PurePosixPath(home.path)
        events = list(Recorder(path).events(calls_of(log)))
        log.unlink()
        return Recording(before=before, home=path, events=events, sent=sent)


def waves_of(batches: list[list[Path]]) -> list[list[list[Path]]]:
    """Two, one after the other: what the first left behind is cut while the second is written."""
    halves = [(batch[: len(batch) // 2], batch[len(batch) // 2 :]) for batch in batches]
    return [[first for first, _ in halves], [second for _, second in halves]]


def answered(event: Event) -> str:
    """The UID that a C-STORE response says success for; "" for anything else that was sent."""
    if event.kind != "answer" or _SUCCESS not in event.data:
        return ""
    found = _UID.search(event.data)
    return found[1].decode() if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    place: int
    luck: str  # nothing, all, or the seed of a choice
    kept: tuple[str, ...]


def cuts_of(recording: Recording, model: str, some: int) -> Iterator[tuple[Disk, Cut]]:
    """Every synced state once with nothing else, and `some` with any of the rest."""
    disk = Disk(recording.before, model, shown_as=recording.home)
    kept: list[str] = []
    count = len(recording.events)
    chosen = set(random.Random(1).sample(range(count), min(some, count)))
    seen: tuple[int, int] | None = None
    for place, event in enumerate(recording.events):
        if uid := answered(event):
            kept.append(uid)
        disk.apply(event)
        if place in chosen:
            yield disk, Cut(place=place, luck=str(place), kept=tuple(kept))
        if seen != (disk.version, len(kept)):
            seen = (disk.version, len(kept))
            yield disk, Cut(place=place, luck="nothing", kept=tuple(kept))
    yield disk, Cut(place=count, luck="all", kept=tuple(kept))


def lay_out(disk: Disk, cut: Cut, target: Path) -> None:
    if cut.luck == "nothing":
        disk.leave_nothing(target)
    elif cut.luck == "all":
        disk.leave_all(target)
    else:
        disk.leave_some(target, random.Random(int(cut.luck)))


def cut_everywhere(
    lane: Lane, folder: Path, batches: list[list[Path]], record: Record, some: int, mutant: str = ""
) -> None:
    """Record once for each model, with a product that takes the disk for what it is."""
    engines = Engines(folder=folder)
    for model in MODELS:
        recording = record_a_gateway(lane, engines, folder / model, batches, f"on-{model} {mutant}")
        for disk, cut in cuts_of(recording, model, some):
            if record.out_of_time or (mutant and record.sum_of("lost")):
                return
            with engines.home() as home:
                shutil.rmtree(home.path)
                lay_out(disk, cut, home.path)
                judge_a_cut(
                    lane, home, recording, record, cut, f"{mutant or engines.name}, {model}"
                )


def judge_a_cut(
    lane: Lane, home: Home, recording: Recording, record: Record, cut: Cut, row: str
) -> None:
    point = f"at {cut.place} of {len(recording.events)}, {cut.luck} unsynced kept"
    if lane.replay(home):
        raise AssertionError(f"{row} {point}: it does not start\n{home.log.read_text()}")
    kept = [recording.sent[uid] for uid in cut.kept]
    judgement = lane.judge(home, kept)
    record.add(row, point, judgement)
    if judgement.sound and cut.luck.isdecimal():
        send_again(lane, home, recording, record, f"{row}, sent again", point)


def send_again(
    lane: Lane, home: Home, recording: Recording, record: Record, row: str, point: str
) -> None:
    """What the cut left of an instance must not keep it out when its sender sends it again."""
    gateway = lane.start_gateway(home)
    kept = send_all(gateway.port, [list(recording.sent.values())], home.path)
    lane.end(gateway)
    assert len(kept) == len(recording.sent), f"{row} {point}: {home.log.read_text()}"
    assert lane.replay(home) == 0
    record.add(row, point, lane.judge(home, kept))


def studies(folder: Path, count: int) -> list[list[Path]]:
    """Small instances, which share the log, then large ones, which have files of their own."""
    few = max(1, count // 4)
    return [
        [
            *make_study(folder / n, count=count, study=n, PatientID=n),
            *make_study(folder / f"{n}l", count=few, study=f"{n}l", PatientID=n, size=LARGE),
        ]
        for n in ("a", "b")
    ]


@pytest.mark.usefixtures("tracing")
def test_a_few_power_cuts_lose_nothing(tmp_path: Path, lanes: Lanes) -> None:
    _cut_real_gateway(tmp_path, lanes, count=2, some=1, title="power cuts, short")


@pytest.mark.campaign
@pytest.mark.usefixtures("tracing")
def test_power_cuts_at_every_place_lose_nothing(tmp_path: Path, lanes: Lanes) -> None:
    count = number_from_environment("CUT_OBJECTS", 12)
    some = number_from_environment("CUTS", 150)
    _cut_real_gateway(tmp_path, lanes, count=count, some=some, title="power cuts")


def _cut_real_gateway(folder: Path, lanes: Lanes, *, count: int, some: int, title: str) -> None:
    record = Record(title)
    batches = studies(folder / "files", count)
    if title.endswith("short"):
        batches = batches[:1]
    with lanes.one() as lane:
        cut_everywhere(lane, folder, batches, record, some)
    record.finish()
    assert record.faults == []
    assert record.sum_of("acknowledged") > 0
    assert record.sum_of("points") > some


@pytest.mark.usefixtures("tracing")
@pytest.mark.parametrize("mutant", ["synchronous-normal", "no-fsync-of-files"])
def test_a_power_cut_finds_what_a_weaker_cloud_loses(
    tmp_path: Path, lanes: Lanes, mutant: str
) -> None:
    record = Record(f"power cuts, {mutant}")
    batches = studies(tmp_path / "files", 2)[:1]
    with lanes.one() as lane:
        cut_everywhere(lane, tmp_path, batches, record, 0, mutant)
    record.finish()
    assert record.sum_of("lost") > 0, "the campaign does not see what it is there to see"
