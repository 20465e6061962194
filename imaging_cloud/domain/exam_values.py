"""What an exam costs and what dose it gives, so that an exam not repeated can be counted."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamValue:
    """One row of the table. Empty key fields mean any; None: not known, never nought.

    `price_cents` in hundredths of the region's currency, `dose_microsievert` effective dose.
    `contrast` is a contrast word of `exam_items.item_of` ("contrast", "enteric", "angio").
    """

    institution: str = ""
    modality: str
    region: str = ""
    contrast: str = ""
    price_cents: int | None = None
    dose_microsievert: int | None = None
    source: str


_METTLER = "Mettler 2008, Radiology 248:254, adult average effective dose; from memory: check"
_NO_RADIATION = "no ionising radiation"


def _dose(modality: str, region: str, microsievert: int, contrast: str = "") -> ExamValue:
    return ExamValue(
        modality=modality,
        region=region,
        contrast=contrast,
        dose_microsievert=microsievert,
        source=_METTLER if microsievert else _NO_RADIATION,
    )


# Doses only: tariffs are local and are imported (`prices import FILE`).
DEFAULT_VALUES: tuple[ExamValue, ...] = (
    _dose("CT", "HEAD", 2000),
    _dose("CT", "NECK", 3000),
    _dose("CT", "CHEST", 7000),
    _dose("CT", "ABDOMEN", 8000),
    _dose("CT", "PELVIS", 6000),
    _dose("CT", "LSPINE", 6000),
    _dose("CT", "HEART", 16000, "angio"),
    _dose("XR", "CHEST", 20),
    _dose("XR", "HEAD", 100),
    _dose("XR", "CSPINE", 200),
    _dose("XR", "TSPINE", 1000),
    _dose("XR", "LSPINE", 1500),
    _dose("XR", "ABDOMEN", 700),
    _dose("XR", "PELVIS", 600),
    _dose("XR", "HIP", 700),
    _dose("XR", "KNEE", 5),
    _dose("MG", "", 400),
    _dose("RF", "ABDOMEN", 6000, "enteric"),
    _dose("MR", "", 0),
    _dose("US", "", 0),
)


def value_of(item: str, institution: str, table: Sequence[ExamValue]) -> tuple[int | None, ...]:
    """(price in cents, dose in microsievert) of an item, each by the most special row that fits.

    Of several regions the dearest and the strongest counts once: they are one exam.
    """
    modality, regions, mark = (*item.split(" "), "", "")[:3]
    fitting = [
        row
        for row in table
        if row.modality == modality
        and row.institution in ("", institution)
        and row.region in ("", *regions.split("+"))
        and row.contrast in ("", mark)
    ]
    return tuple(_best(fitting, field) for field in ("price_cents", "dose_microsievert"))


def _best(rows: Sequence[ExamValue], field: str) -> int | None:
    known = [
        (bool(row.institution), bool(row.region), bool(row.contrast), getattr(row, field))
        for row in rows
        if getattr(row, field) is not None
    ]
    return max(known)[-1] if known else None
