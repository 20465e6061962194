"""Deciding the regions and the focus of an exam."""

from functools import lru_cache
from typing import Final

from imaging_cloud.domain.exams.descriptor import Region
from imaging_cloud.domain.exams.finding import Finding
from imaging_cloud.domain.exams.lexicon import FOCUS, MARK, PLACE, REGION_BIT, Hit, region_bits
from imaging_cloud.domain.exams.reading import Reading
from imaging_cloud.domain.exams.tables import company

_WHOLE: Final = REGION_BIT["WHOLEBODY"]
_SPINE: Final = region_bits("CSPINE+TSPINE+LSPINE")
_SPINE_OR_SACRUM: Final = region_bits("CSPINE+TSPINE+LSPINE+SACRUM")
_THORACIC, _CERVICAL = REGION_BIT["TSPINE"], REGION_BIT["NECK"]
# Regions that one scan may run through: a series may show more of them than the name says.
_TRUNK: Final = region_bits("NECK+CHEST+ABDOMEN+PELVIS")
# A positron emission scan is of the whole body unless the name means one of these.
_PT_APART: Final = region_bits("HEAD+HEART+BREAST")
# Words that mean one place or another by the company they keep.
_UNSETTLED: Final = frozenset({"thoracic", "cervical", "aorta", "neck", "chest"})
_LIMBS: Final = region_bits("SHOULDER+ARM+ELBOW+WRIST+HAND+HIP+THIGH+KNEE+LEG+ANKLE+FOOT")
_LEG: Final = region_bits("THIGH+KNEE+LEG")
# Where a limb is looked at part by part.
_PROJECTED: Final = frozenset({"XR", "MR"})
_HEAD, _FAR_FROM_HEAD = REGION_BIT["HEAD"], region_bits("PELVIS+THIGH+LEG+FOOT")
# 颈 and 胸 in a list that ends in a spine: 颈+胸+腰椎.
_LISTED: Final = {"neck": REGION_BIT["CSPINE"], "chest": REGION_BIT["TSPINE"]}
_AORTA: Final = region_bits("CHEST+ABDOMEN")
_LUNG: Final = "lung"
# Vessels from the belly to the thigh run through the pelvis.
_RUN_OFF: Final = region_bits("ABDOMEN+THIGH")
_TUMOUR: Final = frozenset(company.TUMOUR.split())
_A_PART: Final = frozenset(company.A_PART.split())
_NOTHING: Final = Finding(0, "")


@lru_cache(maxsize=1024)
def as_regions(bits: int) -> tuple[Region, ...]:
    return tuple(region for region in Region if bits & REGION_BIT[region.value])


def decide_regions(
    told: tuple[Reading, ...],
    shown: tuple[tuple[Reading, ...], ...],
    modality: str,
    *,
    received: bool,
) -> Finding[int]:
    """Decide from what is told, else from what is shown: the series, the folder, the body parts.

    `received` says that images exist: an order has no series to look at.
    """
    found = _first(told, modality)
    series = shown[0]
    if _is_phantom(told) or (not found.value and _is_phantom(shown[-1])):
        return _NOTHING
    if modality == "PT":
        part = any(not _A_PART.isdisjoint(reading.words) for reading in told)
        received = received or (not part and _of_tumour(told))
        return _positron(found, series, received=received, part=part)
    if found.value:
        return _refined(found, told, shown, modality)
    if modality == "MG":
        return Finding(REGION_BIT["BREAST"], "modality: MG")
    return _seen(shown, modality)


def _refined(
    found: Finding[int],
    told: tuple[Reading, ...],
    shown: tuple[tuple[Reading, ...], ...],
    modality: str,
) -> Finding[int]:
    """Let the series say what the name leaves open: a level, a joint, more of the trunk."""
    if _level_open(told):
        return _level(found, shown, modality)
    if modality in _PROJECTED and not found.value & ~_LIMBS:
        return _joint(found, told, shown[0], modality)
    return _widened(found, shown[0], modality)


def _seen(shown: tuple[tuple[Reading, ...], ...], modality: str) -> Finding[int]:
    """Believe the series before the folder, unless both lie in the trunk and add up."""
    series, folder, body = (_together(readings, modality) for readings in shown)
    if modality == "CT" and series.value & _TRUNK and series.value & _SPINE_OR_SACRUM:
        # A trunk's spine is a reconstruction of it.
        series = Finding(series.value & ~_SPINE_OR_SACRUM, series.because)
    if series.value and folder.value and not (series.value | folder.value) & ~_TRUNK:
        return _widened(folder, shown[0], modality)
    return next((found for found in (series, folder, body) if found.value), _NOTHING)


def _level_open(told: tuple[Reading, ...]) -> bool:
    """Tell the spine without a level, of which the series or the body parts may say more."""
    for reading in told:
        if reading.hits:
            return not reading.tells & PLACE
    return False


def _level(
    found: Finding[int], shown: tuple[tuple[Reading, ...], ...], modality: str
) -> Finding[int]:
    for readings in shown:
        level = _together(readings, modality)
        if level.value and not level.value & ~_SPINE_OR_SACRUM:
            return Finding(level.value, f"{found.because}; {level.because}")
    return found


def _joint(
    found: Finding[int], told: tuple[Reading, ...], series: tuple[Reading, ...], modality: str
) -> Finding[int]:
    """Believe the series' joint where the name says only which limb (lower extremity, KNEE AP)."""
    named = next(reading for reading in told if regions_of(reading, modality).value)
    if not all(hit.term.broad for hit in named.hits if hit.term.regions):
        return found
    shown = _together(series, modality)
    if not shown.value or shown.value & ~_LIMBS:
        return found
    return Finding(shown.value, f"{found.because}; {shown.because}")


def _is_phantom(told: tuple[Reading, ...]) -> bool:
    for reading in told:
        if reading.tells & MARK and any(hit.term.mark == "phantom" for hit in reading.hits):
            return True
    return False


def _first(readings: tuple[Reading, ...], modality: str) -> Finding[int]:
    for reading in readings:
        found = regions_of(reading, modality)
        if found.value:
            return found
    return _NOTHING


def _together(readings: tuple[Reading, ...], modality: str) -> Finding[int]:
    found = [finding for r in readings if r.tells and (finding := regions_of(r, modality)).value]
    if not found:
        return _NOTHING
    bits = 0
    for finding in found:
        bits |= finding.value
    if bits & _WHOLE:
        bits = _WHOLE
    return Finding(bits, "; ".join(dict.fromkeys(finding.because for finding in found)))


def _widened(found: Finding[int], series: tuple[Reading, ...], modality: str) -> Finding[int]:
    """Add to a CT of the trunk what its series show of the trunk.

    A lung series by itself adds nothing: it may be the lung bases of an abdomen.
    """
    if modality != "CT" or found.value & ~_TRUNK:
        return found
    bits, words = found.value, [found.because]
    for reading in series:
        if not reading.tells & (PLACE | MARK):
            continue
        shown = regions_of(reading, modality, without=_LUNG).value
        if shown & ~bits and not shown & ~_TRUNK:
            bits |= shown
            words.append(regions_of(reading, modality).because)
    return Finding(bits, "; ".join(words))


def _of_tumour(told: tuple[Reading, ...]) -> bool:
    """Tell a tumour to be staged, which is looked for in the whole body unless a part is said."""
    return any(not _TUMOUR.isdisjoint(reading.words) for reading in told)


def _positron(
    found: Finding[int], series: tuple[Reading, ...], *, received: bool, part: bool
) -> Finding[int]:
    whole = any(regions_of(reading, "PT").value & _WHOLE for reading in series)
    whole = whole or bool(found.value & _HEAD and found.value & _FAR_FROM_HEAD)
    apart = not found.value & ~_PT_APART or not received
    if found.value and apart and not whole:
        return found
    if part and not found.value:
        return _NOTHING
    return Finding(_WHOLE, found.because or "PET: the whole body unless a part is named")


def regions_of(reading: Reading, modality: str, without: str = "-") -> Finding[int]:
    """The regions one text names: narrow words before broad ones, the whole body before all.

    Words whose focus is `without` are passed over.
    """
    if not reading.tells & (PLACE | MARK):
        return _NOTHING
    places = [
        hit
        for hit in reading.hits
        if hit.term.regions and hit.term.focus != without and modality not in hit.term.silent
    ]
    marked = reading.tells & MARK
    if len(places) == 1 and not marked:
        return Finding(places[0].term.regions, reading.quote(places))
    spine = next((h for h in reading.hits if h.term.mark == "spine"), None) if marked else None
    if not places:
        return Finding(_SPINE, reading.quote((spine,))) if spine else _NOTHING
    whole = [hit for hit in places if hit.term.mark == "whole"]
    narrow = [hit for hit in places if not hit.term.broad and hit.term.mark != "guess"]
    used = whole or [*narrow, *_limbs_beside(places, narrow)] or places
    bits = 0
    for hit in used:
        bits |= hit.term.regions
    if marked and any(hit.term.mark for hit in used):
        bits = _ambiguous(used, bits, modality, in_spine=spine is not None)
    if spine and not whole and not bits & _SPINE_OR_SACRUM and not narrow:
        bits |= _SPINE
    if marked and any(h.term.mark == "leg" for h in used) and any(_vessel(h) for h in reading.hits):
        bits |= _LEG
    if bits & _RUN_OFF == _RUN_OFF:
        bits |= REGION_BIT["PELVIS"]
    return Finding(bits, reading.quote(used))


def _limbs_beside(places: list[Hit], narrow: list[Hit]) -> list[Hit]:
    """A whole limb gives way to its joints, but stands beside what is no limb."""
    if not narrow or any(hit.term.regions & _LIMBS for hit in narrow):
        return []
    return [hit for hit in places if hit.term.broad and not hit.term.regions & ~_LIMBS]


def _vessel(hit: Hit) -> bool:
    return hit.term.angio or hit.term.mark == "vessel"


def _ambiguous(used: list[Hit], bits: int, modality: str, *, in_spine: bool) -> int:
    """Settle words by their company.

    'Thoracic' is the spine among spines and on plain films, 'cervical' the neck in US, where an
    aorta is the abdominal one.
    """
    marks = {hit.term.mark for hit in used}
    rest = 0
    for hit in used:
        rest |= 0 if hit.term.mark in _UNSETTLED else hit.term.regions
    rest |= _listed(used)
    if "aorta" in marks:
        rest |= REGION_BIT["ABDOMEN"] if modality == "US" else bits & _AORTA
    if "cervical" in marks:
        rest |= _CERVICAL if modality == "US" else bits & _SPINE
    if "thoracic" in marks:
        of_spine = in_spine or modality == "XR" or rest & _SPINE
        rest |= _THORACIC if of_spine else REGION_BIT["CHEST"]
    return rest


def _listed(used: list[Hit]) -> int:
    """Read the neck and chest of a list as levels if what comes next is a level of the spine."""
    bits, before_spine = 0, False
    for hit in reversed(used):
        level = _LISTED.get(hit.term.mark)
        if level is None:
            before_spine = bool(hit.term.regions & _SPINE_OR_SACRUM)
        else:
            bits |= level if before_spine else hit.term.regions
    return bits


def decide_focus(readings: tuple[Reading, ...], modality: str) -> Finding[str]:
    """The one organ or target a text names; none where it names several."""
    for reading in readings:
        if not reading.tells & FOCUS:
            continue
        named = [h for h in reading.hits if h.term.focus and modality not in h.term.silent]
        if named and not any(hit.term.mark == "many" for hit in reading.hits):
            narrow = [hit for hit in named if not hit.term.broad] or named
            return Finding(narrow[0].term.focus, reading.quote(narrow[:1]))
    return Finding("", "")
