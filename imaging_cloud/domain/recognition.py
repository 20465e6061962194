"""Mutual recognition: which institution's exams of which kind count where (检查检验结果互认, HR).

国卫医发〔2022〕6号: an item that passed the evaluation of a quality-control body carries the mark
HR with its scope (全国HR, a province's, a city's, a union's); inside the scope its images are to be
recognised. Which institution passed for which item, and how long the item serves, is a table of
the region (`recognition import`); nothing of it is known here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from imaging_cloud.domain.catalogue import window_days
from imaging_cloud.domain.exams.descriptor import Contrast, ExamDescriptor, ExamModality


class Level(StrEnum):
    """How far a mark reaches, the widest first."""

    NATIONAL = "national"
    PROVINCE = "province"
    CITY = "city"
    UNION = "union"


_WIDEST_FIRST = tuple(Level)
# How the contrast of an exam is named in the region's table; an empty cell means any.
CONTRASTS = ("plain", "contrast", "enteric", "angio")
_CONTRAST = {Contrast.WITH: "contrast", Contrast.BOTH: "contrast", Contrast.ORAL: "enteric"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedItem:
    """One row: the institution's exams of a kind carry a mark, or serve so many days, or both.

    Empty key fields mean any, `institution` included. Without a `level` the row only sets `days`.
    `area` is whose mark it is, empty for the nation's. It holds for exams made from `since` to
    `until`, both included.
    """

    institution: str = ""
    modality: ExamModality
    region: str = ""
    contrast: str = ""
    level: Level | None = None
    area: str = ""
    days: int | None = None
    since: date | None = None
    until: date | None = None
    source: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        level = self.level.value if self.level else ""
        return (self.institution, self.modality.value, self.region, self.contrast, level, self.area)

    @property
    def mark(self) -> str:
        """As it is printed: `全国HR`, `浙江HR`."""
        return "" if self.level is None else f"{self.area or '全国'}HR"

    def holds_on(self, day: date | None) -> bool:
        if day is None:
            return self.since is None and self.until is None
        return (self.since or day) <= day <= (self.until or day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a prior stands towards the asking institution.

    `reaches` is None where marks do not matter: its own exam, or a region that keeps none. `mark`
    is the mark it carries, "" for none. `days` is the item's own window, None: the kind's.
    """

    mark: str = ""
    reaches: bool | None = None
    days: int | None = None


NO_STANDING = Standing()


class RecognitionTable:
    """The region's table, ready to be asked. `areas` are the areas each institution lies in."""

    def __init__(
        self, items: Iterable[RecognisedItem], areas: Mapping[str, frozenset[str]], version: int = 0
    ) -> None:
        self._by_modality: dict[ExamModality, list[RecognisedItem]] = {}
        for item in items:
            self._by_modality.setdefault(item.modality, []).append(item)
        self._areas = areas
        self.version = version
        self._keeps_marks = any(item.level for rows in self._by_modality.values() for item in rows)

    def __len__(self) -> int:
        return sum(map(len, self._by_modality.values()))

    def standing(
        self,
        ordered: ExamDescriptor,
        prior: ExamDescriptor,
        *,
        made_at: str,
        asking: str,
        performed_on: date | None,
    ) -> Standing:
        """Every ordered region needs a mark of the prior's institution that reaches the asker."""
        if not self._by_modality or ordered.modality is not prior.modality:
            return NO_STANDING
        contrast = _contrast_word(prior)
        fitting = [
            item
            for item in self._by_modality.get(prior.modality, ())
            if item.institution in ("", made_at)
            and item.contrast in ("", contrast)
            and item.holds_on(performed_on)
        ]
        by_region = [
            [item for item in fitting if item.region in ("", region)] for region in ordered.regions
        ]
        days = _days(by_region, ordered)
        if made_at == asking or not self._keeps_marks:
            return Standing(days=days) if days is not None else NO_STANDING
        best = [self._best_mark(rows, asking) for rows in by_region]
        marks = [item for item in best if item is not None]
        reaches = len(marks) == len(best) and all(self._reaches(item, asking) for item in marks)
        shown = max(marks, key=lambda item: self._narrowness(item, asking), default=None)
        return Standing(mark=shown.mark if shown else "", reaches=reaches, days=days)

    def _best_mark(self, rows: list[RecognisedItem], asking: str) -> RecognisedItem | None:
        marked = [item for item in rows if item.level is not None]
        return min(marked, key=lambda item: self._narrowness(item, asking), default=None)

    def _narrowness(self, item: RecognisedItem, asking: str) -> tuple[bool, int]:
        """Those that reach first, the widest of them first."""
        level = _WIDEST_FIRST.index(item.level) if item.level else len(_WIDEST_FIRST)
        return not self._reaches(item, asking), level

    def _reaches(self, item: RecognisedItem, asking: str) -> bool:
        if item.level is Level.NATIONAL:
            return True
        return item.area in self._areas.get(asking, frozenset())


def _contrast_word(exam: ExamDescriptor) -> str:
    """Empty where nobody knows: then only rows for any contrast fit."""
    if exam.angio:
        return "angio"
    return "plain" if exam.contrast is Contrast.NONE else _CONTRAST.get(exam.contrast, "?")


def _days(by_region: list[list[RecognisedItem]], ordered: ExamDescriptor) -> int | None:
    """The shortest of the regions' windows; the most special row of each counts."""
    told = [_most_special(rows) for rows in by_region]
    known = [days for days in told if days is not None]
    if not known:
        return None
    default = window_days(ordered) if len(known) < len(told) else None
    return min(known if default is None else [*known, default])


def _most_special(rows: list[RecognisedItem]) -> int | None:
    with_days = [
        (bool(row.institution), bool(row.region), bool(row.contrast), -row.days)
        for row in rows
        if row.days is not None
    ]
    return -max(with_days)[-1] if with_days else None
