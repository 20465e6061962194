"""Ingest by C-STORE: ours against DCMTK storescp and Orthanc, in turns, medians and ratios.

    python benchmarks/ingest.py [--rounds 3] [--ct 120] [--small 300] [--gateways 1]

storescu sends (TCP_NODELAY on both sides); client and server share the machine, so only ratios
within one table mean anything. Ours keeps, indexes and fsyncs; Orthanc indexes and fsyncs;
storescp writes files without fsync and keeps no index: it is the ceiling, not a peer.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from imaging_cloud.bootstrap import open_cloud, prepare_home  # noqa: E402 - the path comes first
from imaging_cloud.ports.access_register import Device, Institution  # noqa: E402
from imaging_cloud.process import DICOM_FD  # noqa: E402
from imaging_cloud.settings import Settings  # noqa: E402

_INSIDE = "BENCH_IN_OWN_NETWORK"
SENDERS = (1, 4)
START_SECONDS = 60
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

# A server starts in a fresh folder and gives its port.
Server = Callable[[Path, ExitStack], int]


def make_objects(folder: Path, count: int, size: int) -> None:
    """`count` CT slices of `size` x `size` pixels, one series, noise that does not compress."""
    chance = np.random.default_rng(size)
    study, series = generate_uid(), generate_uid()
    folder.mkdir()
    for number in range(count):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
        ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        ds.StudyInstanceUID, ds.SeriesInstanceUID = study, series
        ds.PatientID, ds.PatientName, ds.Modality = f"BENCH-{size}", "Bench^Mark", "CT"
        ds.StudyDate, ds.StudyDescription, ds.InstanceNumber = "20261120", "CT Chest", number
        ds.Rows = ds.Columns = size
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
        ds.PixelData = chance.integers(0, 65536, (size, size), np.uint16).tobytes()
        ds.save_as(folder / f"{number:05}.dcm", enforce_file_format=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


@contextmanager
def running(command: list[str], **words: object) -> Iterator[None]:
    process = subprocess.Popen(command, **words)  # type: ignore[call-overload]
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def register_sender(home: Path) -> None:
    settings = Settings(home=home, _env_file=None)  # type: ignore[call-arg]
    prepare_home(settings)
    cloud = open_cloud(settings)
    cloud.register.add_institution(Institution(code="BENCH", name="Benchmark"))
    cloud.register.add_device(Device(ae_title="STORESCU", institution="BENCH"))
    cloud.close()


def ours(gateways: int) -> Server:
    def start(folder: Path, stack: ExitStack) -> int:
        port = free_port()
        listener = stack.enter_context(socket.create_server(("127.0.0.1", port), backlog=64))
        environment = os.environ | {
            "IMAGING_CLOUD_HOME": str(folder / "home"),
            DICOM_FD: str(listener.fileno()),
            "IMAGING_CLOUD_LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
        }
        register_sender(folder / "home")
        for _ in range(gateways):
            stack.enter_context(
                running(
                    [sys.executable, "-m", "gateway"], env=environment, pass_fds=[listener.fileno()]
                )
            )
        return port

    return start


def storescp(folder: Path, stack: ExitStack) -> int:
    port = free_port()
    command = ["storescp", "--fork", "-od", str(folder), str(port)]
    stack.enter_context(running(command, env=os.environ | {"TCP_NODELAY": "1"}, **QUIET))
    return port


def orthanc(folder: Path, stack: ExitStack) -> int:
    port = free_port()
    settings = {
        "StorageDirectory": str(folder),
        "IndexDirectory": str(folder),
        "HttpServerEnabled": False,
        "DicomPort": port,
        "DicomAet": "ANY",
        "DicomCheckCalledAet": False,
        "Plugins": [],
    }
    path = folder / "orthanc.json"
    path.write_text(json.dumps(settings))
    stack.enter_context(
        running(["Orthanc", str(path)], env=os.environ | {"TCP_NODELAY": "1"}, **QUIET)
    )
    return port


def send(folder: Path, port: int, senders: int) -> float:
    """Instances a second over all senders, association set-up included."""
    files = sorted(folder.iterdir())
    began = time.monotonic()
    processes = [
        subprocess.Popen(
            ["storescu", "-aet", "STORESCU", "127.0.0.1", str(port), *map(str, files[n::senders])],
            env=os.environ | {"TCP_NODELAY": "1"},
            **QUIET,
        )
        for n in range(senders)
    ]
    codes = [process.wait() for process in processes]
    if any(codes):
        raise RuntimeError(f"storescu ended with {codes}")
    return len(files) / (time.monotonic() - began)


def measure(server: Server, objects: Path, senders: int) -> float:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
        port = server(Path(folder), stack)
        wait_for_port(port)
        # The first echo says that it serves; a shared socket listens before any gateway does.
        echo = ["echoscu", "-aet", "STORESCU", "-to", "30", "127.0.0.1", str(port)]
        subprocess.run(echo, check=True, **QUIET)
        return send(objects, port, senders)


def in_own_network() -> bool:
    """Go on inside a network of our own: Debian's Orthanc listens on every address of the machine.

    False where that cannot be had (it needs root); then Orthanc is left out.
    """
    if os.environ.get(_INSIDE):
        return True
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    again = [sys.executable, *sys.argv]
    inside = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *again]
    raise SystemExit(
        subprocess.run(inside, env=os.environ | {_INSIDE: "1"}, check=False).returncode
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ct", type=int, default=120, help="CT slices of 525 KB in a run")
    parser.add_argument("--small", type=int, default=300, help="objects of 10 KB in a run")
    parser.add_argument("--gateways", type=int, default=1, help="gateway processes of ours")
    chosen = parser.parse_args()
    servers: dict[str, Server] = {"ours": ours(chosen.gateways), "storescp": storescp}
    if shutil.which("Orthanc") and in_own_network():
        servers["Orthanc"] = orthanc
    with tempfile.TemporaryDirectory(prefix="bench-objects-") as folder:
        kinds = {"CT 525 KB": Path(folder, "ct"), "10 KB": Path(folder, "small")}
        make_objects(kinds["CT 525 KB"], chosen.ct, 512)
        make_objects(kinds["10 KB"], chosen.small, 68)
        print(f"{'':24}" + "".join(f"{name:>18}" for name in servers))
        for kind, objects in kinds.items():
            for senders in SENDERS:
                rates: dict[str, list[float]] = {name: [] for name in servers}
                for _ in range(chosen.rounds):
                    for name, server in servers.items():
                        rates[name].append(measure(server, objects, senders))
                print_row(f"{kind} x{senders}", rates)


def print_row(title: str, rates: dict[str, list[float]]) -> None:
    """Medians a second, and how many times Orthanc's (storescp's where Orthanc is missing)."""
    medians = {name: statistics.median(values) for name, values in rates.items()}
    base = medians.get("Orthanc", medians["storescp"])
    cells = "".join(f"{rate:>10.0f} ({rate / base:4.2f})" for rate in medians.values())
    print(f"{title:24}{cells}", flush=True)


if __name__ == "__main__":
    main()
