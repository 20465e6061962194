"""The judge of the campaigns: what it calls an orphan, and what it takes as explained."""

import pytest

from tests.campaign.judging import judged

_KEY = "HOSP_A/aa/aa11"
_STATE = {
    "rows": [("1.2.3", _KEY, "aa11")],
    "series": ["HOSP_A/1.2/1.2.9"],
    "objects": [_KEY],
    "held": [],
    "faults": [],
    "spooled": [],
}


@pytest.mark.parametrize(
    ("key", "explained"),
    [
        ("derived/HOSP_A/1.2/1.2.9/v.json.gz", True),
        ("derived/HOSP_A/1.2/1.2.8/v.json.gz", False),
        ("derived/HOSP_B/1.2/1.2.9/v.json.gz", False),
        ("HOSP_A/bb/bb22", False),
    ],
)
def test_a_derived_object_is_explained_by_the_rows_of_its_series(key: str, explained: bool) -> None:
    judgement = judged(_STATE | {"objects": [_KEY, key]}, {("1.2.3", "aa11")})

    assert judgement.orphans == ([] if explained else [key])
    assert judgement.lost == judgement.dangling == []


def test_what_was_acknowledged_and_has_no_row_is_lost() -> None:
    judgement = judged(_STATE, {("1.2.3", "aa11"), ("1.2.4", "bb22")})

    assert judgement.lost == ["1.2.4"]
