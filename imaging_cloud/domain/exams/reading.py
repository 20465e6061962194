"""One text read: its words and the terms found among them."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from imaging_cloud.domain.exams.lexicon import KNOWN_WORDS, REGION_WORDS, Hit, find_terms
from imaging_cloud.domain.exams.spelling import respell, respell_scanned
from imaging_cloud.domain.exams.typing_errors import mend
from imaging_cloud.domain.exams.wording import split_words

_WORTH_RESPELLING = 4  # letters
_FOLDER_MARK: Final = "^"
# A capital inside a word, with two small letters before it: KneeLeft, but not mAs or iDose.
_HUMP: Final = re.compile(r"(?<=[a-z]{2})(?=[A-Z])")
_HUMPS: Final = re.compile(r"[a-z][a-z][A-Z]")  # the same, quick to look for
_HUMPED: Final = re.compile(r"[A-Za-z]*[a-z]{2}[A-Z][A-Za-z]*")


class Reading(NamedTuple):
    """`source` says where the text stood: code, name, folder, series, body part."""

    source: str
    words: tuple[str, ...]
    hits: tuple[Hit, ...]
    tells: int  # the fields of which any hit says something (lexicon.PLACE, ...)

    def quote(self, hits: Sequence[Hit]) -> str:
        """The words of these hits, as they led to a decision."""
        if len(hits) == 1:
            _, start, end = hits[0]
            said = self.words[start] if end - start == 1 else _spaced(self.words[start:end])
            return f"{self.source}: {said}"
        spans = [_spaced(self.words[hit.start : hit.end]) for hit in hits]
        return f"{self.source}: {', '.join(dict.fromkeys(spans))}"


def _spaced(words: tuple[str, ...]) -> str:
    if len(words) == 1:
        return words[0]
    spaced = " ".join(words)
    return spaced if spaced.isascii() else "".join(words)


def _known(words: list[str], *, typed: bool) -> list[str]:
    if not [w for w in words if w not in KNOWN_WORDS and len(w) >= _WORTH_RESPELLING]:
        return words
    meaning = respell if typed else respell_scanned
    result: list[str] = []
    for place, word in enumerate(words):
        if word[-1] == "c" and word[:-1] in REGION_WORDS and words[place + 1 : place + 2] == ["+"]:
            result.extend((word[:-1], "c+"))  # ChestC+
            continue
        if len(word) < _WORTH_RESPELLING or word in KNOWN_WORDS or not word.isalpha():
            result.append(word)
            continue
        meant = meaning(word)
        # A folder can stand only at the beginning: "headache" is no folder.
        result.extend(meant if not result or _FOLDER_MARK not in meant else (word,))
    return result


def reading_of(source: str, words: Sequence[str], hits: Sequence[Hit]) -> Reading:
    tells = 0
    for hit in hits:
        tells |= hit.term.tells
    return Reading(source, tuple(words), tuple(hits), tells)


def _parted(written: re.Match[str]) -> str:
    """Part words that only a capital parts (KneeLeft), unless together they are one (DaTscan)."""
    word = written.group()
    joined = word.lower()
    if joined in KNOWN_WORDS:
        return word
    return _HUMP.sub(" ", word)


def read(text: str, source: str) -> Reading:
    if not text:
        return Reading(source, (), (), 0)
    if source != "series" and _HUMPS.search(text):
        text = _HUMPED.sub(_parted, text)
    words = _known(split_words(text), typed=source != "series")
    hits = find_terms(words)
    if not text.isascii():
        mended = mend(words, hits)
        if mended:
            words, hits = mended, find_terms(mended)
    return reading_of(source, words, hits)


# Scanners write the same few thousand series names and body parts again and again.
read_again = lru_cache(maxsize=16_384)(read)


def read_name(text: str) -> tuple[Reading, Reading]:
    """The name and, apart, the scanner's protocol folder before a caret (Thorax^Routine)."""
    whole = read(text, "name")
    if _FOLDER_MARK not in whole.words:
        return whole, _NO_FOLDER
    caret = whole.words.index(_FOLDER_MARK)
    head, tail = whole.words[:caret], whole.words[caret + 1 :]
    return (
        reading_of("name", tail, find_terms(tail)),
        reading_of("folder", head, find_terms(head)),
    )


_NO_FOLDER: Final = Reading("folder", (), (), 0)
