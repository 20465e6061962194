"""The object store: whole objects under keys, written once, never changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """`size` in bytes; `changed_at` (aware) is when the store last touched it, where it says so."""

    key: str
    size: int
    changed_at: datetime | None = None


class ObjectStore(Protocol):
    """Every method raises Unavailable when the store is away, and NotFound for a missing key.

    `names_lag`: whether `put_file` leaves the durability of names to `make_durable`, and
    `put_bytes` that of the bytes as well.
    """

    names_lag: bool

    def put_file(self, key: str, path: Path) -> None:
        """Put the durable file's bytes under `key`. The same key again changes nothing.

        The bytes are durable and readable when it returns. Where names lag, the caller keeps its
        file until `make_durable`. The file stays where it is (a local store may hard-link it, so
        it must not be changed afterwards). Raises OutOfSpace.
        """
        ...

    def put_bytes(self, key: str, content: bytes) -> None:
        """The same of bytes at hand, which the caller keeps durable until then.

        Where names lag, a crash may leave it in part; to put it again mends it.
        """
        ...

    def make_durable(self, keys: Sequence[str]) -> None:
        """From now on these keys outlive a power cut without the files that were put there.

        Raises OutOfSpace.
        """
        ...

    def open_object(self, key: str) -> BinaryIO:
        """A readable stream from the first byte; the caller closes it."""
        ...

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer at the end of the object."""
        ...

    def stat_object(self, key: str) -> StoredObject: ...

    def list_objects(self, prefix: str = "") -> Iterator[StoredObject]:
        """All objects whose key begins with `prefix`, in no particular order."""
        ...

    def delete_object(self, key: str) -> None:
        """Remove it; a missing key is no error. Only decisions about quarantine call this."""
        ...

    def check_ready(self) -> None:
        """Return when a round trip to the store works within 2 s, else raise Unavailable."""
        ...
