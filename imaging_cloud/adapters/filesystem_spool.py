"""The spool on a local folder: `HOME/spool/INSTITUTION/RANDOM.PROCESS.part`.

Sealed it is `RANDOM.PROCESS.SHA256.dcm`, so that bytes that a power cut tore are known as such.
"""

import errno
import hashlib
import logging
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from imaging_cloud.adapters.disk import fsync_folder, names_follow_files, start_write_back
from imaging_cloud.adapters.spool_backlog import Waiting
from imaging_cloud.adapters.spool_broom import Broom, MakeDurable
from imaging_cloud.adapters.spool_entries import (
    identity_of,
    is_alive,
    modified_at,
    read_sealed,
    was_never_sealed,
)
from imaging_cloud.domain.errors import InvalidInstance, OutOfSpace, Unavailable
from imaging_cloud.domain.identifiers import checked_institution
from imaging_cloud.ports.spool import Backlog, Spool, SpooledFile, SpoolEntry

_LOG = logging.getLogger(__name__)
_OPEN = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# Free space is asked for once in so many bytes, not at every fragment.
_CHECK_EVERY = 8 * 1024**2
# So much free space is not used up within so many seconds: no need to ask at every entry.
_ROOMY_BYTES = 4 * 1024**3
_ROOMY_SECONDS = 0.5
# The disk begins to write when so much has gathered: a large object is half written when the
# last byte arrives.
_WRITE_BACK_EVERY = 1024**2
# An entry up to this size is handed on with its bytes, so that nobody needs to read it again.
_CONTENT_BYTES = 64 * 1024
# In place of a process id: an entry that no process works on.
_NOBODY = "left"
# The same, and its sender was told success (IMAGING_CLOUD_ACK_ON_SPOOL).
_HELD = "held"
# So long after an entry was held nobody asks the store whether it is back.
_HOLDING_SECONDS = 30


def storage_error(error: OSError, what: str) -> Unavailable:
    """What an I/O error means to a sender. The path is left out: it says nothing to them."""
    if error.errno in _FULL:
        return OutOfSpace(f"{what}: no space left on the device; free some, then send again")
    return Unavailable(f"{what}: {error.strerror or type(error).__name__}")


class FilesystemSpoolEntry(SpoolEntry):
    def __init__(self, spool: "FilesystemSpool", institution: str, prefix: bytes) -> None:
        self._spool = spool
        self._institution = institution
        self._offset = len(prefix)
        self._size = 0
        self._unchecked = 0
        self._write_back_from = 0
        self._hash = hashlib.sha256()
        self._content: bytearray | None = bytearray(prefix)
        self._sealed: SpooledFile | None = None
        folder = spool.folder_of(institution)
        # The process id says whose an entry is: those of living processes are left alone.
        self._stem = f"{folder}/{uuid.uuid4().hex}.{spool.own_identity()}"
        self._part = f"{self._stem}.part"
        try:
            self._descriptor: int | None = os.open(self._part, _OPEN, 0o600)
            self._write_all(memoryview(prefix))
        except OSError as error:
            self.abandon()
            raise storage_error(error, "spool") from error

    def write(self, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data)
        if self._size + len(view) > self._spool.max_bytes:
            raise InvalidInstance(
                f"the instance is larger than {self._spool.max_bytes} bytes"
                " (IMAGING_CLOUD_MAX_INSTANCE_BYTES)",
                cause="too-large",
            )
        self._unchecked += len(view)
        if self._unchecked >= _CHECK_EVERY:
            self._unchecked = 0
            self._spool.require_space()
        try:
            self._write_all(view)
            self._write_back()
        except OSError as error:
            raise storage_error(error, "spool") from error
        self._hash.update(view)
        self._remember(view)

    def _remember(self, view: memoryview) -> None:
        if self._content is not None:
            if self._size > _CONTENT_BYTES:
                self._content = None
            else:
                self._content += view

    def _write_all(self, view: memoryview) -> None:
        if self._descriptor is None:
            raise OSError(errno.EBADF, "the entry is closed")
        while view:
            written = os.write(self._descriptor, view)
            self._size += written
            view = view[written:]

    def _write_back(self) -> None:
        begun = self._size - self._write_back_from
        if begun >= _WRITE_BACK_EVERY and self._descriptor is not None:
            start_write_back(self._descriptor, self._write_back_from, begun)
            self._write_back_from = self._size

    def seal(self) -> SpooledFile:
        if self._sealed is None:
            self._sealed = self._seal()
        return self._sealed

    def _seal(self) -> SpooledFile:
        if self._descriptor is None:
            raise storage_error(OSError(errno.EBADF, "the entry is closed"), "spool")
        sha256 = self._hash.hexdigest()
        sealed = f"{self._stem}.{sha256}.dcm"
        try:
            # Named first: then one fsync makes bytes and name durable, where the disk allows it.
            Path(self._part).rename(sealed)
            os.fsync(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None
            self._spool.make_names_durable(self._institution)
        except OSError as error:
            self.abandon()
            Path(sealed).unlink(missing_ok=True)
            raise storage_error(error, "spool") from error
        return SpooledFile(
            path=Path(sealed),
            institution=self._institution,
            data_set_offset=self._offset,
            sha256=sha256,
            size=self._size,
            content=None if self._content is None else bytes(self._content),
        )

    def abandon(self) -> None:
        descriptor = getattr(self, "_descriptor", None)
        self._descriptor = None
        if self._sealed is not None:
            return
        try:
            if descriptor is not None:
                os.close(descriptor)
            Path(self._part).unlink(missing_ok=True)
        except OSError as error:
            _LOG.warning("spool: an unsealed entry could not be removed: %s", error.strerror)


class FilesystemSpool(Spool):
    """`reserve` bytes of the file system always stay free for the index and the log."""

    def __init__(self, root: Path, *, max_bytes: int, reserve: int) -> None:
        self._root = root
        self.max_bytes = max_bytes
        self._reserve = reserve
        self._folders: dict[str, Path] = {}
        self._roomy_until = 0.0
        self._own = (0, "")
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._names_follow = names_follow_files(root)
        self._held_until = 0.0
        self._waiting = Waiting(root, (_NOBODY, _HELD))
        self._broom = Broom(self.discard, self.leave_for_replay)

    def own_identity(self) -> str:
        pid = os.getpid()
        if self._own[0] != pid:  # another one after a fork
            self._own = (pid, identity_of(pid))
        return self._own[1]

    def folder_of(self, institution: str) -> Path:
        folder = self._folders.get(institution)
        if folder is None:
            folder = self._root / checked_institution(institution)
            try:
                folder.mkdir(exist_ok=True, mode=0o700)
                fsync_folder(self._root)
            except OSError as error:
                raise storage_error(error, "spool") from error
            self._folders[institution] = folder
        return folder

    def make_names_durable(self, institution: str) -> None:
        """Nothing to do where names follow their files. Raises OSError."""
        if not self._names_follow:
            fsync_folder(self.folder_of(institution))

    def open_entry(self, institution: str, prefix: bytes) -> SpoolEntry:
        self.require_space()
        return FilesystemSpoolEntry(self, institution, prefix)

    def require_space(self) -> None:
        now = time.monotonic()
        if now < self._roomy_until:
            return
        free = self.free_bytes()
        if free > _ROOMY_BYTES:
            self._roomy_until = now + _ROOMY_SECONDS
        if free <= 0:
            raise OutOfSpace(
                "spool: less than the reserve is free (IMAGING_CLOUD_RESERVE_BYTES);"
                " free some space, then send again"
            )

    def free_bytes(self) -> int:
        try:
            return shutil.disk_usage(self._root).free - self._reserve
        except OSError as error:
            raise storage_error(error, "spool") from error

    def list_sealed(self) -> Iterator[SpooledFile]:
        found = sorted(self._root.glob("*/*.dcm"), key=modified_at)
        for path in found:
            if is_alive(path):
                continue
            try:
                spooled = read_sealed(path)
                if spooled is not None:
                    self._make_durable(path)
            except OSError as error:
                _LOG.error("spool: a sealed entry cannot be read back: %s", error.strerror)
                continue
            if spooled is not None:
                yield spooled

    def _make_durable(self, path: Path) -> None:
        """A kill between rename and fsync leaves a whole file that no power cut has tried yet."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self.make_names_durable(path.parent.name)

    def discard(self, spooled: SpooledFile) -> None:
        try:
            spooled.path.unlink(missing_ok=True)
        except OSError as error:
            _LOG.warning("spool: a finished entry could not be removed: %s", error.strerror)

    def discard_later(self, spooled: SpooledFile, key: str, make_durable: MakeDurable) -> None:
        self._broom.take(spooled, key, make_durable)

    def close(self) -> None:
        self._broom.close()

    def leave_for_replay(self, spooled: SpooledFile) -> None:
        random_part, _, rest = spooled.path.name.split(".", 2)
        try:
            spooled.path.rename(spooled.path.with_name(f"{random_part}.{_NOBODY}.{rest}"))
        except OSError as error:
            _LOG.warning("spool: an entry waits for this process to end: %s", error.strerror)

    def hold(self, spooled: SpooledFile) -> None:
        random_part, _, rest = spooled.path.name.split(".", 2)
        try:
            spooled.path.rename(spooled.path.with_name(f"{random_part}.{_HELD}.{rest}"))
            fsync_folder(spooled.path.parent)
        except OSError as error:
            raise storage_error(error, "spool") from error
        self._held_until = time.monotonic() + _HOLDING_SECONDS
        self._waiting.add(spooled.size)

    def is_holding(self) -> bool:
        return time.monotonic() < self._held_until

    def read_backlog(self) -> Backlog:
        return self._waiting.count()

    def sweep_unsealed(self) -> int:
        swept = 0
        for path in (*self._root.glob("*/*.part"), *self._root.glob("*/*.dcm")):
            if not is_alive(path) and was_never_sealed(path):
                path.unlink(missing_ok=True)
                swept += 1
        return swept
