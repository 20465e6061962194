# ruff: noqa: T201 - a campaign tells its figures
"""The hostile campaign: a real gateway process under 100,000 damaged conversations and floods.

All the while an honest peer associates again and again; how long it takes, and what the gateway's
memory does, is printed and bounded. `make campaign`.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.ports.access_register import Device, Institution
from imaging_cloud.process import bind_socket
from imaging_cloud.settings import Settings
from tests.protocol.dimse.damage import mutated
from tests.protocol.dimse.instances import make_instance
from tests.protocol.dimse.raw_peer import (
    RELEASE_RQ,
    RawPeer,
    associate_rq,
    echo_rq,
    p_data,
    pdu,
    pdv,
    store_rq,
)

pytestmark = pytest.mark.campaign

ROOT = Path(__file__).parents[3]
CONVERSATIONS = int(os.environ.get("HOSTILE_CONVERSATIONS", "100000"))
ATTACKERS = 4
MOST_GROWTH = 16 * 2**20
# Where attackers come from: another address than the honest peer.
ELSEWHERE = "127.0.0.66"


@dataclass
class Gateway:
    port: int
    process: "subprocess.Popen[bytes]"
    home: Path
    log: Path

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


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    home = tmp_path / "home"
    settings = Settings(home=home, _env_file=None)
    prepare_home(settings)
    cloud = open_cloud(settings)
    cloud.register.add_institution(Institution(code="HOSP_A", name="A"))
    for title in ("CT1", "CT2"):
        cloud.register.add_device(Device(ae_title=title, institution="HOSP_A"))
    cloud.close()
    log = tmp_path / "log"
    with bind_socket("127.0.0.1", 0) as listener, log.open("wb") as stream:
        environment = os.environ | {
            "IMAGING_CLOUD_HOME": str(home),
            "IMAGING_CLOUD_DICOM_FD": str(listener.fileno()),
            "PYTHONPATH": str(ROOT),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway"],
            env=environment,
            pass_fds=[listener.fileno()],
            stderr=stream,
        )
        running = Gateway(listener.getsockname()[1], process, home, log)
        try:
            with RawPeer(running.port, patience=60) as peer:
                assert peer.associate("CT1") == 0x02
                assert peer.store(make_instance(1)) == 0
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@pytest.fixture
def honest(gateway: Gateway) -> Iterator[HonestPeer]:
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


def attack(port: int, seed: int, count: int) -> None:
    chance = random.Random(seed)
    request = associate_rq("CT2")
    instance = make_instance(500 + seed)
    talk = (
        p_data(3, 0x03, echo_rq())
        + p_data(1, 0x03, store_rq(instance.uid))
        + pdu(0x04, pdv(1, 0x00, instance.data_set[:400]) + pdv(1, 0x02, instance.data_set[400:]))
        + RELEASE_RQ
    )
    for number in range(count):
        stream = mutated(chance, request) + talk if number % 2 else request + mutated(chance, talk)
        with suppress(OSError), RawPeer(port, patience=20, source=ELSEWHERE) as peer:
            peer.send(stream)
            peer.socket.shutdown(socket.SHUT_WR)
            while peer.socket.recv(65536):
                pass


def test_damaged_conversations(gateway: Gateway, honest: HonestPeer) -> None:
    attack(gateway.port, 999, 400)  # pools and caches are filled by as much
    before, began = gateway.rss(), time.monotonic()
    attackers = [
        threading.Thread(target=attack, args=(gateway.port, n, CONVERSATIONS // ATTACKERS))
        for n in range(ATTACKERS)
    ]
    for each in attackers:
        each.start()
    for each in attackers:
        each.join()
    growth = gateway.rss() - before
    print(
        f"{CONVERSATIONS} damaged conversations in {time.monotonic() - began:.0f} s,"
        f" RSS {growth / 2**20:+.1f} MiB, log {gateway.log.stat().st_size / 1024:.0f} KiB"
    )

    assert gateway.process.poll() is None
    assert growth <= MOST_GROWTH
    assert "internal-error" not in gateway.log.read_text(encoding="utf-8")
    assert list((gateway.home / "spool").rglob("*.part")) == []
    rooms = {path.name for path in gateway.home.iterdir() if not path.name.startswith("index.")}
    assert rooms <= {"spool", "objects", "keys"}


@pytest.mark.parametrize("count", [60, 200])
def test_half_open_peers(gateway: Gateway, honest: HonestPeer, count: int) -> None:
    before = gateway.rss()
    with ExitStack() as open_peers:
        flood = [
            open_peers.enter_context(RawPeer(gateway.port, source=ELSEWHERE)) for _ in range(count)
        ]
        began = time.monotonic()
        for peer in flood:
            with suppress(OSError):
                peer.send(b"\x01\x00\x00")
        assert all(peer.is_closed_within(15) for peer in flood)
        took = time.monotonic() - began
    growth = gateway.rss() - before
    print(f"{count} half-open: all closed after {took:.1f} s, RSS {growth / 2**20:+.1f} MiB")

    assert took <= 10
    assert growth <= MOST_GROWTH


def test_liars_about_length(gateway: Gateway, honest: HonestPeer) -> None:
    before = gateway.rss()
    block = bytes(2**20)
    for kind, first in ((0x01, b""), (0x04, associate_rq("CT2"))):
        for _ in range(20):
            with suppress(OSError), RawPeer(gateway.port, source=ELSEWHERE) as peer:
                peer.send(first + bytes((kind, 0)) + b"\xff\xff\xff\xf0")
                for _ in range(100):
                    peer.send(block)
    growth = gateway.rss() - before
    print(f"4 GiB claimed 40 times: RSS {growth / 2**20:+.1f} MiB")

    assert gateway.process.poll() is None
    assert growth <= MOST_GROWTH
