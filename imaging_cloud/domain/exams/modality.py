"""Deciding the kind of exam: what was said, against what the machine wrote."""

from functools import lru_cache
from typing import Final

from imaging_cloud.domain.exams.descriptor import ExamModality
from imaging_cloud.domain.exams.entry import IMPLIED, SAID
from imaging_cloud.domain.exams.finding import Finding
from imaging_cloud.domain.exams.lexicon import METHOD, Hit
from imaging_cloud.domain.exams.reading import Reading
from imaging_cloud.domain.exams.tables.modality import DICOM_MODALITY, PRIORITY

_RANK: Final = {code: len(PRIORITY) - place for place, code in enumerate(PRIORITY)}
# A hybrid exam's header may name only its CT or MR part.
_HYBRID_PARTS: Final = frozenset({"CT", "MR", "PT", "NM"})


def decide_modality(
    told: tuple[Reading, ...], series: tuple[Reading, ...], header: tuple[str, ...]
) -> Finding[ExamModality]:
    """`told` are the readings of codes and name, most trusted first."""
    said = _strongest(told)
    made, best, because = _made_by(header)
    if made:
        return _hybrid(said, made) or Finding(best, because)
    said = said or _strongest(series)
    if said is None:
        return Finding(ExamModality.UNKNOWN, "")
    return Finding(ExamModality(said[1].term.modality), said[0].quote((said[1],)))


@lru_cache(maxsize=1024)
def _made_by(header: tuple[str, ...]) -> tuple[frozenset[str], ExamModality, str]:
    """The exam modalities of a header's codes, the one that names the exam, and in words."""
    known = (DICOM_MODALITY[code] for code in map(str.upper, header) if code in DICOM_MODALITY)
    made = frozenset(known)
    best = max(made, key=_RANK.__getitem__, default="?")
    return made, ExamModality(best), f"DICOM modality: {'/'.join(sorted(made))}"


def _hybrid(said: tuple[Reading, Hit] | None, made: frozenset[str]) -> Finding[ExamModality] | None:
    """Believe a word that names one of several modalities made, or a PET of which parts show."""
    if said is None:
        return None
    word = said[1].term
    hybrid = word.modality == "PT" and word.weight == SAID and made <= _HYBRID_PARTS
    if hybrid or (word.modality in made and len(made) > 1 and "PT" not in made):
        return Finding(ExamModality(word.modality), said[0].quote((said[1],)))
    return None


def _strongest(readings: tuple[Reading, ...]) -> tuple[Reading, Hit] | None:
    for reading in readings:
        if not reading.tells & METHOD:
            continue
        named = [hit for hit in reading.hits if hit.term.modality]
        if named:
            return reading, max(named, key=_strength)
    return None


def _strength(hit: Hit) -> tuple[int, int]:
    """Weigh a word; "XR" names the department too, so a procedure it implies outweighs it."""
    weight = hit.term.weight
    if hit.term.modality == "XR" and weight == SAID:
        weight = IMPLIED
    return weight, _RANK[hit.term.modality]
