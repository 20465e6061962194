"""One entry of the spool on its way: in memory while it is small, then in a file of its own."""

import errno
import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from imaging_cloud.adapters.direct_file import DirectFile
from imaging_cloud.adapters.disk import storage_error
from imaging_cloud.adapters.spool_log import SpoolLog
from imaging_cloud.domain.errors import InvalidInstance
from imaging_cloud.ports.spool import SpooledFile, SpoolEntry

_LOG = logging.getLogger(__name__)

# Free space is asked for once in so many bytes, not at every fragment.
_CHECK_EVERY = 8 * 1024**2
# Up to here an entry is kept in memory and may go into the log.
SMALL_BYTES = 64 * 1024


class _Spool(Protocol):
    """What an entry needs of its spool."""

    max_bytes: int
    log: SpoolLog

    def own_identity(self) -> str: ...
    def folder_of(self, institution: str) -> Path: ...
    def require_space(self) -> None: ...
    def make_file(self, path: str, *, large: bool) -> DirectFile: ...
    def make_names_durable(self, institution: str) -> None: ...


class FilesystemSpoolEntry(SpoolEntry):
    def __init__(self, spool: _Spool, institution: str, prefix: bytes, *, may_share: bool) -> None:
        self._spool = spool
        self._institution = institution
        self._offset = self._size = len(prefix)
        self._may_share = may_share
        self._unchecked = 0
        self._hash = hashlib.sha256()
        self._content: bytearray | None = bytearray(prefix)
        self._file: DirectFile | None = None
        self._sealed: SpooledFile | None = None
        self._ended = False
        # The process id says whose an entry is: those of living processes are left alone.
        self._stem = f"{spool.folder_of(institution)}/{os.urandom(16).hex()}.{spool.own_identity()}"

    def write(self, data: bytes | bytearray | memoryview) -> None:
        size = self._grown_by(len(data))
        if self._content is not None and size <= SMALL_BYTES:
            self._content += data
        else:
            try:
                self._its_file().write(memoryview(data))
            except OSError as error:
                raise storage_error(error, "spool") from error
        self._hash.update(data)
        self._size = size

    def lend(self, count: int) -> memoryview | None:
        size = self._size + count
        if self._ended or size > self._spool.max_bytes:
            return None
        if self._content is not None and size <= SMALL_BYTES:
            return None
        try:
            return self._its_file().room()[:count]
        except OSError as error:
            raise storage_error(error, "spool") from error

    def advance(self, count: int) -> None:
        size = self._grown_by(count)
        try:
            file = self._its_file()
            self._hash.update(file.room()[:count])
            file.advance(count)
        except OSError as error:
            raise storage_error(error, "spool") from error
        self._size = size

    def _grown_by(self, count: int) -> int:
        """The size with so many bytes more, which may come. Raises InvalidInstance, OutOfSpace."""
        self._require_open()
        size = self._size + count
        if size > self._spool.max_bytes:
            raise InvalidInstance(
                f"the instance is larger than {self._spool.max_bytes} bytes"
                " (IMAGING_CLOUD_MAX_INSTANCE_BYTES)",
                cause="too-large",
            )
        self._unchecked += count
        if self._unchecked >= _CHECK_EVERY:
            self._unchecked = 0
            self._spool.require_space()
        return size

    def _its_file(self) -> DirectFile:
        """The file of a large entry, with all that came before. Raises OSError."""
        if self._file is None:
            self._file = self._spool.make_file(f"{self._stem}.part", large=True)
        if self._content is not None:
            self._file.write(memoryview(self._content))
            self._content = None
        return self._file

    def seal(self) -> SpooledFile:
        if self._sealed is None:
            self._require_open()
            digest = self._hash.digest()
            self._sealed = self._seal_in_log(digest) or self._seal_in_file(digest.hex())
            self._ended = True
        return self._sealed

    def _seal_in_log(self, digest: bytes) -> SpooledFile | None:
        """None where it is too large, or where the log has no room."""
        if self._content is None or not self._may_share:
            return None
        try:
            hold = self._spool.log.append(self._institution, self._content, self._offset, digest)
        except OSError as error:
            self._ended = True
            raise storage_error(error, "spool") from error
        return self._spooled(digest.hex(), bytes(self._content), hold) if hold else None

    def _seal_in_file(self, sha256: str) -> SpooledFile:
        sealed = f"{self._stem}.{sha256}.dcm"
        content: bytes | memoryview | None = None
        if self._content is not None:
            content = bytes(self._content)
        try:
            if self._file is None:
                # Its bytes may be torn by a crash: then they are not those of the name.
                self._file = self._spool.make_file(sealed, large=False)
                self._file.write(memoryview(content or b""))
            else:
                content = self._file.content()
                # Named first: then one fsync makes bytes and name durable, where the disk does so.
                os.rename(f"{self._stem}.part", sealed)  # noqa: PTH104 - the hot path
            self._file.finish()
            self._close_file()
            self._spool.make_names_durable(self._institution)
        except OSError as error:
            self.abandon()
            Path(sealed).unlink(missing_ok=True)
            raise storage_error(error, "spool") from error
        return self._spooled(sha256, content, None)

    def _spooled(
        self, sha256: str, content: bytes | memoryview | None, release: Callable[[], None] | None
    ) -> SpooledFile:
        return SpooledFile(
            path=Path(f"{self._stem}.{sha256}.dcm"),
            institution=self._institution,
            data_set_offset=self._offset,
            sha256=sha256,
            size=self._size,
            content=content,
            release=release,
        )

    def abandon(self) -> None:
        if self._ended:
            return
        self._ended = True
        if self._file is not None:
            try:
                self._close_file()
                Path(f"{self._stem}.part").unlink(missing_ok=True)
            except OSError as error:
                _LOG.warning("spool: an unsealed entry could not be removed: %s", error.strerror)

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _require_open(self) -> None:
        if self._ended:
            raise storage_error(OSError(errno.EBADF, os.strerror(errno.EBADF)), "spool")
