"""Words no table knows: several written together, or one misspelt."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from imaging_cloud.domain.exams.lexicon import KNOWN_WORDS, REGION_WORDS, TELLING_WORDS
from imaging_cloud.domain.exams.tables import abbreviations

# Names of the scanners' protocol folders, which some archives write without the caret after them.
FOLDERS: Final = ("abdomen", "thorax", "pelvis", "spine", "head", "neck", "shoulder", "cardiac")
_SHORTEST, _LONGEST = 3, 24
# Joined at either end of a word (petct, mrbrain); too short to look for inside it.
_ENDS: Final = frozenset({"ct", "mr", "us", "xr"})
# Short words that stand inside others by chance: earring, charming, ribbon.
_TREACHEROUS: Final = frozenset(
    {
        "ear",
        "arm",
        "rib",
        "eye",
        "toe",
        "leg",
        "jaw",
        "car",
        "con",
        "ect",
        "sub",
        "tac",
        "cai",
        "cou",
    }
    | abbreviations.short_words()
)
# Written onto a place or a method.
_GLUE: Final = frozenset(
    {
        "pain",
        "angio",
        "view",
        "views",
        "cta",
        "mra",
        "node",
        "nodes",
        "joint",
        "bone",
        "gelenk",
        "trauma",
        "biopsy",
        "scan",
        "left",
        "right",
    }
    | {"bilateral", "bilat", "screening", "routine", "contrast", "without", "with"}
)
_LONG_FROM = 5  # letters
_MISSPELT_FROM = 7  # letters: shorter words have too many neighbours
_MISSPELT_PLACE_FROM = 6  # letters: places are fewer, and their neighbours are seldom words


def _pieces() -> frozenset[str]:
    long_enough = (word for word in TELLING_WORDS if len(word) >= _SHORTEST)
    return frozenset(word for word in long_enough if word not in _TREACHEROUS)


_PIECES: Final = _pieces()
# Any word of the vocabulary that is long enough not to stand in another by chance.
_LONG: Final = frozenset(
    w for w in KNOWN_WORDS if len(w) >= _LONG_FROM and w.isascii() and w.isalpha()
)
_JOINED: Final = _PIECES | _ENDS | _GLUE | _LONG


def _deletions(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _neighbours(words: frozenset[str], shortest: int) -> dict[str, str]:
    """Each word a letter short -> the word (symmetric deletion: one edit apart meets here)."""
    near: dict[str, str] = {}
    for word in sorted(words):
        if len(word) >= shortest and word.isascii() and word.isalpha():
            for shorter in _deletions(word):
                near.setdefault(shorter, word)
    return near


_NEAR: Final = _neighbours(KNOWN_WORDS, _MISSPELT_FROM)
_NEAR_PLACES: Final = _neighbours(REGION_WORDS, _MISSPELT_PLACE_FROM)
_NEAR_TYPED: Final = {**_NEAR_PLACES, **_NEAR}


def _split(word: str) -> tuple[str, ...]:
    """The word as known pieces from end to end, longest piece first; empty if it is not that."""
    if not word:
        return ()
    for length in range(len(word), 1, -1):
        piece = word[:length]
        if piece in _JOINED:
            rest = word[length:]
            following = _split(rest)
            if following or not rest:
                return (piece, *following)
    return ()


def _telling(word: str) -> tuple[str, ...]:
    pieces = _split(word)
    return pieces if pieces and not _PIECES.isdisjoint(pieces) else ()


def _sided(word: str) -> tuple[str, ...]:
    """A side letter before a place: rcervical, lknee."""
    side, place = word[0], word[1:]
    if side not in "lr":
        return ()
    if place in REGION_WORDS and place not in _TREACHEROUS:
        return (side, place)
    if (pieces := _split(place)) and pieces[0] in REGION_WORDS:
        return (side, *pieces)
    return ()


def _corrected(word: str, *, typed: bool) -> tuple[str, ...]:
    if len(word) < (_MISSPELT_PLACE_FROM if typed else _MISSPELT_FROM):
        return ()
    near = (
        _NEAR if not typed else _NEAR_TYPED if len(word) >= _MISSPELT_FROM else _NEAR_PLACES
    ).get
    length, first = len(word), word[0]
    for place in range(length + 1):
        meant = near(word[:place] + word[place + 1 :])
        if meant is not None and abs(len(meant) - length) <= 1 and meant[0] == first:
            return (meant,)
    return ()


@lru_cache(maxsize=4096)
def respell(word: str) -> tuple[str, ...]:
    """The words meant by an unknown word that a person typed; itself where nothing fits."""
    return _meant(word, typed=True)


@lru_cache(maxsize=4096)
def respell_scanned(word: str) -> tuple[str, ...]:
    """The same of a scanner's own words, which only look like misspelt places."""
    return _meant(word, typed=False)


def _meant(word: str, *, typed: bool) -> tuple[str, ...]:
    if len(word) > _LONGEST:
        return (word,)
    return (
        _singular(word)
        or _telling(word)
        or _sided(word)
        or _corrected(word, typed=typed)
        or _in_folder(word)
        or (word,)
    )


def _singular(word: str) -> tuple[str, ...]:
    """A plural no table has: olecranons."""
    singular = word[:-1]
    return (singular,) if word.endswith("s") and singular in _PIECES else ()


def _in_folder(word: str) -> tuple[str, ...]:
    """A folder's name glued to a protocol's: the caret is put back."""
    for folder in FOLDERS:
        if word.startswith(folder):
            return (folder, "^", word[len(folder) :])
    return ()
