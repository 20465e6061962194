"""Sending with DCMTK `storescu`, one process an association, and timing it."""

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.peers import QUIET, Running, Server, wait_for_port

AE_TITLE = "STORESCU"


def split(folder: Path, parts: int) -> list[Path]:
    """The files of a folder in `parts` folders beside it, by hard links; made once."""
    made = [folder.with_name(f"{folder.name}-{part}of{parts}") for part in range(parts)]
    if parts == 1:
        return [folder]
    for part, each in enumerate(made):
        if each.exists():
            continue
        each.mkdir()
        for file in sorted(folder.iterdir())[part::parts]:
            os.link(file, each / file.name)
    return made


def send(
    folders: list[Path], port: int, *, tuned: bool = True, options: tuple[str, ...] = ()
) -> float:
    """Seconds until every sender is through, association set-up included; one sender a folder."""
    environment = {name: value for name, value in os.environ.items() if name != "TCP_NODELAY"}
    if tuned:
        environment["TCP_NODELAY"] = "1"
    began = time.monotonic()
    processes = [
        subprocess.Popen(
            ["storescu", "-aet", AE_TITLE, *options, "+sd", "127.0.0.1", str(port), str(folder)],
            env=environment,
            **QUIET,  # type: ignore[call-overload]
        )
        for folder in folders
    ]
    codes = [process.wait() for process in processes]
    if any(codes):
        raise RuntimeError(f"storescu ended with {codes}")
    return time.monotonic() - began


@contextmanager
def _lasting_folder() -> Iterator[Path]:
    """A fresh folder that is emptied of bytes afterwards and removed when the benchmark ends.

    ext4 without journal gives no inode away that was deleted in the last minutes: every new file
    then costs a search among them, up to 0.8 ms here, and which server pays is luck.
    """
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        yield folder
    finally:
        for each in folder.rglob("*"):
            if each.is_file() and not each.is_symlink():
                os.truncate(each, 0)


@contextmanager
def serving(server: Server, *, tuned: bool = True) -> Iterator[Running]:
    """A server in a fresh folder that has answered a C-ECHO."""
    with _lasting_folder() as folder, ExitStack() as stack:
        there = server(folder, stack, tuned)
        wait_for_port(there.port)
        # The first echo says that it serves; a shared socket listens before any gateway does.
        echo = ["echoscu", "-aet", AE_TITLE, "-to", "30", "127.0.0.1", str(there.port)]
        subprocess.run(echo, check=True, **QUIET)  # type: ignore[call-overload]
        os.sync()  # what others left for the disk to do is not this one's
        yield there


def rate(server: Server, objects: Path, senders: int, *, tuned: bool = True) -> float:
    """Instances a second into a fresh server."""
    folders = split(objects, senders)
    count = sum(1 for folder in folders for _ in folder.iterdir())
    with serving(server, tuned=tuned) as there:
        return count / send(folders, there.port, tuned=tuned)


def forget(folder: Path) -> None:
    """Remove objects and their split folders."""
    for each in folder.parent.glob(f"{folder.name}*"):
        shutil.rmtree(each)
