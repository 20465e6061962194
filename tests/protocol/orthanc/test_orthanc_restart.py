"""Harvests as processes of their own: killed, stopped, started twice."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.orthanc.report import Outcome
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings
from tests.makers import make_study
from tests.protocol.orthanc.harvesting import (
    HOSPITAL,
    WAIT_SECONDS,
    HarvestOf,
    bytes_of,
    stored_data_sets,
)
from tests.protocol.orthanc.real_orthanc import RealOrthanc

ROOT = Path(__file__).parents[3]

StartHarvest = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def start_harvest(cloud: Cloud, settings: Settings) -> Iterator[StartHarvest]:
    """The real command in a process of its own, on the home of this test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(url: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "imaging_cloud", "harvest", url, "--institution", HOSPITAL],
            cwd=ROOT,
            env={"IMAGING_CLOUD_HOME": str(settings.home), "PATH": os.defpath},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.kill()


def read_until(process: subprocess.Popen[bytes], words: bytes) -> None:
    assert process.stderr is not None
    said = b""
    while words not in said:
        line = process.stderr.readline()
        assert line, said
        said += line


def test_a_killed_harvest_goes_on_with_nothing_lost_and_nothing_fetched_twice(
    orthanc: RealOrthanc,
    cloud: Cloud,
    start_harvest: StartHarvest,
    harvest_of: HarvestOf,
    tmp_path: Path,
) -> None:
    files = make_study(tmp_path / "s", count=60)
    orthanc.upload(*files)
    process = start_harvest(orthanc.url)
    killed = threading.Event()

    def kill_at_the_thirtieth(_instance: str) -> None:
        if len(orthanc.relay.fetched) >= 30 and not killed.is_set():
            process.kill()
            process.wait()
            killed.set()

    orthanc.relay.meddle = kill_at_the_thirtieth
    assert killed.wait(WAIT_SECONDS)
    recorded_then = set(stored_data_sets(cloud))
    first, orthanc.relay.fetched = list(orthanc.relay.fetched), []

    report = harvest_of(orthanc).once()

    assert 20 <= len(recorded_then) < 60
    assert set(stored_data_sets(cloud).values()) == bytes_of(files)
    # Fetched again is only what was on its way at the kill, on at most four connections.
    assert len(orthanc.relay.fetched) == 60 - len(recorded_then)
    assert len(set(first) & set(orthanc.relay.fetched)) <= 4
    assert report.outcomes[Outcome.RECORDED_BEFORE] == len(recorded_then)
    assert report.caught_up


def test_a_harvest_killed_while_following_goes_on_from_its_place(
    orthanc: RealOrthanc,
    cloud: Cloud,
    start_harvest: StartHarvest,
    harvest_of: HarvestOf,
    tmp_path: Path,
) -> None:
    harvest_of(orthanc).once()
    files = make_study(tmp_path / "s", count=40)
    orthanc.upload(*files)
    process = start_harvest(orthanc.url)
    killed = threading.Event()

    def kill_at_the_twentieth(_instance: str) -> None:
        if len(orthanc.relay.fetched) >= 20 and not killed.is_set():
            process.kill()
            process.wait()
            killed.set()

    orthanc.relay.meddle = kill_at_the_twentieth
    assert killed.wait(WAIT_SECONDS)
    recorded_then = set(stored_data_sets(cloud))
    orthanc.relay.fetched = []

    report = harvest_of(orthanc).once()

    assert set(stored_data_sets(cloud).values()) == bytes_of(files)
    assert len(orthanc.relay.fetched) == 40 - len(recorded_then)
    assert report.resyncs == ()


def test_sigterm_stops_a_harvest_cleanly_and_it_says_where_it_stands(
    orthanc: RealOrthanc, start_harvest: StartHarvest, tmp_path: Path
) -> None:
    orthanc.upload(*make_study(tmp_path / "s", count=3))
    process = start_harvest(orthanc.url)
    read_until(process, b"caught up")

    process.terminate()
    _, rest = process.communicate(timeout=10)

    assert process.returncode == 0
    assert re.search(rb"stored 3\b", rest), rest
    assert b"stands at change %d" % orthanc.last_change() in rest


def test_a_second_harvest_of_the_same_archive_is_refused(
    orthanc: RealOrthanc, start_harvest: StartHarvest
) -> None:
    read_until(start_harvest(orthanc.url), b"caught up")

    second = start_harvest(orthanc.url)
    _, said = second.communicate(timeout=WAIT_SECONDS)

    assert second.returncode != 0
    assert b"already" in said
