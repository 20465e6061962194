"""Small lists in one text column, written `|CT|SR|`: an element is found by LIKE '%|CT|%'."""

from collections.abc import Iterable

_BAR = "|"


def write_list(values: Iterable[str]) -> str:
    kept = dict.fromkeys(value.replace(_BAR, " ") for value in values if value)
    return f"{_BAR}{_BAR.join(kept)}{_BAR}" if kept else ""


def read_list(text: str) -> tuple[str, ...]:
    return tuple(value for value in text.split(_BAR) if value)
