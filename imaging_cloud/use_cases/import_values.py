"""import_values: a region's table of prices and doses, checked whole before any row is taken."""

import csv
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.exam_values import ExamValue
from imaging_cloud.domain.exams.descriptor import ExamModality, Region
from imaging_cloud.ports.cloud import Cloud

_COLUMNS = ("institution", "modality", "region", "contrast", "price", "dose_msv", "source")
_MARKS = frozenset({"", "contrast", "enteric", "angio"})
_MODALITIES = frozenset(each.value for each in ExamModality)
_REGIONS = frozenset({"", *(each.value for each in Region)})


def import_values(lines: Iterable[str], cloud: Cloud) -> int:
    """The number of rows taken. Raises InvalidRequest that names the line and the column."""
    reader = csv.DictReader(lines)
    missing = set(_COLUMNS) - set(reader.fieldnames or ())
    if missing:
        raise InvalidRequest(f"columns are missing: {', '.join(sorted(missing))}")
    rows = [_row(row, number) for number, row in enumerate(reader, 2)]
    cloud.statistics.save_values(rows)
    return len(rows)


def _row(row: Mapping[str, str | None], line: int) -> ExamValue:
    cell = {name: (row[name] or "").strip() for name in _COLUMNS}
    for name, known in (("modality", _MODALITIES), ("region", _REGIONS), ("contrast", _MARKS)):
        if cell[name] not in known:
            raise InvalidRequest(f"line {line}, {name}: not one of {', '.join(sorted(known))}")
    if not cell["source"]:
        raise InvalidRequest(f"line {line}, source: where the figure comes from is needed")
    return ExamValue(
        institution=cell["institution"],
        modality=cell["modality"],
        region=cell["region"],
        contrast=cell["contrast"],
        price_cents=_scaled(cell["price"], 100, f"line {line}, price"),
        dose_microsievert=_scaled(cell["dose_msv"], 1000, f"line {line}, dose_msv"),
        source=cell["source"],
    )


def _scaled(text: str, times: int, where: str) -> int | None:
    if not text:
        return None
    try:
        value = Decimal(text) * times
        if not value.is_finite() or value < 0:
            raise InvalidOperation
        return int(value.to_integral_value())
    except InvalidOperation:
        raise InvalidRequest(f"{where}: a number, nought or more, is needed") from None
