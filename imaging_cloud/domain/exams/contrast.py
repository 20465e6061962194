"""Deciding the contrast: what was said, what the series show, what the modality implies."""

from collections.abc import Iterable
from typing import Final

from imaging_cloud.domain.exams.descriptor import Contrast, Purpose
from imaging_cloud.domain.exams.finding import Finding
from imaging_cloud.domain.exams.lexicon import AGENT, REGION_BIT, Hit
from imaging_cloud.domain.exams.reading import Reading

# What may follow a bare "w" that means contrast: a sign, a joining word, or for whom it is.
_FOLLOWS: Final = frozenset(
    {*"+,、;:|()^", "plus", "and", "or", "adult", "child", "ped", "peds", "pediatric", "routine"}
    | {"diag", "diagnostic", "screen", "screening"}
)
_AFTER: Final = frozenset({"with", "phase", "angio", "urogram"})
_BY_NATURE: Final = frozenset({"phase", "angio"})
_BEFORE: Final = frozenset({"none", "native"})
_CHEST: Final = REGION_BIT["CHEST"]
# Modalities whose exams may or may not be given an agent, so that silence tells nothing.
_OPEN: Final = frozenset({"CT", "MR", "?"})


def decide_contrast(
    told: tuple[Reading, ...],
    series: tuple[Reading, ...],
    agents: tuple[str, ...],
    modality: str,
) -> Finding[Contrast]:
    """What is said or shown; `Contrast.UNKNOWN` without words where nothing is."""
    said = next((found for r in told if (found := contrast_of(r, modality))), None)
    if said is not None and not _leaves_phases_open(said, told):
        return said
    if modality not in _OPEN:
        return said or Finding(Contrast.UNKNOWN, "")
    shown = _shown(series, modality, given=bool(agents) or said is not None)
    if modality == "MR" and said and not agents and _without_agent(series):
        return Finding(Contrast.NONE, f"{said.because}; series made without an agent")
    return shown or said or Finding(Contrast.UNKNOWN, "")


def _leaves_phases_open(said: Finding[Contrast], told: tuple[Reading, ...]) -> bool:
    """Tell an exam that is with by its nature, as a urogram, an angiogram or "triple phase".

    Only the series say whether a native phase was made too.
    """
    signals = {hit.term.contrast for reading in told for hit in reading.hits if hit.term.contrast}
    return said.value is Contrast.WITH and ("urogram" in signals or signals <= _BY_NATURE)


def _without_agent(series: tuple[Reading, ...]) -> bool:
    """Tell an angiogram by a technique that needs no agent, and no series after one."""
    signals = {hit.term.contrast for reading in series for hit in reading.hits}
    return "none!" in signals and not signals & (_AFTER | {"both", "sub"})


def implied_contrast(
    said: Finding[Contrast], modality: str, purpose: Purpose, regions: int, *, treated: bool
) -> Finding[Contrast]:
    """What the modality makes of it: plain films have none, barium is swallowed."""
    if modality in _OPEN:
        screened = modality == "CT" and purpose is Purpose.SCREENING and regions == _CHEST
        unsaid = screened and said.value is Contrast.UNKNOWN and not said.because
        return Finding(Contrast.NONE, "screening of the chest") if unsaid else said
    if modality in {"XR", "NM"}:
        return Finding(Contrast.NONE, f"modality: {modality}")
    if said.because and (modality != "MG" or said.value is Contrast.WITH):
        return said
    if modality == "XA" and (purpose is not Purpose.GUIDANCE or treated):
        return Finding(Contrast.WITH, "modality: XA")
    return Finding(Contrast.NONE, f"modality: {modality}")


def contrast_of(reading: Reading, modality: str) -> Finding[Contrast] | None:
    if not reading.tells & AGENT:
        return None
    hits = [
        hit
        for hit in reading.hits
        if hit.term.contrast and hit.term.mark != "series" and modality not in hit.term.silent
    ]
    signals = _signals(reading, hits, modality)
    if not signals:
        return None
    value = _weighed(signals, reading, modality)
    return None if value is None else Finding(value, reading.quote(hits))


def _signals(reading: Reading, hits: Iterable[Hit], modality: str) -> set[str]:
    signals: set[str] = set()
    for hit in hits:
        signal = hit.term.contrast
        if signal == "w":
            water = (
                reading.source == "series" and modality == "MR" and reading.words[hit.start] == "w"
            )
            if modality in _OPEN and not water and _stands_alone(reading, hit):
                signals.add("with")
        elif not (signal == "oral" and hit.term.modality == "RF" and modality in _OPEN):
            signals.add(signal)
    return signals


def _stands_alone(reading: Reading, bare: Hit) -> bool:
    """A bare "w" means contrast at the end, before a sign, or before other words of contrast."""
    if bare.end >= len(reading.words) or reading.words[bare.end] in _FOLLOWS:
        return True
    return any(hit.start == bare.end and hit.term.contrast for hit in reading.hits)


def _weighed(signals: set[str], reading: Reading, modality: str) -> Contrast | None:
    if "?" in signals:
        return Contrast.UNKNOWN
    after, before = bool(signals & _AFTER), bool(signals & _BEFORE)
    denied = modality == "MR" and _denied(signals)
    without = "none!" in signals or denied or signals == {"urogram", "none"}
    if "both" in signals or (after and before and not without):
        return Contrast.BOTH
    if without:
        return Contrast.BOTH if "with" in signals else Contrast.NONE
    if "oral" in signals and (before or not after or modality == "RF"):
        return Contrast.ORAL
    if before or after:
        return Contrast.NONE if before else Contrast.WITH
    plain = "none?" in signals or (
        "dose" in signals and modality == "CT" and _low_dose_chest(reading)
    )
    return Contrast.NONE if plain else None


def _denied(signals: set[str]) -> bool:
    """An angiogram said to be without: the technique is one that needs no agent."""
    return "none" in signals and signals <= {"none", "angio", "none?"}


def _low_dose_chest(reading: Reading) -> bool:
    return any(hit.term.regions & _CHEST or hit.term.purpose == "screening" for hit in reading.hits)


def _shown(series: tuple[Reading, ...], modality: str, *, given: bool) -> Finding[Contrast] | None:
    """Series made after the agent, before it, or both (a subtraction needs both)."""
    after, before, words = given, False, []
    plain_t1 = False
    for reading in series:
        if not reading.tells & AGENT:
            plain_t1 = plain_t1 or (modality == "MR" and "t1" in reading.words)
            continue
        hits = [h for h in reading.hits if h.term.contrast and modality not in h.term.silent]
        signals = _signals(reading, hits, modality)
        if signals & (_AFTER | _BEFORE | {"both", "sub"}):
            words.append(reading.quote(hits))
        both = "both" in signals or ("sub" in signals and modality == "MR")
        after = after or both or bool(signals & _AFTER) or "sub" in signals
        before = before or both or bool(signals & _BEFORE)
        plain_t1 = plain_t1 or (modality == "MR" and not signals and "t1" in reading.words)
    before = before or plain_t1
    because = "; ".join(words) or "contrast agent in the header"
    if after:
        return Finding(Contrast.BOTH if before else Contrast.WITH, because)
    return Finding(Contrast.NONE, because) if before and modality == "CT" else None
