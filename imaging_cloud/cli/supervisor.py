"""The supervisor of `serve`: starts the parts, keeps them alive, stops them in time."""

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from imaging_cloud import process

_LOG = logging.getLogger(__name__)

STOP_SECONDS = 9.0
_READY_SECONDS = 60.0
_TICK_SECONDS = 0.2
# A part that dies at once every time is started again, ever more slowly.
_FIRST_BACKOFF_SECONDS = 0.5
_LONGEST_BACKOFF_SECONDS = 30.0
_STEADY_SECONDS = 30.0


@dataclass(slots=True)
class _Part:
    """One child process and how to start it again."""

    name: str
    arguments: Sequence[str]
    descriptors: Mapping[str, int]
    child: subprocess.Popen[bytes] | None = None
    ready: bool = False
    ready_pipe: int | None = None
    started_at: float = 0.0
    backoff: float = _FIRST_BACKOFF_SECONDS
    restart_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Runs `gateways`, `webs` and `workers` processes on shared listening sockets.

    `secure` is the gateways' second one, for DICOM over TLS.
    """

    dicom: socket.socket
    http: socket.socket
    secure: socket.socket | None = None
    _parts: list[_Part] = field(default_factory=list)
    _stopping: bool = False

    def run(self, *, gateways: int, webs: int, workers: int, on_ready: Callable[[], None]) -> int:
        """Serve until SIGTERM or SIGINT; the exit code."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        # Held open by this process alone: when it is gone, the children read its end.
        lifeline_end, lifeline = os.pipe()
        go_end, go = os.pipe()
        common = {process.LIFELINE_FD: lifeline_end}
        listening = {process.DICOM_FD: self.dicom.fileno()}
        if self.secure is not None:
            listening[process.DICOM_TLS_FD] = self.secure.fileno()
        for number in range(gateways):
            self._add(f"gateway-{number + 1}", "gateway", {**common, **listening})
        for number in range(workers):
            self._add(f"worker-{number + 1}", "worker", common)
        for number in range(webs):
            self._add(
                f"web-{number + 1}",
                "web",
                {**common, process.HTTP_FD: self.http.fileno(), process.GO_FD: go_end},
            )
        try:
            for part in self._parts:
                self._start(part)
            if not self._wait_ready():
                return 0 if self._stopping else 1
            # The web face opens only now, so that a 200 of /readyz speaks for every part.
            os.write(go, b"1" * 64)
            on_ready()
            self._keep_alive()
        finally:
            self._stop_all()
            for descriptor in (lifeline, lifeline_end, go, go_end):
                os.close(descriptor)
        return 0

    def _add(self, name: str, command: str, descriptors: Mapping[str, int]) -> None:
        arguments = [sys.executable, "-m", "imaging_cloud", command]
        self._parts.append(_Part(name=name, arguments=arguments, descriptors=descriptors))

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._stopping = True

    def _start(self, part: _Part) -> None:
        ready, ready_end = os.pipe()
        descriptors = {**part.descriptors, process.READY_FD: ready_end}
        environment = os.environ | {name: str(number) for name, number in descriptors.items()}
        part.child = subprocess.Popen(  # noqa: S603 - our own program
            part.arguments,
            env=environment,
            pass_fds=tuple(descriptors.values()),
            stdin=subprocess.DEVNULL,
            # A signal typed at the terminal reaches the supervisor alone, which then stops all.
            process_group=0,
        )
        os.close(ready_end)
        part.ready, part.ready_pipe = False, ready
        part.started_at, part.restart_at = time.monotonic(), None

    def _wait_ready(self) -> bool:
        """Wait for all parts but the web face, which waits for this to return."""
        deadline = time.monotonic() + _READY_SECONDS
        waiting = [part for part in self._parts if process.GO_FD not in part.descriptors]
        while not self._stopping and time.monotonic() < deadline:
            for part in self._parts:
                if part.child is not None and part.child.poll() is not None:
                    _LOG.error("%s ended before it was ready; see its message above", part.name)
                    return False
            if all(self._is_ready(part) for part in waiting):
                return True
            time.sleep(0.02)
        return False

    def _is_ready(self, part: _Part) -> bool:
        if part.ready_pipe is not None and select.select([part.ready_pipe], [], [], 0)[0]:
            part.ready = os.read(part.ready_pipe, 1) == b"1"
            os.close(part.ready_pipe)
            part.ready_pipe = None
        return part.ready

    def _keep_alive(self) -> None:
        while not self._stopping:
            for part in self._parts:
                self._look_after(part)
            time.sleep(_TICK_SECONDS)

    def _look_after(self, part: _Part) -> None:
        self._is_ready(part)
        now = time.monotonic()
        if part.restart_at is not None:
            if now >= part.restart_at:
                # The go-ahead was given long ago.
                part.descriptors = {
                    name: number
                    for name, number in part.descriptors.items()
                    if name != process.GO_FD
                }
                self._start(part)
            return
        if part.child is None or part.child.poll() is None:
            return
        if now - part.started_at > _STEADY_SECONDS:
            part.backoff = _FIRST_BACKOFF_SECONDS
        process.forget_gauges(part.child.pid)
        _LOG.error(
            "%s ended with code %s; starting it again in %.1f s",
            part.name,
            part.child.returncode,
            part.backoff,
        )
        part.restart_at = now + part.backoff
        part.backoff = min(part.backoff * 2, _LONGEST_BACKOFF_SECONDS)

    def _stop_all(self) -> None:
        running = [part.child for part in self._parts if part.child is not None]
        for child in running:
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in running:
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for part in self._parts:
            if part.ready_pipe is not None:
                os.close(part.ready_pipe)
