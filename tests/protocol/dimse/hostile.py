# ruff: noqa: T201 - a campaign tells its figures
"""What the hostile campaigns stand on: a gateway process, an honest peer, and what must be left."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.ports.access_register import Device, Institution
from imaging_cloud.process import bind_socket, remove_runtime_folder, runtime_folder
from imaging_cloud.settings import Settings
from tests.campaign.lane import spooled_entries
from tests.protocol.dimse.certificates import Authority
from tests.protocol.dimse.instances import make_instance
from tests.protocol.dimse.raw_peer import RELEASE_RQ, RawPeer

ROOT = Path(__file__).parents[3]
MOST_GROWTH = 16 * 2**20
# Where attackers come from: another address than the honest peer.
ELSEWHERE = "127.0.0.66"


@dataclass
class Gateway:
    port: int
    tls_port: int
    process: "subprocess.Popen[bytes]"
    home: Path
    log: Path

    def refusals(self) -> Counter[str]:
        """By reason, as `/metrics` adds them up."""
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(runtime_folder(self.home) / "metrics"))  # type: ignore[no-untyped-call]
        return Counter(
            {
                sample.labels["reason"]: int(sample.value)
                for metric in registry.collect()
                if metric.name == "imaging_cloud_gateway_associations_refused"
                for sample in metric.samples
            }
        )

    def rss(self) -> int:
        statm = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii")
        return int(statm.split()[1]) * os.sysconf("SC_PAGE_SIZE")


class HonestPeer(threading.Thread):
    """Associates, echoes and releases until it is told to stop."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._port = port
        self.waits: list[float] = []
        self.faults: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.wait(0.05):
            try:
                self._associate()
            except (OSError, AssertionError) as error:
                self.faults.append(f"{type(error).__name__}: {error}")

    def _associate(self) -> None:
        began = time.monotonic()
        with RawPeer(self._port) as peer:
            assert peer.associate("CT1") == 0x02
            self.waits.append(time.monotonic() - began)
            assert peer.echo() == 0
            peer.send(RELEASE_RQ)
            peer.read_pdu()


@contextmanager
def gateway_by_default(tmp_path: Path) -> Iterator[Gateway]:
    """`python -m gateway` with its default limits, a plain port and one for TLS."""
    home = tmp_path / "home"
    settings = Settings(home=home, _env_file=None)
    prepare_home(settings)
    cloud = open_cloud(settings)
    cloud.register.add_institution(Institution(code="HOSP_A", name="A"))
    for title in ("CT1", "CT2"):
        cloud.register.add_device(Device(ae_title=title, institution="HOSP_A"))
    cloud.close()
    log = tmp_path / "log"
    authority = Authority(tmp_path, "authority")
    papers = authority.sign("gateway", server=True)
    with (
        bind_socket("127.0.0.1", 0) as listener,
        bind_socket("127.0.0.1", 0) as secured,
        log.open("wb") as stream,
    ):
        environment = os.environ | {
            "IMAGING_CLOUD_HOME": str(home),
            "IMAGING_CLOUD_DICOM_FD": str(listener.fileno()),
            "IMAGING_CLOUD_DICOM_TLS_FD": str(secured.fileno()),
            "IMAGING_CLOUD_DICOM_TLS_CERTIFICATE": str(papers.certificate),
            "IMAGING_CLOUD_DICOM_TLS_KEY": str(papers.key),
            "IMAGING_CLOUD_DICOM_TLS_CLIENT_CA": str(authority.file),
            "PYTHONPATH": str(ROOT),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway"],
            env=environment,
            pass_fds=[listener.fileno(), secured.fileno()],
            stderr=stream,
        )
        ports = (each.getsockname()[1] for each in (listener, secured))
        running = Gateway(*ports, process, home, log)
        try:
            with RawPeer(running.port, patience=60) as peer:
                assert peer.associate("CT1") == 0x02
                assert peer.store(make_instance(1)) == 0
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
            remove_runtime_folder(home)


@contextmanager
def honest_peer(gateway: Gateway) -> Iterator[HonestPeer]:
    """Associates all the while; that it never waits a second is asserted at the end."""
    peer = HonestPeer(gateway.port)
    peer.start()
    yield peer
    peer.enough.set()
    peer.join(20)
    waits = sorted(peer.waits)
    print(
        f"honest: {len(waits)} associations, median {waits[len(waits) // 2] * 1000:.0f} ms,"
        f" slowest {waits[-1] * 1000:.0f} ms"
    )
    assert peer.faults == []
    assert waits[-1] < 1


def assert_nothing_is_left(gateway: Gateway) -> None:
    """Objects and quarantine in their folder, an empty spool, and no other file."""
    until = time.monotonic() + 10
    while (left := spooled(gateway)) and time.monotonic() < until:
        time.sleep(0.1)
    assert left == []
    rooms = {path.name for path in gateway.home.iterdir() if not path.name.startswith("index.")}
    assert rooms <= {"spool", "objects", "keys"}
    text = gateway.log.read_text(encoding="utf-8")
    assert "internal-error" not in text
    assert "Traceback" not in text


def spooled(gateway: Gateway) -> list[str]:
    """Entries that wait, and files that do not belong there; the files of the log stay."""
    spool = gateway.home / "spool"
    foreign = [each for each in spool.rglob("*") if each.is_file() and not _is_log(each, spool)]
    return [*spooled_entries(gateway.home), *map(str, foreign)]


def _is_log(path: Path, spool: Path) -> bool:
    return path.parent == spool and path.suffix == ".log"
