"""The spool: bytes on their way in, on local disk, named by nothing but a random id.

A sealed entry is part of the intent log of the ingest path: it outlives a crash and is replayed
at the next start, so an object without a row can never stay unexplained (docs/adr/0001).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledFile:
    """A sealed entry: a whole Part 10 file, fsynced.

    `data_set_offset` is where the data set begins (preamble and group 0002 before it, in our
    canonical form); `sha256` is the hex digest of the data set alone, which is what makes two
    deliveries the same bytes; `size` is that of the whole file in bytes. `content` is the whole
    file where it is small enough to be kept at hand, else None.

    An entry that may share its file with others (`open_entry`) has no file of its own: `path` is
    where one would be, `content` holds the bytes, and `release` belongs to the spool.
    """

    path: Path
    institution: str
    data_set_offset: int
    sha256: str
    size: int
    content: bytes | memoryview | None = field(default=None, repr=False, compare=False)
    release: Callable[[], None] | None = field(default=None, repr=False, compare=False)

    @property
    def has_file(self) -> bool:
        return self.release is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Sealed entries that wait for a replay, and their bytes."""

    instances: int = 0
    bytes: int = 0


class SpoolEntry(Protocol):
    """One open entry. Exactly one of `seal` and `abandon` ends it; both may be called again."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append data set bytes. Raises OutOfSpace, and InvalidInstance past the size limit."""
        ...

    def lend(self, count: int) -> memoryview | None:
        """Memory for up to `count` bytes that come next, which is cheaper than `write`.

        They count once `advance` says so. None: use `write`. Raises OutOfSpace, Unavailable.
        """
        ...

    def advance(self, count: int) -> None:
        """So many bytes stand where `lend` said; nothing else came between. Raises as `write`."""
        ...

    def seal(self) -> SpooledFile:
        """Give it its sealed name and make bytes and name durable.

        Raises OutOfSpace or Unavailable; a failed fsync is not asked again, the entry is gone.
        """
        ...

    def abandon(self) -> None:
        """Unlink what was written. Never raises."""
        ...


class Spool(Protocol):
    def open_entry(self, institution: str, prefix: bytes, *, may_share: bool = False) -> SpoolEntry:
        """Begin a file with `prefix` (preamble and file meta), which is not part of the hash.

        `may_share`: a small entry need not have a file of its own. Raises OutOfSpace when the
        reserve of free space is reached, Unavailable on I/O errors.
        """
        ...

    def warm_up(self) -> None:
        """Do all that the first entry would wait for. Never raises."""
        ...

    def list_sealed(self) -> Iterator[SpooledFile]:
        """Sealed entries left by processes that are gone, oldest first (hashed again)."""
        ...

    def discard(self, spooled: SpooledFile) -> None:
        """Unlink a sealed entry that is not needed any more. Never raises."""
        ...

    def discard_later(
        self, spooled: SpooledFile, key: str, make_durable: Callable[[Sequence[str]], None]
    ) -> None:
        """The same a moment later, once `make_durable` returned for the key; it is called for many.

        Where it raises, the entry is left for replay.
        """
        ...

    def leave_for_replay(self, spooled: SpooledFile) -> None:
        """Hand a sealed entry over to the next replay, whichever process runs it. Never raises."""
        ...

    def hold(self, spooled: SpooledFile) -> None:
        """Keep a sealed entry whose sender is told success, for the next replay of any process.

        Raises Unavailable; then the sender may not be told.
        """
        ...

    def is_holding(self) -> bool:
        """Whether this process held something a moment ago: store or index is away just now.

        The next try may keep a sender waiting for all of a timeout.
        """
        ...

    def read_backlog(self) -> Backlog:
        """What waits here for a replay, acknowledged or not. May be a second old."""
        ...

    def sweep_unsealed(self) -> int:
        """Unlink the unsealed leftovers of processes that are gone; how many there were.

        Sealed names over other bytes are such leftovers: a power cut came before their fsync.
        """
        ...

    def free_bytes(self) -> int:
        """Free space of the spool's file system beyond the configured reserve, in bytes."""
        ...

    def close(self) -> None:
        """Finish what was discarded. Call once, at the end."""
        ...
