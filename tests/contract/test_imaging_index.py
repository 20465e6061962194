"""The imaging index contract, over SQLite and PostgreSQL: matching and order."""

from collections.abc import Callable, Iterator
from datetime import date, time
from typing import Any

import pytest

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.index import SqlImagingIndex
from imaging_cloud.domain.access import Scope
from imaging_cloud.domain.queries import DateRange, ImagingQuery, TimeRange
from tests.records import NOW, make_record, open_intake

ALL = Scope(everything=True)
Keep = Callable[..., None]


@pytest.fixture
def keep(database: IndexDatabase) -> Iterator[Keep]:
    """Record instances, each given as the keyword arguments of make_record."""
    intake = open_intake(database)

    def record(*instances: dict[str, Any]) -> None:
        for each in instances:
            intake.record_instance(make_record(**each))

    yield record
    intake.close()


@pytest.fixture
def index(database: IndexDatabase) -> SqlImagingIndex:
    return SqlImagingIndex(database)


def found(index: SqlImagingIndex, scope: Scope = ALL, **keys: Any) -> list[str]:
    return [row.study_uid for row in index.find_studies(ImagingQuery(**keys), scope)]


def test_a_study_comes_back_as_it_was_received(keep: Keep, index: SqlImagingIndex) -> None:
    keep({"number": 1, "referring_physician": "Li^Na", "study_id": "S1"}, {"number": 2})

    (row,) = index.find_studies(ImagingQuery(), ALL)

    assert (row.institution, row.study_uid, row.patient_id, row.issuer) == (
        "HOSP_A",
        "1.2.3",
        "A-1001",
        "",
    )
    assert (row.patient_name, row.sex) == ("Zhang^Wei=张^伟", "M")
    assert (row.birth_date, row.study_date, row.study_time) == (
        date(1949, 12, 31),
        date(2026, 11, 8),
        time(9, 30),
    )
    assert (row.modalities, row.series_count, row.instance_count) == (("CT",), 1, 2)
    assert (row.referring_physician, row.study_id) == ("Li^Na", "S1")
    assert row.first_received_at == row.last_received_at == NOW


NAMES = {
    "1.1": "Zhang^XiaoDong=张^小东",
    "1.2": "WANG^LI",
    "1.3": "李^娜",
    "1.4": "Müller^Jürgen",
    "1.5": "Ouyang^Nana=欧阳^娜娜=ou yang^na na",
    "1.6": "Smith^John^Q^^",
    "1.7": "100%^_under",
}


@pytest.mark.parametrize(
    ("asked", "fuzzy", "expected"),
    [
        ("zhang^xiaodong", False, ["1.1"]),
        ("ZHANG*", False, ["1.1"]),
        ("张^小东", False, ["1.1"]),
        ("张*", False, ["1.1"]),
        ("张^小?", False, ["1.1"]),
        ("*东", False, ["1.1"]),
        ("Zhang^XiaoDong=张^小东", False, ["1.1"]),
        ("Zhang^XiaoDong=李^四", False, []),
        ("李^娜", False, ["1.3"]),
        ("wang^li", False, ["1.2"]),
        ("Ｗａｎｇ^Li", False, ["1.2"]),
        ("wang", False, []),
        ("ou yang*", False, ["1.5"]),
        ("smith^john^q", False, ["1.6"]),
        ("100%*", False, ["1.7"]),
        ("%", False, []),
        ("_00%*", False, []),
        ("100%^_*", False, ["1.7"]),
        ("*", False, list(NAMES)),
        ("", False, list(NAMES)),
        ("^^=^", False, list(NAMES)),
        ("xiaodong zhang", True, ["1.1"]),
        ("ZhangXiaoDong", True, ["1.1"]),
        ("xiaodongzhang", True, ["1.1"]),
        ("小东", True, ["1.1"]),
        ("张小东", True, ["1.1"]),
        ("张 小东", True, ["1.1"]),
        ("娜", True, ["1.3", "1.5"]),
        ("muller", True, ["1.4"]),
        ("jurgen mül", True, ["1.4"]),
        ("li wang", True, ["1.2"]),
        ("ang", True, []),
        ("%", True, []),
    ],
)
def test_names_match_in_any_script(
    keep: Keep, index: SqlImagingIndex, asked: str, fuzzy: bool, expected: list[str]
) -> None:
    keep(
        *(
            {"study": study, "name": name, "patient_id": f"P{study}"}
            for study, name in NAMES.items()
        )
    )

    assert found(index, patient_name=asked, fuzzy=fuzzy) == expected


STUDIES: list[dict[str, Any]] = [
    {
        "study": "1.1",
        "patient_id": "A-1",
        "study_date": date(2026, 1, 1),
        "study_time": time(8),
        "accession_number": "ACC%1",
        "modality": "CT",
        "description": "Chest CT",
        "birth_date": date(1950, 1, 1),
        "sex": "F",
    },
    {
        "study": "1.2",
        "patient_id": "A-2",
        "study_date": date(2026, 2, 1),
        "study_time": time(12, 30, 15),
        "accession_number": "ACC_2",
        "modality": "MR",
        "description": "Head MR",
        "body_part": "HEAD",
        "series_description": "T1",
        "series_number": 4,
        "issuer": "HIS",
        "study_id": "77",
        "referring_physician": "Chen^Jing=陈^静",
    },
    {
        "study": "1.3",
        "patient_id": "A-3",
        "study_date": None,
        "study_time": None,
        "accession_number": "ACC12",
        "modality": "CT",
        "description": "chest ct",
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.2.1",
        "instance_number": 9,
        "birth_date": None,
    },
]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, ["1.2", "1.1", "1.3"]),
        ({"study_uids": ("1.1",)}, ["1.1"]),
        ({"study_uids": ("1.1", "1.3", "9.9")}, ["1.1", "1.3"]),
        ({"patient_id": "A-2"}, ["1.2"]),
        ({"patient_id": "a-2"}, []),
        ({"patient_id": "A-*"}, ["1.2", "1.1", "1.3"]),
        ({"issuer": "HIS"}, ["1.2"]),
        ({"issuer": "HOSP_A"}, ["1.1", "1.3"]),
        ({"accession_number": "ACC%1"}, ["1.1"]),
        ({"accession_number": "ACC%*"}, ["1.1"]),
        ({"accession_number": "ACC_*"}, ["1.2"]),
        ({"accession_number": "ACC??"}, ["1.2", "1.1", "1.3"]),
        ({"accession_number": "*2"}, ["1.2", "1.3"]),
        ({"study_description": "Chest*"}, ["1.1"]),
        ({"study_id": "77"}, ["1.2"]),
        ({"sex": "F"}, ["1.1"]),
        ({"referring_physician": "chen*"}, ["1.2"]),
        ({"referring_physician": "陈^静"}, ["1.2"]),
        ({"referring_physician": "hen*"}, []),
        ({"study_date": DateRange(first=date(2026, 1, 1), last=date(2026, 1, 31))}, ["1.1"]),
        ({"study_date": DateRange(first=date(2026, 1, 2))}, ["1.2"]),
        ({"study_date": DateRange(last=date(2026, 2, 1))}, ["1.2", "1.1"]),
        ({"study_date": DateRange(first=date(2026, 2, 1), last=date(2026, 2, 1))}, ["1.2"]),
        ({"study_time": TimeRange(first=time(12))}, ["1.2"]),
        ({"study_time": TimeRange(first=time(12, 30, 15), last=time(12, 30, 15))}, ["1.2"]),
        ({"birth_date": DateRange(first=date(1950, 1, 1), last=date(1950, 1, 1))}, ["1.1"]),
        ({"modalities_in_study": ("MR",)}, ["1.2"]),
        ({"modalities_in_study": ("MR", "CT")}, ["1.2", "1.1", "1.3"]),
        ({"modalities_in_study": ("C",)}, []),
        ({"modality": ("MR",)}, ["1.2"]),
        ({"series_number": 4}, ["1.2"]),
        ({"series_description": "T?"}, ["1.2"]),
        ({"body_part": "HEAD"}, ["1.2"]),
        ({"series_uids": ("1.3.1",)}, ["1.3"]),
        ({"sop_instance_uids": ("1.1.1.1",)}, ["1.1"]),
        ({"sop_class_uids": ("1.2.840.10008.5.1.4.1.1.2.1",)}, ["1.3"]),
        ({"instance_number": 9}, ["1.3"]),
        ({"modality": ("CT",), "patient_id": "A-2"}, []),
        ({"limit": 1}, ["1.2"]),
        ({"limit": 2, "offset": 1}, ["1.1", "1.3"]),
        ({"limit": 0}, []),
        ({"patient_id": "' OR 1=1 --"}, []),
        ({"patient_id": "\\"}, []),
    ],
)
def test_each_key_matches_as_the_standard_says(
    keep: Keep, index: SqlImagingIndex, keys: dict[str, Any], expected: list[str]
) -> None:
    keep(*STUDIES)

    assert found(index, **keys) == expected
    if not {"limit", "offset"} & set(keys):
        series = index.find_series(ImagingQuery(**keys), ALL)
        assert [row.study_uid for row, _ in series] == expected
        instances = index.find_instances(ImagingQuery(**keys), ALL)
        assert [row.study_uid for row, _, _ in instances] == expected


def test_series_and_instances_come_in_viewing_order(keep: Keep, index: SqlImagingIndex) -> None:
    keep(
        {"series_uid": "1.2.3.9", "series_number": 1, "number": 2},
        {"series_uid": "1.2.3.9", "series_number": 1, "number": 10},
        {"series_uid": "1.2.3.9", "series_number": 1, "number": 1},
        {"series_uid": "1.2.3.8", "series_number": None, "number": 1},
        {"series_uid": "1.2.3.7", "series_number": 10, "number": 1, "instance_number": None},
        {"series_uid": "1.2.3.7", "series_number": 10, "number": 3},
    )

    expected = ["1.2.3.9.1", "1.2.3.9.2", "1.2.3.9.10", "1.2.3.7.3", "1.2.3.7.1", "1.2.3.8.1"]
    assert [row.sop_instance_uid for row in index.list_instances(ALL, "1.2.3")] == expected
    searched = index.find_instances(ImagingQuery(study_uids=("1.2.3",)), ALL)
    assert [row.sop_instance_uid for _, _, row in searched] == expected
    series = index.find_series(ImagingQuery(), ALL)
    assert [row.series_uid for _, row in series] == ["1.2.3.9", "1.2.3.7", "1.2.3.8"]
    assert [row.instance_count for _, row in series] == [3, 2, 1]
    narrowed = index.list_instances(
        ALL, "1.2.3", series_uid="1.2.3.9", sop_instance_uid="1.2.3.9.2"
    )
    assert [row.sop_instance_uid for row in narrowed] == ["1.2.3.9.2"]


def test_every_instance_is_streamed_once(
    keep: Keep, index: SqlImagingIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imaging_cloud.adapters.sql.index._PAGE", 3)
    for institution in ("HOSP_A", "HOSP_B"):
        keep(*({"institution": institution, "number": n} for n in range(7)))

    streamed = [(row.institution, row.sop_instance_uid) for row in index.iterate_all_instances()]

    assert streamed == sorted(set(streamed))
    assert len(streamed) == 14


def test_a_ready_index_says_so(index: SqlImagingIndex) -> None:
    index.check_ready()
