"""QIDO-RS: addresses, keys, ranges, paging (PS3.18 10.6)."""

from pathlib import Path
from typing import Any

import pytest

from tests.makers import make_study, uid
from tests.protocol.serving import Web


@pytest.fixture
def admin(web: Web, tmp_path: Path) -> str:
    web.keep(make_study(tmp_path / "1", study="s1", count=2))
    web.keep(
        make_study(
            tmp_path / "2",
            study="s2",
            count=1,
            Modality="MR",
            StudyDate="20200229",
            StudyTime="235959",
            PatientID="B-9",
            PatientName="Li^Na=李^娜",
            PatientSex="F",
            StudyDescription="Brain 50%_a",
            AccessionNumber="X_1",
        )
    )
    return web.token("admin")


def studies(web: Web, token: str, query: str) -> set[str]:
    answer = web.get(f"/dicom-web/studies?{query}", token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("application/dicom+json")
    return {each["0020000D"]["Value"][0] for each in answer.json()}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"s1", "s2"}),
        ("PatientID=B-9", {"s2"}),
        ("00100020=B-9", {"s2"}),
        ("PatientName=Li*", {"s2"}),
        ("PatientName=李*", {"s2"}),
        ("PatientName=na li&fuzzymatching=true", {"s2"}),
        ("PatientSex=F", {"s2"}),
        ("StudyDate=20200229", {"s2"}),
        ("StudyDate=20200101-20201231", {"s2"}),
        ("StudyDate=-20210101", {"s2"}),
        ("StudyDate=20210101-", {"s1"}),
        ("StudyTime=2359", {"s2"}),
        ("StudyTime=09-10", {"s1"}),
        ("00080061=MR", {"s2"}),
        ("ModalitiesInStudy=MR,CT", {"s1", "s2"}),
        ("ModalitiesInStudy=MR&ModalitiesInStudy=CT", {"s1", "s2"}),
        ("ModalitiesInStudy=US", set()),
        ("Modality=MR", {"s2"}),
        ("AccessionNumber=X_1", {"s2"}),
        ("AccessionNumber=X%1", set()),
        ("StudyDescription=Brain 50%25_a", {"s2"}),
        ("StudyDescription=Brain 50%25?a", {"s2"}),
        ("StudyDescription=*平扫", {"s1"}),
        ("PatientID=&includefield=PatientAge", {"s1", "s2"}),
        ("includefield=all", {"s1", "s2"}),
        ("PatientBirthDate=19491231&PatientID=A-1001", {"s1"}),
        ("PatientID=' OR 1=1 --", set()),
    ],
)
def test_keys_match(web: Web, admin: str, query: str, found: set[str]) -> None:
    assert studies(web, admin, query) == {uid(each) for each in found}


def test_a_list_of_uids_matches_any_of_them(web: Web, admin: str) -> None:
    for separator in (",", "\\"):
        query = f"StudyInstanceUID={uid('s1')}{separator}{uid('s2')}{separator}1.2.3"
        assert studies(web, admin, query) == {uid("s1"), uid("s2")}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("StudyDate=2020", "StudyDate"),
        ("StudyDate=20201301", "StudyDate"),
        ("StudyDate=-", "StudyDate"),
        ("StudyTime=noon", "StudyTime"),
        ("StudyInstanceUID=1.2/../3", "StudyInstanceUID"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("offset=x", "offset"),
        ("fuzzymatching=maybe", "fuzzymatching"),
        ("Nonsense=1", "Nonsense"),
        ("includefield=Nonsense", "includefield"),
        ("PatientAge=045Y", "PatientAge"),
        ("SeriesNumber=first", "SeriesNumber"),
    ],
)
def test_a_search_that_cannot_be_understood_is_400(
    web: Web, admin: str, query: str, field: str
) -> None:
    answer = web.get(f"/dicom-web/studies?{query}", admin)

    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field


def test_a_search_with_more_to_give_warns(web: Web, admin: str) -> None:
    first = web.get("/dicom-web/studies?limit=1", admin)
    rest = web.get("/dicom-web/studies?limit=1&offset=1", admin)

    assert first.headers["Warning"].startswith("299")
    assert "Warning" not in rest.headers
    assert len(first.json()) == len(rest.json()) == 1
    assert first.json() != rest.json()
    assert web.get("/dicom-web/studies?limit=0", admin).json() == []


def test_nothing_found_is_an_empty_list(web: Web, admin: str) -> None:
    answer = web.get("/dicom-web/studies?PatientID=nobody", admin)

    assert (answer.status_code, answer.json()) == (200, [])


def test_every_form_of_the_address_answers(web: Web, admin: str) -> None:
    study, series = uid("s1"), uid("s1", "series")

    def values(path: str, tag: str) -> list[Any]:
        found = web.get(f"/dicom-web{path}", admin).json()
        return [each[tag]["Value"][0] for each in found]

    assert len(values("/studies", "0020000D")) == 2
    assert len(values("/series", "0020000E")) == 2
    assert len(values("/instances", "00080018")) == 3
    assert values(f"/studies/{study}/series", "0020000E") == [series]
    assert values(f"/studies/{study}/instances", "00080018") == [uid("s1", 1), uid("s1", 2)]
    assert len(values(f"/studies/{study}/series/{series}/instances", "00080018")) == 2
    assert values(f"/studies/{study}/series/1.2.3/instances", "00080018") == []
    assert values(f"/studies/{study}/instances?InstanceNumber=2", "00080018") == [uid("s1", 2)]
    assert len(values("/instances?Modality=MR", "00080018")) == 1


def test_the_retrieve_addresses_work(web: Web, admin: str) -> None:
    for path in ("/studies", "/series", "/instances"):
        for each in web.get(f"/dicom-web{path}", admin).json():
            answer = web.get(each["00081190"]["Value"][0] + "/metadata", admin)
            assert answer.status_code == 200


def test_results_are_typed_as_the_standard_says(web: Web, admin: str) -> None:
    [study] = web.get(f"/dicom-web/studies?StudyInstanceUID={uid('s1')}", admin).json()

    assert study["00100010"] == {
        "vr": "PN",
        "Value": [{"Alphabetic": "Zhang^Wei", "Ideographic": "张^伟"}],
    }
    assert study["00201208"] == {"vr": "IS", "Value": [2]}
    assert study["00080020"] == {"vr": "DA", "Value": ["20261108"]}
    assert study["00080030"] == {"vr": "TM", "Value": ["093000"]}
    assert study["00080090"] == {"vr": "PN"}


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/dicom+json", 200),
        ("application/json", 200),
        ("*/*", 200),
        ('multipart/related; type="application/dicom+xml", application/dicom+json;q=0.5', 200),
        ('multipart/related; type="application/dicom+xml"', 406),
        ("text/html", 406),
    ],
)
def test_only_json_is_offered(web: Web, admin: str, accept: str, status: int) -> None:
    answer = web.get("/dicom-web/studies", admin, headers={"Accept": accept})

    assert answer.status_code == status
