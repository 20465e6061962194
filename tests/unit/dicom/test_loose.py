"""Data sets without file meta: the first element tells the encoding, or it is refused."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging_cloud.dicom.file_meta import FileMeta
from imaging_cloud.dicom.loose import guess_transfer_syntax
from imaging_cloud.dicom.transfer_syntaxes import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE
from imaging_cloud.domain.errors import InvalidInstance
from tests.unit.dicom.bytes_of import implicit, text

CHARSET = text(0x00080005, "CS", "ISO_IR 192")


@pytest.mark.parametrize(
    ("data", "syntax"),
    [
        (CHARSET, EXPLICIT_LITTLE),
        (implicit(0x00080005, b"ISO_IR 192"), IMPLICIT_LITTLE),
        (b"\x00\x08\x00\x05CS\x00\x0aISO_IR 192", EXPLICIT_BIG),
    ],
)
def test_the_first_element_tells_the_encoding(data: bytes, syntax: str) -> None:
    stream = io.BytesIO(data)

    found = guess_transfer_syntax(stream)

    assert (found.transfer_syntax_uid, found.length) == (syntax, 0)
    assert stream.tell() == 0


def test_a_group_2_without_preamble_is_read_first() -> None:
    meta = text(0x00020010, "UI", IMPLICIT_LITTLE)
    stream = io.BytesIO(meta + implicit(0x00080005, b""))

    found = guess_transfer_syntax(stream)

    assert (found.transfer_syntax_uid, found.length) == (IMPLICIT_LITTLE, len(meta))
    assert stream.tell() == len(meta)


def test_a_group_2_without_transfer_syntax_leaves_it_to_the_data_set() -> None:
    meta = text(0x00020003, "UI", "1.2.3")
    found = guess_transfer_syntax(io.BytesIO(meta + CHARSET))

    assert found == FileMeta(
        sop_instance_uid="1.2.3", transfer_syntax_uid=EXPLICIT_LITTLE, length=len(meta)
    )


def test_a_known_meta_keeps_its_uids() -> None:
    known = FileMeta(sop_class_uid="1.2", sop_instance_uid="1.3", length=300)

    found = guess_transfer_syntax(io.BytesIO(CHARSET), known)

    assert found == FileMeta(
        sop_class_uid="1.2",
        sop_instance_uid="1.3",
        transfer_syntax_uid=EXPLICIT_LITTLE,
        length=300,
    )


@pytest.mark.parametrize(
    "data",
    [
        *(b"", CHARSET[:7], b"\x89PNG\r\n\x1a\n", b"%PDF-1.7 ....", b"PK\x03\x04....", bytes(40)),
        *(text(0x00100010, "PN", "Doe"), implicit(0x00080005, b"", length=5000)),
    ],
)
def test_anything_else_is_not_dicom(data: bytes) -> None:
    stream = io.BytesIO(data)

    with pytest.raises(InvalidInstance) as caught:
        guess_transfer_syntax(stream)

    assert caught.value.cause == "not-dicom"


@given(st.binary(max_size=60))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    for start in (b"", b"\x02\x00\x10\x00UI"):
        try:
            guess_transfer_syntax(io.BytesIO(start + data))
        except InvalidInstance:
            continue
