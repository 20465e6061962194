"""The order samples keep the contract's shape and speak of studies that exist."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamModality,
    Laterality,
    Purpose,
    Region,
)
from sample_dicom.make_samples import HERE, write_orders
from sample_dicom.manifest import read_manifest
from sample_dicom.orders import ORDERS
from sample_dicom.people import PEOPLE, check_digit

MANIFEST = read_manifest(HERE)
PATHS = sorted((HERE / "orders").glob("*.json"))
CONTRACT = {
    "patient": ["identifiers", "name", "birthDate", "sex"],
    "order": [
        "name",
        "code",
        "modality",
        "laterality",
        "priority",
        "reasonCodes",
        "reexamReason",
        "institution",
        "placedAt",
    ],
    "facts": ["conditions", "allergies", "eGFR", "pregnant", "devices"],
}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_request_has_exactly_the_fields_of_the_contract(path: Path) -> None:
    sample: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))

    assert list(sample) == ["title", "why", "request", "consent", "expect"]
    assert {part: list(fields) for part, fields in sample["request"].items()} == CONTRACT
    assert sample["expect"]["outcome"] in {"duplicate", "related", "none"}
    assert set(sample["expect"]) <= {
        "outcome",
        "grades",
        "withheld",
        "cautions",
        "certainty",
        "acceptable",
        "study",
    }
    if study := sample["expect"].get("study"):
        row = MANIFEST.row(study)
        own = row.institution == sample["request"]["order"]["institution"]
        assert own or sample["consent"] == [sample["request"]["order"]["institution"]]


def test_there_is_a_file_for_every_order() -> None:
    assert [path.stem for path in PATHS] == [case.slug for case in ORDERS]
    assert len(PATHS) >= 14


def test_orders_are_placed_on_the_day_asked_for(tmp_path: Path) -> None:
    first = write_orders(tmp_path, today=date(2027, 1, 5))[0]

    sample = json.loads(first.read_text(encoding="utf-8"))
    assert sample["request"]["order"]["placedAt"] == "2027-01-05T10:00:00+08:00"
    assert sample["request"]["patient"]["identifiers"] == [
        {"issuer": "HOSP_B", "value": "B-1002"},
        {"issuer": "CN-RESIDENT-ID", "value": "11010519491231002X"},
    ]


@pytest.mark.parametrize("row", MANIFEST.rows, ids=lambda row: row.slug)
def test_expected_exams_use_the_codes_of_the_descriptor(row: Any) -> None:
    regions = row.regions.split("+")

    assert regions == [region.value for region in Region if region.value in regions]
    assert row.modality in set(ExamModality)
    assert row.laterality in set(Laterality)
    assert row.contrast in set(Contrast)
    assert row.purpose in set(Purpose)
    assert row.angio in {0, 1}


def test_the_people_file_lists_everybody() -> None:
    listed = json.loads((HERE / "people.json").read_text(encoding="utf-8"))

    assert listed == [person.as_json() for person in PEOPLE.values()]


def test_resident_numbers_have_a_valid_check_digit() -> None:
    numbers = [person.resident for person in PEOPLE.values() if person.resident]

    assert all(number[-1] == check_digit(number[:-1]) for number in numbers)
    assert len(numbers) == len(set(numbers))
    assert all(f"{p.birth:%Y%m%d}" == p.resident[6:14] for p in PEOPLE.values() if p.resident)
