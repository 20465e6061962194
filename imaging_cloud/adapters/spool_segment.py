"""One file of the spool log: a header block, then records, each at a block of its own.

A record says its epoch and the hash of what it holds, so a torn one, or one of an earlier epoch, is
known as such wherever it lies: reading looks at every block. Raising the epoch voids them all.
"""

import errno
import hashlib
import logging
import os
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from imaging_cloud.adapters.disk import fsync_folder

_LOG = logging.getLogger(__name__)

BLOCK = 4096
SEGMENT_BYTES = 4 * 1024**2
_ZEROS = bytes(64 * 1024)

# magic, epoch
_HEADER = struct.Struct("<8sQ")
_SEGMENT_MAGIC = b"ICSPOOL1"
# magic, epoch, nanoseconds, bytes, data set offset, bytes of institution, SHA-256 of the data set
_RECORD = struct.Struct("<8sQQIIH32s")
_CHECK = struct.Struct("<I")  # CRC-32 of all before the data set, but for itself
_RECORD_MAGIC = b"ICENTRY1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One record: a whole Part 10 file as it was sealed, and when (ns since 1970)."""

    institution: str
    content: bytes
    data_set_offset: int
    sha256: str
    sealed_at: int


class Hold:
    """Keeps a segment from being used again; call it when the record is finished."""

    __slots__ = ("_segment",)

    def __init__(self, segment: "Segment") -> None:
        self._segment: Segment | None = segment

    def __call__(self) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.release()


class Segment:
    """One file of the log. `release` once for every successful `append` (`Hold` sees to it)."""

    def __init__(self, path: Path, recycle: Callable[["Segment"], None]) -> None:
        self.path = path
        self._recycle = recycle
        self._changed = threading.Condition()
        self._epoch = 1
        self._end = self._synced = BLOCK
        self._held = 0
        self._retired = self._broken = self._syncing = False
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            # Written, not only allocated: the first write to allocated blocks changes metadata.
            for block in (memoryview(_header(self._epoch)), *_zeros(SEGMENT_BYTES - BLOCK)):
                _write_all(self._descriptor, block)
            os.fsync(self._descriptor)
            fsync_folder(path.parent)
        except OSError:
            self.remove()
            raise

    def append(self, record: "Record") -> bool:
        """Make it durable; False where it does not fit. Raises OSError: then it is not kept.

        Senders that come while one flush is under way share the next. After a failed flush the
        segment takes nothing more: the kernel may have dropped what it could not write.
        """
        with self._changed:
            end = self._write(record)
        if not end:
            return False
        try:
            self._make_durable(end)
        except OSError:
            self.release()
            raise
        return True

    def _write(self, record: "Record") -> int:
        """Where the record ends; 0 where there is no room. Under the lock, so none lie astride."""
        if self._retired or self._broken:
            return 0
        data = record.encode(self._epoch)
        if self._end + len(data) > SEGMENT_BYTES:
            return 0
        try:
            if os.pwrite(self._descriptor, data, self._end) != len(data):
                raise OSError(errno.EIO, "a short write within a file")
        except OSError:
            self._broken = True
            raise
        self._end += len(data)
        self._held += 1
        return self._end

    def _make_durable(self, end: int) -> None:
        with self._changed:
            while self._syncing and self._synced < end and not self._broken:
                self._changed.wait()
            if self._broken:
                raise OSError(errno.EIO, "an earlier write to the spool log failed")
            if self._synced >= end:
                return
            self._syncing = True
            reached = self._end
        failed = True
        try:
            os.fdatasync(self._descriptor)
            failed = False
        finally:
            with self._changed:
                self._syncing = False
                self._broken = self._broken or failed
                if not failed:
                    self._synced = max(self._synced, reached)
                self._changed.notify_all()

    def release(self) -> None:
        with self._changed:
            self._held -= 1
            if self._held:
                return
            if not self._retired:
                self._begin_again()
                return
        self._recycle(self)

    def retire(self) -> None:
        """Take nothing more; it comes back once all it holds is released."""
        with self._changed:
            if self._retired:
                return
            self._retired = True
            done = not self._held
        if done:
            self._recycle(self)

    @property
    def is_empty(self) -> bool:
        with self._changed:
            return self._end == BLOCK

    def renew(self) -> bool:
        """Void all records and begin again; False for a segment that had a fault."""
        with self._changed:
            self._begin_again()
            self._retired = False
            return not self._broken

    def _begin_again(self) -> None:
        if self._broken:
            return
        try:
            os.pwrite(self._descriptor, _header(self._epoch + 1), 0)
            os.fdatasync(self._descriptor)
        except OSError as error:
            _LOG.error("spool: a file of the log cannot be used again: %s", error.strerror)
            self._broken = True
            return
        self._epoch += 1
        self._end = self._synced = BLOCK

    def remove(self) -> None:
        os.close(self._descriptor)
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    institution: bytes
    content: bytes | bytearray
    data_set_offset: int
    sha256: bytes

    def encode(self, epoch: int) -> bytes:
        """The record with its padding to whole blocks."""
        head = _RECORD.pack(
            _RECORD_MAGIC,
            epoch,
            time.time_ns(),
            len(self.content),
            self.data_set_offset,
            len(self.institution),
            self.sha256,
        )
        named = head + self.institution
        check = zlib.crc32(memoryview(self.content)[: self.data_set_offset], zlib.crc32(named))
        whole = b"".join((named, _CHECK.pack(check), self.content))
        return whole + bytes(-len(whole) % BLOCK)


def read_segment(path: Path) -> Iterator[Logged]:
    """The whole records of the present epoch, oldest first."""
    data = path.read_bytes()
    if len(data) < BLOCK:
        return  # its making was cut short: nothing was ever appended
    magic, epoch = _HEADER.unpack_from(data)
    if magic != _SEGMENT_MAGIC:
        return
    at = BLOCK
    while at + BLOCK <= len(data):
        found = _read_record(data, at, epoch)
        if found is None:
            at += BLOCK
            continue
        logged, length = found
        yield logged
        at += length + -length % BLOCK


def _read_record(data: bytes, at: int, epoch: int) -> tuple[Logged, int] | None:
    magic, of_epoch, sealed_at, size, offset, named, sha256 = _RECORD.unpack_from(data, at)
    if magic != _RECORD_MAGIC or of_epoch != epoch:
        return None
    checked_to = at + _RECORD.size + named
    begins = checked_to + _CHECK.size
    if begins + size > len(data) or offset > size:
        return None
    content = data[begins : begins + size]
    [check] = _CHECK.unpack_from(data, checked_to)
    if check != zlib.crc32(content[:offset], zlib.crc32(data[at:checked_to])):
        return None
    if hashlib.sha256(memoryview(content)[offset:]).digest() != sha256:
        return None
    logged = Logged(
        institution=data[at + _RECORD.size : checked_to].decode(),
        content=content,
        data_set_offset=offset,
        sha256=sha256.hex(),
        sealed_at=sealed_at,
    )
    return logged, begins + size - at


def _zeros(count: int) -> Iterator[memoryview]:
    """So many zeros in pieces: megabytes at once would leave holes in the allocator's memory."""
    for at in range(0, count, len(_ZEROS)):
        yield memoryview(_ZEROS)[: count - at]


def _write_all(descriptor: int, left: memoryview) -> None:
    while left:
        left = left[os.write(descriptor, left) :]


def _header(epoch: int) -> bytes:
    return _HEADER.pack(_SEGMENT_MAGIC, epoch).ljust(BLOCK, b"\0")
