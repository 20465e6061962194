"""A gateway on a free port, with short deadlines, over a cloud in memory."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.limits import limits_of
from gateway.server import open_listener, run_gateway
from imaging_cloud.ports.access_register import Device
from imaging_cloud.ports.cloud import Cloud
from tests.protocol.dimse.memory_cloud import MemoryIndex, memory_cloud


@dataclass
class _Settings:
    ae_title: str = "IMAGINGCLOUD"
    private_sop_classes: tuple[str, ...] = ()
    max_associations: int = 100
    association_timeout_seconds: float = 3
    idle_timeout_seconds: float = 60
    max_instance_bytes: int = 64 * 1024**2


@dataclass
class RunningGateway:
    port: int
    cloud: Cloud
    home: Path
    stop: threading.Event
    thread: threading.Thread

    def spool_files(self) -> list[Path]:
        return [path for path in (self.home / "spool").rglob("*") if path.is_file()]

    def objects(self) -> list[Path]:
        return [path for path in (self.home / "objects").rglob("*") if path.is_file()]

    def stop_and_wait(self) -> None:
        self.stop.set()
        self.thread.join(15)
        assert not self.thread.is_alive()


def eventually(check: Callable[[], bool], seconds: float = 10) -> bool:
    """Poll until it is so, or the time is up."""
    until = time.monotonic() + seconds
    while not check():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture
def index() -> MemoryIndex:
    known = ("CT1", "STORESCU", "ECHOSCU", "DCMSEND")
    return MemoryIndex(
        devices={title: Device(ae_title=title, institution="HOSP_A") for title in known}
    )


@pytest.fixture
def start_gateway(tmp_path: Path, index: MemoryIndex) -> Iterator[Callable[..., RunningGateway]]:
    """start_gateway(cloud=…, settings words and limit words) -> RunningGateway."""
    running: list[RunningGateway] = []

    def start(
        cloud: Cloud | None = None, *, home: Path | None = None, limits: Any = None, **words: Any
    ) -> RunningGateway:
        settings = _Settings(**words)
        folder = home or tmp_path / f"home{len(running)}"
        folder.mkdir(exist_ok=True)
        gateway = _start(cloud or memory_cloud(folder, index), settings, folder, limits or {})
        running.append(gateway)
        return gateway

    yield start
    for each in running:
        each.stop_and_wait()
        assert each.spool_files() == []


def _start(cloud: Cloud, settings: _Settings, home: Path, limits: dict[str, Any]) -> RunningGateway:
    stop, ready = threading.Event(), threading.Event()
    listener = open_listener("127.0.0.1", 0)
    port = listener.getsockname()[1]
    short = {"request_seconds": 3, "pdu_seconds": 2, "close_seconds": 0.3, "tick_seconds": 0.05}
    chosen = replace(limits_of(settings), **(short | limits))
    thread = threading.Thread(
        target=run_gateway, args=(cloud, settings, listener, stop, ready.set, chosen)
    )
    thread.start()
    assert ready.wait(10)
    return RunningGateway(port=port, cloud=cloud, home=home, stop=stop, thread=thread)


@pytest.fixture
def gateway(start_gateway: Callable[..., RunningGateway]) -> RunningGateway:
    return start_gateway()
