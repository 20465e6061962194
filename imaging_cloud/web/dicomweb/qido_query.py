"""QIDO-RS requests: query parameters to an ImagingQuery (PS3.18 8.3.4, PS3.4 C.2.2.2)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from imaging_cloud.dicom.attributes import KEY_OF, Key, Kind, keyword_of
from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.identifiers import is_uid
from imaging_cloud.domain.queries import DateRange, ImagingQuery, TimeRange

# More rows than this are not given at once, however many are asked for (PS3.18 8.3.4.4).
MAX_RESULTS = 5000
_MAX_OFFSET = 10**9
_MAX_TEXT = 256
_MAX_VALUES = 1000

_DATE = re.compile(r"\d{8}")
_TIME = re.compile(r"(\d{2})(\d{2})?(\d{2})?(?:\.(\d{1,6}))?")
_UNPAGED = frozenset({"accept", "charset"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """`query.limit` is one more than asked for, to see whether more is there."""

    query: ImagingQuery
    limit: int
    fields: frozenset[str]


def read_search(parameters: Iterable[tuple[str, str]], path: dict[str, str]) -> Search:
    """`path` holds the UIDs of the resource's path. Raises InvalidRequest naming the key.

    Keys of every level are taken at every level: a study matches a series' key when one of its
    series does.
    """
    values: dict[str, Any] = {}
    fields: set[str] = set()
    paging = {"limit": MAX_RESULTS, "offset": 0}
    for name, text in parameters:
        if name in ("limit", "offset"):
            paging[name] = _number(name, text)
        elif name == "fuzzymatching":
            values["fuzzy"] = _flag(name, text)
        elif name == "includefield":
            fields |= _included(text)
        elif name not in _UNPAGED:
            _add_key(values, fields, name, text)
    _add_path(values, path)
    limit = min(paging["limit"], MAX_RESULTS)
    query = ImagingQuery(**values, limit=limit + 1, offset=min(paging["offset"], _MAX_OFFSET))
    return Search(query=query, limit=limit, fields=frozenset(fields))


def _add_key(values: dict[str, Any], fields: set[str], name: str, text: str) -> None:
    keyword = keyword_of(name)
    if keyword is None:
        raise InvalidRequest(f"{name[:64]}: not a DICOM attribute", field=name[:64])
    if not text or text == "*":
        fields.add(keyword)  # universal matching asks for the value (PS3.4 C.2.2.2.3)
        return
    key = KEY_OF.get(keyword)
    if key is None:
        # To ignore it would show more than was asked for.
        raise InvalidRequest(f"{keyword}: searches do not match this attribute", field=keyword)
    value = _READERS[key.kind](key, text)
    known = values.get(key.field)
    # The same list key twice means any of all of its values.
    if isinstance(known, tuple) and isinstance(value, tuple):
        value = (*known, *value)
    values[key.field] = value


def _add_path(values: dict[str, Any], path: dict[str, str]) -> None:
    """UIDs of the path hold beside those of the query: both must be met."""
    for name, field in (("study_uid", "study_uids"), ("series_uid", "series_uids")):
        uid = path.get(name)
        if uid is not None:
            asked = values.get(field)
            values[field] = (uid,) if asked is None or uid in asked else ("0",)


def _included(text: str) -> set[str]:
    """`all`, or attributes; attributes of sequences are named with dots and not returned."""
    found = set()
    for name in text.split(","):
        keyword = "all" if name == "all" else keyword_of(name.split(".")[0])
        if keyword is None:
            raise InvalidRequest("includefield: not a DICOM attribute", field="includefield")
        found.add(keyword)
    return found


def _number(name: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 12:  # noqa: PLR2004 - digits
        raise InvalidRequest(f"{name}: a number from 0 is needed", field=name)
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise InvalidRequest(f"{name}: true or false is needed", field=name)
    return text == "true"


def _text(key: Key, text: str) -> str:
    if len(text) > _MAX_TEXT or "\x00" in text:
        raise InvalidRequest(f"{key.keyword}: too long", field=key.keyword)
    return text


def _list(text: str) -> tuple[str, ...]:
    """A list is separated by commas in QIDO, by backslashes in DICOM (PS3.18 8.3.4.1)."""
    parts = re.split(r"[,\\]", text)
    return tuple(part.strip() for part in parts if part.strip())


def _uids(key: Key, text: str) -> tuple[str, ...]:
    found = _list(text)
    if not found or len(found) > _MAX_VALUES or not all(is_uid(uid) for uid in found):
        raise InvalidRequest(f"{key.keyword}: UIDs are needed", field=key.keyword)
    return found


def _codes(key: Key, text: str) -> tuple[str, ...]:
    found = _list(text.upper())
    if not found or len(found) > _MAX_VALUES:
        raise InvalidRequest(f"{key.keyword}: codes are needed", field=key.keyword)
    return found


def _integer(key: Key, text: str) -> int:
    if re.fullmatch(r"[+-]?\d{1,9}", text.strip()) is None:
        raise InvalidRequest(f"{key.keyword}: a number is needed", field=key.keyword)
    return int(text)


def _dates(key: Key, text: str) -> DateRange:
    first, dash, last = text.partition("-")
    if not dash:
        return DateRange(first=_date(key, first), last=_date(key, first))
    if not first and not last:
        raise _bad(key, "YYYYMMDD or a range of them")
    return DateRange(
        first=_date(key, first) if first else None, last=_date(key, last) if last else None
    )


def _date(key: Key, text: str) -> date:
    try:
        if _DATE.fullmatch(text) is None:
            raise ValueError
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError as error:
        raise _bad(key, "YYYYMMDD or a range of them") from error


def _times(key: Key, text: str) -> TimeRange:
    """A time without seconds means all of its minute, and so on."""
    first, dash, last = text.partition("-")
    if not dash:
        return TimeRange(first=_time(key, first, late=False), last=_time(key, first, late=True))
    if not first and not last:
        raise _bad(key, "HHMMSS or a range of them")
    return TimeRange(
        first=_time(key, first, late=False) if first else None,
        last=_time(key, last, late=True) if last else None,
    )


def _time(key: Key, text: str, *, late: bool) -> time:
    match = _TIME.fullmatch(text.replace(":", ""))
    if match is None:
        raise _bad(key, "HHMMSS or a range of them")
    hour, minute, second, fraction = match.groups()
    rest, digit = (59, "9") if late else (0, "0")
    try:
        return time(
            int(hour),
            int(minute) if minute else rest,
            min(int(second), 59) if second else rest,
            int((fraction or "").ljust(6, digit)),
        )
    except ValueError as error:
        raise _bad(key, "HHMMSS or a range of them") from error


def _bad(key: Key, needed: str) -> InvalidRequest:
    return InvalidRequest(f"{key.keyword}: {needed} is needed", field=key.keyword)


_READERS = {
    Kind.TEXT: _text,
    Kind.UIDS: _uids,
    Kind.CODES: _codes,
    Kind.DATES: _dates,
    Kind.TIMES: _times,
    Kind.NUMBER: _integer,
}
