"""The spool on a local folder: `HOME/spool/INSTITUTION/RANDOM.PROCESS.part`.

Sealed it is `RANDOM.PROCESS.SHA256.dcm`, so that bytes that a power cut tore are known as such.
Small entries share the files of the log (`spool_log`) instead, and only get one of their own when
something keeps them from going on.
"""

import logging
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from imaging_cloud.adapters.direct_file import Buffers, DirectFile
from imaging_cloud.adapters.disk import (
    fsync_file,
    fsync_folder,
    names_follow_files,
    spread_folders,
    storage_error,
)
from imaging_cloud.adapters.spool_backlog import Waiting
from imaging_cloud.adapters.spool_broom import Broom, MakeDurable
from imaging_cloud.adapters.spool_entries import (
    identity_of,
    is_alive,
    modified_at,
    read_sealed,
    was_never_sealed,
)
from imaging_cloud.adapters.spool_entry import FilesystemSpoolEntry
from imaging_cloud.adapters.spool_log import SpoolLog
from imaging_cloud.adapters.spool_segment import Logged, read_segment
from imaging_cloud.domain.errors import OutOfSpace, Unavailable
from imaging_cloud.domain.identifiers import checked_institution
from imaging_cloud.ports.spool import Backlog, Spool, SpooledFile, SpoolEntry

_LOG = logging.getLogger(__name__)
# So much free space is not used up within so many seconds: no need to ask at every entry.
_ROOMY_BYTES = 4 * 1024**3
_ROOMY_SECONDS = 0.5
# In place of a process id: an entry that no process works on.
_NOBODY = "left"
# The same, and its sender was told success (IMAGING_CLOUD_ACK_ON_SPOOL).
_HELD = "held"
# So long after an entry was held nobody asks the store whether it is back.
_HOLDING_SECONDS = 30


class FilesystemSpool(Spool):
    """`reserve` bytes of the file system always stay free for the index and the log."""

    def __init__(self, root: Path, *, max_bytes: int, reserve: int) -> None:
        self._root = root
        self._buffers = Buffers()
        self.log = SpoolLog(root, self.own_identity)
        self.max_bytes = max_bytes
        self._reserve = reserve
        self._folders: dict[str, Path] = {}
        self._roomy_until = 0.0
        self._own = (0, "")
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        spread_folders(root)
        self._names_follow = names_follow_files(root)
        self._held_until = 0.0
        self._waiting = Waiting(root, (_NOBODY, _HELD))
        self._broom = Broom(self.discard, self.leave_for_replay, self.log.turn_over)

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

    def make_file(self, path: str, *, large: bool) -> DirectFile:
        return DirectFile(path, self._buffers, direct=large)

    def open_entry(self, institution: str, prefix: bytes, *, may_share: bool = False) -> SpoolEntry:
        self.require_space()
        return FilesystemSpoolEntry(self, institution, prefix, may_share=may_share)

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

    def warm_up(self) -> None:
        self.log.warm_up()

    def list_sealed(self) -> Iterator[SpooledFile]:
        self._unpack_logs()
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
        fsync_file(path)
        self.make_names_durable(path.parent.name)

    def _unpack_logs(self) -> None:
        """Give the entries in the logs of processes that are gone files of their own."""
        for path in sorted(self._root.glob("*.log")):
            if is_alive(path) or path.name.split(".")[1] == self.own_identity():
                continue
            try:
                for logged in read_segment(path):
                    self._unpack(logged)
                path.unlink(missing_ok=True)
            except OSError as error:
                _LOG.error("spool: a log cannot be read back: %s", error.strerror)

    def _unpack(self, logged: Logged) -> None:
        """Safe to run twice, and in two processes: then the entry is replayed twice."""
        name = f"{uuid.uuid4().hex}.{_NOBODY}.{logged.sha256}.dcm"
        path = self._write_entry(logged.institution, name, logged.content)
        os.utime(path, ns=(logged.sealed_at, logged.sealed_at))

    def _write_entry(self, institution: str, name: str, content: bytes | memoryview) -> Path:
        """Write a sealed file, durably. Raises OSError."""
        path = self.folder_of(institution) / name
        file = self.make_file(str(path), large=False)
        try:
            file.write(memoryview(content))
            file.finish()
            self.make_names_durable(institution)
        finally:
            file.close()
        return path

    def _mark(self, spooled: SpooledFile, mark: str) -> None:
        """Sealed for whoever replays, under another mark than this process. Raises OSError."""
        random_part, _, rest = spooled.path.name.split(".", 2)
        name = f"{random_part}.{mark}.{rest}"
        if spooled.release is None:
            spooled.path.rename(spooled.path.with_name(name))
        else:
            self._write_entry(spooled.institution, name, spooled.content or b"")
            spooled.release()

    def discard(self, spooled: SpooledFile) -> None:
        if spooled.release is not None:
            spooled.release()
            return
        try:
            spooled.path.unlink(missing_ok=True)
        except OSError as error:
            _LOG.warning("spool: a finished entry could not be removed: %s", error.strerror)

    def discard_later(self, spooled: SpooledFile, key: str, make_durable: MakeDurable) -> None:
        if spooled.has_file:
            # Seconds of large instances would be gigabytes; the file has the bytes.
            spooled = replace(spooled, content=None)
        self._broom.take(spooled, key, make_durable)

    def close(self) -> None:
        self._broom.close()
        self.log.close()

    def leave_for_replay(self, spooled: SpooledFile) -> None:
        try:
            self._mark(spooled, _NOBODY)
        except (OSError, Unavailable) as error:
            _LOG.warning("spool: an entry waits for this process to end: %s", error)

    def hold(self, spooled: SpooledFile) -> None:
        try:
            self._mark(spooled, _HELD)
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
