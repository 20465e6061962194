"""A disk that loses what was not synced: every state that a power cut may leave behind.

Two models. `posix` promises what the standard does: fsync of a file keeps its bytes, fsync of a
folder keeps its names, nothing else. `ext4` has a journal: a name is durable once any later fsync
made the journal commit; names come in order. Both keep no byte of a file that was not synced.
"""

import os
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tests.campaign.recording import Event

_SECTOR = 512
# Memory shared by SQLite's processes: rebuilt by whoever opens the index first.
_SHARED_MEMORY = "-shm"


@dataclass(slots=True)
class Pending:
    """A write (or a cut to `size`) that is not durable yet."""

    ended: int
    offset: int
    data: bytes = b""
    size: int | None = None

    def apply(self, content: bytearray, length: int | None = None) -> None:
        if self.size is not None:
            del content[self.size :]
            content.extend(bytes(self.size - len(content)))
            return
        data = self.data[:length]
        content.extend(bytes(max(0, self.offset + len(data) - len(content))))
        content[self.offset : self.offset + len(data)] = data


@dataclass(slots=True)
class Inode:
    is_folder: bool = False
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Pending] = field(default_factory=list)

    def now(self) -> bytearray:
        content = bytearray(self.durable)
        for each in self.pending:
            each.apply(content)
        return content


@dataclass(frozen=True, slots=True)
class Naming:
    """A change of names: `path` is set to the inode, or removed (None)."""

    ended: int
    changes: tuple[tuple[PurePosixPath, int | None], ...]
    inode: int

    @property
    def folders(self) -> set[PurePosixPath]:
        return {path.parent for path, _ in self.changes}


Names = dict[PurePosixPath, int]


class Disk:
    """`shown_as` is where the recorded process saw what lies at `before`."""

    def __init__(self, before: Path, model: str, *, shown_as: PurePosixPath) -> None:
        self._home = shown_as
        self._journal = model == "ext4"
        self._inodes: list[Inode] = []
        self._files: dict[int, int] = {}
        self._now: Names = {}
        self._durable: Names = {}
        self._namings: list[Naming] = []
        self.version = 0  # changes with what would survive without luck
        self.syncs = 0
        self._take_over(before)

    def _take_over(self, before: Path) -> None:
        """What was there before is durable."""
        by_number: dict[int, int] = {}
        for path in [before, *sorted(before.rglob("*"))]:
            number = path.stat().st_ino
            if number not in by_number:
                content = b"" if path.is_dir() else path.read_bytes()
                by_number[number] = self._make(is_folder=path.is_dir(), content=content)
            self._now[self._home / path.relative_to(before)] = by_number[number]
        self._durable = dict(self._now)

    def _make(self, *, is_folder: bool = False, content: bytes = b"") -> int:
        self._inodes.append(Inode(is_folder, bytearray(content)))
        return len(self._inodes) - 1

    def apply(self, event: Event) -> None:
        match event.kind:
            case "create" | "create-empty" | "open":
                self._open(event)
            case "write":
                self._write(event)
            case "truncate":
                cut = Pending(event.ended, 0, size=event.offset)
                self._inodes[self._files[event.file]].pending.append(cut)
            case "sync":
                self._sync(event)
            case "sync-all":
                self._sync_all(event)
            case "mkdir":
                self._name(event, (event.path, self._make(is_folder=True)))
            case "link":
                self._name(event, (event.other, self._now[event.path]))
            case "rename":
                inode = self._now[event.path]
                self._name(event, (event.path, None), (event.other, inode))
            case "unlink" | "rmdir":
                self._name(event, (event.path, None))

    def _open(self, event: Event) -> None:
        if event.path not in self._now:
            self._name(event, (event.path, self._make()))
        elif event.kind == "create-empty":
            self._inodes[self._now[event.path]].pending.append(Pending(event.ended, 0, size=0))
        self._files[event.file] = self._now[event.path]

    def _write(self, event: Event) -> None:
        inode = self._inodes[self._files[event.file]]
        offset = len(inode.now()) if event.offset < 0 else event.offset
        inode.pending.append(Pending(event.ended, offset, event.data))

    def _name(self, event: Event, *changes: tuple[PurePosixPath, int | None]) -> None:
        inode = next((number for _, number in changes if number is not None), None)
        if inode is None:
            inode = self._now[changes[0][0]]
        self._namings.append(Naming(event.ended, changes, inode))
        _rename(self._now, changes)

    def _sync(self, event: Event) -> None:
        """What had ended when the sync began is durable when it has ended."""
        self.version += 1
        self.syncs += 1
        number = self._files[event.file]
        inode = self._inodes[number]
        while inode.pending and inode.pending[0].ended <= event.began:
            inode.pending.pop(0).apply(inode.durable)
        before = [each for each in self._namings if each.ended <= event.began]
        if self._journal:
            if not (inode.is_folder or any(each.inode == number for each in before)):
                return
            synced = before
        elif inode.is_folder:
            synced = [e for e in before if self._paths_of(number) & e.folders]
        else:
            return
        for each in synced:
            _rename(self._durable, each.changes)
            self._namings.remove(each)

    def _sync_all(self, event: Event) -> None:
        """syncfs(2): all that had ended when it began, bytes and names."""
        self.version += 1
        self.syncs += 1
        for inode in self._inodes:
            while inode.pending and inode.pending[0].ended <= event.began:
                inode.pending.pop(0).apply(inode.durable)
        for each in [each for each in self._namings if each.ended <= event.began]:
            _rename(self._durable, each.changes)
            self._namings.remove(each)

    def _paths_of(self, number: int) -> set[PurePosixPath]:
        return {path for path, inode in self._now.items() if inode == number}

    def leave_nothing(self, target: Path) -> None:
        """Only what was synced."""
        self._materialise(target, self._durable, lambda inode: inode.durable)

    def leave_all(self, target: Path) -> None:
        """As a kill would: the kernel lives on and writes everything."""
        self._materialise(target, self._now, Inode.now)

    def leave_some(self, target: Path, chance: random.Random) -> None:
        """Any of what was not synced: names, writes, half a write."""
        names = dict(self._durable)
        for each in self._some_names(chance):
            _rename(names, each.changes)
        self._materialise(target, names, lambda inode: _some_content(inode, chance))

    def _some_names(self, chance: random.Random) -> Iterable[Naming]:
        if self._journal or chance.random() < 0.5:
            return self._namings[: chance.randint(0, len(self._namings))]
        return [each for each in self._namings if chance.random() < 0.5]

    def _materialise(
        self, target: Path, names: Names, content_of: Callable[[Inode], bytearray]
    ) -> None:
        made: dict[int, Path] = {}
        for path in sorted(names):
            number, place = names[path], target / path.relative_to(self._home)
            inode = self._inodes[number]
            if path.name.endswith(_SHARED_MEMORY):
                continue
            if path != self._home and not place.parent.is_dir():
                continue  # the folder itself is gone, and what is in it with it
            if inode.is_folder:
                place.mkdir(mode=0o700)
            elif number in made:
                os.link(made[number], place)
            else:
                place.write_bytes(content_of(inode))
                made[number] = place


def _rename(names: Names, changes: Iterable[tuple[PurePosixPath, int | None]]) -> None:
    for path, inode in changes:
        if inode is None:
            names.pop(path, None)
        else:
            names[path] = inode


def _some_content(inode: Inode, chance: random.Random) -> bytearray:
    content = bytearray(inode.durable)
    share = chance.choice((0.0, 0.5, 0.9))
    for each in inode.pending:
        if chance.random() < share:
            sectors = len(each.data) // _SECTOR
            torn = sectors > 0 and chance.random() < 0.1
            each.apply(content, chance.randint(0, sectors) * _SECTOR if torn else None)
    return content
