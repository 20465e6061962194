"""WADO-RS: media types, transfer syntaxes, audit, pictures (PS3.18 10.4)."""

import io
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from PIL import Image

from imaging_cloud.domain.errors import Unavailable
from tests.makers import data_set_bytes, make_study, uid
from tests.protocol.serving import Web, serving

STUDY = f"/dicom-web/studies/{uid('s1')}"
SERIES = f"{STUDY}/series/{uid('s1', 'series')}"
INSTANCE = f"{SERIES}/instances/{uid('s1', 1)}"
EXPLICIT, J2K = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.90"


@pytest.fixture
def admin(web: Web, tmp_path: Path) -> str:
    web.keep(make_study(tmp_path, count=3))
    return web.token("admin")


@pytest.mark.parametrize(
    ("accept", "status", "content_type"),
    [
        ("application/dicom", 200, "application/dicom"),
        (f"application/dicom; transfer-syntax={EXPLICIT}", 200, "application/dicom"),
        ("application/dicom; transfer-syntax=*", 200, "application/dicom"),
        (f"application/dicom; transfer-syntax={J2K}", 406, ""),
        ('multipart/related; type="application/dicom"', 200, "multipart/related"),
        ("multipart/related;type=application/dicom;transfer-syntax=*", 200, "multipart/related"),
        (f'multipart/related; type="application/dicom"; transfer-syntax={J2K}', 406, ""),
        (
            ",".join(
                f'multipart/related; type="application/dicom"; transfer-syntax={syntax}'
                for syntax in (J2K, EXPLICIT)
            ),
            200,
            "multipart/related",
        ),
        ("*/*", 200, "multipart/related"),
        ("image/jpeg", 406, ""),
        ("application/dicom;q=0", 406, ""),
    ],
)
def test_an_instance_is_sent_as_stored_or_not_at_all(
    web: Web, admin: str, accept: str, status: int, content_type: str
) -> None:
    answer = web.get(INSTANCE, admin, headers={"Accept": accept})

    assert answer.status_code == status
    if status == 200:
        assert answer.headers["Content-Type"].startswith(content_type)
        assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_the_bytes_are_those_that_came(web: Web, admin: str, tmp_path: Path) -> None:
    answer = web.get(INSTANCE, admin, headers={"Accept": "application/dicom"})

    assert data_set_bytes(answer.content) == data_set_bytes((tmp_path / "0001.dcm").read_bytes())
    assert "attachment" in answer.headers["Content-Disposition"]


def test_absent_and_forbidden_look_the_same(web: Web, admin: str) -> None:
    stranger = web.token("physician", "dr-x", "HOSP_C")
    paths = [STUDY, SERIES, INSTANCE, f"{STUDY}/metadata", f"{INSTANCE}/rendered"]
    for path in paths:
        absent = web.get(path.replace(uid("s1"), "1.2.3"), stranger)
        forbidden = web.get(path, stranger)

        assert absent.status_code == forbidden.status_code == 404
        assert absent.content == forbidden.content
    assert web.get(f"{STUDY}/../../x", stranger).status_code == 404
    assert web.get("/dicom-web/studies/not-a-uid/metadata", admin).status_code == 404


def test_who_sees_what(web: Web, admin: str) -> None:
    """HOSP_A holds the study; the patient has said nothing."""
    seen = {
        ("admin", None): True,
        ("service", None): True,
        ("service", "HOSP_A"): True,
        ("service", "HOSP_B"): False,
        ("physician", "HOSP_A"): True,
        ("physician", "HOSP_B"): False,
        ("physician", None): False,
        ("technician", "HOSP_A"): True,
        ("technician", "HOSP_B"): False,
    }
    for (role, institution), visible in seen.items():
        token = web.token(role, "x", institution)
        paths = (STUDY, f"{STUDY}/metadata", f"{STUDY}/thumbnail", f"/view/{uid('s1')}")
        answers = {web.get(path, token).status_code for path in paths}
        assert answers == ({200} if visible else {404}), (role, institution)
        assert bool(web.get("/dicom-web/studies", token).json()) is visible


class _NoTrail:
    def append_event(self, _event: object) -> None:
        raise Unavailable("the index is away")


def test_without_a_trail_nothing_is_shown(web: Web, admin: str, tmp_path: Path) -> None:
    silent = replace(web.cloud, audit=_NoTrail())  # type: ignore[arg-type]
    with serving(tmp_path / "other", silent) as other:
        for path in (STUDY, f"{STUDY}/metadata", f"{STUDY}/rendered", f"/view/{uid('s1')}"):
            answer = other.get(path, other.token("admin"))
            assert answer.status_code == 503
            assert b"Zhang" not in answer.content


def test_every_read_is_in_the_trail_once(web: Web, admin: str) -> None:
    [study] = web.cloud.index.find_studies(_query(), _everything())
    before = len(web.cloud.audit.list_events_of(study.person_id))

    for path in (STUDY, f"{STUDY}/metadata", f"{INSTANCE}/rendered", f"{INSTANCE}/frames/1"):
        web.get(path, admin)

    events = web.cloud.audit.list_events_of(study.person_id)
    assert [event.action for event in events[: len(events) - before]] == [
        "retrieve-frames",
        "view",
        "metadata",
        "retrieve",
    ]


def _query() -> object:
    from imaging_cloud.domain.queries import ImagingQuery  # noqa: PLC0415

    return ImagingQuery()


def _everything() -> object:
    from imaging_cloud.domain.access import Scope  # noqa: PLC0415

    return Scope(everything=True)


@pytest.mark.parametrize("part", [STUDY, SERIES, INSTANCE])
def test_pictures_are_rendered_at_every_level(web: Web, admin: str, part: str) -> None:
    jpeg = web.get(f"{part}/rendered", admin)
    png = web.get(f"{part}/rendered?viewport=64,32", admin, headers={"Accept": "image/png"})
    small = web.get(f"{part}/thumbnail", admin, headers={"Accept": "image/*,*/*;q=0.8"})

    assert jpeg.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(jpeg.content)).size == (32, 32)
    assert Image.open(io.BytesIO(png.content)).size == (32, 32)
    assert small.headers["Content-Type"] == "image/jpeg"
    assert max(Image.open(io.BytesIO(small.content)).size) == 256


def test_a_series_streams_all_its_pictures_from_the_middle(web: Web, admin: str) -> None:
    answer = web.get(
        f"{SERIES}/rendered", admin, headers={"Accept": 'multipart/related; type="image/jpeg"'}
    )

    assert answer.status_code == 200
    assert answer.content.count(b"\xff\xd8\xff") == 3
    first = answer.content.split(b"\r\n\r\n", 1)[0].decode()
    assert f"/instances/{uid('s1', 2)}/rendered" in first


def test_a_window_changes_the_picture(web: Web, admin: str) -> None:
    dark = web.get(f"{INSTANCE}/rendered?window=5000,10,linear", admin).content
    bright = web.get(f"{INSTANCE}/rendered?window=-5000,10,sigmoid", admin).content

    assert max(Image.open(io.BytesIO(dark)).getextrema()) == 0
    assert min(Image.open(io.BytesIO(bright)).getextrema()) == 255


@pytest.mark.parametrize(
    "query",
    [
        "window=1",
        "window=a,b",
        "window=1,0",
        "window=nan,1",
        "window=1,2,cubic",
        "viewport=0,1",
        "viewport=1",
        "viewport=99999,1",
        "viewport=1,1,0,0,0,0",
        "quality=0",
        "quality=101",
    ],
)
def test_a_rendering_that_cannot_be_understood_is_400(web: Web, admin: str, query: str) -> None:
    answer = web.get(f"{INSTANCE}/rendered?{query}", admin)

    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("frames", "status"),
    [("1", 200), ("1,1", 200), ("2", 404), ("0", 400), ("x", 400), ("1,", 400)],
)
def test_frames_are_numbered_from_one(web: Web, admin: str, frames: str, status: int) -> None:
    assert web.get(f"{INSTANCE}/frames/{frames}", admin).status_code == status


def test_an_object_without_a_picture_says_so(web: Web) -> None:
    report = Path(pydicom.__file__).parent / "data" / "test_files" / "reportsi.dcm"
    [receipt] = web.keep([report])
    path = (
        f"/dicom-web/studies/{receipt.study_uid}/series/{receipt.series_uid}"
        f"/instances/{receipt.sop_instance_uid}"
    )
    admin = web.token("admin")

    assert web.get(f"{path}/rendered", admin).status_code == 404
    assert web.get(f"{path}/frames/1", admin).status_code == 406
    assert web.get(f"{path}/metadata", admin).status_code == 200
    assert web.get(f"/view/{receipt.study_uid}", admin).status_code == 200
