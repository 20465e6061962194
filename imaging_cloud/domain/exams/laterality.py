"""Deciding the side."""

from typing import Final

from imaging_cloud.domain.exams.descriptor import ExamModality, Laterality, Purpose
from imaging_cloud.domain.exams.finding import Finding
from imaging_cloud.domain.exams.lexicon import SIDE, Hit, region_bits
from imaging_cloud.domain.exams.reading import Reading

_PAIRED: Final = region_bits(
    "ORBIT+EAR+BREAST+SHOULDER+ARM+ELBOW+WRIST+HAND+HIP+THIGH+KNEE+LEG+ANKLE+FOOT"
)
_LIMBS: Final = region_bits("SHOULDER+ARM+ELBOW+WRIST+HAND+HIP+THIGH+KNEE+LEG+ANKLE+FOOT+BREAST")
# The sides of a heart are its own.
_HEART: Final = region_bits("HEART")
_BREAST: Final = region_bits("BREAST")
_PAIRED_FOCI: Final = frozenset(
    {
        "adrenal",
        "axilla",
        "carotid",
        "hippocampus",
        "kidney",
        "lung",
        "ovary",
        "parotid",
        "renal artery",
        "rib",
        "salivary gland",
        "scrotum",
        "temporomandibular joint",
        "sacroiliac joint",
        "urinary tract",
    }
)
_UNSAID: Final = Finding(Laterality.UNSAID, "")


def decide_laterality(
    told: tuple[Reading, ...],
    series: tuple[Reading, ...],
    header: tuple[str, ...],
    regions: int,
    modality: ExamModality,
    purpose: Purpose,
) -> Finding[Laterality]:
    if regions == _HEART:
        return _UNSAID
    therapy = purpose is Purpose.PLANNING and not regions & _LIMBS
    for reading in told:
        said = _side_of(reading, regions, therapy=therapy)
        if said.value:
            return said
    if regions == _BREAST:
        return _breast(series, header, modality, purpose)
    if regions and not regions & ~_PAIRED:
        return _shown(series, header, modality)
    return _UNSAID


def _shown(
    series: tuple[Reading, ...], header: tuple[str, ...], modality: ExamModality
) -> Finding[Laterality]:
    """The header, else series names; a single letter there is a side on a plain film only."""
    said = _united(set(header) & {"L", "R", "B"}, "DICOM laterality")
    if said.value:
        return said
    hits = [
        (reading, hit)
        for reading in series
        if reading.tells & SIDE
        for hit in reading.hits
        if hit.term.side
        and hit.term.mark not in {"posture", "bare"}
        and (modality is ExamModality.XR or len(reading.words[hit.start]) > 1)
    ]
    words = "; ".join(dict.fromkeys(reading.quote((hit,)) for reading, hit in hits))
    return _united({hit.term.side for _, hit in hits}, words)


def _side_of(reading: Reading, regions: int, *, therapy: bool) -> Finding[Laterality]:
    """The side a text says; where radiotherapy is planned, "RT" is that and not the right."""
    if not reading.tells & SIDE:
        return _UNSAID
    limbs = bool(regions & _LIMBS)
    hits = [
        hit
        for hit in reading.hits
        if hit.term.side
        and not (hit.term.mark == "posture" and not limbs)
        and not (hit.term.mark == "bare" and not _means_both(reading, hit))
        and not (therapy and reading.words[hit.start] == "rt")
    ]
    if any(hit.term.side != "B" for hit in hits):  # "BI" is breast imaging where a side is named
        hits = [hit for hit in hits if reading.words[hit.start : hit.end] != ("bi",)]
    return _united({hit.term.side for hit in hits}, reading.quote(hits) if hits else "")


def _means_both(reading: Reading, both: Hit) -> bool:
    """Tell both knees, or both kidneys by themselves, from the kidneys in a list of organs."""
    places = [hit for hit in reading.hits if hit.term.regions]
    before_limb = any(hit.start == both.end and not hit.term.regions & ~_LIMBS for hit in places)
    return before_limb or all(_paired(hit) for hit in places)


def _paired(hit: Hit) -> bool:
    term = hit.term
    return not term.regions & ~_PAIRED or term.focus in _PAIRED_FOCI or term.mark == "paired"


def _united(sides: set[str], because: str) -> Finding[Laterality]:
    if not sides:
        return _UNSAID
    return Finding(Laterality(sides.pop() if len(sides) == 1 else "B"), because)


def _breast(
    series: tuple[Reading, ...], header: tuple[str, ...], modality: ExamModality, purpose: Purpose
) -> Finding[Laterality]:
    """The views or series say the side; a screening mammogram is of both breasts."""
    if modality not in {ExamModality.MG, ExamModality.MR}:
        return _united(set(header) & {"L", "R", "B"}, "DICOM laterality")
    hits = [(reading, hit) for reading in series for hit in reading.hits if hit.term.side]
    sides = {hit.term.side for _, hit in hits} | (set(header) & {"L", "R", "B"})
    if modality is ExamModality.MG and purpose is Purpose.SCREENING:
        return Finding(Laterality.BOTH, "screening")
    words = "; ".join(dict.fromkeys(reading.quote((hit,)) for reading, hit in hits))
    return _united(sides, words or "DICOM laterality")
