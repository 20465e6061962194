"""Deciding why the exam was made, and whether it is an angiogram."""

from typing import Final

from imaging_cloud.domain.exams.descriptor import Contrast, Purpose
from imaging_cloud.domain.exams.finding import Finding
from imaging_cloud.domain.exams.lexicon import ANGIO, MARK, PURPOSE, Hit
from imaging_cloud.domain.exams.reading import Reading
from imaging_cloud.domain.exams.tables import company

_ANGIO: Final = frozenset({"CT", "MR", "XA", "?"})
# A series may show that something was done; its name says nothing of screening.
_SHOWN_BY_SERIES: Final = (Purpose.GUIDANCE, Purpose.PLANNING)
_VESSELS: Final = frozenset(company.VESSELS.split())
_VESSEL_WORDS: Final = _VESSELS | {"脉", "管"}
_WIDE: Final = frozenset(company.WIDE_VESSELS.split())
_AT_WORK: Final = frozenset(company.AT_WORK.split())
_TOLD: Final = (Purpose.GUIDANCE, Purpose.PLANNING, Purpose.SCREENING)


def decide_purpose(
    told: tuple[Reading, ...],
    folder: Reading,
    series: tuple[Reading, ...],
    body: tuple[Reading, ...],
    modality: str,
    *,
    placed: bool,
) -> Finding[Purpose]:
    """`placed` says that a region is known: a name that tells none may be no exam at all."""
    for reading in told:
        if reading.tells & PURPOSE and (found := _among(reading, _TOLD, modality)):
            return found
    if folder.words[:1] == ("rt",):  # a scanner's folder of radiotherapy protocols
        return Finding(Purpose.PLANNING, "folder: rt")
    for reading in series:
        if reading.tells & PURPOSE and (found := _among(reading, _SHOWN_BY_SERIES, modality)):
            return found
    if not placed:
        for reading in (*told, *body):
            found = _among(reading, (Purpose.OTHER,), modality)
            if found:
                return found
    return Finding(Purpose.DIAGNOSTIC, "")


def _among(
    reading: Reading, purposes: tuple[Purpose, ...], modality: str
) -> Finding[Purpose] | None:
    if not reading.tells & PURPOSE:
        return None
    telling = [h for h in reading.hits if h.term.purpose and modality not in h.term.silent]
    for purpose in purposes:
        if purpose is Purpose.GUIDANCE and modality == "XR" and _AT_WORK.isdisjoint(reading.words):
            continue
        hits = [hit for hit in telling if hit.term.purpose == purpose]
        if hits:
            return Finding(purpose, reading.quote(hits))
    return None


def is_treatment(readings: tuple[Reading, ...]) -> bool:
    """Embolisation, stents and their like: done under angiography."""
    for reading in readings:
        if reading.tells & MARK and any(hit.term.mark == "treatment" for hit in reading.hits):
            return True
    return False


def decide_angio(
    told: tuple[Reading, ...], modality: str, purpose: Purpose, contrast: Contrast
) -> Finding[bool]:
    """Angiograms, and treatment under them; a biopsy, a drain or a line is neither.

    Vessels and nothing else, with an agent, are an angiogram that nobody called so.
    """
    if modality not in _ANGIO:
        return Finding(False, "")
    guided = modality == "XA" and purpose is Purpose.GUIDANCE
    filled = not guided and contrast in {Contrast.WITH, Contrast.BOTH}
    for reading in told:
        used = _guided(reading, modality) if guided else _named(reading, modality)
        if not used and filled:
            used = _only_vessels(reading, modality)
        if used:
            return Finding(True, reading.quote(used))
    return Finding(False, "")


def _named(reading: Reading, modality: str) -> list[Hit]:
    if not reading.tells & ANGIO:
        return []
    return [hit for hit in reading.hits if hit.term.angio and modality not in hit.term.silent]


def _guided(reading: Reading, modality: str) -> list[Hit]:
    """The treatment, or the device placed under an angiogram that is named too."""
    if not reading.tells & MARK:
        return []
    treated = [hit for hit in reading.hits if hit.term.mark == "treatment"]
    if treated:
        return treated
    device = [hit for hit in reading.hits if hit.term.mark == "device"]
    return device if _named(reading, modality) else []


def _only_vessels(reading: Reading, modality: str) -> list[Hit]:
    """The vessels a text names, if it names no other place (XA shows them wherever they are)."""
    if _VESSEL_WORDS.isdisjoint(reading.words):
        return []
    places = [hit for hit in reading.hits if hit.term.regions and modality not in hit.term.silent]
    vessels = [hit for hit in reading.hits if _is_vessel(reading.words[hit.start : hit.end])]
    if modality == "XA":
        return vessels
    alone = all(hit in vessels for hit in places)
    return vessels if alone and _WIDE.isdisjoint(reading.words) else []


def _is_vessel(words: tuple[str, ...]) -> bool:
    return words[-1] == "脉" or words[-2:] == ("血", "管") or not _VESSELS.isdisjoint(words)
