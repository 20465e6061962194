"""What read_header makes of single values: UIDs, dates, times, numbers, codes, items."""

import zlib
from datetime import date, time

import pytest

from imaging_cloud.dicom.header import header_of
from imaging_cloud.dicom.transfer_syntaxes import DEFLATED, EXPLICIT_LITTLE
from imaging_cloud.domain.errors import InvalidInstance
from imaging_cloud.domain.exams.descriptor import ProcedureCode
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.imaging import InstanceHeader
from tests.unit.dicom.bytes_of import UIDS, data_set, element, item, text


def header(*parts: bytes) -> InstanceHeader:
    return header_of(memoryview(data_set(*parts)), EXPLICIT_LITTLE)


@pytest.mark.parametrize("missing", UIDS)
def test_a_missing_uid_is_refused(missing: int) -> None:
    rest = b"".join(text(tag, "UI", uid) for tag, uid in UIDS.items() if tag != missing)

    with pytest.raises(InvalidInstance) as caught:
        header_of(memoryview(rest), EXPLICIT_LITTLE)

    assert caught.value.cause == "missing-uid"


@pytest.mark.parametrize("bad", ["1.2.x", "../../etc/passwd", "1..2", ".1", "1" * 65, "1.2\\1.3"])
def test_a_uid_that_is_none_is_refused(bad: str) -> None:
    rest = b"".join(text(tag, "UI", uid) for tag, uid in UIDS.items() if tag != 0x0020000D)

    with pytest.raises(InvalidInstance) as caught:
        header_of(memoryview(rest + text(0x0020000D, "UI", bad)), EXPLICIT_LITTLE)

    assert caught.value.cause == "invalid-uid"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("20261120", date(2026, 11, 20)),
        ("2026.11.20", date(2026, 11, 20)),
        ("20261120\\20261121", date(2026, 11, 20)),
        ("20261320", None),
        ("20260230", None),
        ("2026", None),
        ("", None),
        ("00000000", None),
        ("yesterday", None),
    ],
)
def test_a_date_is_read_or_left_out(raw: str, expected: date | None) -> None:
    assert header(text(0x00080020, "DA", raw)).study.study_date == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("093000", time(9, 30)),
        ("09", time(9)),
        ("0930", time(9, 30)),
        ("09:30:15", time(9, 30, 15)),
        ("093015.5", time(9, 30, 15, 500_000)),
        ("093015.000001", time(9, 30, 15, 1)),
        ("235960", time(23, 59, 59)),
        ("240000", None),
        ("9", None),
        ("", None),
    ],
)
def test_a_time_is_read_or_left_out(raw: str, expected: time | None) -> None:
    assert header(text(0x00080030, "TM", raw)).study.study_time == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("7", 7), (" -3 ", -3), ("x", None), ("", None), ("9" * 30, None), ("9" * 5000, None)],
)
def test_a_number_is_read_or_left_out(raw: str, expected: int | None) -> None:
    assert header(text(0x00200013, "IS", raw)).instance.instance_number == expected


@pytest.mark.parametrize(("raw", "frames"), [("12", 12), ("0", 1), ("-5", 1), ("many", 1)])
def test_there_is_at_least_one_frame(raw: str, frames: int) -> None:
    assert header(text(0x00280008, "IS", raw)).instance.frames == frames


def test_a_short_number_cut_to_one_byte_is_left_out() -> None:
    assert header(element(0x00280010, "US", b"\1")).instance.rows is None


def code(value: str, meaning: str = "") -> bytes:
    return item(
        text(0x00080100, "SH", value)
        + text(0x00080102, "SH", "99LOCAL")
        + text(0x00080104, "LO", meaning)
    )


def test_procedure_codes_are_gathered_from_all_three_places_once() -> None:
    requested = item(element(0x00321064, "SQ", code("C") + code("A")))
    found = header(
        element(0x00081032, "SQ", code("A") + code("", "named only") + code("")),
        element(0x00321064, "SQ", code("B")),
        element(0x00400275, "SQ", requested),
    )

    assert found.study.procedure_codes == (
        ProcedureCode(value="A", scheme="99LOCAL"),
        ProcedureCode(value="", scheme="99LOCAL", meaning="named only"),
        ProcedureCode(value="B", scheme="99LOCAL"),
        ProcedureCode(value="C", scheme="99LOCAL"),
    )


def test_an_item_inherits_the_character_set_and_may_declare_its_own() -> None:
    own = item(text(0x00080005, "CS", "ISO_IR 192") + text(0x00080104, "LO", "胸部"))
    found = header(
        text(0x00080005, "CS", "GB18030"),
        element(0x00081032, "SQ", own),
        element(0x00082218, "SQ", item(text(0x00080104, "LO", "腹部".encode("gb18030")))),
    )

    assert found.study.procedure_codes[0].meaning == "胸部"
    assert found.series.body_part == "腹部"


def test_other_identifiers_count_only_with_their_issuer() -> None:
    number = "11010519491231002X"
    with_issuer = text(0x00100020, "LO", number) + text(0x00100021, "LO", "CN-RESIDENT-ID")
    found = header(
        element(0x00101002, "SQ", item(with_issuer) + item(text(0x00100020, "LO", "lonely")))
    )

    assert found.patient.other_identifiers == (PatientIdentifier("CN-RESIDENT-ID", number),)


def test_a_backslash_inside_a_chinese_character_splits_nothing() -> None:
    name = "誠^許".encode("gb18030")
    found = header(
        text(0x00080005, "CS", "GB18030"), text(0x00081030, "LO", "乗\\二".encode("gbk"))
    )

    assert header(text(0x00080005, "CS", "GB18030"), text(0x00100010, "PN", name)).patient.name == (
        "誠^許"
    )
    assert found.study.description == "乗"


def test_a_deflated_data_set_is_read_and_a_cut_one_refused() -> None:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = engine.compress(data_set(text(0x00100020, "LO", "A-1"))) + engine.flush()

    assert header_of(memoryview(packed), DEFLATED).patient.patient_id == "A-1"
    with pytest.raises(InvalidInstance):
        header_of(memoryview(packed[:-3]), DEFLATED)
