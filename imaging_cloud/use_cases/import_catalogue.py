"""Reading and writing a hospital's mapping as a table: one item a row, every error by its line."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamModality,
    Laterality,
    Purpose,
    Region,
)
from imaging_cloud.domain.exams.mapping import FIELDS, CatalogueItem
from imaging_cloud.ports.catalogue import SavedItems
from imaging_cloud.ports.cloud import Cloud

COLUMNS = ("code", "name", *FIELDS)
# Said outright that there is none: no side, no focus. An empty cell leaves the field to the rules.
NOTHING = "-"
_MAX_CODE, _MAX_NAME = 200, 200
_MOST_ERRORS = 20

Code = TypeVar("Code", bound=StrEnum)


def import_catalogue(
    rows: Iterable[tuple[int, Mapping[str, str | None]]],
    institution: str,
    *,
    replace: bool,
    cloud: Cloud,
) -> SavedItems:
    """Save all rows or none. `rows` are (line, cells). Raises InvalidRequest naming the lines."""
    items, faults = read_items(rows, institution)
    if faults:
        shown = "; ".join(faults[:_MOST_ERRORS])
        more = f" (and {len(faults) - _MOST_ERRORS} more)" if len(faults) > _MOST_ERRORS else ""
        raise InvalidRequest(f"nothing was imported: {shown}{more}", field="rows")
    at: datetime = cloud.clock.now()
    return cloud.catalogue.save_items(institution, items, replace=replace, at=at)


def read_items(
    rows: Iterable[tuple[int, Mapping[str, str | None]]], institution: str
) -> tuple[list[CatalogueItem], list[str]]:
    """The items, and what is wrong with the rows that are none."""
    items: list[CatalogueItem] = []
    faults: list[str] = []
    first_line: dict[str, int] = {}
    for line, row in rows:
        cells = {name: (value or "").strip() for name, value in row.items() if name}
        if not any(cells.values()):
            continue
        try:
            item = _item(cells, institution)
        except InvalidRequest as fault:
            faults.append(f"line {line}: {fault}")
            continue
        known = first_line.setdefault(item.key, line)
        if known != line:
            faults.append(f"line {line}: the same item as line {known}")
            continue
        items.append(item)
    return items, faults


def _item(cells: Mapping[str, str], institution: str) -> CatalogueItem:
    code, name = cells.get("code", ""), cells.get("name", "")
    if not code and not name:
        raise InvalidRequest("code or name is needed")
    if len(code) > _MAX_CODE or len(name) > _MAX_NAME:
        raise InvalidRequest(f"code or name is longer than {_MAX_NAME} characters")
    item = CatalogueItem(
        institution=institution,
        code=code,
        name=name,
        modality=_coded(ExamModality, cells, "modality"),
        regions=_regions(cells.get("regions", "")),
        focus=_focus(cells.get("focus", "")),
        laterality=_coded(Laterality, cells, "laterality"),
        contrast=_coded(Contrast, cells, "contrast"),
        angio=_angio(cells.get("angio", "")),
        purpose=_coded(Purpose, cells, "purpose"),
    )
    if not item.said:
        raise InvalidRequest("nothing is said of the item: fill in at least one field")
    return item


def _coded(codes: type[Code], cells: Mapping[str, str], column: str) -> Code | None:
    value = cells.get(column, "")
    if not value:
        return None
    if value == NOTHING and codes is Laterality:
        return codes("")
    for code in codes:
        if code.value and code.value.lower() == value.lower():
            return code
    known = " ".join(code.value for code in codes if code.value)
    raise InvalidRequest(f"{column}: {value!r} is none of {known}")


def _regions(text: str) -> tuple[Region, ...] | None:
    if not text:
        return None
    if text == NOTHING:
        return ()
    named = {part.strip().upper() for part in text.split("+")}
    unknown = sorted(named - {region.value for region in Region})
    if unknown:
        raise InvalidRequest(f"regions: {'+'.join(unknown)!r} is no region (docs/exam-meaning.md)")
    return tuple(region for region in Region if region.value in named)


def _focus(text: str) -> str | None:
    return None if not text else "" if text == NOTHING else text.lower()


def _angio(text: str) -> bool | None:
    values: dict[str, bool | None] = {"": None, "0": False, "1": True, "no": False, "yes": True}
    if text.lower() not in values:
        raise InvalidRequest(f"angio: {text!r} is neither 1 nor 0")
    return values[text.lower()]


def export_rows(items: Iterable[CatalogueItem]) -> Iterator[dict[str, str]]:
    """The items as the rows that would import them."""
    for item in items:
        yield {
            "institution": item.institution,
            "code": item.code,
            "name": item.name,
            **{name: _cell(value) for name, value in item.said.items()},
        }


def _cell(value: object) -> str:
    written: dict[type, Callable[[object], str]] = {
        bool: lambda said: str(int(bool(said))),
        tuple: lambda said: "+".join(said) if isinstance(said, tuple) else "",
    }
    return written.get(type(value), str)(value) or NOTHING
