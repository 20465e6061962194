"""What a local disk owes us: names made durable, and write-back that begins before it is asked."""

import ctypes
import errno
import fcntl
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from imaging_cloud.domain.errors import OutOfSpace, Unavailable

# The first fsync of a new file makes its name durable too, a rename before it included: tried by
# tests/contract/test_power_cut_names.py, with and without a journal. Elsewhere POSIX promises
# nothing of the name, and its folder is fsynced as well.
_NAMES_FOLLOW = frozenset({"ext4"})
_MOUNTS = Path("/proc/self/mountinfo")

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

# ioctl_iflags(2); FS_TOPDIR_FL is what chattr(1) calls "T".
_GET_FLAGS, _SET_FLAGS, _TOP_OF_HIERARCHY = 0x80086601, 0x40086602, 0x00020000
_FLAGS = struct.Struct("=l4x")

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


def spread_folders(folder: Path) -> None:
    """Let folders made in this one lie apart: what is in them is not related.

    ext4 then looks for each of them a part of the disk with room, and not the crowded one of its
    parent. Without a journal it passes over the inodes of files deleted in the last minutes one
    by one: there a new file took 0.8 ms among many such, and 0.03 ms elsewhere. A hint; file
    systems that do not know it are left as they are.
    """
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            [flags] = _FLAGS.unpack(fcntl.ioctl(descriptor, _GET_FLAGS, bytes(_FLAGS.size)))
            if not flags & _TOP_OF_HIERARCHY:
                wanted = _FLAGS.pack(flags | _TOP_OF_HIERARCHY)
                fcntl.ioctl(descriptor, _SET_FLAGS, wanted)
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
