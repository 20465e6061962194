"""A stored object as a seekable file that fetches only the ranges that are read."""

import io
from collections.abc import Callable
from typing import BinaryIO, cast

# A header without pixels is a few KiB to some hundred; one fetch is dear on an object store.
_READ_AHEAD = 128 * 1024


class _Ranges(io.RawIOBase):
    def __init__(self, read_range: Callable[[int, int], bytes], size: int) -> None:
        super().__init__()
        self._read_range = read_range
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(begin + offset, 0)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        data = self._read_range(self._at, wanted)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def range_file(read_range: Callable[[int, int], bytes], size: int) -> BinaryIO:
    """`read_range(offset, length)` gives bytes of an object of `size` bytes."""
    return cast("BinaryIO", io.BufferedReader(_Ranges(read_range, size), _READ_AHEAD))
