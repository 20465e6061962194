"""What a process owes its supervisor: inherited sockets, readiness, stopping, not outliving it.

`serve` passes file descriptors by number in the environment. Started alone, a part finds none of
them, binds its own socket and answers to signals only.
"""

import errno
import hashlib
import logging
import os
import shutil
import signal
import socket
import stat
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path
from types import FrameType

DICOM_FD = "IMAGING_CLOUD_DICOM_FD"
DICOM_TLS_FD = "IMAGING_CLOUD_DICOM_TLS_FD"
HTTP_FD = "IMAGING_CLOUD_HTTP_FD"
READY_FD = "IMAGING_CLOUD_READY_FD"
GO_FD = "IMAGING_CLOUD_GO_FD"
LIFELINE_FD = "IMAGING_CLOUD_LIFELINE_FD"

_LOG = logging.getLogger(__name__)
_BACKLOG = 1024
# After a kill the children of the earlier run may hold the port for a moment.
_BIND_PATIENCE_SECONDS = 10
_ORPHANED = 3
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own within it, checked below
# In a runtime folder: the HOME that it is of.
_OF = "home"
# The name that prometheus_client gives it.
_METRICS = "PROMETHEUS_MULTIPROC_DIR"


def configure_logging(level: str) -> None:
    """One line an event on standard error; no library above WARNING speaks.

    What pydicom warns of stays unsaid, as a Python warning and as a log line: it quotes values.
    """
    logging.basicConfig(
        level=level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s[%(process)d] %(message)s",
    )
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    # Its level it sets itself, whenever it is imported.
    logging.getLogger("pydicom").disabled = True
    for noisy in ("pynetdicom", "urllib3", "alembic", "sqlalchemy", "httpx"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


def bind_socket(host: str, port: int, *, listen: bool = True) -> socket.socket:
    """A bound TCP socket; waits a little for a port that a dying process still holds."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + _BIND_PATIENCE_SECONDS
    while True:
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
            if listen:
                bound.listen(_BACKLOG)
        except OSError as error:
            bound.close()
            if error.errno != errno.EADDRINUSE or time.monotonic() >= deadline:
                raise
            time.sleep(0.1)
        else:
            return bound


def socket_for(name: str, host: str, port: int) -> socket.socket:
    """The socket inherited under an environment name, or one bound now."""
    number = os.environ.get(name)
    return socket.socket(fileno=int(number)) if number else bind_socket(host, port)


def announce_ready() -> None:
    """Tell the supervisor that this part serves."""
    number = os.environ.pop(READY_FD, None)
    if number:
        os.write(int(number), b"1")
        os.close(int(number))


def wait_for_go() -> None:
    """Wait until the supervisor lets this part face the network (all others are ready)."""
    number = os.environ.pop(GO_FD, None)
    if number:
        os.read(int(number), 1)
        os.close(int(number))


def stop_on_signals() -> threading.Event:
    """An event set by SIGTERM or SIGINT, and an end when the supervisor is gone."""
    stop = threading.Event()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        _LOG.info("stopping: %s", signal.Signals(number).name)
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    follow_supervisor()
    return stop


def follow_supervisor() -> None:
    """End this process at once when the supervisor dies: it must not hold ports or work on.

    Nothing is lost by it: whatever was answered success is durable, the rest is replayed.
    """
    number = os.environ.pop(LIFELINE_FD, None)
    if number is None:
        return

    def watch() -> None:
        os.read(int(number), 1)
        os._exit(_ORPHANED)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def _runtime_base() -> Path:
    return _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else Path(tempfile.gettempdir())


def _runtime_prefix() -> str:
    return f"imaging-cloud-{os.geteuid()}-"


def runtime_folder(home: Path) -> Path:
    """Where the processes of one machine over one HOME share what ends with them; made if missing.

    In memory, not in HOME: counters are written through memory maps, and a full disk under a map
    kills its process.
    """
    mark = hashlib.sha256(str(home.absolute()).encode()).hexdigest()[:16]
    folder = _runtime_base() / f"{_runtime_prefix()}{mark}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not ours alone: remove it, then start again")
    (folder / _OF).write_text(str(home.absolute()), encoding="utf-8")
    return folder


def sweep_runtime_folders() -> None:
    """Remove those of HOMEs that are no more: a killed process leaves its own behind."""
    for note in _runtime_base().glob(f"{_runtime_prefix()}*/{_OF}"):
        try:
            gone = not Path(note.read_text(encoding="utf-8")).exists()
        except OSError:
            continue
        if gone:
            shutil.rmtree(note.parent, ignore_errors=True)


def share_metrics(home: Path, *, afresh: bool = False) -> None:
    """Let this process and its children count into one place, which `/metrics` adds up.

    To be called before anything imports prometheus_client, which reads the setting once.
    `afresh` begins at zero: for the one that starts all others.
    """
    if _METRICS in os.environ and not afresh:
        return
    folder = runtime_folder(home) / "metrics"
    if afresh:
        sweep_runtime_folders()
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ[_METRICS] = str(folder)
    for path in folder.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        if not Path(f"/proc/{pid}").exists():
            path.unlink(missing_ok=True)


def forget_gauges(pid: int) -> None:
    """What a process that is gone held at the end is held no more; what it counted stays."""
    folder = os.environ.get(_METRICS)
    if folder:
        for path in Path(folder).glob(f"gauge_live*_{pid}.db"):
            path.unlink(missing_ok=True)


def remove_runtime_folder(home: Path) -> None:
    """For the one that started all others, after they have ended."""
    shutil.rmtree(runtime_folder(home), ignore_errors=True)
