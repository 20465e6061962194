"""The vocabulary tables keep to their own codes and contradict nobody."""

from pathlib import Path

import pytest

from imaging_cloud.domain.exams import tables
from imaging_cloud.domain.exams.descriptor import ExamModality, Laterality, Purpose
from imaging_cloud.domain.exams.entry import Entry
from imaging_cloud.domain.exams.lexicon import all_entries, region_bits
from imaging_cloud.domain.exams.tables.codes import BY_REGIONS, SIDES
from imaging_cloud.domain.exams.tables.modality import DICOM_MODALITY, PRIORITY
from imaging_cloud.domain.exams.wording import split_words

SIGNALS = {"with", "none", "both", "oral", "?", "phase", "native", "sub", "w", "angio"}
SIGNALS |= {"none?", "none!", "dose", "urogram", ""}
TABLES = sorted(Path(tables.__path__[0]).glob("[a-z]*.py"))


@pytest.mark.parametrize("entry", all_entries(), ids=lambda entry: entry.words[:30].strip())
def test_an_entry_uses_known_codes_only(entry: Entry) -> None:
    region_bits(entry.regions)  # an unknown code is a KeyError
    assert entry.modality in {"", *ExamModality}
    assert entry.side in set(Laterality)
    assert entry.purpose in {"", *Purpose}
    assert entry.contrast in SIGNALS
    assert {*entry.only.split(), *entry.never.split()} <= set(ExamModality)
    assert all(split_words(phrase) for phrase in entry.words.split(","))


def test_no_words_are_both_left_and_right() -> None:
    left, right = (
        {
            tuple(split_words(phrase))
            for entry in all_entries()
            if entry.side == side
            for phrase in entry.words.split(",")
        }
        for side in "LR"
    )
    assert left
    assert not left & right


def test_every_exam_modality_has_its_rank() -> None:
    assert {*PRIORITY} == {*ExamModality} - {ExamModality.UNKNOWN}
    assert set(DICOM_MODALITY.values()) <= set(PRIORITY)


def test_a_code_stands_for_one_place_only() -> None:
    codes = [code for group in (*BY_REGIONS.values(), *SIDES.values()) for code in group.split()]
    assert len(codes) == len(set(codes)) > 500
    for regions in BY_REGIONS:
        assert region_bits(regions)


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_a_table_opens_with_its_source_and_version(table: Path) -> None:
    opening = table.read_text(encoding="utf-8").split('"""')[1]
    assert "Source:" in opening
    assert "Version" in opening
