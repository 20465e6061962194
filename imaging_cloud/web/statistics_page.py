"""The operator's page of figures: what became of the alerts, with plots drawn here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request
from fastapi.responses import Response

from imaging_cloud.domain.reexam_reasons import REEXAM_REASONS
from imaging_cloud.domain.statistics import SMALLEST_GROUP, Counted, total
from imaging_cloud.use_cases.count_order_checks import WATCHED_DAYS
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.security import principal_of
from imaging_cloud.web.statistics_api import counted
from imaging_cloud.web.templates import render_page

_WIDTH = 340
_MOST_ITEMS = 12
_WORDS = {reason.code: reason.words for reason in REEXAM_REASONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A line of a plot: its words, and stretches of it as (kind, start, length, number)."""

    name: str
    parts: tuple[tuple[str, int, int, int], ...]
    told: int


def get_statistics_page(request: Request) -> Response:
    """The same figures as the JSON, and the same permission."""
    period, rows = counted(request)
    cloud, principal = cloud_of(request), principal_of(request)
    institutions = cloud.register.list_institutions()
    own = [each for each in institutions if each.code == principal.institution]
    # Where nothing was saved the worth is nought, known or not: such rows say nothing about it.
    saving = [row for row in rows if row.saved]
    cents, micro = total(saving, "cents_saved"), total(saving, "microsievert_saved")
    values = {
        "rows": rows,
        "months": _stacked(rows, "month"),
        "items": _stacked(rows, "item")[:_MOST_ITEMS],
        "reasons": _reasons(rows),
        "checks": total(rows, "checks"),
        "alerts": total(rows, "alerts"),
        "saved": total(rows, "saved"),
        "money": None if cents is None else f"{cents / 100:,.2f}",
        "dose": None if micro is None else f"{micro / 1000:,.1f}",
        "first": period.first.strftime("%Y-%m"),
        "last": (period.after - timedelta(days=1)).strftime("%Y-%m"),
        "institution": request.query_params.get("institution", ""),
        "institutions": own if principal.institution else institutions,
        "smallest": SMALLEST_GROUP,
        "watched": WATCHED_DAYS,
        "width": _WIDTH,
        "query": request.url.query,
    }
    return render_page(request, "statistics.html", values)


_KINDS = ("recognised", "repeated", "undecided")


def _stacked(rows: Sequence[Counted], key: str) -> list[Bar]:
    """A bar for each month or item: what was said of its alerts; hidden cells count nothing."""
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        bar = sums.setdefault(getattr(row, key), dict.fromkeys(_KINDS, 0))
        for kind in _KINDS:
            bar[kind] += getattr(row, kind) or 0
    longest = max((sum(bar.values()) for bar in sums.values()), default=0)
    names = sorted(sums)
    if key == "item":
        names.sort(key=lambda name: -sum(sums[name].values()))
    return [_bar(name, sums[name], longest) for name in names]


def _reasons(rows: Sequence[Counted]) -> list[Bar]:
    sums: dict[str, int] = {}
    for row in rows:
        for code, number in row.reasons.items():
            sums[code] = sums.get(code, 0) + (number or 0)
    longest = max(sums.values(), default=0)
    named = sorted(sums.items(), key=lambda each: -each[1])
    return [_bar(_WORDS.get(code, code), {"repeated": number}, longest) for code, number in named]


def _bar(name: str, numbers: dict[str, int], longest: int) -> Bar:
    parts, start = [], 0
    for kind, number in numbers.items():
        length = round(_WIDTH * number / longest) if longest else 0
        parts.append((kind, start, length, number))
        start += length
    return Bar(name=name, parts=tuple(parts), told=sum(numbers.values()))
