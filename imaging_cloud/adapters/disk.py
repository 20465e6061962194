"""What a local disk owes us: names made durable, and write-back that begins before it is asked."""

import ctypes
import errno
import os
from collections.abc import Callable
from pathlib import Path

from imaging_cloud.domain.errors import OutOfSpace, Unavailable

# The first fsync of a new file makes its name durable too, a rename before it included: tried by
# tests/contract/test_power_cut_names.py, with and without a journal. Elsewhere POSIX promises
# nothing of the name, and its folder is fsynced as well.
_NAMES_FOLLOW = frozenset({"ext4"})
_MOUNTS = Path("/proc/self/mountinfo")

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_SYNC_FILE_RANGE_WRITE = 2  # sync_file_range(2): begin to write, wait for nothing


def storage_error(error: OSError, what: str) -> Unavailable:
    """What an I/O error means to a sender. The path is left out: it says nothing to them."""
    if error.errno in _FULL:
        return OutOfSpace(f"{what}: no space left on the device; free some, then send again")
    return Unavailable(f"{what}: {error.strerror or type(error).__name__}")


def fsync_folder(folder: Path | str) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_file(path: Path) -> None:
    """Make the bytes of a file durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def names_follow_files(folder: Path) -> bool:
    """Whether the first fsync of a file in this folder makes its name durable as well."""
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    # proc(5): ID, parent, major:minor, root, mount point, …, "-", type, source, options.
    types = {
        line.partition(" - ")[2].split(" ", 1)[0]
        for line in mounts
        if line.split(" ", 3)[2] == wanted
    }
    return bool(types) and types <= _NAMES_FOLLOW


def _find(name: str, *arguments: type) -> Callable[..., int] | None:
    """A call of the C library that Python has no name for, where there is one."""
    try:
        function: Callable[..., int] = getattr(ctypes.CDLL(None, use_errno=True), name)
    except (OSError, AttributeError):
        return None
    function.argtypes = arguments  # type: ignore[attr-defined]
    return function


_SYNC_FILE_RANGE = _find(
    "sync_file_range", ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint
)
_SYNCFS = _find("syncfs", ctypes.c_int)


def sync_file_system(folder: Path) -> None:
    """Make all bytes and names on the file system of this folder durable (syncfs(2)).

    Raises OSError for any write-back that failed since the last time (Linux 5.8 and later).
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if _SYNCFS is None:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
        if _SYNCFS(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
    finally:
        os.close(descriptor)


def start_write_back(descriptor: int, offset: int, length: int) -> None:
    """Let the disk begin with these bytes while more arrive. A hint, and no promise of anything.

    Does nothing where there is no such call. Raises OSError for what the write-back met (EIO).
    """
    if _SYNC_FILE_RANGE is None:
        return
    if _SYNC_FILE_RANGE(descriptor, offset, length, _SYNC_FILE_RANGE_WRITE) != 0:
        code = ctypes.get_errno()
        if code not in (errno.ESPIPE, errno.EINVAL, errno.ENOSYS):
            raise OSError(code, os.strerror(code))
