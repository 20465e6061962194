"""The committed samples are what they say, can be read, and can be made again."""

import hashlib
import io
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from sample_dicom.catalogue import STUDIES
from sample_dicom.decoding import decode
from sample_dicom.encodings import Encoding, gb2312_with_escapes
from sample_dicom.instances import study_files
from sample_dicom.make_samples import HERE, REFERENCE_DAY, write_samples
from sample_dicom.manifest import Manifest, ManifestRow, read_manifest
from sample_dicom.people import PEOPLE, RESIDENT

MEGABYTE = 1 << 20
BY_CODEC = set(Encoding) - {
    Encoding.EXPLICIT_LE,
    Encoding.IMPLICIT_LE,
    Encoding.EXPLICIT_BE,
    Encoding.RLE,
}
LOSSY = {Encoding.JPEG.transfer_syntax, Encoding.J2K_LOSSY.transfer_syntax}
MANIFEST = read_manifest(HERE)
each_study = pytest.mark.parametrize("row", MANIFEST.rows, ids=lambda row: row.slug)


@cache
def datasets(slug: str) -> list[Dataset]:
    return [dcmread(path) for path in MANIFEST.files(MANIFEST.row(slug))]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return write_samples(tmp_path_factory.mktemp("samples"))


def written_files(folder: Path) -> Iterator[Path]:
    for part in ("files", "orders"):
        yield from sorted(path for path in (folder / part).rglob("*") if path.is_file())
    yield from (folder / "manifest.csv", folder / "people.json")


@each_study
def test_the_manifest_equals_the_files(row: ManifestRow) -> None:
    found = datasets(row.slug)

    assert row.instances == len(found)
    assert {row.study_uid} == {dataset.StudyInstanceUID for dataset in found}
    assert row.modalities.split("+") == list(dict.fromkeys(d.Modality for d in found))
    assert {Encoding(name).transfer_syntax for name in row.transfer_syntaxes.split("+")} == {
        dataset.file_meta.TransferSyntaxUID for dataset in found
    }
    assert {row.patient_id} == {dataset.PatientID for dataset in found}
    assert {row.issuer} == {dataset.get("IssuerOfPatientID", "") for dataset in found}
    performed = REFERENCE_DAY - timedelta(days=row.days_before)
    assert {f"{performed:%Y%m%d}"} == {dataset.StudyDate for dataset in found}


def test_no_file_is_missing_from_the_manifest() -> None:
    listed = {path for row in MANIFEST.rows for path in MANIFEST.files(row)}

    assert listed == set((HERE / "files").rglob("*.dcm"))


def test_every_instance_has_its_own_uid() -> None:
    uids = [dataset.SOPInstanceUID for row in MANIFEST.rows for dataset in datasets(row.slug)]

    assert len(uids) == len(set(uids))
    assert max(map(len, uids)) <= 64


@each_study
def test_the_person_is_known_by_the_numbers_in_the_files(row: ManifestRow) -> None:
    person = PEOPLE[row.person]
    for dataset in datasets(row.slug):
        assert dataset.PatientID == person.numbers[row.institution]
        assert dataset.PatientBirthDate == f"{person.birth:%Y%m%d}"
        assert dataset.PatientSex == person.sex
        others = {
            (item.IssuerOfPatientID, item.PatientID)
            for item in dataset.get("OtherPatientIDsSequence", [])
        }
        assert others == ({(RESIDENT, person.resident)} if person.resident else set())


@each_study
def test_the_name_reads_as_it_was_meant(row: ManifestRow) -> None:
    person = PEOPLE[row.person]
    for dataset in datasets(row.slug):
        # pydicom 3.0 leaves the escape sequences of ISO 2022 IR 58 in the text.
        assert str(dataset.PatientName).replace("\x1b$)A", "") == person.dicom_name
        assert "�" not in dataset.StudyDescription + dataset.SeriesDescription


def test_chinese_code_extensions_follow_the_example_of_the_standard() -> None:
    """PS3.5 K.2.1, the name Zhang XiaoDong."""
    expected = b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab="

    assert expected == gb2312_with_escapes("Zhang^XiaoDong=张^小东=", "^=")
    stored = next(iter((HERE / "files/HOSP_B/zhang-xiaodong-mr-lumbar").iterdir())).read_bytes()
    assert expected[:-1] in stored


@each_study
def test_the_pixels_decode_and_are_not_empty(row: ManifestRow) -> None:
    for dataset in datasets(row.slug):
        if "PixelData" not in dataset:
            assert dataset.Modality in {"SR", "DOC"}
            continue
        pixels = decode(dataset)

        assert pixels.shape[-3 if dataset.SamplesPerPixel == 3 else -2 :][:2] == (
            dataset.Rows,
            dataset.Columns,
        )
        frames = int(dataset.get("NumberOfFrames", 1))
        assert pixels.size == frames * dataset.Rows * dataset.Columns * dataset.SamplesPerPixel
        assert len(np.unique(pixels)) > 40
        assert int(pixels.max()) < 1 << dataset.BitsStored


def test_a_stack_has_positions_that_a_viewer_can_sort() -> None:
    found = [d for d in datasets("zhang-wei-ct-chest") if d.Modality == "CT"]

    depths = [float(dataset.ImagePositionPatient[2]) for dataset in found]
    assert depths == sorted(depths, reverse=True)
    assert {round(high - low, 2) for high, low in pairwise(depths)} == {24.0}
    assert len({dataset.FrameOfReferenceUID for dataset in found}) == 1
    assert int(found[0].pixel_array.min()) == found[0].PixelPaddingValue == -2000


def test_every_encoding_and_character_set_is_in_the_set() -> None:
    used = {name for row in MANIFEST.rows for name in row.transfer_syntaxes.split("+")}

    assert used == {str(encoding) for encoding in Encoding}
    assert {row.character_set for row in MANIFEST.rows} == {
        "GB18030",
        "GBK",
        "ISO_IR 192",
        "ISO_IR 100",
        "\\ISO 2022 IR 58",
        "\\ISO 2022 IR 87",
    }
    assert {"HOSP_A", "HOSP_B", "HOSP_C"} == {row.institution for row in MANIFEST.rows}


def test_the_committed_set_is_small() -> None:
    assert sum(path.stat().st_size for path in written_files(HERE)) < 8 * MEGABYTE


def test_a_fresh_set_equals_the_committed_one(fresh: Manifest) -> None:
    """Byte by byte; only another version of a codec may pack the same pixels otherwise."""
    committed = {path.relative_to(HERE): path for path in written_files(HERE)}
    # Written by hand: calls of order screens, which no date makes old.
    committed = {name: path for name, path in committed.items() if "cds-hooks" not in name.parts}
    made = {path.relative_to(fresh.folder): path for path in written_files(fresh.folder)}
    assert committed.keys() == made.keys()
    for name, path in committed.items():
        if _digest(path) != _digest(made[name]):
            _assert_same_meaning(name, dcmread(path), dcmread(made[name]))


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def _assert_same_meaning(name: Path, old: Dataset, new: Dataset) -> None:
    syntax = old.file_meta.TransferSyntaxUID
    assert syntax in {encoding.transfer_syntax for encoding in BY_CODEC}, name
    distance = np.abs(decode(old).astype(int) - decode(new).astype(int)).max()
    assert distance <= (8 if syntax in LOSSY else 0), name
    for dataset in (old, new):
        for keyword in ("PixelData", "LossyImageCompressionRatio", "ExtendedOffsetTable",
                        "ExtendedOffsetTableLengths"):  # fmt: skip
            if keyword in dataset:
                delattr(dataset, keyword)
    assert old == new, name


def test_making_a_study_again_gives_the_same_bytes(fresh: Manifest) -> None:
    for study in (STUDIES[0], STUDIES[4], STUDIES[8]):
        written = [path.read_bytes() for path in fresh.files(fresh.row(study.slug))]

        assert written == list(study_files(study, REFERENCE_DAY))


def test_another_day_gives_other_dates_and_other_uids() -> None:
    study = next(study for study in STUDIES if study.slug == "liu-yang-dx-knee-left")
    later = dcmread(io.BytesIO(next(study_files(study, date(2027, 3, 1)))))

    assert later.StudyDate == "20270221"
    assert later.StudyInstanceUID == study.uid(date(2027, 3, 1))
    assert later.StudyInstanceUID != MANIFEST.row(study.slug).study_uid
