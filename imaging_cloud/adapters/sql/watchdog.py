"""Cutting connections whose server has gone silent without closing them.

PostgreSQL's own timeouts are the server's: one that is frozen, or behind a network that swallows
everything, never answers, and the client would wait for ever.
"""

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

# Seconds between two looks at what is under way.
_LOOK = 0.1


class Watchdog:
    """One thread looks after all that is under way; it sleeps while there is nothing."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._under_way: dict[int, tuple[float, Any]] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def limiting(self, connection: Connection, seconds: float) -> Iterator[None]:
        """Cut the connection when what is done with it takes longer; its user then gets EOF."""
        number = next(self._numbers)
        raw = connection.connection.driver_connection
        with self._changed:
            self._under_way[number] = (time.monotonic() + seconds, raw)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._watch, name="index-watchdog", daemon=True
                )
                self._thread.start()
            elif len(self._under_way) == 1:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._under_way.pop(number, None)

    def _watch(self) -> None:
        while True:
            with self._changed:
                while not self._under_way:
                    self._changed.wait()
                now = time.monotonic()
                late = [each for each in self._under_way.items() if each[1][0] < now]
                for number, (_, raw) in late:
                    # Inside the lock: whoever is done with the connection waits for us, so it
                    # cannot have been given to somebody else meanwhile.
                    del self._under_way[number]
                    _cut(raw)
            time.sleep(_LOOK)


def _cut(raw: Any) -> None:  # noqa: ANN401 - a driver's connection
    """Shut the socket down; the connection stays its user's to close."""
    with contextlib.suppress(Exception), socket.socket(fileno=_duplicate(raw)) as own:
        own.shutdown(socket.SHUT_RDWR)


def _duplicate(raw: Any) -> int:  # noqa: ANN401
    return socket.dup(raw.pgconn.socket)
