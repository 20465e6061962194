"""read_header: what pydicom says of every file it ships, and nothing but InvalidInstance."""

import io
import random
import warnings
from functools import cache
from pathlib import Path

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from imaging_cloud.dicom.file_meta import encode_file_meta, has_part10_magic, read_file_meta
from imaging_cloud.dicom.header import header_of, read_header
from imaging_cloud.dicom.loose import guess_transfer_syntax
from imaging_cloud.dicom.transfer_syntaxes import EXPLICIT_LITTLE
from imaging_cloud.domain.errors import InvalidInstance
from imaging_cloud.domain.imaging import InstanceHeader
from tests.unit.dicom.bytes_of import UIDS, data_set, text

FOLDER = Path(pydicom.__file__).parent / "data"
FILES = sorted(
    path
    for folder in ("test_files", "charset_files", "palettes")
    for path in (FOLDER / folder).rglob("*")
    if path.is_file() and path.suffix in ("", ".dcm") and path.name != "README"
)
# Cut on purpose, or without a first element that tells the encoding.
REFUSED = {
    "MR_truncated.dcm": "truncated",
    "rtplan_truncated.dcm": "truncated",
    "no_meta.dcm": "not-dicom",
    "meta_missing_tsyntax.dcm": "not-dicom",
    "DICOMDIR-nooffset": "bad-length",
}


def parsed(data: bytes) -> InstanceHeader:
    stream = io.BytesIO(data)
    if has_part10_magic(data[:132]):
        meta = read_file_meta(stream)
        if not meta.transfer_syntax_uid:
            meta = guess_transfer_syntax(stream, meta)
    else:
        meta = guess_transfer_syntax(stream)
    return header_of(memoryview(data)[meta.length :], meta.transfer_syntax_uid)


def cause(data: bytes) -> str:
    with pytest.raises(InvalidInstance) as caught:
        parsed(data)
    return caught.value.cause


def name_of(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


@cache
def theirs_of(path: Path) -> Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(path, force=True, stop_before_pixels=True)


def word(dataset: Dataset, keyword: str) -> str:
    """The first value as pydicom decodes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = dataset.get(keyword)
    if value is None:
        return ""
    if not isinstance(value, str) and hasattr(value, "__getitem__"):
        value = value[0] if len(value) else ""
    return str(value).strip()


def codes(dataset: Dataset, keyword: str) -> list[tuple[str, str, str]]:
    return [
        (word(each, "CodeValue"), word(each, "CodingSchemeDesignator"), word(each, "CodeMeaning"))
        for each in dataset.get(keyword) or ()
    ]


def mine_of(path: Path) -> InstanceHeader | None:
    """Our header; None for files that have no study (palettes, directories)."""
    try:
        return parsed(path.read_bytes())
    except InvalidInstance as refused:
        if path.name not in REFUSED and refused.cause != "missing-uid":
            raise
        return None


READ = [path for path in FILES if path.name not in REFUSED]


def test_there_is_something_to_compare() -> None:
    assert len(READ) > 120
    assert sum(path.name.startswith("chr") for path in READ) == 17


@pytest.mark.parametrize("path", READ, ids=name_of)
def test_a_file_says_the_same_as_in_pydicom(path: Path) -> None:
    theirs = theirs_of(path)
    mine = mine_of(path)
    uids = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")
    if mine is None:
        assert not all(word(theirs, keyword) for keyword in uids)
        return

    assert [
        *(mine.study.study_uid, mine.series.series_uid),
        *(mine.instance.sop_instance_uid, mine.instance.sop_class_uid),
    ] == [word(theirs, keyword) for keyword in uids]
    assert mine.patient.name.rstrip("=") == str(theirs.get("PatientName") or "").rstrip("=")
    assert mine.patient.patient_id == word(theirs, "PatientID")
    assert mine.patient.sex == word(theirs, "PatientSex")[:1]
    for ours, keyword in (
        (mine.study.description, "StudyDescription"),
        (mine.study.accession_number, "AccessionNumber"),
        (mine.study.study_id, "StudyID"),
        (mine.study.referring_physician, "ReferringPhysicianName"),
        (mine.series.modality, "Modality"),
        (mine.series.description, "SeriesDescription"),
        (mine.series.protocol_name, "ProtocolName"),
        (mine.series.laterality, "Laterality"),
    ):
        assert ours == word(theirs, keyword), keyword


@pytest.mark.parametrize("path", READ, ids=name_of)
def test_numbers_dates_and_codes_are_those_of_pydicom(path: Path) -> None:
    theirs = theirs_of(path)
    mine = mine_of(path)
    if mine is None:
        return

    for ours, keyword in (
        (mine.patient.birth_date, "PatientBirthDate"),
        (mine.study.study_date, "StudyDate"),
    ):
        digits = word(theirs, keyword).replace(".", "").replace("-", "")
        assert (f"{ours:%Y%m%d}" if ours else "") == digits, keyword
    clock = mine.study.study_time
    digits = word(theirs, "StudyTime").replace(":", "").split(".")[0]
    assert (f"{clock:%H%M%S}" if clock else "") == (digits.ljust(6, "0") if digits else "")
    for number, keyword in (
        (mine.instance.rows, "Rows"),
        (mine.instance.columns, "Columns"),
        (mine.instance.bits_allocated, "BitsAllocated"),
        (mine.series.series_number, "SeriesNumber"),
        (mine.instance.instance_number, "InstanceNumber"),
    ):
        said = word(theirs, keyword)
        assert number == (int(said) if said.lstrip("-").isdecimal() else None), keyword
    said = word(theirs, "NumberOfFrames")
    assert mine.instance.frames == (int(said) if said.isdecimal() else 1)
    expected = codes(theirs, "ProcedureCodeSequence")
    found = [(each.value, each.scheme, each.meaning) for each in mine.study.procedure_codes]
    assert found[: len(expected)] == [code for code in expected if code[0] or code[2]]


@pytest.mark.parametrize("name", REFUSED)
def test_a_damaged_file_is_refused_with_its_cause(name: str) -> None:
    (path,) = FOLDER.rglob(name)

    assert cause(path.read_bytes()) == REFUSED[name]


def test_a_sealed_file_is_read_from_disk(tmp_path: Path) -> None:
    prefix = encode_file_meta(UIDS[0x00080016], UIDS[0x00080018], EXPLICIT_LITTLE)
    path = tmp_path / "one.dcm"
    path.write_bytes(prefix + data_set(text(0x00100010, "PN", "Doe^John")))

    assert read_header(path, len(prefix)).patient.name == "Doe^John"


@pytest.mark.parametrize("keep", [0, 100, 132])
def test_a_file_cut_before_its_data_set_is_refused(tmp_path: Path, keep: int) -> None:
    prefix = encode_file_meta(UIDS[0x00080016], UIDS[0x00080018], EXPLICIT_LITTLE)
    path = tmp_path / "one.dcm"
    path.write_bytes(prefix[:keep] if keep else prefix)

    with pytest.raises(InvalidInstance):
        read_header(path, len(prefix))


def test_every_prefix_of_a_real_file_is_refused_or_ends_with_an_element() -> None:
    whole = (FOLDER / "test_files" / "MR_small.dcm").read_bytes()
    start = whole.index(b"\xe0\x7f\x10\x00")
    accepted = []
    for end in range(132, start + 400):
        try:
            parsed(whole[:end])
        except InvalidInstance:
            continue
        accepted.append(end)

    # Only behind the last UID, and never inside the pixels.
    assert max(accepted) <= start
    assert len(accepted) < 40


SMALL_FILES = [path for path in READ if path.stat().st_size < 20_000]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SMALL_FILES), st.integers(0, 2**32), st.integers(1, 12))
def test_mutated_real_files_raise_nothing_but_invalid_instance(
    path: Path, seed: int, changes: int
) -> None:
    chance = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(changes):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                data[at : at + 4] = chance.choice([b"\xff" * 4, bytes(4), b"\xfe\xff\x00\xe0"])
            case 2:
                del data[at : at + chance.randrange(1, 9)]
            case _:
                data[at:at] = chance.randbytes(chance.randrange(1, 9))
        if not data:
            break
    try:
        parsed(bytes(data))
    except InvalidInstance:
        return


@given(st.binary(max_size=400))
def test_random_bytes_raise_nothing_but_invalid_instance(data: bytes) -> None:
    for start in (b"", bytes(128) + b"DICM", b"\x08\x00\x05\x00CS"):
        try:
            parsed(start + data)
        except InvalidInstance:
            continue
