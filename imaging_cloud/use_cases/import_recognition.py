"""Reading and writing the region's table of mutual recognition: every error by its line."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.exams.descriptor import ExamModality, Region
from imaging_cloud.domain.recognition import CONTRASTS, Level, RecognisedItem
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.recognition import SavedRecognition

COLUMNS = (
    *("institution", "modality", "region", "contrast", "level", "area", "days"),
    *("from", "until", "source"),
)
_MOST_DAYS = 730
_MOST_ERRORS = 20
_LONGEST_AREA = 64

Code = TypeVar("Code", bound=StrEnum)
Rows = Iterable[tuple[int, Mapping[str, str | None]]]


def import_recognition(rows: Rows, *, replace: bool, cloud: Cloud) -> SavedRecognition:
    """Save all rows or none. `rows` are (line, cells). Raises InvalidRequest naming the lines."""
    known = frozenset(each.code for each in cloud.register.list_institutions())
    items, faults = read_recognition(rows, known)
    if faults:
        shown = "; ".join(faults[:_MOST_ERRORS])
        more = f" (and {len(faults) - _MOST_ERRORS} more)" if len(faults) > _MOST_ERRORS else ""
        raise InvalidRequest(f"nothing was imported: {shown}{more}", field="rows")
    return cloud.recognition.save_items(items, replace=replace, at=cloud.clock.now())


def read_recognition(
    rows: Rows, institutions: frozenset[str]
) -> tuple[list[RecognisedItem], list[str]]:
    """The items, and what is wrong with the rows that are none."""
    items: dict[tuple[str, ...], tuple[int, RecognisedItem]] = {}
    faults: list[str] = []
    for line, row in rows:
        cells = {name: (value or "").strip() for name, value in row.items() if name}
        if not any(cells.values()):
            continue
        try:
            item = _item(cells, institutions)
        except InvalidRequest as fault:
            faults.append(f"line {line}: {fault}")
            continue
        if item.key in items:
            faults.append(f"line {line}: the same item as line {items[item.key][0]}")
            continue
        items[item.key] = (line, item)
    return [item for _, item in items.values()], faults


def _item(cells: Mapping[str, str], institutions: frozenset[str]) -> RecognisedItem:
    institution, area = cells.get("institution", ""), cells.get("area", "")
    if institution and institution not in institutions:
        raise InvalidRequest(f"institution: {institution!r} is not an institution here")
    modality = _coded(ExamModality, cells, "modality")
    if modality in (None, ExamModality.UNKNOWN):
        raise InvalidRequest("modality: needed")
    region = _coded(Region, cells, "region")
    level = _coded(Level, cells, "level")
    contrast = cells.get("contrast", "").lower()
    if contrast and contrast not in CONTRASTS:
        raise InvalidRequest(f"contrast: {contrast!r} is none of {' '.join(CONTRASTS)}")
    days = _days(cells.get("days", ""))
    if level is None and (area or days is None):
        raise InvalidRequest("level: needed for a mark; without one the row must give days alone")
    if (level is Level.NATIONAL) == bool(area) and level is not None:
        raise InvalidRequest("area: whose mark it is, empty for the national one")
    if len(area) > _LONGEST_AREA:
        raise InvalidRequest(f"area: longer than {_LONGEST_AREA} characters")
    since, until = _day(cells, "from"), _day(cells, "until")
    if since and until and until < since:
        raise InvalidRequest("until: before from")
    return RecognisedItem(
        institution=institution,
        modality=modality,
        region=region.value if region else "",
        contrast=contrast,
        level=level,
        area=area,
        days=days,
        since=since,
        until=until,
        source=cells.get("source", ""),
    )


def _coded(codes: type[Code], cells: Mapping[str, str], column: str) -> Code | None:
    value = cells.get(column, "")
    if not value:
        return None
    for code in codes:
        if code.value.lower() == value.lower():
            return code
    known = " ".join(code.value for code in codes)
    raise InvalidRequest(f"{column}: {value!r} is none of {known}")


def _days(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and int(text) <= _MOST_DAYS):
        raise InvalidRequest(f"days: a whole number from 0 to {_MOST_DAYS} is needed")
    return int(text)


def _day(cells: Mapping[str, str], column: str) -> date | None:
    text = cells.get(column, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidRequest(f"{column}: a date as YYYY-MM-DD is needed") from None


def recognition_rows(items: Iterable[RecognisedItem]) -> Iterator[dict[str, str]]:
    """The items as the rows that would import them."""
    for item in items:
        yield {
            "institution": item.institution,
            "modality": item.modality.value,
            "region": item.region,
            "contrast": item.contrast,
            "level": item.level.value if item.level else "",
            "area": item.area,
            "days": "" if item.days is None else str(item.days),
            "from": item.since.isoformat() if item.since else "",
            "until": item.until.isoformat() if item.until else "",
            "source": item.source,
        }
