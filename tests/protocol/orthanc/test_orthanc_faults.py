"""Harvesting a real Orthanc while things break: feeds, archives, connections, files, us."""

import threading
from pathlib import Path

from gateway.orthanc.report import Outcome, Phase
from imaging_cloud.bootstrap import open_cloud
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings
from tests.makers import make_study
from tests.protocol.orthanc.harvesting import (
    HOSPITAL,
    WAIT_SECONDS,
    HarvestOf,
    Held,
    bytes_of,
    stored_data_sets,
)
from tests.protocol.orthanc.real_orthanc import RealOrthanc


def test_an_instance_that_takes_long_holds_the_place_but_not_the_others(
    orthanc: RealOrthanc, cloud: Cloud, harvest_of: HarvestOf, tmp_path: Path
) -> None:
    harvest = harvest_of(orthanc)
    harvest.once()
    stuck, *_ = orthanc.upload(*make_study(tmp_path / "s", count=30))
    go_on = threading.Event()

    def hold_the_first(instance: str) -> None:
        if instance == stuck:
            assert go_on.wait(WAIT_SECONDS)

    orthanc.relay.meddle = hold_the_first
    harvest.seen.clear()
    harvest.follow()
    harvest.wait_for(lambda now: now.done == 29)
    harvest.wait_for(lambda now: now.known == 30)
    while_held = cloud.harvests.find_state(orthanc.url, HOSPITAL)
    go_on.set()
    harvest.wait_for(lambda now: now.done == 30)
    report = harvest.end()

    assert while_held is not None
    assert while_held.cursor == 0
    assert report.cursor == orthanc.last_change()
    assert len(orthanc.relay.fetched) == 30


def test_what_arrives_while_everything_is_listed_is_fetched_once(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    files = make_study(tmp_path / "s", count=30)
    late = make_study(tmp_path / "l", count=5, study="late")
    orthanc.upload(*files)
    first = threading.Lock()

    def upload_at_the_first(_instance: str) -> None:
        if first.acquire(blocking=False):
            orthanc.upload(*late)

    orthanc.relay.meddle = upload_at_the_first
    # Two in hand: most of the listing is read after the upload, so it has the late ones too.
    report = harvest_of(orthanc).once(window=2, workers=1)

    assert set(held().values()) == bytes_of([*files, *late])
    assert len(orthanc.relay.fetched) == 35
    assert report.caught_up


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
