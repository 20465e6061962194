"""Completing an exam's name while it is typed: 汉字, initials of pinyin, or English.

`胸部` `xbct` `ct chest` all lead to 胸部CT平扫. A hospital's own items go before the common ones.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from imaging_cloud.domain.exams.mapping import name_key
from imaging_cloud.domain.exams.tables.items import COMMON_ITEMS
from imaging_cloud.domain.exams.tables.pinyin import INITIALS, SECOND

# Ranks: the smaller the better. None of them: the item is not offered.
_BEGINS, _INSIDE, _INITIALS, _SKIPPING, _INITIALS_INSIDE, _WORDS, _SCATTERED = range(7)
# Letters that may stand apart are too many for one or two to tell anything.
_FEWEST_LETTERS = 3
_PLAIN = ("平扫", "without contrast")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemName:
    """An exam that can be ordered. `own`: of the hospital's catalogue, `code` its code there."""

    name: str
    english: str = ""
    code: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class _Spelled:
    """An item as it is compared."""

    item: ItemName
    texts: tuple[str, ...]
    initials: tuple[str, ...]
    words: frozenset[str]


def _letters_of() -> dict[str, str]:
    letters: dict[str, str] = {}
    for table in (INITIALS, SECOND):
        for letter, characters in table.items():
            for character in characters:
                letters[character] = letters.get(character, "") + letter
    return letters


_LETTERS: Final = _letters_of()


@lru_cache(maxsize=20_000)
def _initials(text: str) -> tuple[str, ...]:
    """Each character's letters: 胸部CT -> ("x", "b", "c", "t"); 重 has two, signs have none."""
    letters = (
        character if character.isascii() and character.isalnum() else _LETTERS.get(character, "")
        for character in text
    )
    return tuple(each for each in letters if each)


@lru_cache(maxsize=20_000)
def _spelled(item: ItemName) -> _Spelled:
    texts = tuple(name_key(text) for text in (item.name, item.english, item.code) if text)
    words = frozenset(word for text in texts for word in text.split())
    return _Spelled(item, texts, _initials(name_key(item.name).replace(" ", "")), words)


COMMON: Final = tuple(ItemName(name=chinese, english=english) for chinese, english in COMMON_ITEMS)


def complete(text: str, own: Iterable[ItemName], limit: int) -> list[ItemName]:
    """Items that `text` may become, the best first; of two with one name the hospital's own."""
    key = name_key(text)
    if not key:
        return []
    offered: dict[str, ItemName] = {}
    for item in (*own, *COMMON):
        offered.setdefault(name_key(item.name).replace(" ", ""), item)
    ranked = [
        (rank, not item.own, not _is_plain(item), at, item)
        for at, item in enumerate(offered.values())
        if (rank := _rank(key, _spelled(item))) is not None
    ]
    return [each[-1] for each in sorted(ranked, key=lambda each: each[:-1])[:limit]]


def _is_plain(item: ItemName) -> bool:
    """The plain exam before the one with contrast: it is ordered more often."""
    return item.name.endswith(_PLAIN[0]) or item.name.endswith(_PLAIN[1])


def _rank(key: str, item: _Spelled) -> int | None:
    joined = key.replace(" ", "")
    if any(text.startswith(key) for text in item.texts):
        return _BEGINS
    if any(f" {key}" in f" {text}" for text in item.texts):
        return _INSIDE
    if not joined.isascii() and any(joined in text.replace(" ", "") for text in item.texts):
        return _INSIDE
    if joined.isascii() and joined.isalnum():
        return _rank_by_letters(joined, key, item)
    return _SCATTERED if _follows(joined, iter(item.texts[0])) else None


def _rank_by_letters(joined: str, key: str, item: _Spelled) -> int | None:
    letters = item.initials
    if _found_at(joined, letters, 0):
        return _INITIALS
    far = len(joined) >= _FEWEST_LETTERS and _follows(joined, iter(letters))
    if far and joined[0] in letters[0]:
        return _SKIPPING
    if any(_found_at(joined, letters, at) for at in range(1, len(letters))):
        return _INITIALS_INSIDE
    if all(any(word.startswith(part) for word in item.words) for part in key.split()):
        return _WORDS
    return _SCATTERED if far else None


def _found_at(key: str, initials: Sequence[str], at: int) -> bool:
    beside = initials[at : at + len(key)]
    return len(beside) == len(key) and all(
        letter in letters for letter, letters in zip(key, beside, strict=True)
    )


def _follows(key: str, spelled: Iterator[str]) -> bool:
    """Whether all stand there in this order, others between: 冠脉 in 冠状动脉CTA."""
    return all(any(letter in letters for letters in spelled) for letter in key)
