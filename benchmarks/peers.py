"""The servers that are compared, each started in a fresh folder with its durability on.

`storescp` writes files without sync and keeps no index; `null` throws everything away. Both are
ceilings, not peers. Orthanc is 1.12.7 (Debian trixie) in a folder of its own where that can be
had (scripts/newest-orthanc.sh), else the one that is installed; it runs only inside a network of
its own (`in_own_network`), since it listens on every address of the machine.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.ports.access_register import Device, Institution
from imaging_cloud.process import DICOM_FD, READY_FD
from imaging_cloud.settings import Settings
from tests.services import PostgresServer, running_postgres, running_seaweedfs

ROOT = Path(__file__).parents[1]
NEWEST_ORTHANC = Path(
    os.environ.get("BENCH_ORTHANC_ROOT") or Path.home() / ".cache" / "imaging-cloud" / "trixie"
)
_INSIDE = "BENCH_IN_OWN_NETWORK"
START_SECONDS = 180
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers on `port`; `pids` are its processes."""

    port: int
    pids: tuple[int, ...]


# Starts in a folder; `tuned` sets TCP_NODELAY where the peer asks for it by the environment.
Server = Callable[[Path, ExitStack, bool], Running]


def in_own_network(module: str) -> bool:
    """Go on inside a network of our own, as `python -m module`. False where that needs more rights.

    Ends this process with the exit code of the one inside.
    """
    if os.environ.get(_INSIDE):
        return True
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    again = [sys.executable, "-m", module, *sys.argv[1:]]
    inside = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *again]
    ended = subprocess.run(inside, env=os.environ | {_INSIDE: "1"}, check=False, cwd=ROOT)
    raise SystemExit(ended.returncode)


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
def running(command: list[str], **words: object) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, **words)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(*, tuned: bool) -> dict[str, str]:
    rest = {name: value for name, value in os.environ.items() if name != "TCP_NODELAY"}
    return rest | {"TCP_NODELAY": "1"} if tuned else rest


# --- ours ----------------------------------------------------------------------------------------


def _register_sender(settings: Settings) -> None:
    prepare_home(settings)
    cloud = open_cloud(settings)
    cloud.register.add_institution(Institution(code="BENCH", name="Benchmark"))
    cloud.register.add_device(Device(ae_title="STORESCU", institution="BENCH"))
    cloud.close()


def _begin_gateway(
    listener: socket.socket, environment: dict[str, str], stack: ExitStack
) -> tuple[int, int]:
    """(process id, where it says that it is ready)."""
    ready, ready_end = os.pipe()
    process = stack.enter_context(
        running(
            [sys.executable, "-m", "gateway"],
            env=environment | {READY_FD: str(ready_end)},
            cwd=ROOT,
            pass_fds=[listener.fileno(), ready_end],
        )
    )
    os.close(ready_end)
    return process.pid, ready


def ours(
    gateways: int, *, database_url: Callable[[], str] | None = None, store_url: str = ""
) -> Server:
    def start(folder: Path, stack: ExitStack, tuned: bool) -> Running:  # noqa: ARG001
        words: dict[str, str] = {"IMAGING_CLOUD_HOME": str(folder / "home")}
        if database_url is not None:
            words["IMAGING_CLOUD_DATABASE_URL"] = database_url()
        if store_url:
            words["IMAGING_CLOUD_OBJECT_STORE_URL"] = store_url
        before = dict(os.environ)
        os.environ.update(words)
        try:
            _register_sender(Settings(_env_file=None))  # type: ignore[call-arg]
        finally:
            os.environ.clear()
            os.environ.update(before)
        port = free_port()
        listener = stack.enter_context(socket.create_server(("127.0.0.1", port), backlog=64))
        environment = os.environ | words
        environment |= {DICOM_FD: str(listener.fileno()), "IMAGING_CLOUD_LOG_LEVEL": "WARNING"}
        begun = [_begin_gateway(listener, environment, stack) for _ in range(gateways)]
        for _, ready in begun:
            # One that still starts would take the time of those that are measured.
            if not os.read(ready, 1):
                raise RuntimeError("a gateway ended before it served")
            os.close(ready)
        return Running(port, tuple(pid for pid, _ in begun))

    return start


# --- DCMTK ---------------------------------------------------------------------------------------


def _storescp(*options: str) -> Server:
    def start(folder: Path, stack: ExitStack, tuned: bool) -> Running:
        port = free_port()
        command = ["storescp", "--fork", "-od", str(folder), *options, str(port)]
        environment = _environment(tuned=tuned)
        process = stack.enter_context(running(command, env=environment, **QUIET))
        return Running(port, (process.pid,))

    return start


storescp = _storescp()
null = _storescp("--ignore")


# --- Orthanc -------------------------------------------------------------------------------------


def newest_orthanc() -> Path | None:
    """The root folder of the Debian that carries 1.12.7, if it is there and we may enter it."""
    there = (NEWEST_ORTHANC / "usr/sbin/Orthanc").exists()
    return NEWEST_ORTHANC if there and os.geteuid() == 0 else None


def orthanc_version() -> str:
    root = newest_orthanc()
    command = ["chroot", str(root)] if root else []
    said = subprocess.run([*command, "Orthanc", "--version"], capture_output=True, check=False)
    return said.stdout.decode().split("\n", 1)[0].split()[-1] if said.stdout else "missing"


def _orthanc(postgres: PostgresServer | None = None) -> Server:
    def start(folder: Path, stack: ExitStack, tuned: bool) -> Running:
        root = newest_orthanc()
        prefix: list[str] = []
        data = folder
        if root is not None:
            prefix = ["chroot", str(root)]
            data = Path(tempfile.mkdtemp(prefix="bench-", dir=root / "tmp"))
            stack.callback(shutil.rmtree, data, ignore_errors=True)
        inside = Path("/") / data.relative_to(root) if root else data
        port = free_port()
        settings: dict[str, object] = {
            "StorageDirectory": str(inside),
            "IndexDirectory": str(inside),
            "HttpServerEnabled": False,
            "DicomPort": port,
            "DicomAet": "ANY",
            "DicomCheckCalledAet": False,
            "Plugins": [],
        }
        if postgres is not None:
            name = f"orthanc_{port}"
            postgres.create_database(name)
            stack.callback(postgres.drop_database, name)
            settings["Plugins"] = ["/usr/share/orthanc/plugins/libOrthancPostgreSQLIndex.so"]
            settings["PostgreSQL"] = {
                "EnableIndex": True,
                "Host": "127.0.0.1",
                "Port": postgres.port,
                "Database": name,
                "Username": postgres.user,
                "Password": "",
            }
        (data / "orthanc.json").write_text(json.dumps(settings))
        command = [*prefix, "Orthanc", str(inside / "orthanc.json")]
        environment = _environment(tuned=tuned)
        process = stack.enter_context(running(command, env=environment, **QUIET))
        return Running(port, (process.pid,))

    return start


orthanc = _orthanc()
orthanc_on_postgres = _orthanc


# --- engines -------------------------------------------------------------------------------------


@contextmanager
def durable_postgres() -> Iterator[PostgresServer]:
    with running_postgres(durable=True) as server:
        yield server


def fresh_database(postgres: PostgresServer) -> Callable[[], str]:
    return lambda: postgres.create_database(f"ours_{time.monotonic_ns()}")


@contextmanager
def seaweedfs() -> Iterator[str]:
    """The address of a bucket for `OBJECT_STORE_URL`; its keys are in our environment."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-s3-") as folder,
        running_seaweedfs(Path(folder)) as server,
    ):
        os.environ["AWS_ACCESS_KEY_ID"] = server.access_key
        os.environ["AWS_SECRET_ACCESS_KEY"] = server.secret_key
        yield server.url
