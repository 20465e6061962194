"""One harvest per archive and institution at a time: a locked file, which a kill unlocks."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from imaging_cloud.domain.errors import Conflict


@contextmanager
def one_harvest_at_a_time(folder: Path, archive: str, institution: str) -> Iterator[None]:
    """Hold the lock for the time of the block. Raises Conflict when another process has it.

    The kernel drops the lock with the process, so none is ever left behind; the empty file
    stays, because unlinking it would let two processes lock two files of one name. It guards one
    HOME: two machines that harvest the same archive fetch twice, but keep each instance once.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = sha256(f"{archive}|{institution}".encode()).hexdigest()[:16]
    with (folder / f"harvest-{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                "this archive is being harvested already by another process of this cloud"
            ) from None
        yield
