"""Harvesting a real Orthanc: everything, as it was, and what comes later."""

import io
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from gateway.orthanc.report import Outcome, Phase
from imaging_cloud.ports.cloud import Cloud
from tests.makers import data_set_bytes, make_instance, make_study, uid
from tests.protocol.orthanc.harvesting import HOSPITAL, PACE, HarvestOf, Held
from tests.protocol.orthanc.real_orthanc import RealOrthanc

# Little and big endian, implicit, deflated, compressed, no pixels at all; one SOP instance each.
OLD_FILES = [
    "CT_small.dcm",
    "SC_rgb_rle_2frame.dcm",
    "JPEG2000.dcm",
    "image_dfl.dcm",
    "MR_small_bigendian.dcm",
    "liver_1frame.dcm",
    "test-SR.dcm",
    "reportsi.dcm",
    "examples_ybr_color.dcm",
    "waveform_ecg.dcm",
]


def data_sets(files: list[Path]) -> dict[str, bytes]:
    return {uid_of(file): data_set_bytes(file.read_bytes()) for file in files}


def uid_of(file: Path | bytes) -> str:
    source = io.BytesIO(file) if isinstance(file, bytes) else file
    return str(pydicom.dcmread(source, specific_tags=["SOPInstanceUID"]).SOPInstanceUID)


def test_everything_arrives_byte_for_byte(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held
) -> None:
    files = [Path(str(get_testdata_file(name))) for name in OLD_FILES]
    orthanc.upload(*files)

    report = harvest_of(orthanc).once()

    assert held() == data_sets(files)
    assert report.caught_up
    assert report.outcomes == {Outcome.STORED: len(files)}
    assert report.cursor == orthanc.last_change()


def test_a_second_harvest_fetches_nothing(
    orthanc: RealOrthanc, harvest_of: HarvestOf, tmp_path: Path
) -> None:
    orthanc.upload(*make_study(tmp_path / "s", count=12))
    harvest_of(orthanc).once()
    fetched = len(orthanc.relay.fetched)

    report = harvest_of(orthanc).once()

    assert fetched == 12
    assert len(orthanc.relay.fetched) == 12
    assert report.caught_up
    assert report.resyncs == ()


def test_what_comes_later_is_taken_while_following(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    first = make_study(tmp_path / "1", count=3, study="first")
    orthanc.upload(*first)
    harvest = harvest_of(orthanc)
    harvest.follow()
    harvest.wait_for(lambda now: now.phase is Phase.CAUGHT_UP and now.done == 3)

    second = make_study(tmp_path / "2", count=4, study="second")
    orthanc.upload(*second)
    harvest.wait_for(lambda now: now.done == 7)
    report = harvest.end()

    assert held() == data_sets([*first, *second])
    assert len(report.resyncs) == 1  # the first sight of this archive
    assert len(orthanc.relay.fetched) == 7
    assert report.trouble == ""


def test_a_feed_of_many_pages_is_read_to_its_end(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    harvest_of(orthanc).once()
    files = make_study(tmp_path / "s", count=150, size=2)
    orthanc.upload(*files)

    report = harvest_of(orthanc).once()

    assert orthanc.last_change() > PACE.change_page
    assert len(held()) == 150
    assert report.resyncs == ()
    assert len(orthanc.relay.fetched) == 150


def test_the_same_instance_overwritten_with_other_bytes_is_not_replaced(
    make_orthanc: Callable[..., RealOrthanc], harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    orthanc = make_orthanc(options={"OverwriteInstances": True})
    first = make_instance(tmp_path / "1.dcm", seed=1)
    orthanc.upload(first)
    harvest = harvest_of(orthanc)
    harvest.follow()
    harvest.wait_for(lambda now: now.phase is Phase.CAUGHT_UP)

    orthanc.upload(make_instance(tmp_path / "2.dcm", seed=2))
    harvest.wait_for(lambda now: now.refused == 1)
    report = harvest.end()

    assert held() == data_sets([first])
    assert report.refusals == {"differs": 1}


def test_an_instance_refused_by_us_is_quarantined_and_holds_up_nothing(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, cloud: Cloud, tmp_path: Path
) -> None:
    good = make_study(tmp_path / "s", count=5)
    wrong = make_instance(tmp_path / "w.dcm", number=6).read_bytes()
    said, meant = uid("s1", 6).encode(), uid("s1", 7).encode()[: len(uid("s1", 6))]
    wrong = wrong.replace(said, meant, 1)  # the file meta names another instance
    orthanc.upload(wrong, *good)

    report = harvest_of(orthanc).once()

    assert held() == data_sets(good)
    assert report.refusals == {"uid-mismatch": 1}
    assert report.caught_up
    assert report.cursor == orthanc.last_change()
    assert len(list(cloud.index.list_quarantined_keys())) == 1


def test_instances_deleted_at_the_archive_are_skipped(
    orthanc: RealOrthanc, harvest_of: HarvestOf, held: Held, tmp_path: Path
) -> None:
    files = make_study(tmp_path / "s", count=6)
    ids = orthanc.upload(*files)
    doomed = ids[4]

    def delete_before_it_is_read(_instance: str) -> None:
        nonlocal doomed
        doomed, victim = "", doomed
        if victim:
            orthanc.delete(f"/instances/{victim}")

    orthanc.relay.meddle = delete_before_it_is_read
    report = harvest_of(orthanc).once()

    assert held() == data_sets(files[:4] + files[5:])
    assert report.outcomes == {Outcome.STORED: 5, Outcome.DELETED_THERE: 1}
    assert report.caught_up


def test_credentials_are_taken_from_the_url_and_told_nobody(
    make_orthanc: Callable[..., RealOrthanc],
    harvest_of: HarvestOf,
    cloud: Cloud,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    orthanc = make_orthanc(users={"radiologie": "geheim:wört"})
    orthanc.upload(*make_study(tmp_path / "s", count=2))
    harvest = harvest_of(orthanc)
    harvest.url = orthanc.url.replace("://", "://radiologie:geheim%3Aw%C3%B6rt@")
    caplog.set_level("DEBUG")

    report = harvest.once()

    state = cloud.harvests.find_state(orthanc.url, HOSPITAL)
    assert report.outcomes == {Outcome.STORED: 2}
    assert state is not None
    assert "geheim" not in caplog.text + str(state) + str(report)


def test_wrong_credentials_end_the_harvest_and_say_what_to_do(
    make_orthanc: Callable[..., RealOrthanc], harvest_of: HarvestOf
) -> None:
    orthanc = make_orthanc(users={"radiologie": "geheim"})

    report = harvest_of(orthanc).once()

    assert "IMAGING_CLOUD_ORTHANC_USER" in report.trouble
    assert not report.caught_up
