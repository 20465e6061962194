"""Harvesting a real Orthanc while things break: feeds, archives, connections, files, us."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import HOSPITAL, WAIT_SECONDS, Harvest, stored_data_sets
from makers import data_set_bytes, make_study
from real_orthanc import RealOrthanc

from gateway.orthanc.report import Outcome, Phase
from imaging_cloud.bootstrap import open_cloud
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings

ROOT = Path(__file__).parents[3]

HarvestOf = Callable[[RealOrthanc], Harvest]
Held = Callable[[], dict[str, bytes]]


def bytes_of(files: list[Path]) -> set[bytes]:
    return {data_set_bytes(file.read_bytes()) for file in files}


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


def test_an_emptied_feed_makes_it_list_everything(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    before = make_study(tmp_path / "1", count=5, study="before")
    orthanc.upload(*before)
    harvest_of(orthanc).once()
    unseen = make_study(tmp_path / "2", count=5, study="unseen")
    orthanc.upload(*unseen)
    orthanc.delete("/changes")
    after = make_study(tmp_path / "3", count=5, study="after")
    orthanc.upload(*after)

    report = harvest_of(orthanc).once()

    assert set(held().values()) == bytes_of([*before, *unseen, *after])
    assert len(report.resyncs) == 1
    assert len(orthanc.relay.fetched) == 15
    assert report.cursor == orthanc.last_change()


def test_a_feed_emptied_right_behind_us_costs_nothing(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    before = make_study(tmp_path / "1", count=5, study="before")
    orthanc.upload(*before)
    harvest_of(orthanc).once()
    place = orthanc.last_change()
    orthanc.delete("/changes")
    after = make_study(tmp_path / "2", count=5, study="after")
    orthanc.upload(*after)

    report = harvest_of(orthanc).once()

    assert set(held().values()) == bytes_of([*before, *after])
    assert report.cursor > place


def test_a_new_archive_at_the_same_address_is_listed_from_the_start(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    old = make_study(tmp_path / "1", count=20, study="old")
    orthanc.upload(*old)
    harvest_of(orthanc).once()
    orthanc.replace()
    new = make_study(tmp_path / "2", count=5, study="new")
    orthanc.upload(*new)

    report = harvest_of(orthanc).once()

    assert set(held().values()) == bytes_of([*old, *new])
    assert len(report.resyncs) == 1
    assert report.caught_up


def test_a_new_archive_with_more_changes_than_the_old_one_is_noticed(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    old = make_study(tmp_path / "1", count=3, study="old")
    orthanc.upload(*old)
    harvest_of(orthanc).once()
    orthanc.replace()
    new = make_study(tmp_path / "2", count=30, study="new")
    orthanc.upload(*new)

    report = harvest_of(orthanc).once()

    assert set(held().values()) == bytes_of([*old, *new])
    assert len(report.resyncs) == 1


def test_an_archive_that_goes_away_is_waited_for(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    before = make_study(tmp_path / "1", count=5, study="before")
    orthanc.upload(*before)
    harvest = harvest_of(orthanc)
    harvest.follow()
    harvest.wait_for(lambda now: now.phase is Phase.CAUGHT_UP)

    orthanc.stop()
    harvest.wait_for(lambda now: now.phase is Phase.WAITING)
    orthanc.start()
    after = make_study(tmp_path / "2", count=5, study="after")
    orthanc.upload(*after)
    harvest.wait_for(lambda now: now.done == 10)
    report = harvest.end()

    assert set(held().values()) == bytes_of([*before, *after])
    assert len(report.resyncs) == 1
    assert len(orthanc.relay.fetched) == 10


def test_an_archive_that_dies_while_it_is_listed_loses_nothing(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    files = make_study(tmp_path / "s", count=40)
    orthanc.upload(*files)
    died = threading.Event()
    only_once = threading.Lock()

    def die_at_the_tenth(_instance: str) -> None:
        with only_once:
            if len(orthanc.relay.fetched) >= 10 and not died.is_set():
                orthanc.stop()
                died.set()

    orthanc.relay.meddle = die_at_the_tenth
    harvest = harvest_of(orthanc)
    harvest.follow()
    assert died.wait(WAIT_SECONDS)
    orthanc.start()
    harvest.wait_for(lambda now: now.done == 40)
    report = harvest.end()

    assert set(held().values()) == bytes_of(files)
    assert report.outcomes == {Outcome.STORED: 40}


def test_an_answer_that_breaks_off_is_fetched_again(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    files = make_study(tmp_path / "s", count=6)
    orthanc.upload(*files)
    orthanc.relay.meddle = lambda instance: (
        500 if orthanc.relay.fetched.count(instance) == 1 else None
    )

    report = harvest_of(orthanc).once()

    assert set(held().values()) == bytes_of(files)
    assert report.outcomes == {Outcome.STORED: 6}
    assert len(orthanc.relay.fetched) == 12


def test_an_instance_the_archive_cannot_give_is_listed_for_a_person_at_last(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    files = make_study(tmp_path / "s", count=6)
    broken = orthanc.upload(*files)[2]
    orthanc.relay.meddle = lambda instance: 500 if instance == broken else None

    report = harvest_of(orthanc).once()

    assert set(held().values()) == bytes_of(files[:2] + files[3:])
    assert report.outcomes == {Outcome.STORED: 5, Outcome.UNREADABLE: 1}
    assert report.refusals == {"unreadable-at-source": 1}
    assert report.caught_up


def test_an_archive_that_can_give_no_file_at_all_is_not_blamed_on_its_instances(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    orthanc.upload(*make_study(tmp_path / "s", count=40))
    orthanc.relay.meddle = lambda _: 500

    report = harvest_of(orthanc).once(patience=1, tries=100)

    assert held() == {}
    assert report.outcomes == {}
    assert report.cursor == 0
    assert report.trouble != ""


def test_a_cloud_that_is_away_stops_the_harvest_and_loses_nothing(
    orthanc: RealOrthanc, cloud: Cloud, settings: Settings, harvest_of: HarvestOf, tmp_path: Path
) -> None:
    files = make_study(tmp_path / "s", count=10)
    orthanc.upload(*files)
    full = open_cloud(settings.model_copy(update={"reserve_bytes": 2**62}))  # a full disk
    harvest = harvest_of(orthanc)
    harvest.cloud = full

    report = harvest.once(patience=0.5)
    full.close()
    harvest.cloud = cloud
    again = harvest.once()

    assert report.trouble != ""
    assert report.outcomes == {}
    assert again.outcomes == {Outcome.STORED: 10}
    assert set(stored_data_sets(cloud).values()) == bytes_of(files)
