"""Memory of a process that serves many peers in threads for months: it stays small, and level.

Two things made it climb, measured with 20 senders: what a finished association leaves to the
garbage collector, which comes ever more rarely the more there is to look through; and free memory
in the allocator's arenas, one for each of many threads, that it does not give back by itself.
"""

import ctypes
import gc
import time
from collections.abc import Callable

# mallopt(3): one thread at a time holds the interpreter, so two arenas serve all of them.
_M_ARENA_MAX = -8
_ARENAS = 2
_EVERY_SECONDS = 15.0


def settle() -> None:
    """What is loaded now stays for good. Before the first peer, and again when more is loaded."""
    gc.freeze()
    set_option = _allocator("mallopt")
    if set_option is not None:
        set_option(_M_ARENA_MAX, _ARENAS)


class Returns:
    """Gives free memory back to the system now and then; for one thread."""

    def __init__(self) -> None:
        self._trim = _allocator("malloc_trim")
        self._next = time.monotonic() + _EVERY_SECONDS

    def when_due(self) -> None:
        now = time.monotonic()
        if self._trim is not None and now >= self._next:
            self._next = now + _EVERY_SECONDS
            self._trim(0)


def _allocator(name: str) -> Callable[..., int] | None:
    """A function of glibc's allocator (called without the interpreter's lock), if this is it."""
    try:
        return ctypes.CDLL(None)[name]
    except (AttributeError, OSError, TypeError):
        return None
