"""Chinese names typed by sound: 上复部 is 上腹部, 颈锥 is 颈椎.

A character is changed only if no table finds anything there, if it sounds like the one that was
meant, and if the change makes a phrase that its neighbours belong to.
"""

from collections.abc import Sequence
from typing import Final

from imaging_cloud.domain.exams.lexicon import Hit, phrase_end
from imaging_cloud.domain.exams.tables.homophones import MEANT

_PAIR, _LONGEST = 2, 4
# Characters that follow any place, and so prove nothing about the one before them.
_COMMON: Final = frozenset("部位片侧面体管节区段")


def mend(words: Sequence[str], hits: Sequence[Hit]) -> list[str] | None:
    """The words as they were meant, or None where nothing was mistyped."""
    if sum([hit.end - hit.start for hit in hits]) == len(words):
        return None
    covered = {place for hit in hits for place in range(hit.start, hit.end)}
    mended: list[str] | None = None
    for place, word in enumerate(words):
        if word in MEANT and place not in covered:
            right = _meant(mended or list(words), place)
            if right:
                mended = mended or list(words)
                mended[place] = right
    return mended


def _meant(words: list[str], place: int) -> str:
    best, found = 1, ""
    for right in MEANT[words[place]]:
        for start in range(max(0, place - _LONGEST + 1), place + 1):
            if any(word.isascii() for word in words[start:place]):
                continue
            changed = [*words[start:place], right, *words[place + 1 : start + _LONGEST]]
            length = phrase_end(changed)
            proven = length > _PAIR or (length == _PAIR and _telling(words, start, place))
            if start + length > place and length > best and proven:
                best, found = length, right
    return found


def _telling(words: list[str], start: int, place: int) -> bool:
    """Of two characters the other must say something, or no Chinese stand before the two."""
    other = words[start] if start < place else words[start + 1]
    return other not in _COMMON or start == 0 or words[start - 1].isascii()
