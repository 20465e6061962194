"""The spool log: small entries made durable by overwriting a file that is there already.

A new file costs the disk an inode, a folder entry and a journal or bitmap write before its bytes
count; to overwrite ten kilobytes of a file whose blocks were written before costs the bytes
alone: a third of the time, and one flush for all senders that wait. A process has segments of a few
megabytes and goes round in them: records are appended, and once every record of a segment is
finished its epoch is raised, which makes all of them void, and it is used again.

A segment is `ROOT/N.PROCESS.log`: a header block, then records, each at a block of its own. A
record says its epoch and the hash of what it holds, so a torn one, or one of an earlier epoch, is
known as such wherever it lies: reading looks at every block.
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
# All segments of a process: what may wait for its objects and rows to be durable.
MOST_SEGMENTS = 24
# So long after a segment could not be made nobody tries again.
_PAUSE_SECONDS = 5.0

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
            left = memoryview(_header(self._epoch) + bytes(SEGMENT_BYTES - BLOCK))
            while left:
                left = left[os.write(self._descriptor, left) :]
            os.fsync(self._descriptor)
            fsync_folder(path.parent)
        except OSError:
            self.remove()
            raise

    def append(self, record: "_Record") -> bool:
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

    def _write(self, record: "_Record") -> int:
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
class _Record:
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


class SpoolLog:
    """The segments of this process. `identity` names the process in the names of its files."""

    def __init__(self, root: Path, identity: Callable[[], str]) -> None:
        self._root = root
        self._identity = identity
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._active: Segment | None = None
        self._free: list[Segment] = []
        self._keeps_spare = False
        self._maker: threading.Thread | None = None
        self._preparing = threading.Lock()
        self._counting = threading.Lock()  # for what is made without `_lock`, while others send
        self._count = 0
        self._made = 0
        self._none_until = 0.0
        self._closed = False

    def append(
        self, institution: str, content: bytes | bytearray, data_set_offset: int, sha256: bytes
    ) -> Hold | None:
        """Durable on return: what to call when it is finished. None: the log has no room just now.

        Raises OSError; then nothing was kept.
        """
        record = _Record(
            institution=institution.encode(),
            content=content,
            data_set_offset=data_set_offset,
            sha256=sha256,
        )
        for _ in range(2):  # a segment may be full, or turned over between the two steps
            segment = self._segment()
            if segment is None:
                return None
            if segment.append(record):
                return Hold(segment)
            self._turn_over(segment)
        return None

    def turn_over(self) -> None:
        """Go on in another segment, so that this one can come back when all of it is done."""
        with self._lock:
            active = self._active
        if active is not None and not active.is_empty:
            self._turn_over(active)

    def close(self) -> None:
        """Remove what holds nothing any more; the rest is the next start's."""
        with self._lock:
            self._closed = True
            active, self._active = self._active, None
            free, self._free = self._free, []
            maker = self._maker
        if maker is not None:
            maker.join()
        for each in free:
            each.remove()
        if active is not None:
            active.retire()

    def _segment(self) -> Segment | None:
        with self._lock:
            if self._owner != os.getpid():  # after a fork: the parent's stay the parent's
                self._owner, self._active, self._free, self._count = os.getpid(), None, [], 0
                self._maker = None
            if self._active is None and not self._closed:
                self._active = self._free.pop() if self._free else self._make()
                if self._keeps_spare and not self._free:
                    self._begin_preparing()
            return self._active

    def _begin_preparing(self) -> None:
        if self._maker is None or not self._maker.is_alive():
            self._maker = threading.Thread(target=self._prepare, name="spool-log", daemon=True)
            self._maker.start()

    def warm_up(self) -> None:
        """Have a segment to write to, and from now on the next as well."""
        self._segment()
        self._keeps_spare = True
        self._prepare()

    def _prepare(self) -> None:
        """Have a segment at hand: to fill one with zeros takes as long as twenty instances."""
        with self._preparing:
            with self._lock:
                is_due = not (self._free or self._closed)
            made = self._make() if is_due else None
            if made is None:
                return
            with self._lock:
                if not self._closed:
                    self._free.append(made)
                    return
            made.remove()

    def _make(self) -> Segment | None:
        """None where there are enough, or where the disk has no room for one: a file may fit."""
        with self._counting:
            if self._count >= MOST_SEGMENTS or time.monotonic() < self._none_until:
                return None
            self._count += 1
            self._made += 1
            path = self._root / f"{self._made}.{self._identity()}.log"
        try:
            return Segment(path, self._take_back)
        except OSError as error:
            _LOG.warning("spool: no file for the log could be made: %s", error.strerror)
            self._discount()
            self._none_until = time.monotonic() + _PAUSE_SECONDS
            return None

    def _discount(self) -> None:
        with self._counting:
            self._count -= 1

    def _turn_over(self, segment: Segment) -> None:
        with self._lock:
            if self._active is segment:
                self._active = None
        segment.retire()

    def _take_back(self, segment: Segment) -> None:
        """All that a retired segment held is released."""
        with self._lock:
            if self._closed or not segment.renew():
                self._discount()
                segment.remove()
            else:
                self._free.append(segment)


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


def _header(epoch: int) -> bytes:
    return _HEADER.pack(_SEGMENT_MAGIC, epoch).ljust(BLOCK, b"\0")
