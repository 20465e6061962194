"""A gateway in this process, on a free port, with short deadlines."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.limits import limits_of
from gateway.server import run_gateway
from gateway.tls import Secured, TlsFiles
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.process import bind_socket


@dataclass
class GatewayTestSettings:
    """What the gateway reads of the settings."""

    ae_title: str = "IMAGINGCLOUD"
    private_sop_classes: tuple[str, ...] = ()
    max_associations: int = 100
    max_associations_of_one_device: int = 0
    plain_with_certificate: bool = False
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
    tls_port: int = 0

    def spool_files(self) -> list[Path]:
        """Entries with a file of their own; the log's segments stay as long as the process."""
        found = (self.home / "spool").rglob("*")
        return [path for path in found if path.is_file() and path.suffix != ".log"]

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


def start(
    cloud: Cloud,
    settings: GatewayTestSettings,
    home: Path,
    limits: dict[str, Any],
    *,
    tls: TlsFiles | None = None,
    shared_folder: Path | None = None,
) -> RunningGateway:
    stop, ready = threading.Event(), threading.Event()
    listener = bind_socket("127.0.0.1", 0)
    port = listener.getsockname()[1]
    short = {"request_seconds": 3, "pdu_seconds": 2, "close_seconds": 0.3, "tick_seconds": 0.05}
    chosen = replace(limits_of(settings), **(short | limits))
    secured = Secured(bind_socket("127.0.0.1", 0), tls) if tls is not None else None
    tls_port = secured.listener.getsockname()[1] if secured is not None else 0
    thread = threading.Thread(
        target=run_gateway,
        args=(cloud, settings, listener, stop, ready.set, chosen),
        kwargs={"secured": secured, "shared_folder": shared_folder},
    )
    thread.start()
    assert ready.wait(10)
    return RunningGateway(
        port=port, cloud=cloud, home=home, stop=stop, thread=thread, tls_port=tls_port
    )
