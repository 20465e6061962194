"""What a process owes its supervisor: inherited sockets, readiness, stopping, not outliving it.

`serve` passes file descriptors by number in the environment. Started alone, a part finds none of
them, binds its own socket and answers to signals only.
"""

import errno
import logging
import os
import signal
import socket
import sys
import threading
import time
from types import FrameType

DICOM_FD = "IMAGING_CLOUD_DICOM_FD"
HTTP_FD = "IMAGING_CLOUD_HTTP_FD"
READY_FD = "IMAGING_CLOUD_READY_FD"
GO_FD = "IMAGING_CLOUD_GO_FD"
LIFELINE_FD = "IMAGING_CLOUD_LIFELINE_FD"

_LOG = logging.getLogger(__name__)
_BACKLOG = 1024
# After a kill the children of the earlier run may hold the port for a moment.
_BIND_PATIENCE_SECONDS = 10
_ORPHANED = 3


def configure_logging(level: str) -> None:
    """One line an event on standard error; no library above WARNING speaks."""
    logging.basicConfig(
        level=level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s[%(process)d] %(message)s",
    )
    for noisy in ("pynetdicom", "pydicom", "urllib3", "alembic", "sqlalchemy", "httpx"):
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
