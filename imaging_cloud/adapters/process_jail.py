"""ProcessJail: decoders in processes of their own, few, limited, and replaced when they die."""

import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

from imaging_cloud.domain.errors import NotSupported, Unavailable
from imaging_cloud.ports.jail import Jail, JailAnswer

_LOG = logging.getLogger(__name__)

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 10
# A process that is starved by others is no damaged picture: much longer than its own time.
PATIENCE_SECONDS = 120.0
_MODULE = "imaging_cloud.dicom.jailed"


@dataclass(slots=True)
class _Cell:
    process: subprocess.Popen[bytes]
    line: Connection


class ProcessJail(Jail):
    """At most `size` processes, each started when it is first needed by the thread that needs it.

    A process inherits the priority of that thread. Its environment holds no secrets.
    """

    def __init__(
        self,
        size: int,
        *,
        memory: int = MEMORY_BYTES,
        seconds: int = CPU_SECONDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._memory = memory
        self._seconds = seconds
        self._patience = patience
        self._places = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[_Cell] = []
        self._closed = False

    def run(self, task: str, argument: object) -> JailAnswer:
        if not self._places.acquire(timeout=self._patience):
            raise Unavailable("all decoders are busy; try again")
        try:
            return self._run(task, argument)
        finally:
            self._places.release()

    def _run(self, task: str, argument: object) -> JailAnswer:
        cell = self._take()
        kept = False
        try:
            answer = self._ask(cell, task, argument)
            kept = True
        finally:
            if kept:
                self._give_back(cell)
            else:
                _end(cell)
        if "refused" in answer.head:
            raise NotSupported(str(answer.head["refused"]))
        return answer

    def _take(self) -> _Cell:
        with self._lock:
            if self._closed:
                raise Unavailable("this process is stopping")
            if self._idle:
                return self._idle.pop()
        return self._start()

    def _give_back(self, cell: _Cell) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(cell)
                return
        _end(cell)

    def _start(self) -> _Cell:
        ours, theirs = socket.socketpair()
        number = theirs.fileno()
        words = [sys.executable, "-m", _MODULE, str(number), str(self._memory), str(self._seconds)]
        try:
            process = subprocess.Popen(  # noqa: S603 - our own program
                words,
                pass_fds=(number,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # What a decoder says of a file may quote it.
                stderr=subprocess.DEVNULL,
                env={
                    "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "OPENBLAS_NUM_THREADS": "1",
                    "OMP_NUM_THREADS": "1",
                },
                # A signal typed at the terminal ends the parent, and that ends this one.
                process_group=0,
            )
        except OSError as error:
            ours.close()
            raise Unavailable("no decoder can be started on this machine now") from error
        finally:
            theirs.close()
        return _Cell(process, Connection(ours.detach()))

    def _ask(self, cell: _Cell, task: str, argument: object) -> JailAnswer:
        deadline = time.monotonic() + self._patience
        try:
            cell.line.send((task, argument))
            if not cell.line.poll(max(deadline - time.monotonic(), 0)):
                raise Unavailable("the machine is too busy to decode this frame; try again")
            head = json.loads(cell.line.recv_bytes())
            body = cell.line.recv_bytes()
        except (EOFError, OSError, ValueError) as error:
            raise _verdict(cell) from error
        return JailAnswer(head, body)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            cells, self._idle = self._idle, []
        for cell in cells:
            _end(cell)


def _verdict(cell: _Cell) -> NotSupported | Unavailable:
    """What the death of a process says: its own doing, or somebody else's."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        cell.process.wait(5)
    code = cell.process.returncode
    _LOG.warning("a decoder ended with %s; the frame it had is refused", code)
    if code in (-signal.SIGKILL, -signal.SIGTERM):
        return Unavailable("the machine ended a decoder; try again")
    if code == -signal.SIGXCPU:
        return NotSupported("this frame takes longer to decode than it may")
    return NotSupported("this frame is damaged: its decoder gave up")


def _end(cell: _Cell) -> None:
    cell.line.close()
    cell.process.kill()
    cell.process.wait()
