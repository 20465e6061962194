"""Derivation: CT frames a second on one core and on two, and what it costs the ingest beside it.

    python -m benchmarks.derivation [--frames 150] [--rounds 3] [--quick] [--write]

Frames are 512 x 512 slices of a phantom with noise (sigma 8), which HTJ2K takes to a third. For
the cost, the same slices are sent by `storescu` to a gateway with a worker beside it that has
studies to derive all the while, and to one without a worker, in turns.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from pydicom import dcmread

from benchmarks import objects, peers, sending
from benchmarks.report import Section
from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings
from imaging_cloud.use_cases.admit_part10 import admit_part10
from imaging_cloud.use_cases.derive_studies import derive_study
from imaging_cloud.use_cases.derived_objects import delete_derived

INTRO = "Medians of {rounds} rounds; frames in a second of the wall clock, processes started first."


def make_phantom(folder: Path, count: int, *, studies: int = 1) -> Path:
    """CT slices that compress like CT slices, not like noise."""
    objects.make_slices(folder, count, 512, studies=studies)
    chance = np.random.default_rng(5)
    y, x = np.mgrid[:512, :512]
    body = 1000 * np.exp(-((x - 256) ** 2 + (y - 256) ** 2) / 30000)
    for path in folder.iterdir():
        ds = dcmread(path)
        noisy = np.clip(body + chance.normal(0, 8, body.shape) + 100, 0, 4095)
        ds.PixelData = noisy.astype(np.uint16).tobytes()
        ds.save_as(path)
    return folder


def keep(folder: Path, cloud: Cloud) -> list[str]:
    """Take the files in; the studies they belong to."""
    origin = Origin(institution="BENCH", kind="import", source="bench")
    studies = set()
    for path in sorted(folder.iterdir()):
        with path.open("rb") as stream:
            studies.add(admit_part10(stream, origin, cloud).study_uid)
    return sorted(studies)


@contextmanager
def opened(home: Path) -> Iterator[Cloud]:
    settings = Settings(home=home, _env_file=None)  # type: ignore[call-arg]
    prepare_home(settings)
    cloud = open_cloud(settings)
    try:
        yield cloud
    finally:
        cloud.close()


def frame_rate(phantom: Path, home: Path, cores: int, rounds: int) -> float:
    """Frames a second with so many threads and decoders on so many cores."""
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(all_cores)[:cores]))
    try:
        rates = []
        with opened(home) as cloud, ThreadPoolExecutor(cores) as crew:
            [study] = keep(phantom, cloud)
            count = sum(1 for _ in phantom.iterdir())
            derive_study("BENCH", study, cloud, crew)
            for _ in range(rounds):
                delete_derived(cloud)
                began = time.monotonic()
                derive_study("BENCH", study, cloud, crew)
                rates.append(count / (time.monotonic() - began))
        return statistics.median(rates)
    finally:
        os.sched_setaffinity(0, all_cores)


def ingest_rate(phantom: Path, backlog: Path, *, derives: bool) -> float:
    """Instances a second by two senders; `derives`: a worker derives other studies meanwhile."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
        there = peers.ours(1)(Path(folder), stack, True)
        peers.wait_for_port(there.port)
        if derives:
            home = Path(folder, "home")
            with opened(home) as cloud:
                for study in keep(backlog, cloud):
                    cloud.derivations.ask("BENCH", study, at=cloud.clock.now())
            stack.enter_context(worker(home))
            wait_for_derived(home)
        echo = ["echoscu", "-aet", "STORESCU", "-to", "30", "127.0.0.1", str(there.port)]
        subprocess.run(echo, check=True, **peers.QUIET)  # type: ignore[call-overload]
        folders = sending.split(phantom, 2)
        return sum(1 for _ in phantom.iterdir()) / sending.send(folders, there.port)


@contextmanager
def worker(home: Path) -> Iterator[None]:
    environment = os.environ | {
        "IMAGING_CLOUD_HOME": str(home),
        "IMAGING_CLOUD_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "imaging_cloud", "worker"]
    with peers.running(command, env=environment, cwd=peers.ROOT):
        yield


def wait_for_derived(home: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if any(Path(home, "objects", "derived").rglob("*.json.gz")):
            return
        time.sleep(0.02)
    raise TimeoutError("the worker derives nothing")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round of few frames")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    chosen = parser.parse_args()
    rounds, frames = (1, 60) if chosen.quick else (chosen.rounds, chosen.frames)
    section = Section(
        "derivation", "Derivation", INTRO.format(rounds=rounds), ("what", "measured", "target")
    )
    with tempfile.TemporaryDirectory(prefix="bench-objects-") as folder:
        phantom = make_phantom(Path(folder, "ct"), frames)
        backlog = make_phantom(Path(folder, "backlog"), frames * 4, studies=20)
        for cores, target in ((1, "-"), (2, "150")):
            rate = frame_rate(phantom, Path(folder, f"home-{cores}"), cores, rounds)
            section.add(f"CT frames/s, {cores} core(s)", f"{rate:.0f}", target)
        alone, beside = [], []
        for _ in range(rounds):
            alone.append(ingest_rate(phantom, backlog, derives=False))
            beside.append(ingest_rate(phantom, backlog, derives=True))
        first, second = statistics.median(alone), statistics.median(beside)
        section.add("C-STORE of the same CTs, no worker", f"{first:.0f}/s", "-")
        section.add("the same, a worker deriving", f"{second:.0f}/s ({second / first:.2f})", "0.90")
    if chosen.write:
        section.write()


if __name__ == "__main__":
    main()
