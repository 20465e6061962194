"""A real Orthanc, a real cloud on local folders, and a harvest between them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.ports.access_register import Institution
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings
from tests.protocol.orthanc.harvesting import HOSPITAL, Harvest, stored_data_sets
from tests.protocol.orthanc.real_orthanc import RealOrthanc, why_not


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


@pytest.fixture
def held(cloud: Cloud) -> Callable[[], dict[str, bytes]]:
    return lambda: stored_data_sets(cloud)
