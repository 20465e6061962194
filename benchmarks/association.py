"""CPU of the server for one association set-up: ours, stock pynetdicom and DCMTK storescp.

A raw client associates and releases, one after the other; user and system time of the server's
processes are read from /proc before and after. Rounds alternate between the servers.
"""

import argparse
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from gateway.contexts import build_contexts  # noqa: E402 - the path comes first
from imaging_cloud.bootstrap import open_cloud, prepare_home  # noqa: E402
from imaging_cloud.ports.access_register import Device, Institution  # noqa: E402
from imaging_cloud.process import bind_socket  # noqa: E402
from imaging_cloud.settings import Settings  # noqa: E402
from tests.protocol.dimse.raw_peer import (  # noqa: E402
    EXPLICIT,
    IMPLICIT,
    RELEASE_RQ,
    RawPeer,
    associate_rq,
)
from tests.services import free_ports  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
CONTEXTS = (2, 128)
_STOCK = """
import sys
from pynetdicom import AE, AllStoragePresentationContexts
ae = AE("STOCK")
ae.supported_contexts = AllStoragePresentationContexts
ae.add_supported_context("1.2.840.10008.1.1")
ae.start_server(("127.0.0.1", int(sys.argv[1])), block=True)
"""

# Starts a server and gives its port and process.
Server = Callable[[ExitStack], tuple[int, int]]


def start(stack: ExitStack, command: list[str], **words: object) -> int:
    process = subprocess.Popen(command, **words)  # type: ignore[call-overload]
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return int(process.pid)


def make_home(folder: Path, devices: int = 1) -> Settings:
    """A HOME with an institution and devices BENCH0, BENCH1 and so on."""
    settings = Settings(home=folder, _env_file=None)  # type: ignore[call-arg]
    prepare_home(settings)
    cloud = open_cloud(settings)
    cloud.register.add_institution(Institution(code="BENCH", name="Benchmark"))
    for number in range(devices):
        cloud.register.add_device(Device(ae_title=f"BENCH{number}", institution="BENCH"))
    cloud.close()
    return settings


def start_ours(stack: ExitStack, devices: int = 1, **settings: object) -> tuple[int, int]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
    make_home(folder, devices)
    listener = stack.enter_context(bind_socket("127.0.0.1", 0))
    chosen = {"HOME": folder, "DICOM_FD": listener.fileno(), "LOG_LEVEL": "WARNING", **settings}
    environment = {f"IMAGING_CLOUD_{name}": str(value) for name, value in chosen.items()}
    pid = start(
        stack,
        [sys.executable, "-m", "gateway"],
        env=os.environ | environment | {"PYTHONPATH": str(ROOT)},
        pass_fds=[listener.fileno()],
    )
    return int(listener.getsockname()[1]), pid


def start_stock(stack: ExitStack) -> tuple[int, int]:
    (port,) = free_ports(1)
    return port, start(stack, [sys.executable, "-c", _STOCK, str(port)])


def start_storescp(stack: ExitStack) -> tuple[int, int]:
    (port,) = free_ports(1)
    return port, start(
        stack, ["storescp", "--ignore", str(port)], env=os.environ | {"TCP_NODELAY": "1"}
    )


def request(count: int, calling: str = "BENCH0") -> bytes:
    classes = [str(each.abstract_syntax) for each in build_contexts()][:count]
    return associate_rq(calling, tuple((uid, (EXPLICIT, IMPLICIT)) for uid in classes))


def associate_and_release(port: int, encoded: bytes) -> None:
    with RawPeer(port, patience=60) as peer:
        peer.send(encoded)
        kind, body = peer.read_pdu()
        if kind != 0x02:
            raise RuntimeError(f"not accepted: PDU type {kind}, {body!r}")
        peer.send(RELEASE_RQ)
        kind, _ = peer.read_pdu()
        if kind != 0x06:
            raise RuntimeError(f"not released: PDU type {kind}")
        # DCMTK waits for us to close; we wait for the peer: either way it is over.
        peer.socket.setsockopt(1, 13, struct.pack("ii", 0, 0))


def cpu_of(pid: int) -> float:
    """User and system time in ms."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / TICKS


def wait_until_served(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            associate_and_release(port, request(1))
        except (ConnectionError, TimeoutError, RuntimeError):
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--associations", type=int, default=50, help="of each round")
    chosen = parser.parse_args()
    servers: dict[str, Server] = {
        "ours": start_ours,
        "pynetdicom": start_stock,
        "storescp": start_storescp,
    }
    with ExitStack() as stack:
        running = {name: start_server(stack) for name, start_server in servers.items()}
        for port, _ in running.values():
            wait_until_served(port)
        print(f"server CPU, ms an association, {chosen.rounds} x {chosen.associations}; median")
        print(f"{'contexts':>10}" + "".join(f"{name:>12}" for name in running))
        for count in CONTEXTS:
            encoded = request(count)
            costs: dict[str, list[float]] = {name: [] for name in running}
            for _ in range(chosen.rounds):
                for name, (port, pid) in running.items():
                    before = cpu_of(pid)
                    for _ in range(chosen.associations):
                        associate_and_release(port, encoded)
                    costs[name].append((cpu_of(pid) - before) / chosen.associations)
            cells = "".join(f"{statistics.median(each):>12.2f}" for each in costs.values())
            print(f"{count:>10}{cells}", flush=True)


if __name__ == "__main__":
    main()
