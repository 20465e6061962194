"""What a local disk owes us: names made durable, and write-back that begins before it is asked."""

import ctypes
import errno
import os
from collections.abc import Callable
from pathlib import Path

# The first fsync of a new file makes its name durable too, a rename before it included: tried by
# tests/contract/test_power_cut_names.py, with and without a journal. Elsewhere POSIX promises
# nothing of the name, and its folder is fsynced as well.
_NAMES_FOLLOW = frozenset({"ext4"})
_MOUNTS = Path("/proc/self/mountinfo")

_SYNC_FILE_RANGE_WRITE = 2  # sync_file_range(2): begin to write, wait for nothing


def fsync_folder(folder: Path | str) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
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


def _find_sync_file_range() -> Callable[[int, int, int, int], int] | None:
    try:
        function = ctypes.CDLL(None, use_errno=True).sync_file_range
    except (OSError, AttributeError):
        return None
    function.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]
    return function


_SYNC_FILE_RANGE = _find_sync_file_range()


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
