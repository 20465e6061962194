"""What the name and the bytes of a spool entry say: whose it is, and whether it is whole.

The name is `RANDOM.PROCESS.part`, or sealed `RANDOM.PROCESS.SHA256.dcm`.
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from imaging_cloud.dicom.file_meta import read_file_meta
from imaging_cloud.domain.errors import InvalidInstance
from imaging_cloud.ports.spool import SpooledFile

_READ = 1024**2


def identity_of(pid: int) -> str:
    """`PID-START`: a process id alone comes again, in containers after every restart.

    START is in clock ticks since boot (proc(5), field 22 of stat); "" for a process that is gone.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return f"{pid}-"
    return f"{pid}-{stat.rpartition(')')[2].split()[19]}"


def is_alive(entry: Path) -> bool:
    """Whether the process that writes this entry still runs, and is another than this one."""
    identity = entry.name.split(".")[1]
    pid = identity.partition("-")[0]
    return pid.isdecimal() and int(pid) != os.getpid() and identity == identity_of(int(pid))


def modified_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0  # finished meanwhile by another process


def read_sealed(path: Path) -> SpooledFile | None:
    """None for bytes that are not those that were sealed: a power cut came before the fsync."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        offset = _data_set_offset(file)
        file.seek(offset)
        while chunk := file.read(_READ):
            digest.update(chunk)
        size = file.tell()
    sealed_as = path.name.split(".")[2]
    if sealed_as not in ("dcm", digest.hexdigest()):
        return None
    return SpooledFile(
        path=path,
        institution=path.parent.name,
        data_set_offset=offset,
        sha256=digest.hexdigest(),
        size=size,
    )


def was_never_sealed(path: Path) -> bool:
    """Unsealed by its name, or by its bytes: then its fsync never returned, and nobody was told."""
    if path.suffix == ".part":
        return True
    try:
        return read_sealed(path) is None
    except OSError:
        return False  # it may be readable another time


def _data_set_offset(file: BinaryIO) -> int:
    """Where the data set begins; 0 for bytes that are no DICOM, on their way to quarantine."""
    try:
        return read_file_meta(file).length
    except InvalidInstance:
        return 0
