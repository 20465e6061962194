"""docs/order-check.md and order-check-rules.md say what the rules do, or this fails."""

from pathlib import Path

import pytest

from imaging_cloud.domain.alerts import Grade
from imaging_cloud.domain.catalogue import WINDOWS, ServiceWindow
from imaging_cloud.domain.cautions.rule import Rule
from imaging_cloud.domain.contraindications import RULES
from imaging_cloud.domain.softening import CODES

DOCS = Path(__file__).parents[2] / "docs"
RULES_PAGE, PAGE = DOCS / "order-check-rules.md", DOCS / "order-check.md"
# What a physician reads at once: a sheet of paper, the picture included.
MOST_WORDS = 700
_CODES_TOLD = {prefix for _, _, prefixes in CODES for prefix in prefixes}


def rows(page: Path = RULES_PAGE) -> list[list[str]]:
    lines = page.read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("|") and not line.startswith("|---")
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_is_listed_as_it_is(rule: Rule) -> None:
    (row,) = [row for row in rows() if row[0] == f"`{rule.code}`"]

    assert row[1:6] == [
        *(str(rule.version), rule.state.value, rule.severity.value, rule.title, rule.source)
    ]
    assert row[6], "an example is missing"


def test_no_rule_is_listed_that_does_not_exist() -> None:
    wide = len(["code", "version", "state", "level", "when", "source", "example"])
    listed = {row[0].strip("`") for row in rows() if row[0].startswith("`") and len(row) == wide}

    assert listed == {rule.code for rule in RULES}


def test_rule_codes_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("window", WINDOWS, ids=lambda w: f"{w.modality}-{w.purpose}-{w.focus}")
def test_every_window_is_listed(window: ServiceWindow) -> None:
    assert [
        *(window.modality.value, window.purpose or "any", window.focus or "any"),
        str(window.days),
    ] in rows()


def test_the_windows_stand_in_the_order_in_which_they_are_tried() -> None:
    listed = [int(row[3]) for row in rows() if len(row) == 4 and row[3].isdecimal()]

    assert listed == [window.days for window in WINDOWS]


@pytest.mark.parametrize("grade", Grade)
def test_every_grade_is_explained(grade: Grade) -> None:
    assert any(row[0] == grade.value for row in rows(PAGE))


def test_the_page_for_physicians_is_one_page_with_the_picture() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert len(text.split()) <= MOST_WORDS
    assert "(images/pop-up.png)" in text
    assert (DOCS / "images" / "pop-up.png").is_file()


@pytest.mark.parametrize("code", sorted(_CODES_TOLD))
def test_the_codes_that_make_a_note_are_listed(code: str) -> None:
    assert code in RULES_PAGE.read_text(encoding="utf-8").replace(".", "")
