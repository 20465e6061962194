"""FilesystemStore: objects as files of a local folder."""

import errno
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from imaging_cloud.adapters.disk import (
    fsync_file,
    fsync_folder,
    spread_folders,
    sync_file_system,
)
from imaging_cloud.domain.errors import InvalidRequest, NotFound, OutOfSpace, Unavailable
from imaging_cloud.ports.object_store import ObjectStore, StoredObject

# No part may begin with a dot: no way up, and names of ours that are no objects stay out.
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_MAX_KEY = 512

# Copies under way, when the spool lies on another file system.
_INCOMING = ".incoming"
_STALE_SECONDS = 24 * 3600
_COPY_BYTES = 1 << 20
# No larger object is ever put as bytes.
_SMALL_BYTES = 64 * 1024
_SECTOR = 512
# More than so many objects are flushed by one call for the whole file system.
_FEW = 8

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# The spool is on another file system, or this one has no hard links to a file (or no more).
_NO_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EACCES})


class FilesystemStore(ObjectStore):
    """A key is a path below `root`.

    A put hard-links the caller's fsynced file into place: atomic, and never over another object.
    Small objects are written there, not synced; a crash may leave one torn, which the next put of
    the same content finds out and mends. `make_durable` flushes many at once.
    """

    names_lag = True

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / _INCOMING
        self._durable_folders: set[Path] = set()
        self._failed_folders: set[Path] = set()
        with _translated_errors():
            _make_durable(self._incoming)
        spread_folders(root)
        self._sweep_incoming()

    @classmethod
    def from_url(cls, url: str) -> "FilesystemStore":
        """Open `file:///folder` (percent-encoded)."""
        parts = urlsplit(url)
        if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
            raise InvalidRequest("object store: file:///folder is needed", field="OBJECT_STORE_URL")
        return cls(Path(unquote(parts.path)))

    def put_file(self, key: str, path: Path) -> None:
        target = self._path(key)
        with _translated_errors():
            if not self._link(path, target):
                self._meet(path, target, key)

    def put_bytes(self, key: str, content: bytes) -> None:
        target = self._path(key)
        with _translated_errors():
            try:
                self._in_folder(target, lambda: _write_new(target, content))
            except FileExistsError:
                if target.read_bytes() != content:
                    self._mend(target, content, key)

    def _meet(self, path: Path, target: Path, key: str) -> None:
        """There is an object already; a small one may have been cut short by a crash.

        An equal one is replaced too: it is the caller's file that is known to be durable.
        """
        if path.samefile(target):
            return
        if path.stat().st_size > _SMALL_BYTES:
            _check_same_size(path, target, key)
            return
        content, found = path.read_bytes(), target.read_bytes()
        if found == content or _is_part_of(found, content):
            self._replace(target, lambda copy: os.link(path, copy))
        else:
            _check_same_size(path, target, key)

    def _mend(self, target: Path, content: bytes, key: str) -> None:
        found = target.read_bytes()
        if _is_part_of(found, content):
            self._replace(target, lambda copy: _write_new(copy, content))
        elif len(found) != len(content):
            raise _other_size(key)

    def _replace(self, target: Path, make: Callable[[Path], None]) -> None:
        copy = self._incoming / f"{uuid4().hex}.part"
        try:
            make(copy)
            copy.replace(target)
        finally:
            copy.unlink(missing_ok=True)

    def make_durable(self, keys: Sequence[str]) -> None:
        targets = {target.parent: target for target in map(self._path, keys)}
        with _translated_errors():
            self._touch_failed(targets)
            try:
                self._flush(keys, targets)
            except OSError:
                self._failed_folders |= targets.keys()
                raise
            self._failed_folders -= targets.keys()

    def _flush(self, keys: Sequence[str], targets: Mapping[Path, Path]) -> None:
        if len(keys) > _FEW and _can_sync_all(self._root):
            return
        for key in keys:
            with suppress(FileNotFoundError):  # a decision removed it meanwhile
                fsync_file(self._path(key))
        for folder in sorted(targets):
            fsync_folder(folder)
        self._make_folders_durable(targets.keys() - self._durable_folders)

    def _touch_failed(self, targets: Mapping[Path, Path]) -> None:
        """Change a folder whose flush failed, so that there is something to write again.

        A failed fsync is never asked again for the same change: the kernel may have dropped what
        it could not write and would say yes.
        """
        for folder in targets.keys() & self._failed_folders:
            again = folder / f".{uuid4().hex}"
            os.link(targets[folder], again)
            again.unlink()

    def _make_folders_durable(self, folders: set[Path]) -> None:
        """Fsync what lies above folders that may be new, whichever process made them."""
        above: set[Path] = set()
        for folder in folders:
            above.update(folder.parents[: len(folder.relative_to(self._root).parts)])
        for each in sorted(above, reverse=True):
            fsync_folder(each)
        self._durable_folders |= folders

    def _link(self, path: Path, target: Path) -> bool:
        """Put the file there; False when there is one already."""
        try:
            self._link_in_folder(path, target)
        except FileExistsError:
            return False
        except OSError as exc:
            if exc.errno not in _NO_LINK:
                raise
            return self._link_copy(path, target)
        return True

    def _link_in_folder(self, path: Path, target: Path) -> None:
        self._in_folder(target, lambda: os.link(path, target))

    def _in_folder(self, target: Path, make: Callable[[], None]) -> None:
        try:
            make()
        except FileNotFoundError:
            # A shard folder is made by whoever is first; others may have made it meanwhile. The
            # root itself is never made again: it may be a disk that has gone.
            if not self._incoming.is_dir():
                raise
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            make()

    def _link_copy(self, path: Path, target: Path) -> bool:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        copy = self._incoming / f"{uuid4().hex}.part"
        try:
            _copy_durably(path, copy)
            os.link(copy, target)
        except FileExistsError:
            return False
        finally:
            copy.unlink(missing_ok=True)
        return True

    def open_object(self, key: str) -> BinaryIO:
        with _translated_errors(key):
            return self._path(key).open("rb")

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        if length <= 0:
            return b""
        with _translated_errors(key), self._path(key).open("rb", buffering=0) as file:
            file.seek(offset)
            found = bytearray()
            while len(found) < length and (more := file.read(length - len(found))):
                found += more
            return bytes(found)

    def stat_object(self, key: str) -> StoredObject:
        with _translated_errors(key):
            return _stored(key, self._path(key).stat())

    def list_objects(self, prefix: str = "") -> Iterator[StoredObject]:
        folder, _, _ = prefix.rpartition("/")
        start = self._path(folder) if folder else self._root
        with _translated_errors():
            for path, status in _walk(start):
                key = path.relative_to(self._root).as_posix()
                if key.startswith(prefix):
                    yield _stored(key, status)

    def delete_object(self, key: str) -> None:
        target = self._path(key)
        with _translated_errors():
            try:
                target.unlink()
            except FileNotFoundError:
                return
            fsync_folder(target.parent)

    def check_ready(self) -> None:
        """Write and remove a byte; a folder that has gone is not made again."""
        probe = self._incoming / f"{uuid4().hex}.ready"
        with _translated_errors():
            try:
                probe.write_bytes(b"1")
            except FileNotFoundError as exc:
                raise Unavailable("the folder of the object store is not there") from exc
            finally:
                probe.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if len(key) > _MAX_KEY or not all(_PART.fullmatch(part) for part in parts):
            raise InvalidRequest("an object key is made of plain names and slashes", field="key")
        return self._root.joinpath(*parts)

    def _sweep_incoming(self) -> None:
        """Unlink copies of processes that are long gone."""
        limit = time.time() - _STALE_SECONDS
        with suppress(OSError):
            for path in self._incoming.iterdir():
                if path.stat().st_mtime < limit:
                    path.unlink()


def _stored(key: str, status: os.stat_result) -> StoredObject:
    """The change time, not the modification time: it is the link that makes it an object."""
    changed = datetime.fromtimestamp(status.st_ctime, UTC)
    return StoredObject(key=key, size=status.st_size, changed_at=changed)


def _make_durable(folder: Path) -> None:
    """Make the folder and those above it, each durable in its parent."""
    missing: list[Path] = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        with suppress(FileExistsError):
            each.mkdir(mode=0o700)
        fsync_folder(each.parent)


def _copy_durably(path: Path, copy: Path) -> None:
    with path.open("rb") as source, copy.open("xb") as target:
        while block := source.read(_COPY_BYTES):
            target.write(block)
        target.flush()
        os.fsync(target.fileno())


def _check_same_size(path: Path, target: Path, key: str) -> None:
    """Content-addressed objects of one key are equal; another size means damage, so say so."""
    if path.stat().st_size != target.stat().st_size:
        raise _other_size(key)


def _other_size(key: str) -> Unavailable:
    return Unavailable(f"object {key} is stored with another size: run `imaging-cloud check`")


def _write_new(path: Path, content: bytes) -> None:
    """Write a new file, unsynced; nothing stays of one that does not fit on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
    except OSError:
        path.unlink()
        raise
    finally:
        os.close(descriptor)


def _is_part_of(found: bytes, content: bytes) -> bool:
    """Whether a crash may have left `found` of `content`: cut short, or blocks of it zero."""
    if len(found) > len(content):
        return False
    blocks = ((found[at : at + _SECTOR], content[at : at + _SECTOR]) for at in _sectors(found))
    return all(block == wanted[: len(block)] or not any(block) for block, wanted in blocks)


def _sectors(found: bytes) -> range:
    return range(0, len(found), _SECTOR)


def _can_sync_all(folder: Path) -> bool:
    """Make all of the file system durable; False where there is no such call. Raises OSError."""
    try:
        sync_file_system(folder)
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
        return False
    return True


def _walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Files below the folder and their states; what begins with a dot is not an object."""
    pending = [folder]
    while pending:
        try:
            entries = os.scandir(pending.pop())
        except FileNotFoundError:
            continue
        with entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    with suppress(FileNotFoundError):  # deleted meanwhile
                        yield Path(entry.path), entry.stat(follow_symlinks=False)


@contextmanager
def _translated_errors(key: str = "") -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as exc:
        if key:
            raise NotFound(f"no object {key}") from exc
        raise Unavailable("the object store or the spooled file is not there") from exc
    except OSError as exc:
        if exc.errno in _FULL:
            raise OutOfSpace("the disk of the object store is full") from exc
        name = errno.errorcode.get(exc.errno or 0, "OSError")
        raise Unavailable(f"the object store cannot be used ({name})") from exc
