"""Counting what became of order checks, and hiding what would tell of single patients."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# Fewer than this are not told: a count of one or two is a person somebody knows.
SMALLEST_GROUP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAlert:
    """One order check and what followed. `decision` is the last word: recognised or repeated.

    repeated_later: an exam of the kind was made within the days watched. watched: those days
    are over. `cents` and `microsievert` are what one exam of the item is worth, None: not known.
    """

    institution: str
    item: str
    month: str
    outcome: str
    opened: bool
    decision: str
    reason: str
    repeated_later: bool
    watched: bool
    cents: int | None
    microsievert: int | None


@dataclass(slots=True, kw_only=True)
class Counted:
    """A row of the statistics; None in a cell: hidden, since too few."""

    institution: str
    item: str
    month: str
    checks: int | None = 0
    alerts: int | None = 0
    opened: int | None = 0
    recognised: int | None = 0
    repeated: int | None = 0
    undecided: int | None = 0
    reasons: dict[str, int | None] = field(default_factory=dict)
    true_repeats: int | None = 0
    saved: int | None = 0
    cents_saved: int | None = 0
    microsievert_saved: int | None = 0


def count(alerts: Iterable[JudgedAlert]) -> list[Counted]:
    """A row for each institution, item and month, sorted; nothing is hidden yet."""
    groups: dict[tuple[str, str, str], list[JudgedAlert]] = {}
    for each in alerts:
        groups.setdefault((each.month, each.institution, each.item), []).append(each)
    return [_counted(groups[key]) for key in sorted(groups)]


def _counted(group: list[JudgedAlert]) -> Counted:
    told = [each for each in group if each.outcome == "duplicate"]
    saved = [e for e in told if e.decision == "recognised" and e.watched and not e.repeated_later]
    reasons = Counter(each.reason for each in told if each.decision == "repeated")
    return Counted(
        institution=group[0].institution,
        item=group[0].item,
        month=group[0].month,
        checks=len(group),
        alerts=len(told),
        opened=sum(each.opened for each in told),
        recognised=sum(each.decision == "recognised" for each in told),
        repeated=sum(each.decision == "repeated" for each in told),
        undecided=sum(not each.decision for each in told),
        reasons=dict(sorted(reasons.items())),
        true_repeats=sum(each.repeated_later for each in told),
        saved=len(saved),
        cents_saved=_sum(each.cents for each in saved),
        microsievert_saved=_sum(each.microsievert for each in saved),
    )


def _sum(values: Iterable[int | None]) -> int | None:
    """The sum; None when one of them is not known."""
    listed = list(values)
    return None if None in listed else sum(each or 0 for each in listed)


# Cells that add up to `alerts`: one that is hidden could be had by subtraction.
_PARTS = ("recognised", "repeated", "undecided")
_CELLS = ("alerts", "opened", *_PARTS, "true_repeats", "saved")


def hide_small(row: Counted) -> Counted:
    """The row as it may be told. Nought is told; one to four are not, nor what would tell them.

    A row of too few checks hides all its cells. Of the parts of a sum at least two are hidden or
    none. No totals are told that hold hidden cells (`total`), so margins tell nothing either.
    """
    if _few(row.checks):
        return Counted(
            institution=row.institution,
            item=row.item,
            month=row.month,
            checks=None,
            **_nothing(),
            cents_saved=None,
            microsievert_saved=None,
        )
    shown: dict[str, Any] = {
        name: None if _few(getattr(row, name)) else getattr(row, name) for name in _CELLS
    }
    _hide_second(shown, _PARTS)
    reasons: dict[str, int | None] = {
        code: None if _few(number) or shown["repeated"] is None else number
        for code, number in row.reasons.items()
    }
    _hide_second(reasons, tuple(reasons))
    if any(number is None for number in reasons.values()) and len(reasons) == 1:
        shown["repeated"] = None
        _hide_second(shown, _PARTS)
    # What was saved is a part of what was recognised, and money and dose are multiples of it.
    if shown["recognised"] is None or _few((row.recognised or 0) - (row.saved or 0)):
        shown["saved"] = None
    return Counted(
        institution=row.institution,
        item=row.item,
        month=row.month,
        checks=row.checks,
        **shown,
        reasons=reasons,
        cents_saved=row.cents_saved if shown["saved"] is not None else None,
        microsievert_saved=row.microsievert_saved if shown["saved"] is not None else None,
    )


def _nothing() -> dict[str, Any]:
    return dict.fromkeys(_CELLS)


def _few(number: int | None) -> bool:
    return number is not None and 0 < number < SMALLEST_GROUP


def _hide_second(cells: dict[str, int | None], parts: tuple[str, ...]) -> None:
    """Where one part is hidden, hide the smallest other one too, noughts last."""
    hidden = [name for name in parts if cells[name] is None]
    others = [name for name in parts if cells[name] is not None]
    if len(hidden) == 1 and others:
        cells[min(others, key=lambda name: (not cells[name], cells[name] or 0))] = None


def total(rows: Iterable[Counted], cell: str) -> int | None:
    """The sum of a column over what is told of it; None when nothing is."""
    told = [value for row in rows if (value := getattr(row, cell)) is not None]
    return sum(told) if told else None
