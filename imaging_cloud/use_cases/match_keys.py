"""match_keys: which object keys stand on one side only, in memory that does not grow with them.

Both sides are dealt out by key into files of a temporary folder; a key's two halves then lie in
the same file, and one file at a time is matched in memory.
"""

import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO
from urllib.parse import quote, unquote

# 10 million keys are 40,000 a file, some 10 MB of memory.
_FILES = 256
_ROW, _OBJECT, _HELD = "R", "O", "Q"


@dataclass(slots=True)
class MatchedKey:
    """What is known of one key; sizes in bytes, None on the side that does not know it.

    `changed_at` is seconds since the epoch, 0 when the store did not say.
    """

    key: str
    row_size: int | None = None
    sop_instance_uid: str = ""
    object_size: int | None = None
    changed_at: float = 0.0
    is_held: bool = False


class KeyMatcher:
    """A context manager: the temporary files live as long as it is open."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._files: list[TextIO] = []

    def __enter__(self) -> Self:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        for number in range(_FILES):
            file = (folder / str(number)).open("w+", encoding="utf-8")
            self._files.append(self._stack.enter_context(file))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def add_row(self, key: str, size: int, sop_instance_uid: str) -> None:
        self._write(key, f"{_ROW}\t{quote(key)}\t{size}\t{sop_instance_uid}\n")

    def add_object(self, key: str, size: int, changed_at: float) -> None:
        self._write(key, f"{_OBJECT}\t{quote(key)}\t{size}\t{changed_at}\n")

    def add_held(self, key: str) -> None:
        """A key that a quarantine row accounts for."""
        self._write(key, f"{_HELD}\t{quote(key)}\t0\t\n")

    def _write(self, key: str, line: str) -> None:
        self._files[zlib.crc32(key.encode()) % _FILES].write(line)

    def match(self) -> Iterator[MatchedKey]:
        """Every key that was added, once, with what both sides know of it."""
        for file in self._files:
            file.seek(0)
            keys: dict[str, MatchedKey] = {}
            for line in file:
                _learn(keys, *line.rstrip("\n").split("\t"))
            yield from keys.values()


def _learn(keys: dict[str, MatchedKey], side: str, quoted: str, size: str, rest: str) -> None:
    key = unquote(quoted)
    known = keys.setdefault(key, MatchedKey(key))
    if side == _ROW:
        known.row_size, known.sop_instance_uid = int(size), rest
    elif side == _OBJECT:
        known.object_size, known.changed_at = int(size), float(rest)
    else:
        known.is_held = True
