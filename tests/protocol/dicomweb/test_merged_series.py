"""A series whose instances lie at two institutions is one series with previews of its own."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from imaging_cloud.use_cases.derived_objects import delete_derived
from tests.makers import make_instance, uid
from tests.protocol.dicomweb.deriving import decoded, derive_all
from tests.protocol.serving import PATIENT, Web, other_ids

VIEW = f"/view-api/studies/{uid('s1')}/series/{uid('s1', 'series')}"
COUNT, SIZE = 6, 100
# The odd ones were sent to one hospital, the even ones to the other, the last one to both.
AT_A, AT_B = (1, 3, 5, 6), (2, 4, 6)


@pytest.fixture
def patient(web: Web, tmp_path: Path) -> str:
    for number in range(1, COUNT + 1):
        make_instance(
            tmp_path / f"{number}.dcm",
            number=number,
            size=SIZE,
            ImagePositionPatient=[0, 0, 5 * number],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            OtherPatientIDsSequence=other_ids(),
        )
    web.keep([tmp_path / f"{number}.dcm" for number in AT_A], "HOSP_A")
    web.keep([tmp_path / f"{number}.dcm" for number in AT_B], "HOSP_B")
    return web.token("patient", PATIENT)


def read(web: Web, patient: str, what: str) -> bytes:
    answer = web.get(f"{VIEW}{what}", patient)
    assert answer.status_code == 200, answer.text
    return answer.content


def test_previews_and_frames_of_both_come_in_viewing_order(
    web: Web, patient: str, tmp_path: Path
) -> None:
    assert web.get(VIEW, patient).json()["derived"] is False
    assert web.get(f"{VIEW}/previews", patient).status_code == 404
    assert derive_all(web) == 2

    document = web.get(VIEW, patient).json()
    assert document["derived"] is True
    slices = [document["common"] | each for each in document["slices"]]
    assert [each["instance"] for each in slices] == [uid("s1", n) for n in range(1, COUNT + 1)]
    version = f"?version={document['version']}"
    first = read(web, patient, f"/previews{version}")
    second = read(web, patient, f"/previews{version}&step=2")
    frames = read(web, patient, f"/slices/0-{COUNT - 1}{version}")
    starts, nexts = (
        list(itertools.accumulate((each["preview"][step] for each in slices), initial=0))
        for step in (0, 1)
    )
    ends = list(itertools.accumulate((each["ends"][-1] for each in slices), initial=0))
    assert (starts[-1], nexts[-1], ends[-1]) == (len(first), len(second), len(frames))
    for at in range(COUNT):
        whole = frames[ends[at] : ends[at + 1]]
        parts = first[starts[at] : starts[at + 1]] + second[nexts[at] : nexts[at + 1]]
        assert whole.startswith(parts)
        assert np.array_equal(decoded(whole), dcmread(tmp_path / f"{at + 1}.dcm").pixel_array)
    middle = web.get(f"{VIEW}/previews", patient, headers={"Range": "bytes=5-2000"})
    assert (middle.status_code, middle.content) == (206, first[5:2001])


def test_each_hospital_without_permission_has_its_own_part_only(web: Web, patient: str) -> None:
    derive_all(web)
    read(web, patient, "/previews")
    physician = web.token("physician", "dr-li", "HOSP_B")

    document = web.get(VIEW, physician).json()
    assert [each["instance"] for each in document["slices"]] == [uid("s1", n) for n in AT_B]
    previews = web.get(f"{VIEW}/previews", physician).content
    lengths = [(document["common"] | each)["preview"][0] for each in document["slices"]]
    assert len(previews) == sum(lengths)


def test_what_is_thrown_away_at_one_of_them_is_made_again(web: Web, patient: str) -> None:
    derive_all(web)
    before = read(web, patient, "/previews")
    delete_derived(web.cloud, uid("s1"))

    gone = web.get(f"{VIEW}/previews", patient)
    assert gone.status_code == 503
    assert derive_all(web) == 2
    assert read(web, patient, "/previews") == before
