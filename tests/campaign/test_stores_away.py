"""The object store or the database goes away under senders: frozen, or dead and started again.

CAMPAIGN_OUTAGE_SECONDS   how long it is away in the long form (default 600; the short one: 3)
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.campaign.judging import acknowledged, answers
from tests.campaign.lane import Engines, Home, Lane, send, spooled_entries, wait_until
from tests.campaign.points import Lanes
from tests.campaign.record import number_from_environment, report
from tests.makers import make_study
from tests.services import PostgresServer, S3Server, running_postgres, running_seaweedfs

SENDERS = 4
_WATERMARK = 64 * 1024**2


@dataclass
class Sender:
    """A device that sends until all of its files were answered success, and notes the rest."""

    port: int
    left: list[Path]
    log: Path
    pace: float
    kept: list[Path] = field(default_factory=list)
    kept_at: list[float] = field(default_factory=list)
    refusals: set[str] = field(default_factory=set)
    patience: float = 600

    def run(self) -> None:
        deadline = time.monotonic() + self.patience
        while self.left and time.monotonic() < deadline:
            # A few at a time: some of them begin while the store is away, some are in the middle.
            process = send(self.port, self.left[:5], self.log)
            process.wait()
            for path in acknowledged(self.log):
                self.left.remove(path)
                self.kept.append(path)
                self.kept_at.append(time.monotonic())
            self.refusals |= {each for each in answers(self.log) if each != "Success"}
            threading.Event().wait(self.pace)


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[None]:
    """The process and its children stand still, as behind a dead switch."""
    family = [pid, *children_of(pid)]
    for each in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGSTOP)
    yield
    for each in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGCONT)


def children_of(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = stat.read_text().rpartition(")")[2].split()
            if int(words[1]) == pid:
                found.append(int(stat.parent.name))
    return found


@contextlib.contextmanager
def killed(pid: int, start: Callable[[], object]) -> Iterator[None]:
    os.kill(pid, signal.SIGKILL)
    yield
    start()


@dataclass(frozen=True, slots=True)
class Servers:
    postgres: PostgresServer
    seaweedfs: S3Server

    def without(self, what: str) -> contextlib.AbstractContextManager[None]:
        server: PostgresServer | S3Server = (
            self.seaweedfs if what.startswith("store") else self.postgres
        )
        if what.endswith("frozen"):
            return frozen(server.pid)
        again = self.seaweedfs.restart if server is self.seaweedfs else self.postgres.start
        return killed(server.pid, again)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Of their own: others would not like to be without."""
    try:
        with (
            running_postgres() as postgres,
            running_seaweedfs(tmp_path_factory.mktemp("away")) as seaweedfs,
        ):
            yield Servers(postgres, seaweedfs)
    except FileNotFoundError as missing:
        pytest.skip(str(missing))


def outage(
    lane: Lane,
    home: Home,
    senders: list[Sender],
    away: contextlib.AbstractContextManager[None],
    seconds: float,
) -> tuple[int, float]:
    """Take it away under senders, give it back; how many were kept meanwhile, and the drain."""
    gateway = lane.start_gateway(home)
    worker = lane.start_worker(home)
    threads = [threading.Thread(target=each.run) for each in senders]
    for sender, thread in zip(senders, threads, strict=True):
        sender.port = gateway.port
        thread.start()
    wait_until(lambda: all(sender.kept for sender in senders))
    with away:
        began = time.monotonic()
        threading.Event().wait(seconds)
    back = time.monotonic()
    for thread in threads:
        thread.join()
    wait_until(lambda: not spooled_entries(home.path), 2 * seconds + 60)
    drained = time.monotonic() - back
    lane.end(gateway)
    lane.stop_worker(worker)
    meanwhile = sum(began < at < back for sender in senders for at in sender.kept_at)
    return meanwhile, drained


def make_senders(folder: Path, count: int, pace: float) -> list[Sender]:
    return [
        Sender(
            port=0,
            left=make_study(folder / f"{n}", count=count, study=f"{n}", PatientID=f"{n}"),
            log=folder / f"{n}.log",
            pace=pace,
        )
        for n in range(SENDERS)
    ]


def go_without(
    lanes: Lanes, servers: Servers, folder: Path, what: str, *, seconds: float, held: bool
) -> None:
    extra = {"IMAGING_CLOUD_ACK_ON_SPOOL": str(_WATERMARK)} if held else {}
    folder.mkdir(exist_ok=True)
    engines = Engines(
        folder=folder, postgres=servers.postgres, seaweedfs=servers.seaweedfs, extra=extra
    )
    senders = make_senders(folder, 60, pace=max(0.5, min(seconds / 12, 10)))
    for sender in senders:
        sender.patience = 3 * seconds + 120
    with lanes.one() as lane, engines.home() as home:
        meanwhile, drained = outage(lane, home, senders, servers.without(what), seconds)
        judgement = lane.judge(home, [path for sender in senders for path in sender.kept])
        rows = len(lane.state(home)["rows"])
    refusals = set().union(*(sender.refusals for sender in senders))
    report(
        f"{what} for {seconds:.0f} s, {'held on the spool' if held else 'refused'}:"
        f" {meanwhile} kept meanwhile, told {sorted(refusals) or 'nothing else'};"
        f" {judgement.acknowledged} acknowledged in all, {rows} rows, all in and the spool empty"
        f" {drained:.1f} s after it was back"
    )
    assert judgement.sound, str(judgement)
    assert rows == judgement.acknowledged == SENDERS * 60
    assert all("OutOfResources" in each for each in refusals), refusals
    assert not held or "store" not in what or meanwhile > 0
    assert seconds < 10 or drained <= 2 * seconds


AWAY = ("store frozen", "store killed", "database frozen", "database killed")


@pytest.mark.usefixtures("tracing")
@pytest.mark.parametrize(
    ("what", "held"),
    [("store killed", True), pytest.param("database killed", False, marks=pytest.mark.campaign)],
)
def test_a_short_outage_loses_and_doubles_nothing(
    tmp_path: Path, lanes: Lanes, servers: Servers, what: str, held: bool
) -> None:
    go_without(lanes, servers, tmp_path / "cloud", what, seconds=3, held=held)


@pytest.mark.campaign
@pytest.mark.waits
@pytest.mark.usefixtures("tracing")
@pytest.mark.parametrize("held", [False, True], ids=["refused", "held"])
@pytest.mark.parametrize("what", AWAY)
def test_a_long_outage_loses_and_doubles_nothing(
    tmp_path: Path, lanes: Lanes, servers: Servers, what: str, held: bool
) -> None:
    seconds = number_from_environment("OUTAGE_SECONDS", 600)
    go_without(lanes, servers, tmp_path / "cloud", what, seconds=seconds, held=held)
