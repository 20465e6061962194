"""Part 10 file meta: ours is stable, anybody's is read, damage is refused."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread

from imaging_cloud.dicom.file_meta import (
    IMPLEMENTATION_CLASS_UID,
    encode_file_meta,
    has_part10_magic,
    read_bare_file_meta,
    read_file_meta,
)
from imaging_cloud.domain.errors import InvalidInstance
from tests.unit.dicom.bytes_of import element, text

CT, UID, EXPLICIT = "1.2.840.10008.5.1.4.1.1.2", "1.2.3.4", "1.2.840.10008.1.2.1"
OURS = encode_file_meta(CT, UID, EXPLICIT)
PREAMBLE = bytes(128) + b"DICM"


def cause(data: bytes) -> str:
    with pytest.raises(InvalidInstance) as caught:
        read_file_meta(io.BytesIO(data))
    return caught.value.cause


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert encode_file_meta(CT, UID, EXPLICIT) == OURS
    assert OURS[:132] == PREAMBLE


def test_pydicom_reads_ours() -> None:
    meta = dcmread(io.BytesIO(OURS + text(0x00080018, "UI", UID))).file_meta

    assert meta.MediaStorageSOPClassUID == CT
    assert meta.MediaStorageSOPInstanceUID == UID
    assert meta.TransferSyntaxUID == EXPLICIT
    assert meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert meta.FileMetaInformationGroupLength == len(OURS) - 132 - 12


def test_ours_is_read_back_and_the_stream_stands_at_the_data_set() -> None:
    stream = io.BytesIO(OURS + b"\x08\x00rest of it")

    meta = read_file_meta(stream)

    assert (meta.sop_class_uid, meta.sop_instance_uid, meta.transfer_syntax_uid) == (
        *(CT, UID, EXPLICIT),
    )
    assert meta.length == len(OURS)
    assert stream.read(2) == b"\x08\x00"


def test_a_wrong_or_missing_group_length_does_not_matter() -> None:
    lie = element(0x00020000, "UL", b"\xff\xff\xff\x7f")
    syntax = text(0x00020010, "UI", EXPLICIT)

    for meta in (lie + syntax, syntax):
        found = read_file_meta(io.BytesIO(PREAMBLE + meta + b"\x08\x00\x05\x00CS\0\0"))
        assert (found.transfer_syntax_uid, found.length) == (EXPLICIT, 132 + len(meta))


def test_a_group_without_preamble_is_read() -> None:
    found = read_bare_file_meta(io.BytesIO(text(0x00020010, "UI", EXPLICIT)))

    assert found.transfer_syntax_uid == EXPLICIT


@pytest.mark.parametrize("data", [b"", b"DICM", bytes(131), bytes(128) + b"DICX", b"\x89PNG" * 40])
def test_what_has_no_magic_is_not_dicom(data: bytes) -> None:
    assert not has_part10_magic(data)
    assert cause(data) == "not-dicom"


def test_every_cut_inside_an_element_is_refused() -> None:
    ends = set()
    for end in range(132, len(OURS) + 1):
        try:
            ends.add(read_file_meta(io.BytesIO(OURS[:end])).length)
        except InvalidInstance as refused:
            cut = refused.cause
            if cut != "truncated":
                raise

    # What remains are the ends of the elements, and one stray byte after each.
    assert len(ends) == 8
    assert max(ends) == len(OURS)


def test_a_value_longer_than_the_file_is_refused() -> None:
    assert cause(PREAMBLE + element(0x00020002, "UI", b"1.2", length=400)) == "truncated"


@pytest.mark.parametrize("length", [2**20, 2**31, 2**32 - 1])
def test_a_value_longer_than_any_meta_is_refused_without_reading_it(length: int) -> None:
    assert cause(PREAMBLE + element(0x00020102, "OB", b"12", length=length)) == "bad-length"


def test_an_endless_group_is_refused() -> None:
    assert cause(PREAMBLE + text(0x00020013, "SH", "") * 140_000) == "bad-length"


@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    try:
        read_file_meta(io.BytesIO(PREAMBLE + b"\x02\x00" + data))
    except InvalidInstance:
        return
