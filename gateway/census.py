"""What all gateway processes of this machine hold, so that limits are limits of the whole.

Each process owns one file of a shared folder and holds a lock on it for as long as it lives; the
kernel frees the lock when the process dies, however it dies, and what stands in the file then
counts no more. Files lie in memory (process.runtime_folder) and are rewritten at every change.
"""

import contextlib
import fcntl
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

_MOST_BYTES = 16 * 1024 * 1024
# A process that was stopped while it had its turn must not stop the others.
_TURN_SECONDS = 1.0
_LOOK_SECONDS = 0.001


@dataclass(slots=True)
class Holdings:
    """Associations by (device, address), and connections that are none yet."""

    held: Counter[tuple[str, str]] = field(default_factory=Counter)
    half_open: int = 0
    processes: int = 0


class Census:
    """For one thread at a time: the caller has a lock of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._gate = os.open(folder / "gate", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._others: dict[str, int] = {}
        for number in count():
            self._name = str(number)
            self._own = self._open(self._name)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._own, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            os.close(self._own)
        self.publish(Holdings())

    def _open(self, name: str) -> int:
        return os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Between looking and publishing no other process does either."""
        has_turn = self._take_turn()
        try:
            yield
        finally:
            if has_turn:
                fcntl.flock(self._gate, fcntl.LOCK_UN)

    def _take_turn(self) -> bool:
        until = time.monotonic() + _TURN_SECONDS
        while True:
            try:
                fcntl.flock(self._gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    return False
                time.sleep(_LOOK_SECONDS)
            else:
                return True

    def others(self) -> Holdings:
        """What the other living processes hold, all together."""
        total = Holdings()
        for path in self._folder.iterdir():
            name = path.name
            if name.isdecimal() and name != self._name:
                descriptor = self._others.get(name)
                if descriptor is None:
                    descriptor = self._others[name] = self._open(name)
                if _is_held(descriptor):
                    _add(total, os.pread(descriptor, _MOST_BYTES, 0))
        return total

    def publish(self, mine: Holdings) -> None:
        rows = [[device, address, number] for (device, address), number in mine.held.items()]
        data = json.dumps([mine.half_open, rows]).encode()
        os.pwrite(self._own, data, 0)
        os.ftruncate(self._own, len(data))

    def close(self) -> None:
        for descriptor in (self._own, self._gate, *self._others.values()):
            os.close(descriptor)


def _is_held(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def _add(total: Holdings, data: bytes) -> None:
    total.processes += 1
    with contextlib.suppress(ValueError):  # begun this moment, nothing written yet
        half_open, rows = json.loads(data)
        total.half_open += half_open
        for device, address, number in rows:
            total.held[device, address] += number
