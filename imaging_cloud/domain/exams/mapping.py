"""A hospital's own codes and names, and what it says they mean: its word goes before all rules."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamEvidence,
    ExamMeaning,
    ExamModality,
    Laterality,
    Purpose,
    Region,
)
from imaging_cloud.domain.exams.wording import normalise

EVERYWHERE = ""
_DICOM = {ExamModality.XR: "DX"}
FIELDS = ("modality", "regions", "focus", "laterality", "contrast", "angio", "purpose")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueItem:
    """One item of a hospital's catalogue, known by its code, its name or either.

    `institution` empty: it holds for every institution that has no item of its own. A field that
    is None is left to the rules, which read the words as ever.
    """

    institution: str
    code: str = ""
    name: str = ""
    modality: ExamModality | None = None
    regions: tuple[Region, ...] | None = None
    focus: str | None = None
    laterality: Laterality | None = None
    contrast: Contrast | None = None
    angio: bool | None = None
    purpose: Purpose | None = None

    @property
    def key(self) -> str:
        """What the item is found by: `code:CT001`, or `name:` and the name in one spelling."""
        return f"code:{self.code}" if self.code else f"name:{name_key(self.name)}"

    @property
    def keys(self) -> tuple[str, ...]:
        """All it is found by: the code, and the name beside it."""
        named = (f"name:{name_key(self.name)}",) if self.name else ()
        return (self.key, *named) if self.code else named

    @property
    def said(self) -> dict[str, Any]:
        """The fields that the hospital settles."""
        values = {name: getattr(self, name) for name in FIELDS}
        return {name: value for name, value in values.items() if value is not None}


def name_key(name: str) -> str:
    """Bring a name into one spelling: width, case, accents, variants, spaces do not count."""
    return " ".join(normalise(name).split())


def keys_of(evidence: ExamEvidence) -> tuple[str, ...]:
    """Give what an exam can be found by in a catalogue, the codes first."""
    codes = tuple(f"code:{code.value}" for code in evidence.procedure_codes if code.value)
    name = name_key(evidence.name)
    return (*codes, f"name:{name}") if name else codes


class CatalogueMapping:
    """All items of a region, ready to be asked. A name that two codes share unlike is no key."""

    def __init__(self, items: Iterable[CatalogueItem]) -> None:
        self._items: dict[tuple[str, str], CatalogueItem | None] = {}
        for item in items:
            self._items[item.institution, item.key] = item
        for coded in [item for item in self._items.values() if item and item.code and item.name]:
            self._add_name(coded, f"name:{name_key(coded.name)}")

    def _add_name(self, item: CatalogueItem, key: str) -> None:
        known = self._items.setdefault((item.institution, key), item)
        if known is not None and known.key != key and known.said != item.said:
            self._items[item.institution, key] = None

    def __len__(self) -> int:
        return len(self._items)

    def find(self, evidence: ExamEvidence) -> tuple[CatalogueItem, str] | None:
        """The item and the key that found it; the institution's own before the region's."""
        if not self._items:
            return None
        keys = keys_of(evidence)
        for institution in dict.fromkeys((evidence.institution, EVERYWHERE)):
            for key in keys:
                item = self._items.get((institution, key))
                if item is not None:
                    return item, key
        return None


def describe_mapped(evidence: ExamEvidence, mapping: CatalogueMapping) -> ExamMeaning:
    """Describe an exam by the hospital's mapping, and by the rules where that says nothing."""
    # The vocabulary is read in with the first exam: many commands, and a peer's echo, need none.
    from imaging_cloud.domain.exams.describe import describe_exam  # noqa: PLC0415

    found = mapping.find(evidence)
    if found is None:
        return describe_exam(evidence)
    item, key = found
    if item.modality not in (None, ExamModality.UNKNOWN):
        made = _DICOM.get(item.modality, item.modality.value)
        evidence = replace(evidence, modalities=(made,))
    read = describe_exam(evidence)
    said = item.said
    source = f"mapping: {item.code if key.startswith('code:') else item.name or item.code}"
    because = tuple((name, source) for name in FIELDS if name in said)
    kept = tuple(reason for reason in read.because if reason[0] not in said)
    return ExamMeaning(
        descriptor=replace(read.descriptor, **said),
        because=tuple(sorted((*because, *kept), key=lambda reason: FIELDS.index(reason[0]))),
    )


def missing_of(meaning: ExamMeaning) -> tuple[str, ...]:
    """Name the fields without which an exam cannot be compared; none for what is no exam."""
    exam = meaning.descriptor
    if exam.purpose is Purpose.OTHER:
        return ()
    unread = ("modality",) if exam.modality is ExamModality.UNKNOWN else ()
    return unread if exam.regions else (*unread, "regions")
