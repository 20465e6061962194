"""A hospital's table: what is read, what is refused, and by which line."""

from imaging_cloud.domain.exams.descriptor import Contrast, ExamModality, Laterality, Region
from imaging_cloud.use_cases.import_catalogue import export_rows, read_items


def rows(*cells: dict[str, str]) -> list[tuple[int, dict[str, str]]]:
    return [(line, row) for line, row in enumerate(cells, start=2)]


def test_a_row_is_read_and_empty_cells_are_left_to_the_rules() -> None:
    items, faults = read_items(
        rows({"code": "CT01", "name": "甲", "modality": "ct", "regions": "pelvis + ABDOMEN"}), "H"
    )

    assert faults == []
    (item,) = items
    assert item.key == "code:CT01"
    assert item.modality is ExamModality.CT
    assert item.regions == (Region.ABDOMEN, Region.PELVIS)
    assert (item.laterality, item.contrast, item.angio, item.purpose) == (None, None, None, None)


def test_a_dash_says_that_there_is_none() -> None:
    items, _ = read_items(rows({"name": "甲", "laterality": "-", "regions": "-", "focus": "-"}), "")

    assert items[0].laterality is Laterality.UNSAID
    assert items[0].regions == ()
    assert items[0].focus == ""


def test_every_error_names_its_line() -> None:
    _, faults = read_items(
        rows(
            {"name": "", "modality": "CT"},
            {"name": "甲", "modality": "CTX"},
            {"name": "乙", "regions": "CHEST+BELLY"},
            {"name": "丙", "angio": "maybe"},
            {"name": "丁"},
            {"name": "戊", "contrast": "with"},
            {"name": "  戊 ", "contrast": "none"},
            {"code": "x" * 300, "contrast": "none"},
        ),
        "H",
    )

    assert [fault.split(":")[0] for fault in faults] == [
        *("line 2", "line 3", "line 4", "line 5", "line 6", "line 8", "line 9"),
    ]
    assert "BELLY" in faults[2]
    assert "CT MR XR" in faults[1]
    assert "line 7" in faults[5]


def test_what_is_exported_is_imported_again_unchanged() -> None:
    items, _ = read_items(
        rows(
            {"code": "A", "name": "甲", "modality": "MR", "regions": "KNEE", "laterality": "-"},
            {"name": "乙", "contrast": "with", "angio": "1", "purpose": "screening", "focus": "-"},
            {"name": "丙", "regions": "-", "angio": "0", "contrast": "?"},
        ),
        "H",
    )

    again, faults = read_items(enumerate(export_rows(items), start=2), "H")

    assert faults == []
    assert again == items
    assert items[1].contrast is Contrast.WITH
