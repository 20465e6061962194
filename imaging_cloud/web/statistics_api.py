"""GET /api/statistics/order-checks: what became of the alerts, as JSON or CSV."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.statistics import SMALLEST_GROUP, Counted
from imaging_cloud.use_cases.count_order_checks import (
    WATCHED_DAYS,
    Period,
    count_order_checks,
    period_of,
)
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.security import principal_of

_CENTS, _MICRO = 100, 1000


def get_statistics(request: Request) -> Response:
    """`from` and `to` are months (default: the last twelve); null: too few to be told."""
    form = request.query_params.get("format", "json")
    if form not in ("json", "csv"):
        raise InvalidRequest("format: json or csv is needed", field="format")
    period, rows = counted(request)
    documents = [document(row) for row in rows]
    if form == "csv":
        return Response(
            _csv(documents),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="order-checks.csv"'},
        )
    return JSONResponse(
        {
            "from": period.first.isoformat(),
            "to": (period.after - timedelta(days=1)).isoformat(),
            "smallestGroup": SMALLEST_GROUP,
            "watchedDays": WATCHED_DAYS,
            "rows": documents,
        }
    )


def counted(request: Request) -> tuple[Period, list[Counted]]:
    cloud, asked = cloud_of(request), request.query_params
    today = cloud.clock.now().astimezone(cloud.policy.time_zone).date()
    last = asked.get("to") or today.isoformat()
    year_ago = today.replace(year=today.year - 1, day=28) + timedelta(days=4)
    period = period_of(asked.get("from") or year_ago.isoformat(), last)
    institution = asked.get("institution") or None
    return period, count_order_checks(period, institution, principal_of(request), cloud)


def document(row: Counted) -> dict[str, Any]:
    return {
        "month": row.month,
        "institution": row.institution,
        "item": row.item,
        "checks": row.checks,
        "alerts": row.alerts,
        "opened": row.opened,
        "recognised": row.recognised,
        "repeated": row.repeated,
        "undecided": row.undecided,
        "repeatedBecause": row.reasons,
        "trueRepeats": row.true_repeats,
        "saved": row.saved,
        "moneySaved": None if row.cents_saved is None else row.cents_saved / _CENTS,
        "doseSavedMilliSievert": None
        if row.microsievert_saved is None
        else row.microsievert_saved / _MICRO,
    }


def _csv(documents: Sequence[dict[str, Any]]) -> str:
    """Reasons in one cell; hidden cells empty. Opens with a mark, so that Excel reads UTF-8."""
    written = io.StringIO()
    writer = csv.writer(written)
    names = list(document(Counted(institution="", item="", month="")))
    writer.writerow(names)
    for each in documents:
        told = each["repeatedBecause"].items()
        reasons = "; ".join(f"{code}={'' if n is None else n}" for code, n in told)
        row = {**each, "repeatedBecause": reasons}
        writer.writerow(["" if row[name] is None else _safe(row[name]) for name in names])
    return "\ufeff" + written.getvalue()


def _safe(value: object) -> object:
    """Text that a spreadsheet would run as a formula is quoted."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else value
