"""Orthanc's answers are checked: what is not as it must be never becomes a path or a place."""

from typing import Any

import pytest

from gateway.orthanc.answers import read_change_page, read_instance, read_instance_list
from gateway.orthanc.errors import ResourceFailed

ID = "d0e1865b-4287cf7d-81d2cb8e-0550cab2-c1f5fbfe"


def line(seq: object = 1, **fields: object) -> dict[str, Any]:
    return {
        "ChangeType": "NewInstance",
        "Date": "20261122T034843",
        "ID": ID,
        "Path": f"/instances/{ID}",
        "ResourceType": "Instance",
        "Seq": seq,
        **fields,
    }


def page(*lines: object, last: object = 1, done: object = True) -> dict[str, Any]:
    return {"Changes": list(lines), "Last": last, "Done": done}


WRONG_PAGES: list[Any] = [
    None,
    [],
    {},
    "Changes",
    page(last="1"),
    page(done="yes"),
    page("line"),
    page(line(seq="1")),
    page(line(ID="../../shutdown")),
    page(line(ID=None)),
    page(line(seq=2), line(seq=1)),
    page(line(seq=2), line(seq=2)),
    {"Changes": [{}], "Last": 1, "Done": True},
]
WRONG_INSTANCES: list[Any] = [
    None,
    {},
    {"ID": ID},
    {"ID": ID, "MainDicomTags": []},
    {"ID": "x", "MainDicomTags": {}},
    {"MainDicomTags": {"SOPInstanceUID": "1.2"}},
]


@pytest.mark.parametrize("document", WRONG_PAGES)
def test_what_is_no_page_of_changes_is_refused(document: object) -> None:
    with pytest.raises(ResourceFailed):
        read_change_page(document)


@pytest.mark.parametrize("document", WRONG_INSTANCES)
def test_what_is_no_instance_is_refused(document: object) -> None:
    with pytest.raises(ResourceFailed):
        read_instance(document)


def test_what_is_no_list_of_instances_is_refused() -> None:
    with pytest.raises(ResourceFailed):
        read_instance_list({"ID": ID})


def test_only_new_instances_name_an_instance() -> None:
    read = read_change_page(
        page(line(1), line(2, ChangeType="StableStudy", ResourceType="Study"), last=2)
    )

    assert [change.instance_id for change in read.changes] == [ID, ""]
    assert [change.is_new_instance for change in read.changes] == [True, False]


@pytest.mark.parametrize(
    "other", [{"Date": "20261122T034844"}, {"ID": ID[::-1]}, {"ChangeType": "NewSeries"}]
)
def test_a_line_of_another_database_has_another_fingerprint(other: dict[str, str]) -> None:
    one = read_change_page(page(line(1))).changes[0]
    another = read_change_page(page(line(1, **other))).changes[0]

    assert one.fingerprint != another.fingerprint
    assert ID not in one.fingerprint


def test_an_instance_gives_its_uid_without_padding() -> None:
    read = read_instance({"ID": ID, "MainDicomTags": {"SOPInstanceUID": "1.2.3\0"}})

    assert read.sop_instance_uid == "1.2.3"


def test_an_instance_without_uid_is_known_by_its_bytes_later() -> None:
    assert read_instance({"ID": ID, "MainDicomTags": {}}).sop_instance_uid == ""
