"""All vocabulary tables as one tree of words, and the longest match of a text against it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final, NamedTuple

from imaging_cloud.domain.exams.descriptor import ExamModality, Region
from imaging_cloud.domain.exams.entry import IMPLIED, Entry
from imaging_cloud.domain.exams.tables import (
    abbreviations,
    anatomy,
    belly,
    body_parts,
    chest,
    combined,
    contrast,
    fluoroscopy,
    french,
    german,
    guards,
    head_and_neck,
    limbs,
    modality,
    phases,
    polish,
    purpose,
    romance,
    sides,
    spanish,
    spine,
)
from imaging_cloud.domain.exams.tables.beside import beside_places
from imaging_cloud.domain.exams.wording import split_words

REGION_BIT: Final = {region.value: 1 << place for place, region in enumerate(Region)}


# What a term, or a text, says anything of: a rule passes over what is silent about its field.
PLACE, FOCUS, SIDE, METHOD, AGENT, ANGIO, PURPOSE, MARK = (1 << place for place in range(8))


@dataclass(frozen=True, slots=True)
class Term:
    """An entry made ready for matching: regions as bits; `silent` for some modalities."""

    regions: int
    focus: str
    side: str
    modality: str
    weight: int
    contrast: str
    angio: bool
    purpose: str
    silent: frozenset[str]
    broad: bool
    mark: str
    tells: int


class Hit(NamedTuple):
    """A term found at words[start:end] of a text."""

    term: Term
    start: int
    end: int


class Node:
    """A step in the tree: what may follow, and the term that may end here."""

    __slots__ = ("children", "term")

    def __init__(self) -> None:
        self.children: dict[str, Node] = {}
        self.term: Term | None = None


def region_bits(codes: str) -> int:
    bits = 0
    for code in codes.split("+"):
        bits |= REGION_BIT[code] if code else 0
    return bits


def _silent(entry: Entry) -> frozenset[str]:
    """The modalities for which the entry does not speak."""
    only, never = set(entry.only.split()), set(entry.never.split())
    return frozenset(m for m in ExamModality if m in never or (only and m not in only))


def make_term(entry: Entry) -> Term:
    return Term(
        regions=region_bits(entry.regions),
        focus=entry.focus,
        side=entry.side,
        modality=entry.modality,
        weight=entry.weight,
        contrast=entry.contrast,
        angio=bool(entry.angio),
        purpose=entry.purpose,
        silent=_silent(entry),
        broad=entry.broad,
        mark=entry.mark,
        tells=_tells(entry),
    )


def _tells(entry: Entry) -> int:
    said = (
        (entry.regions, PLACE),
        (entry.focus, FOCUS),
        (entry.side, SIDE),
        (entry.modality, METHOD),
        (entry.contrast, AGENT),
        (entry.angio, ANGIO),
        (entry.purpose, PURPOSE),
        (entry.mark, MARK),
    )
    return sum(bit for value, bit in said if value)


# A phrase that names its machine (ct urography) names the modality too.
_MACHINES: Final = {"ct": "CT", "mr": "MR", "mri": "MR", "us": "US", "dr": "XR", "pet": "PT"}


def _with_machine(words: tuple[str, ...], entry: Entry) -> Entry:
    if entry.modality or entry.mark == "guard":
        return entry
    named = next((_MACHINES[word] for word in words if word in _MACHINES), "")
    return replace(entry, modality=named) if named else entry


def _merged(first: Entry, second: Entry) -> Entry:
    """Two tables may speak of the same words: the later one adds to, and corrects, the earlier."""
    if second.mark == "guard":
        return second
    said = {f.name: getattr(second, f.name) for f in fields(Entry) if getattr(second, f.name)}
    if not second.modality:
        said.pop("weight", None)
    return replace(first, **said)


def all_entries() -> Iterable[Entry]:
    return (
        *modality.TERMS,
        *abbreviations.TERMS,
        *anatomy.TERMS,
        *head_and_neck.TERMS,
        *spine.TERMS,
        *limbs.TERMS,
        *chest.CHEST,
        *chest.HEART,
        *chest.BREAST,
        *belly.ABDOMEN,
        *belly.PELVIS,
        *body_parts.TERMS,
        *german.TERMS,
        *french.TERMS,
        *spanish.TERMS,
        *polish.TERMS,
        *romance.TERMS,
        *combined.TERMS,
        *fluoroscopy.TERMS,
        *contrast.TERMS,
        *contrast.ANGIO,
        *phases.TERMS,
        *purpose.TERMS,
        *sides.TERMS,
        *guards.TERMS,
    )


Phrases = dict[tuple[str, ...], Entry]
# A vessel named in Chinese, then what is made of it: its angiogram under X-ray, or by CT or MR.
_VESSELS: Final = (("动", "脉"), ("静", "脉"), ("血", "管"))


def _with_angiograms(phrases: Phrases) -> Phrases:
    grown = dict(phrases)
    for words, entry in phrases.items():
        if words[-2:] in _VESSELS and (entry.regions or entry.mark == "limb"):
            x_ray = replace(entry, modality="XA", weight=IMPLIED, contrast="with", angio="1")
            picture = replace(entry, contrast="angio", angio="1", never="US NM")
            for ending in ("造影", "造影术"):
                grown.setdefault((*words, *ending), x_ray)
            for ending in ("成像", "成象", "三维成像", "三维重建", "三维", "重建", "ct成像"):
                grown.setdefault((*words, *split_words(ending)), picture)
    return grown


def _with_parts(phrases: Phrases) -> Phrases:
    """A Chinese phrase keeps what its parts tell and it does not: 胸骨侧位 is 胸骨 and 侧位."""
    return {words: _completed(words, entry, phrases) for words, entry in phrases.items()}


def _completed(words: tuple[str, ...], entry: Entry, phrases: Phrases) -> Entry:
    if len(words) == 1 or words[0].isascii() or entry.mark:
        return entry
    spans = ((a, b) for a in range(len(words)) for b in range(len(words), a, -1))
    for start, end in spans:
        part = phrases.get(words[start:end])
        if part is None or part.mark or part.only or end - start in {1, len(words)}:
            continue
        if not entry.modality and part.modality:
            entry = replace(entry, modality=part.modality, weight=part.weight)
        if not entry.regions and part.regions:
            entry = replace(entry, regions=part.regions, broad=part.broad)
    return entry


def _with_neighbours(phrases: Phrases) -> Phrases:
    grown = dict(phrases)
    for place, entries in beside_places().items():
        base = phrases[tuple(split_words(place))]
        for entry in entries:
            for phrase in entry.words.split(","):
                grown.setdefault(tuple(split_words(phrase)), _merged(base, entry))
    return grown


def _by_phrase() -> Phrases:
    found: Phrases = {}
    for entry in all_entries():
        for phrase in entry.words.split(","):
            words = tuple(split_words(phrase))
            if words:
                row = _with_machine(words, entry)
                found[words] = _merged(found[words], row) if words in found else row
    return _with_parts(_with_angiograms(_with_neighbours(found)))


def _grow() -> Node:
    root = Node()
    terms: dict[Entry, Term] = {}
    for words, entry in _by_phrase().items():
        node = root
        for word in words:
            node = node.children.setdefault(word, Node())
        key = replace(entry, words="")
        node.term = terms.setdefault(key, make_term(key))
    return root


_ROOT: Final = _grow()
_FIRST: Final = _ROOT.children


def _every_word(node: Node) -> Iterable[str]:
    for word, child in node.children.items():
        yield word
        yield from _every_word(child)


KNOWN_WORDS: Final = frozenset(_every_word(_ROOT))
# Words that tell a place or a method by themselves: the pieces of words written together.
TELLING_WORDS: Final = frozenset(
    word
    for word, node in _FIRST.items()
    if node.term and (node.term.regions or node.term.modality) and word.isascii()
)
REGION_WORDS: Final = frozenset(
    word for word in TELLING_WORDS if (term := _FIRST[word].term) and term.regions
)


def phrase_end(words: Sequence[str]) -> int:
    """How many of these words, from the first on, are one phrase of the vocabulary that tells."""
    node, end = _ROOT, 0
    for count, word in enumerate(words, 1):
        following = node.children.get(word)
        if following is None:
            return end
        node = following
        if node.term is not None and node.term.mark != "guard":
            end = count
    return end


def find_terms(words: Sequence[str]) -> list[Hit]:
    """Leftmost, longest matches, none overlapping."""
    hits: list[Hit] = []
    begin, place, count = _FIRST.get, 0, len(words)
    while place < count:
        node = begin(words[place])
        if node is None:
            place += 1
            continue
        start, term = place, node.term
        ahead = place = place + 1
        children = node.children
        while children and ahead < count:
            node = children.get(words[ahead])
            if node is None:
                break
            ahead += 1
            children = node.children
            if node.term is not None:
                term, place = node.term, ahead
        if term is not None:
            hits.append(Hit(term, start, place))
    return hits
