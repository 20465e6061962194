"""A disk that is full, and a disk that fails: senders are told, nothing is lost, nothing stays.

CAMPAIGN_SYNCS   which fsyncs fail, one after the other, up to this one (default 2)
"""

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaign.judging import Judgement, acknowledged, answers
from tests.campaign.lane import (
    Engines,
    Home,
    Lane,
    send,
    send_all,
    spooled_entries,
    wait_until,
    wait_until_swept,
)
from tests.campaign.points import Lanes
from tests.campaign.record import Record, number_from_environment, report
from tests.makers import make_study

SENDERS = 4
_EACH = 60
_MIB = 1024**2
_REFUSED = "OutOfResources"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take all the space that is left."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (_MIB, 4096):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)) == size:
                    pass
    return ballast


@pytest.mark.usefixtures("tracing")
@pytest.mark.parametrize(
    "reserve",
    [
        pytest.param(8 * _MIB, id="with reserve"),
        pytest.param(0, id="to the last byte", marks=pytest.mark.campaign),
    ],
)
def test_a_full_disk_is_told_to_every_sender_and_nothing_stays(
    tmp_path: Path, small_disk: Path, lanes: Lanes, reserve: int
) -> None:
    engines = Engines(folder=small_disk, extra={"IMAGING_CLOUD_RESERVE_BYTES": str(reserve)})
    batches = [
        make_study(tmp_path / f"{n}", count=_EACH, study=f"{n}", PatientID=f"{n}", size=128)
        for n in range(SENDERS)
    ]
    with lanes.one() as lane, engines.home() as home:
        gateway = lane.start_gateway(home)
        logs = [tmp_path / f"{n}.log" for n in range(SENDERS)]
        senders = [send(gateway.port, *pair) for pair in zip(batches, logs, strict=True)]
        for log in logs:
            wait_until(lambda log=log: acknowledged(log))
        ballast = fill(small_disk)
        told = wait_until(lambda: all(sender.poll() is not None for sender in senders))
        # A sender may have been through before the disk was full.
        cut = [log for log in logs if len(acknowledged(log)) < _EACH]
        last = [answers(log)[-1] for log in cut]
        kept = [path for log in logs for path in acknowledged(log)]
        wait_until_swept(gateway, home)
        left = spooled_entries(home.path)
        ballast.unlink()
        began = time.monotonic()
        again = send_all(gateway.port, batches, tmp_path)
        back = time.monotonic() - began
        lane.end(gateway)
        assert lane.replay(home) == 0
        judgement = lane.judge(home, [*kept, *again])
    report(
        f"full disk, reserve {reserve // _MIB} MiB: {SENDERS} senders told in {told:.1f} s,"
        f" {len(left)} entries left in the spool, {len(again)} stored {back:.1f} s after"
        " space came back"
    )
    assert cut
    assert all(_REFUSED in each for each in last), last
    # It may be the index that finds no room for what was in hand: the object has its entry until
    # then.
    assert len(left) <= SENDERS
    assert len(again) == sum(map(len, batches))
    assert judgement.sound, str(judgement)


_SYNC = re.compile(r"(?:fsync|fdatasync)\(\d+<(?P<path>[^>]+)>\) += (?P<result>-?\d+)")


def fail_a_sync(lane: Lane, home: Home, files: list[Path], call: str, number: int) -> Judgement:
    """The n-th sync of each thread fails once; whoever was told success must find it kept."""
    log = home.path.with_suffix(".strace")
    gateway = lane.start_gateway(home)
    tracer = lane.trace(
        gateway.pid,
        *("-y", "-o", str(log), "-e", "trace=fsync,fdatasync"),
        *("-e", f"inject={call}:error=EIO:when={number}"),
    )
    kept = [path for each in files for path in send_all(gateway.port, [[each]], home.path)]
    wait_until_swept(gateway, home)
    lane.end(gateway)
    lane.end_trace(tracer)
    syncs = [(found["path"], found["result"]) for found in _SYNC.finditer(log.read_text())]
    log.unlink()
    assert_never_again(syncs)
    assert lane.replay(home) == 0, home.log.read_text()
    judgement = lane.judge(home, kept)
    failed = sum(result != "0" for _, result in syncs)
    assert len(kept) >= len(files) - failed
    judgement.spooled += [f"no sync failed at {number}"] if not failed and number == 1 else []
    return judgement


def assert_never_again(syncs: list[tuple[str, str]]) -> None:
    """The kernel may have dropped what it could not write and would say yes to a second try.

    Folders are synced again for other names, and SQLite writes its frames anew: these may.
    """
    failed: set[str] = set()
    for path, result in syncs:
        assert path not in failed, f"{path} was synced again after a failure"
        if result != "0" and path.endswith((".part", ".dcm", ".log")):
            failed.add(path)


@pytest.mark.usefixtures("tracing")
def test_a_sync_that_fails_is_not_repeated_and_loses_nothing(tmp_path: Path, lanes: Lanes) -> None:
    engines = Engines(folder=tmp_path)
    files = make_study(tmp_path / "files", count=2)
    record = Record("fsync says EIO")
    most = number_from_environment("SYNCS", 2)
    with lanes.one() as lane:
        for call in ("fsync", "fdatasync"):
            for number in range(1, most + 1 if call == "fsync" else 2):
                with engines.home() as home:
                    judgement = fail_a_sync(lane, home, files, call, number)
                record.add(f"{engines.name}, {call}", f"{call} {number}", judgement)
    record.finish()
    assert record.faults == []
