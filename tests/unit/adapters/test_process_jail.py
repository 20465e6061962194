"""The jail: what is inside may die of time, memory or a crash, and the next task finds another."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from imaging_cloud.adapters.process_jail import ProcessJail
from imaging_cloud.dicom.frames import FrameSource
from imaging_cloud.dicom.pixel_format import PixelFormat
from imaging_cloud.dicom.stored import PIXEL_DATA, PixelElement
from imaging_cloud.domain.errors import NotSupported, Unavailable

RAW = "1.2.840.10008.1.2.1"
RLE = "1.2.840.10008.1.2.5"


def source(side: int = 8, syntax: str = RAW, data: bytes | None = None) -> FrameSource:
    layout = PixelFormat(
        rows=side, columns=side, samples=1, frames=1, bits_allocated=16, bits_stored=12,
        signed=False, planar=False, photometric="MONOCHROME2",
    )  # fmt: skip
    filled = np.arange(side * side, dtype=np.uint16).tobytes() if data is None else data
    length = None if data is not None else len(filled)
    return FrameSource(filled, syntax, layout, PixelElement(PIXEL_DATA, "OW", 0, length), 1)


@pytest.fixture
def jail() -> Iterator[ProcessJail]:
    jail = ProcessJail(1, patience=30)
    yield jail
    jail.close()


class Bomb:
    """Runs its words where it is unpickled: a stand-in for what a decoder might do."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, (self.words,))


def alive(jail: ProcessJail) -> bool:
    return len(jail.run("decode", source()).body) == 8 * 8 * 2


def test_a_frame_is_decoded_by_one_process_that_stays(jail: ProcessJail) -> None:
    assert alive(jail)
    first = jail._idle[0].process.pid
    assert alive(jail)
    assert jail._idle[0].process.pid == first


def test_a_refusal_is_told_and_the_process_stays(jail: ProcessJail) -> None:
    assert alive(jail)
    first = jail._idle[0].process.pid
    with pytest.raises(NotSupported, match="damaged"):
        jail.run("decode", source(syntax=RLE, data=b"nonsense"))
    assert jail._idle[0].process.pid == first


@pytest.mark.parametrize(
    "words",
    [
        "import os; os.kill(os.getpid(), 11)",
        "import os; os._exit(7)",
        "open('/dev/shm/x-jail', 'wb').write(bytes(10))",
    ],
    ids=["crash", "exit", "writes a file"],
)
def test_a_death_inside_is_a_refusal_and_the_next_task_works(jail: ProcessJail, words: str) -> None:
    with pytest.raises(NotSupported, match="gave up"):
        jail.run("decode", Bomb(words))
    assert alive(jail)


def test_memory_and_time_are_limited() -> None:
    jail = ProcessJail(1, memory=64 * 1024**2, seconds=1)
    try:
        with pytest.raises(NotSupported):
            jail.run("decode", source(side=16384, syntax=RLE, data=bytes(1000)))
        with pytest.raises(NotSupported):
            jail.run("decode", Bomb("x = bytearray(1 << 30)"))
        with pytest.raises(NotSupported, match="longer"):
            jail.run("decode", Bomb("while True: pass"))
        assert alive(jail)
    finally:
        jail.close()


def test_a_process_that_somebody_kills_is_nobodys_fault(jail: ProcessJail) -> None:
    assert alive(jail)
    child = jail._idle[0].process.pid
    os.kill(child, signal.SIGKILL)
    with pytest.raises(Unavailable):
        alive(jail)
    assert alive(jail)


def test_patience_ends_and_says_so() -> None:
    jail = ProcessJail(1, patience=1)
    began = time.monotonic()
    try:
        with pytest.raises(Unavailable):
            jail.run("decode", Bomb("import time; time.sleep(60)"))
    finally:
        jail.close()
    assert time.monotonic() - began < 30


def test_no_secret_reaches_the_inside(jail: ProcessJail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGING_CLOUD_TOKEN_KEY", "secret")
    assert alive(jail)
    with open(f"/proc/{jail._idle[0].process.pid}/environ", "rb") as file:  # noqa: PTH123
        assert b"secret" not in file.read()


def test_closing_ends_the_processes_and_refuses_more(jail: ProcessJail) -> None:
    assert alive(jail)
    process = jail._idle[0].process
    jail.close()
    assert process.poll() is not None
    with pytest.raises(Unavailable):
        alive(jail)


def test_many_callers_share_few_processes() -> None:
    jail = ProcessJail(2)
    answers: list[bool] = []
    callers = [threading.Thread(target=lambda: answers.append(alive(jail))) for _ in range(12)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert answers == [True] * 12
    assert len(jail._idle) <= 2
    jail.close()
