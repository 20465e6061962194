"""Packs: many frames' bytes in few objects, written to local files first, then stored."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from imaging_cloud.ports.object_store import ObjectStore

# A store takes objects of this size in one PUT, and a chain of a few is read as easily.
_PACK_BYTES = 48 * 1024**2


class PackWriter:
    """A context manager: its local files are gone at the end, whatever happened."""

    def __init__(self, scratch: Path, ending: str, *, limit: int = _PACK_BYTES) -> None:
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._scratch = scratch
        self._ending = ending
        self._limit = limit
        self._paths: list[Path] = []
        self._packs: list[tuple[str, int]] = []
        self._size = 0
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        for path in self._paths:
            path.unlink(missing_ok=True)

    def _open(self) -> None:
        self._paths.append(self._scratch / f"{uuid4().hex}.pack")
        self._file = self._paths[-1].open("xb")
        self._digest, self._size = hashlib.sha256(), 0

    def append(self, data: bytes) -> tuple[int, int]:
        """(number of the pack, offset in it) of the appended bytes, which stay together."""
        if self._size and self._size + len(data) > self._limit:
            self._seal()
            self._open()
        at = (len(self._packs), self._size)
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)
        return at

    def _seal(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if self._size:
            name = f"{self._digest.hexdigest()[:32]}.{self._ending}"
            self._packs.append((name, self._size))

    def store(self, key_of: Callable[[str], str], objects: ObjectStore) -> list[tuple[str, int]]:
        """Make all of it durable; name and size of the packs in order."""
        self._seal()
        # Without a byte there is no pack.
        for (name, _), path in zip(self._packs, self._paths, strict=False):
            objects.put_file(key_of(name), path)
        return self._packs
