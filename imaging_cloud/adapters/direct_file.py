"""Large files past the page cache: the disk fetches the bytes itself (O_DIRECT, open(2)).

Of a CT slice that way costs a third of the CPU and half of the time that a cached write and its
fsync take: no page is found, filled, marked and written back. Where the file system does not do it
(tmpfs, some network file systems) the same calls go through the cache.
"""

import errno
import fcntl
import mmap
import os
from collections import deque
from contextlib import suppress

from imaging_cloud.adapters.disk import start_write_back

# Bytes written at once. Direct writes ask for memory, offset and length in whole blocks.
CHUNK = 1024**2
# Of the first chunk a part is written so early: while the rest of a CT slice is still coming.
EARLY = CHUNK // 4
_BLOCK = 4096
_MOST_IDLE = 8


class Buffers:
    """Chunks of page-aligned memory, used again: new pages cost more than the copy into them."""

    def __init__(self) -> None:
        self._idle: deque[mmap.mmap] = deque()

    def take(self) -> mmap.mmap:
        """One that nobody looks into any more (`DirectFile.content`)."""
        while self._idle:
            with suppress(IndexError, BufferError):
                buffer = self._idle.pop()
                buffer.resize(CHUNK)  # as it is; refused while there are views of it
                return buffer
        return mmap.mmap(-1, CHUNK)

    def give_back(self, buffer: mmap.mmap) -> None:
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(buffer)


class DirectFile:
    """A new file written from its beginning to its end, once. Every method raises OSError."""

    def __init__(self, path: str, buffers: Buffers, *, direct: bool) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._direct = direct
        if direct:
            try:
                self.descriptor = os.open(path, flags | os.O_DIRECT, 0o600)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                self._direct = False
                with suppress(FileNotFoundError):  # some file systems make it and then say no
                    os.unlink(path)  # noqa: PTH108 - a string all the way: this is the hot path
        if not self._direct:
            self.descriptor = os.open(path, flags, 0o600)
        self._buffers = buffers
        self._buffer = buffers.take()
        self._memory = memoryview(self._buffer)
        self._filled = self._flushed = 0  # of the buffer: what came, and what the disk has of it
        self._written = 0

    def write(self, data: memoryview) -> None:
        while data:
            taken = min(len(data), CHUNK - self._filled)
            self._memory[self._filled : self._filled + taken] = data[:taken]
            self.advance(taken)
            data = data[taken:]

    def room(self) -> memoryview:
        """Where the next bytes go; never empty. They count once `advance` says so."""
        return self._memory[self._filled :]

    def advance(self, count: int) -> None:
        self._filled += count
        if self._filled == CHUNK:
            self._flush(CHUNK)
            self._filled = self._flushed = 0
        elif self._direct and not self._written and self._filled >= EARLY:
            self._flush(EARLY)

    def content(self) -> memoryview | None:
        """All that was written, while it fits into the buffer; else None.

        The buffer is not used again before the caller lets go of it.
        """
        return None if self._written > self._flushed else self._memory[: self._filled]

    def finish(self) -> None:
        """Hand all to the disk; what is no whole block goes through the cache."""
        whole = self._filled - self._filled % _BLOCK
        self._flush(whole)
        if whole < self._filled:
            self._stop_direct()
            self._flush(self._filled)
        self._filled = self._flushed = 0
        os.fsync(self.descriptor)

    def close(self) -> None:
        self._memory.release()
        self._buffers.give_back(self._buffer)
        os.close(self.descriptor)

    def _flush(self, until: int) -> None:
        """Write the buffer up to here, from where it was written to."""
        if until <= self._flushed:
            return
        self._write_all(self._memory[self._flushed : until])
        self._flushed = until
        if until == CHUNK and not self._direct:
            # Let the disk begin: a large object is half written when its last byte arrives.
            start_write_back(self.descriptor, self._written - until, until)

    def _write_all(self, data: memoryview) -> None:
        while data:
            try:
                count = os.write(self.descriptor, data)
            except OSError as error:
                # Not done here after all, or no longer at a whole block after a short write.
                if error.errno != errno.EINVAL or not self._direct:
                    raise
                self._stop_direct()
                continue
            self._written += count
            data = data[count:]

    def _stop_direct(self) -> None:
        if self._direct:
            flags = fcntl.fcntl(self.descriptor, fcntl.F_GETFL)
            fcntl.fcntl(self.descriptor, fcntl.F_SETFL, flags & ~os.O_DIRECT)
            self._direct = False
