"""What a process did to its files and said to its senders, from strace's output, in order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

TRACED = (
    "open,openat,creat,close,dup,dup2,dup3,fcntl,write,writev,pwrite64,pwritev,pwritev2,"
    "ftruncate,truncate,fallocate,fsync,fdatasync,sync_file_range,syncfs,rename,renameat,renameat2,"
    "link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,sendto,sendmsg,"
    "copy_file_range,sendfile,splice"
)
OPTIONS = ("-xx", "-s", "16777216", "-e", f"trace={TRACED}", "-e", "signal=none")

_LINE = re.compile(r"(?P<pid>\d+) +(?P<rest>.*)", re.DOTALL)
_UNFINISHED = " <unfinished ...>"
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(?P<rest>.*)", re.DOTALL)
_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+|\?).*", re.DOTALL)
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_DUPLICATES = ("dup", "dup2", "dup3")
_WRITES = ("write", "writev", "pwrite64", "pwritev", "pwritev2")
_NOWHERE = PurePosixPath()
_UNMODELLED = (
    *("sync_file_range", "symlink", "symlinkat", "truncate", "renameat"),
    *("copy_file_range", "sendfile", "splice", "fallocate", "mkdirat"),
)


@dataclass(slots=True)
class Call:
    """`began` and `ended` are places in the log; what overlaps may have happened either way."""

    name: str
    arguments: str
    began: int
    ended: int = -1
    result: int = -1

    @property
    def strings(self) -> list[bytes]:
        return [bytes.fromhex(s.replace("\\x", "")) for s in _STRING.findall(self.arguments)]

    @property
    def paths(self) -> list[PurePosixPath]:
        return [PurePosixPath(each.decode()) for each in self.strings]

    def number(self, place: int) -> int:
        """The argument at a place, counted from the end when negative; strings left out."""
        plain = _STRING.sub("S", self.arguments)
        return int(plain.split(", ")[place], 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One of: create, write, truncate, sync, sync-all, link, unlink, rename, mkdir, rmdir,
    answer.
    """

    kind: str
    began: int
    ended: int
    file: int = -1  # the number of an open file description's file, see `Files`
    path: PurePosixPath = _NOWHERE
    other: PurePosixPath = _NOWHERE
    offset: int = 0
    data: bytes = b""


def calls_of(log: Path) -> Iterator[Call]:
    """Completed calls, in the order of their ends; a call that the kill cut short is not there."""
    begun: dict[str, Call] = {}
    for place, line in enumerate(log.read_text(errors="strict").splitlines()):
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"strace line {place} is not understood: {line[:200]}")
        pid, rest = found["pid"], found["rest"]
        if rest.startswith(("+++", "---")):
            continue
        if rest.endswith(_UNFINISHED):
            name, _, arguments = rest.removesuffix(_UNFINISHED).partition("(")
            begun[pid] = Call(name, arguments, place)
            if name == "close":  # the number may be given out again before we see the end
                yield Call(name, arguments, place, place, 0)
            continue
        if resumed := _RESUMED.fullmatch(rest):
            call = begun.pop(pid)
            rest = f"{call.name}({call.arguments}{resumed['rest']}"
            if call.name == "close":
                continue
            began = call.began
        else:
            began = place
        whole = _CALL.fullmatch(rest)
        if whole is None:
            raise ValueError(f"strace line {place} is not understood: {rest[:200]}")
        result = -1 if whole["result"] == "?" else int(whole["result"])
        yield Call(whole["name"], whole["arguments"], began, place, result)


@dataclass
class Recorder:
    """Turns calls into events on the files below `home`; what lies elsewhere is left out."""

    home: PurePosixPath
    _open: dict[int, tuple[PurePosixPath, int, bool]] = field(default_factory=dict)
    _offsets: dict[int, int] = field(default_factory=dict)

    def events(self, calls: Iterator[Call]) -> Iterator[Event]:
        for call in calls:
            if call.result >= 0 or call.name == "close":
                yield from self._events_of(call)

    def _inside(self, path: PurePosixPath) -> bool:
        return path.is_relative_to(self.home)

    def _events_of(self, call: Call) -> Iterator[Event]:
        span = {"began": call.began, "ended": call.ended}
        name = call.name
        if name in ("open", "openat", "creat"):
            yield from self._opened(call, span)
        elif name == "close":
            self._open.pop(call.number(0), None)
        elif name in _DUPLICATES or (name == "fcntl" and "F_DUPFD" in call.arguments):
            self._duplicate(call.number(0), call.result)
        elif name in ("sendto", "sendmsg"):
            yield Event(kind="answer", data=b"".join(call.strings), **span)
        elif name in _WRITES:
            yield from self._written(call, span)
        elif name in ("fsync", "fdatasync", "ftruncate", "syncfs"):
            yield from self._on_descriptor(call, span)
        else:
            yield from self._named(call, span)

    def _duplicate(self, old: int, new: int) -> None:
        self._open.pop(new, None)
        if old in self._open:
            self._open[new] = self._open[old]

    def _named(self, call: Call, span: dict[str, int]) -> Iterator[Event]:
        name = call.name
        if name in ("mkdir", "rmdir", "unlink", "unlinkat"):
            [path] = call.paths
            kind = "rmdir" if "AT_REMOVEDIR" in call.arguments else name.removesuffix("at")
            if self._inside(path):
                yield Event(kind=kind, path=path, **span)
        elif name in ("rename", "renameat2", "link", "linkat"):
            old, new = call.paths
            if self._inside(old) or self._inside(new):
                kind = "rename" if name.startswith("rename") else "link"
                yield Event(kind=kind, path=old, other=new, **span)
        elif name in _UNMODELLED and self._touches(call):
            # A power cut worked out without it would prove nothing: rather no verdict at all.
            message = f"the replay does not know what a power cut leaves of {name}"
            raise RuntimeError(f"{message}: {call.arguments[:80]}")

    def _touches(self, call: Call) -> bool:
        first = call.arguments.partition(",")[0]
        if first.isdecimal():
            return int(first) in self._open
        return any(self._inside(path) for path in call.paths)

    def _opened(self, call: Call, span: dict[str, int]) -> Iterator[Event]:
        path = call.paths[0]
        self._open.pop(call.result, None)
        if not self._inside(path):
            return
        flags = call.arguments
        self._open[call.result] = (path, call.ended, "O_APPEND" in flags)
        self._offsets[call.ended] = 0
        if "O_CREAT" in flags or "O_TRUNC" in flags or call.name == "creat":
            kind = "create-empty" if "O_TRUNC" in flags or call.name == "creat" else "create"
            yield Event(kind=kind, path=path, file=call.ended, **span)
        else:
            yield Event(kind="open", path=path, file=call.ended, **span)

    def _written(self, call: Call, span: dict[str, int]) -> Iterator[Event]:
        number = call.number(0)
        if number not in self._open:
            return
        _, file, appends = self._open[number]
        data = b"".join(call.strings)[: call.result]
        if call.name.startswith("p"):
            offset = call.number(-1 if call.name != "pwritev2" else -2)
        elif appends:
            offset = -1
        else:
            offset = self._offsets[file]
            self._offsets[file] += len(data)
        yield Event(kind="write", file=file, offset=offset, data=data, **span)

    def _on_descriptor(self, call: Call, span: dict[str, int]) -> Iterator[Event]:
        number = call.number(0)
        if number not in self._open:
            return
        file = self._open[number][1]
        if call.name == "syncfs":
            yield Event(kind="sync-all", file=file, **span)
        elif call.name == "ftruncate":
            yield Event(kind="truncate", file=file, offset=call.number(1), **span)
        else:
            yield Event(kind="sync", file=file, **span)
