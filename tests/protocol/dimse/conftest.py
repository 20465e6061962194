"""A gateway over a cloud in memory; every test ends with an empty spool."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway import refusals
from gateway.log_budget import LogBudget
from gateway.tls import TlsFiles
from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.ports.access_register import Device, Institution
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings
from tests.protocol.dimse.memory_cloud import MemoryIndex, memory_cloud
from tests.protocol.dimse.running import GatewayTestSettings, RunningGateway, start


@pytest.fixture(autouse=True)
def a_log_budget_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "_BUDGET", LogBudget(of_one=10, of_kind=60, seconds=60))


@pytest.fixture
def index() -> MemoryIndex:
    known = ("CT1", "STORESCU", "ECHOSCU", "DCMSEND")
    return MemoryIndex(
        devices={title: Device(ae_title=title, institution="HOSP_A") for title in known}
    )


@pytest.fixture
def start_gateway(tmp_path: Path, index: MemoryIndex) -> Iterator[Callable[..., RunningGateway]]:
    """start_gateway(cloud, limits={…}, settings words) -> RunningGateway."""
    running: list[RunningGateway] = []

    def start_one(
        cloud: Cloud | None = None,
        *,
        home: Path | None = None,
        limits: Any = None,
        tls: TlsFiles | None = None,
        shared_folder: Path | None = None,
        **words: Any,
    ) -> RunningGateway:
        settings = GatewayTestSettings(**words)
        folder = home or tmp_path / f"home{len(running)}"
        folder.mkdir(exist_ok=True)
        gateway = start(
            cloud or memory_cloud(folder, index),
            settings,
            folder,
            limits or {},
            tls=tls,
            shared_folder=shared_folder,
        )
        running.append(gateway)
        return gateway

    yield start_one
    for each in running:
        each.stop_and_wait()
        assert each.spool_files() == []


@pytest.fixture
def gateway(start_gateway: Callable[..., RunningGateway]) -> RunningGateway:
    return start_gateway()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", reserve_bytes=0, _env_file=None)  # type: ignore[call-arg]


@pytest.fixture
def cloud(settings: Settings) -> Iterator[Cloud]:
    """The embedded engines, two institutions and a device of each."""
    prepare_home(settings)
    opened = open_cloud(settings)
    for code, title in (("HOSP_A", "CT1"), ("HOSP_B", "MR1")):
        opened.register.add_institution(Institution(code=code, name=code))
        opened.register.add_device(Device(ae_title=title, institution=code))
    yield opened
    opened.close()


@pytest.fixture
def running(cloud: Cloud, settings: Settings) -> Iterator[RunningGateway]:
    """A gateway over it."""
    gateway = start(cloud, settings, settings.home, {})  # type: ignore[arg-type]
    yield gateway
    gateway.stop_and_wait()
