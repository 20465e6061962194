"""Derived frames through the web face: exact, in ranges, made on demand, thrown away and remade."""

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread

from imaging_cloud.use_cases.derived_objects import delete_derived
from tests.makers import make_instance, make_study, uid
from tests.protocol.dicomweb.deriving import JPHC, decoded, derive_all, derived_keys
from tests.protocol.serving import Web

SERIES = f"/studies/{uid('s1')}/series/{uid('s1', 'series')}"
INSTANCE = f"/dicom-web{SERIES}/instances/{uid('s1', 1)}"
VIEW = f"/view-api{SERIES}"
COUNT, SIZE = 5, 100


@pytest.fixture
def admin(web: Web, tmp_path: Path) -> str:
    """Five slices, numbered from the feet up, each where it belongs."""
    for number in range(1, COUNT + 1):
        path = make_instance(
            tmp_path / f"{number}.dcm",
            number=number,
            size=SIZE,
            ImagePositionPatient=[-10, -20, 100 - 5 * number],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            PixelSpacing=[0.5, 0.7],
            RescaleIntercept=-1024,
            WindowCenter=[40, -600],
            WindowWidth=[400, 1500],
        )
        web.keep([path])
    return web.token("admin")


def pixels_of(folder: Path, number: int = 1) -> np.ndarray:
    return dcmread(folder / f"{number}.dcm").pixel_array


def frame(web: Web, admin: str, accept: str = JPHC, **headers: str) -> "object":
    return web.get(f"{INSTANCE}/frames/1", admin, headers={"Accept": accept, **headers})


def test_a_frame_is_the_same_on_demand_derived_deleted_and_derived_again(
    web: Web, admin: str, tmp_path: Path
) -> None:
    on_demand = frame(web, admin)
    assert derived_keys(web) == []
    assert derive_all(web) == 1
    keys = derived_keys(web)
    derived = frame(web, admin)
    assert delete_derived(web.cloud, uid("s1")) == len(keys) == 4
    deleted = frame(web, admin)
    web.cloud.derivations.ask("HOSP_A", uid("s1"), at=web.cloud.clock.now())
    assert derive_all(web) == 1
    again = frame(web, admin)

    answers = (on_demand, derived, deleted, again)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    assert on_demand.headers["Content-Type"] == JPHC
    assert on_demand.headers["Cache-Control"] == "no-store"
    assert np.array_equal(decoded(on_demand.content), pixels_of(tmp_path))
    assert derived_keys(web) == keys


@pytest.mark.parametrize("is_derived", [False, True])
def test_ranges_of_a_frame_are_smaller_pictures(web: Web, admin: str, is_derived: bool) -> None:
    if is_derived:
        derive_all(web)
    whole = frame(web, admin)
    tag, data = whole.headers["ETag"], whole.content
    for wish, begin, end in [
        ("bytes=0-9", 0, 10),
        ("bytes=10-", 10, len(data)),
        ("bytes=-5", len(data) - 5, len(data)),
        (f"bytes=3-{len(data) + 99}", 3, len(data)),
    ]:
        part = frame(web, admin, Range=wish)
        assert part.status_code == 206, wish
        assert part.content == data[begin:end]
        assert part.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(data)}"
    assert frame(web, admin, Range=f"bytes={len(data)}-").status_code == 416
    assert frame(web, admin, Range="bytes=-0").status_code == 416
    for ignored in ("bytes=0-1,3-4", "lines=0-1", "bytes=5-2", "bytes=x"):
        assert frame(web, admin, Range=ignored).status_code == 200, ignored
    assert frame(web, admin, Range="bytes=0-9", **{"If-Range": '"other"'}).status_code == 200
    assert frame(web, admin, Range="bytes=0-9", **{"If-Range": tag}).status_code == 206
    unchanged = frame(web, admin, **{"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_the_document_tells_all_and_nothing_of_the_patient(
    web: Web, admin: str, tmp_path: Path
) -> None:
    before = web.get(VIEW, admin).json()
    derive_all(web)
    answer = web.get(VIEW, admin)
    after = answer.json()

    assert (before["derived"], after["derived"]) == (False, True)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"Zhang" not in answer.content
    assert "伟" not in answer.text
    for document in (before, after):
        slices = [document["common"] | each for each in document["slices"]]
        assert [each["instance"] for each in slices] == [
            uid("s1", number) for number in range(1, COUNT + 1)
        ]
        first = slices[0]
        assert first["position"] == [-10, -20, 95]
        assert first["spacing"] == [0.5, 0.7]
        assert (first["slope"], first["intercept"], first["signed"]) == (1, -1024, True)
        assert [window[:2] for window in first["windows"]] == [[40, 400], [-600, 1500]]
        assert (first["rows"], first["columns"], first["bitsStored"]) == (SIZE, SIZE, 16)
    slices = [after["common"] | each for each in after["slices"]]
    values = pixels_of(tmp_path)
    assert slices[0]["range"] == [values.min(), values.max()]
    assert len(slices[0]["ends"]) == 3  # 25, 50 and 100 pixels
    assert (
        web.get(VIEW, admin, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    )


def test_previews_and_slices_come_in_one_answer_each(web: Web, admin: str, tmp_path: Path) -> None:
    derive_all(web)
    document = web.get(VIEW, admin).json()
    version = document["version"]
    slices = [document["common"] | each for each in document["slices"]]
    first = web.get(f"{VIEW}/previews?version={version}", admin).content
    second = web.get(f"{VIEW}/previews?version={version}&step=2", admin).content
    frames = web.get(f"{VIEW}/slices/0-{COUNT - 1}?version={version}", admin).content
    starts = list(itertools.accumulate((each["preview"][0] for each in slices), initial=0))
    nexts = list(itertools.accumulate((each["preview"][1] for each in slices), initial=0))
    ends = list(itertools.accumulate((each["ends"][-1] for each in slices), initial=0))

    assert (starts[-1], nexts[-1], ends[-1]) == (len(first), len(second), len(frames))
    for number in range(COUNT):
        whole = frames[ends[number] : ends[number + 1]]
        small = first[starts[number] : starts[number + 1]]
        rest = second[nexts[number] : nexts[number + 1]]
        assert whole.startswith(small + rest)
        assert np.array_equal(decoded(whole), pixels_of(tmp_path, number + 1))
        assert np.array_equal(decoded(small, 1), decoded(whole, 1))
        assert decoded(small, 1).shape == (50, 50)
    part = web.get(f"{VIEW}/previews", admin, headers={"Range": "bytes=7-99"})
    assert (part.status_code, part.content) == (206, first[7:100])
    middle = web.get(f"{VIEW}/slices/2-3", admin).content
    assert middle == frames[ends[2] : ends[4]]
    assert web.get(f"{VIEW}/slices/4", admin).content == frames[ends[4] :]
    # Of a picture as small as these both steps are all of it.
    assert web.get(f"{VIEW}/slices/0-4?rest=1", admin).content == b""
    assert web.get(f"{VIEW}/slices/99", admin).status_code == 404
    for wrong in ("x", "-1", "1-y", "1-2-3"):
        assert web.get(f"{VIEW}/slices/{wrong}", admin).status_code == 422, wrong
    assert web.get(f"{VIEW}/previews?step=3", admin).status_code == 422


def test_the_rest_of_a_slice_is_what_its_preview_does_not_hold(web: Web, tmp_path: Path) -> None:
    admin = web.token("admin")
    web.keep(make_study(tmp_path, count=3, size=300))
    derive_all(web)
    document = web.get(VIEW, admin).json()
    slices = [document["common"] | each for each in document["slices"]]

    rests = web.get(f"{VIEW}/slices/1-2?version={document['version']}&rest=1", admin)

    wholes = [web.get(f"{VIEW}/slices/{at}", admin).content for at in (1, 2)]
    held = [sum(each["preview"]) for each in slices[1:]]
    assert 0 < held[0] < len(wholes[0])
    assert rests.content == wholes[0][held[0] :] + wholes[1][held[1] :]
    part = web.get(f"{VIEW}/slices/1-2?rest=1", admin, headers={"Range": "bytes=9-"})
    assert (part.status_code, part.content) == (206, rests.content[9:])
    whole = web.get(f"{VIEW}/slices/1-2", admin)
    assert whole.headers["ETag"] != rests.headers["ETag"]


def test_a_series_that_grows_is_derived_again_and_nothing_stays_behind(
    web: Web, admin: str, tmp_path: Path
) -> None:
    derive_all(web)
    old = web.get(VIEW, admin).json()["version"]
    web.keep([make_instance(tmp_path / "6.dcm", number=6, size=SIZE)])

    assert web.get(f"{VIEW}/previews?version={old}", admin).status_code == 409
    assert web.get(f"{VIEW}/previews", admin).status_code == 404
    assert web.get(VIEW, admin).json()["derived"] is False
    assert frame(web, admin).status_code == 200
    derive_all(web)
    document = web.get(VIEW, admin).json()
    assert document["version"] != old
    assert len(document["slices"]) == 6
    assert len(derived_keys(web)) == 4


def test_rendered_and_thumbnail_are_the_same_from_derived_frames(web: Web, admin: str) -> None:
    def pictures() -> list[Image.Image]:
        paths = (
            f"{INSTANCE}/thumbnail?viewport=50,50",
            f"{INSTANCE}/frames/1/thumbnail",
            f"{INSTANCE}/rendered?viewport=60,60&window=-1024,3000",
            f"{INSTANCE}/rendered",
        )
        accepts = {"Accept": "image/png"}
        answers = [web.get(path, admin, headers=accepts) for path in paths]
        assert {answer.status_code for answer in answers} == {200}
        return [Image.open(io.BytesIO(answer.content)) for answer in answers]

    plain = pictures()
    derive_all(web)
    derived = pictures()

    assert [each.size for each in plain] == [each.size for each in derived]
    for before, after in zip(plain, derived, strict=True):
        # Noise made smaller by two filters: alike on the whole, not pixel for pixel.
        difference = np.asarray(before, float).mean() - np.asarray(after, float).mean()
        assert abs(difference) < 12
    assert plain[-1].tobytes() == derived[-1].tobytes()  # full size comes from the original
    webp = web.get(f"{INSTANCE}/rendered?quality=40", admin, headers={"Accept": "image/webp"})
    assert Image.open(io.BytesIO(webp.content)).format == "WEBP"


def test_derived_objects_are_guarded_like_the_original(web: Web, admin: str) -> None:
    derive_all(web)
    stranger = web.token("physician", "dr-x", "HOSP_C")
    patient = web.token("patient", "HOSP_A|A-1001")
    for path in (VIEW, f"{VIEW}/previews", f"{VIEW}/slices/0", f"{INSTANCE}/frames/1"):
        headers = {"Accept": JPHC} if "frames" in path else {}
        assert web.get(path, headers=headers).status_code == 401, path
        assert web.get(path, stranger, headers=headers).status_code == 404, path
        assert web.get(path, patient, headers=headers).status_code == 200, path
    person = web.cloud.index.find_studies(_query(), _everything())[0].person_id
    actions = [event.action for event in web.cloud.audit.list_events_of(person)]
    assert [each for each in actions if each != "instances-received"][:4] == [
        "retrieve-frames",
        "view",
        "view",
        "metadata",
    ]


def test_without_pictures_there_is_a_document_still(web: Web, tmp_path: Path) -> None:
    [receipt] = web.keep(make_study(tmp_path, count=1, Rows=None, Columns=None))
    admin = web.token("admin")
    derive_all(web)
    path = f"/view-api/studies/{receipt.study_uid}/series/{receipt.series_uid}"

    document = web.get(path, admin).json()
    assert document["slices"] == []
    assert document["others"][0]["instance"] == receipt.sop_instance_uid


def _query() -> object:
    from imaging_cloud.domain.queries import ImagingQuery  # noqa: PLC0415

    return ImagingQuery()


def _everything() -> object:
    from imaging_cloud.domain.access import Scope  # noqa: PLC0415

    return Scope(everything=True)
