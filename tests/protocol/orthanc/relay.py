"""A loopback TCP port in front of an Orthanc's Unix socket; counts and meddles with file GETs."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path

CHUNK = 1024**2
# No body of ours holds such a line, and requests sends a request head in one piece.
FILE_GET = re.compile(rb"GET /instances/([0-9a-f-]{44})/file HTTP")

# Asked before a file request goes on to the archive, with the instance's identifier; what it
# returns is after how many bytes the answer breaks off, None for the whole answer.
Meddler = Callable[[str], int | None]


def leave_alone(_instance: str) -> int | None:
    return None


class Relay:
    def __init__(self, socket_path: Path) -> None:
        self.fetched: list[str] = []
        self.meddle: Meddler = leave_alone
        self._socket_path = str(socket_path)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def close(self) -> None:
        for end in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join()
        self._listener.close()

    def _start(self, target: Callable[..., None], *args: object) -> threading.Thread:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._start(self._serve, near)

    def _serve(self, near: socket.socket) -> None:
        with near, socket.socket(socket.AF_UNIX) as far, contextlib.suppress(OSError):
            self._open |= {near, far}
            far.connect(self._socket_path)
            cut: list[int] = []
            back = self._start(self._pump_answers, far, near, cut)
            self._pump_requests(near, far, cut)
            back.join()
        self._open -= {near, far}

    def _pump_requests(self, near: socket.socket, far: socket.socket, cut: list[int]) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(CHUNK):
                for found in FILE_GET.finditer(data):
                    instance = found[1].decode()
                    self.fetched.append(instance)
                    limit = self.meddle(instance)
                    if limit is not None:
                        cut.append(limit)
                far.sendall(data)
        self._shut(near, far)

    def _pump_answers(self, far: socket.socket, near: socket.socket, cut: list[int]) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(CHUNK):
                if cut:
                    near.sendall(data[: cut.pop()])
                    break
                near.sendall(data)
        self._shut(near, far)

    @staticmethod
    def _shut(*ends: socket.socket) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
