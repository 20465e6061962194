"""A harvest that a test drives, and what the cloud holds after it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway.orthanc.address import parse_address
from gateway.orthanc.client import ClientLimits, OrthancClient
from gateway.orthanc.harvest import harvest_archive
from gateway.orthanc.pace import Pace
from gateway.orthanc.report import HarvestProgress, HarvestReport
from imaging_cloud.ports.cloud import Cloud
from tests.makers import data_set_bytes
from tests.protocol.orthanc.real_orthanc import RealOrthanc

HOSPITAL = "HOSP_A"
# Far beyond what is needed: starting a process on a busy machine takes a while.
WAIT_SECONDS = 120
# As patient as the real one, in a hurry.
PACE = Pace(
    poll=0.05,
    tries=3,
    first_pause=0.05,
    longest_pause=0.1,
    longest_hold=0.2,
    patience=30,
    save_every=0.02,
    show_every=0,
    change_page=110,
    list_page=10,
)
LIMITS = ClientLimits(connect_seconds=2, read_seconds=10, retry_seconds=0.02)


@dataclass
class Harvest:
    """A harvest that a test runs to its end, or follows in a thread."""

    url: str
    cloud: Cloud
    pace: Pace = PACE
    seen: list[HarvestProgress] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stop = threading.Event()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._report: HarvestReport | None = None

    def once(self, **pace: float) -> HarvestReport:
        return self._run(follow=False, pace=replace(self.pace, **pace))

    def follow(self) -> None:
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def end(self) -> HarvestReport:
        self.stop.set()
        if self._thread is not None:
            self._thread.join()
        assert self._report is not None
        return self._report

    def wait_for(self, condition: Callable[[HarvestProgress], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(
                lambda: bool(self.seen) and condition(self.seen[-1]), WAIT_SECONDS
            ), self.seen[-1:]

    def _follow(self) -> None:
        self._report = self._run(follow=True, pace=self.pace)

    def _run(self, *, follow: bool, pace: Pace) -> HarvestReport:
        client = OrthancClient(parse_address(self.url, {}), stop=self.stop, limits=LIMITS)
        return harvest_archive(
            client,
            HOSPITAL,
            self.cloud,
            follow=follow,
            stop=self.stop,
            progress=self._show,
            pace=pace,
        )

    def _show(self, progress: HarvestProgress) -> None:
        with self._changed:
            self.seen.append(progress)
            self._changed.notify_all()


HarvestOf = Callable[[RealOrthanc], Harvest]
Held = Callable[[], dict[str, bytes]]


def stored_data_sets(cloud: Cloud) -> dict[str, bytes]:
    """SOP Instance UID to the stored data set, for everything the cloud holds."""
    stored = {}
    for row in cloud.index.iterate_all_instances():
        with cloud.objects.open_object(row.object_key) as stream:
            stored[row.sop_instance_uid] = data_set_bytes(stream.read())
    return stored


def bytes_of(files: list[Path]) -> set[bytes]:
    return {data_set_bytes(file.read_bytes()) for file in files}
