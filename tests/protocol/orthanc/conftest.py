"""A real Orthanc, a real cloud on local folders, and a harvest between them."""

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from gateway.orthanc.address import parse_address
from gateway.orthanc.client import ClientLimits, OrthancClient
from gateway.orthanc.harvest import harvest_archive
from gateway.orthanc.pace import Pace
from gateway.orthanc.report import HarvestProgress, HarvestReport
from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.ports.access_register import Institution
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))
from makers import data_set_bytes
from real_orthanc import RealOrthanc, why_not

HOSPITAL = "HOSP_A"
WAIT_SECONDS = 30
# As patient as the real one, in a hurry.
PACE = Pace(
    poll=0.05,
    tries=3,
    first_pause=0.05,
    longest_pause=0.1,
    longest_hold=0.2,
    patience=WAIT_SECONDS,
    save_every=0.02,
    show_every=0,
    change_page=110,
    list_page=10,
)
LIMITS = ClientLimits(connect_seconds=2, read_seconds=10, retry_seconds=0.02)


@pytest.fixture(scope="session")
def _orthanc_can_start() -> None:
    reason = why_not()
    if reason:
        pytest.skip(f"NO ORTHANC, HARVEST NOT TESTED: {reason}")


@pytest.fixture
def make_orthanc(tmp_path: Path, _orthanc_can_start: None) -> Iterator[Callable[..., RealOrthanc]]:
    made: list[RealOrthanc] = []

    def make(**options: object) -> RealOrthanc:
        orthanc = RealOrthanc(tmp_path / f"orthanc{len(made)}", **options)
        made.append(orthanc)
        orthanc.start()
        return orthanc

    yield make
    for orthanc in made:
        orthanc.close()


@pytest.fixture
def orthanc(make_orthanc: Callable[..., RealOrthanc]) -> RealOrthanc:
    return make_orthanc()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)  # no `.env` of the developer's
    return Settings(home=tmp_path / "home")


@pytest.fixture
def cloud(settings: Settings) -> Iterator[Cloud]:
    prepare_home(settings)
    opened = open_cloud(settings)
    opened.register.add_institution(Institution(code=HOSPITAL, name="Hospital A"))
    yield opened
    opened.close()


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


@pytest.fixture
def harvest_of(cloud: Cloud) -> Iterator[Callable[[RealOrthanc], Harvest]]:
    begun: list[Harvest] = []

    def harvest(orthanc: RealOrthanc) -> Harvest:
        begun.append(Harvest(url=orthanc.url, cloud=cloud))
        return begun[-1]

    yield harvest
    for one in begun:
        one.stop.set()
        if one._thread is not None:
            one._thread.join()


def stored_data_sets(cloud: Cloud) -> dict[str, bytes]:
    """SOP Instance UID to the stored data set, for everything the cloud holds."""
    stored = {}
    for row in cloud.index.iterate_all_instances():
        with cloud.objects.open_object(row.object_key) as stream:
            stored[row.sop_instance_uid] = data_set_bytes(stream.read())
    return stored


@pytest.fixture
def held(cloud: Cloud) -> Callable[[], dict[str, bytes]]:
    return lambda: stored_data_sets(cloud)
