"""DICOM JSON: valid always, and what pydicom reads back is what was there."""

import io
import json
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from imaging_cloud.dicom.json_model import dataset_json, person_name
from imaging_cloud.dicom.range_file import range_file
from imaging_cloud.dicom.stored import read_stored
from imaging_cloud.domain.errors import NotSupported
from tests.makers import make_instance


def json_of(dataset: Dataset, *, little: bool = True) -> dict[str, Any]:
    found = dataset_json(dataset, lambda path: f"bulk/{path}", little=little)
    text = json.dumps(found, allow_nan=False)
    read: dict[str, Any] = json.loads(text)
    return read


SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
PART10 = [path for path in sorted(SHIPPED.glob("*.dcm")) if path.read_bytes()[128:132] == b"DICM"]


@pytest.mark.parametrize("path", PART10, ids=lambda path: path.name)
def test_every_shipped_file_becomes_valid_json_that_pydicom_reads(path: Path) -> None:
    try:
        stored = read_stored(io.BytesIO(path.read_bytes()))
    except NotSupported:
        return
    found = json_of(stored.dataset)

    again = Dataset.from_json(found, bulk_data_uri_handler=lambda _tag, _vr, _uri: b"")

    assert len(again) == len(found)
    for keyword in ("StudyInstanceUID", "PatientID", "Modality", "Rows"):
        assert again.get(keyword) == stored.dataset.get(keyword)


def test_a_name_keeps_its_component_groups() -> None:
    assert person_name("Zhang^Wei=张^伟") == {"Alphabetic": "Zhang^Wei", "Ideographic": "张^伟"}
    assert person_name("=张^伟=ちょう") == {"Ideographic": "张^伟", "Phonetic": "ちょう"}
    assert person_name("^^^^") == {}


def test_gb18030_is_decoded(tmp_path: Path) -> None:
    path = make_instance(tmp_path / "a.dcm", SpecificCharacterSet="GB18030")

    found = json_of(read_stored(io.BytesIO(path.read_bytes())).dataset)

    assert found["00100010"]["Value"] == [{"Alphabetic": "Zhang^Wei", "Ideographic": "张^伟"}]
    assert found["00081030"]["Value"] == ["胸部CT平扫"]


def test_numbers_that_json_has_no_word_for_become_null() -> None:
    dataset = Dataset()
    dataset.add_new(0x00189073, "FD", [float("nan"), 1.5, float("inf")])

    assert json_of(dataset)["00189073"] == {"vr": "FD", "Value": [None, 1.5, None]}


def test_an_element_that_cannot_be_decoded_does_not_hide_the_others() -> None:
    data = Dataset()
    data.PatientID = "A-1"
    raw = io.BytesIO()
    data.save_as(raw, implicit_vr=False, little_endian=True)
    # Rows (US) with three bytes of value.
    broken = bytes(128) + b"DICM" + b"\x02\x00\x10\x00UI\x14\x00" + b"1.2.840.10008.1.2.1\x00"
    broken += raw.getvalue() + b"\x28\x00\x10\x00US\x03\x00\x01\x02\x03"

    found = json_of(read_stored(io.BytesIO(broken)).dataset)

    assert found["00100020"]["Value"] == ["A-1"]
    assert "Value" not in found["00280010"]


def test_large_values_are_left_out_and_small_ones_are_little_endian() -> None:
    dataset = Dataset()
    dataset.add_new(0x00091001, "OB", b"x" * 2000)
    dataset.add_new(0x00091002, "OW", b"\x01\x02\x03\x04")
    item = Dataset()
    item.add_new(0x00091003, "UN", b"y" * 2000)
    dataset.add_new(0x00091004, "SQ", Sequence([item]))

    found = json_of(dataset, little=False)

    assert found["00091001"] == {"vr": "OB", "BulkDataURI": "bulk/00091001"}
    assert found["00091002"] == {"vr": "OW", "InlineBinary": "AgEEAw=="}
    inner = found["00091004"]["Value"][0]["00091003"]
    assert inner == {"vr": "UN", "BulkDataURI": "bulk/00091004/0/00091003"}


def test_an_object_is_read_by_ranges_and_only_where_it_must(tmp_path: Path) -> None:
    path = make_instance(tmp_path / "a.dcm", size=1024)
    content = path.read_bytes()
    fetched = 0

    def read_range(offset: int, length: int) -> bytes:
        nonlocal fetched
        fetched += length
        return content[offset : offset + length]

    stored = read_stored(range_file(read_range, len(content)))

    assert stored.dataset.PatientID == "A-1001"
    assert stored.pixels is not None
    assert stored.pixels.length == 1024 * 1024 * 2
    assert fetched <= 256 * 1024
