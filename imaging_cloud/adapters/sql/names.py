"""Person names in the form they are searched by, and DICOM wildcards as LIKE patterns."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, true

_ESCAPE = "!"
_SEPARATORS = re.compile(r"[\s^=,.·•・\-']+")
_GROUPS = 3  # alphabetic, ideographic, phonetic (PS3.5 6.2.1.1)
_CJK_BEGINS = 0x2E80
_SEARCH_LENGTH = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class NameForms:
    """Folded component groups, and ` word word ` of all of them for searches in any order."""

    alphabetic: str
    ideographic: str
    phonetic: str
    words: str


def fold_name(text: str) -> str:
    """Case, width and trailing delimiters do not count: `ＺＨＡＮＧ^Wei^^` is `zhang^wei`."""
    return unicodedata.normalize("NFKC", text).casefold().strip().rstrip("^ ")


def name_forms(name: str) -> NameForms:
    """Return the search forms of a PN value.

    Consoles write Chinese names into the first group too (`张^小东`): a first group in Chinese
    characters counts as ideographic as well.
    """
    folded = [fold_name(group)[:_SEARCH_LENGTH] for group in name.split("=")[:_GROUPS]]
    alphabetic, ideographic, phonetic = [*folded, "", "", ""][:_GROUPS]
    if not ideographic and _is_ideographic(alphabetic):
        ideographic = alphabetic
    return NameForms(
        alphabetic=alphabetic,
        ideographic=ideographic,
        phonetic=phonetic,
        words=_joined_words(folded),
    )


def _is_ideographic(text: str) -> bool:
    return any(ord(letter) >= _CJK_BEGINS for letter in text)


def _words_of(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", fold_name(text))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return [word for word in _SEPARATORS.split(plain) if word]


def _joined_words(groups: list[str]) -> str:
    """All words, and each group run together both ways (`zhangwei`, `weizhang`)."""
    words: list[str] = []
    for group in groups:
        own = _words_of(group)
        words += own
        if len(own) > 1:
            words += ["".join(own), "".join(reversed(own))]
    once = dict.fromkeys(words)
    return f" {' '.join(once)} "[: 2 * _SEARCH_LENGTH] if once else ""


def like_pattern(text: str) -> str:
    """Translate `*` and `?` to LIKE; the column's own `%` and `_` are taken literally."""
    escaped = text.replace(_ESCAPE, _ESCAPE * 2).replace("%", _ESCAPE + "%")
    return escaped.replace("_", _ESCAPE + "_").replace("*", "%").replace("?", "_")


def matches_text(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Single value or wildcard matching (PS3.4 C.2.2.2.1, C.2.2.2.4)."""
    if "*" in text or "?" in text:
        return column.like(like_pattern(text), escape=_ESCAPE)
    return column == text


def matches_name(columns: Sequence[ColumnElement[str]], text: str) -> ColumnElement[bool]:
    """Every component group that was asked for matches some group of the name."""
    groups = [fold_name(group) for group in text.split("=")]
    return and_(
        true(),
        *(or_(*(matches_text(column, group) for column in columns)) for group in groups if group),
    )


def matches_words(words: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Every word begins some word of the name, in any order; Chinese may stand anywhere in it."""
    wanted = _words_of(text.replace("*", " ").replace("?", " "))
    return and_(
        true(),
        *(
            words.contains(word, autoescape=True)
            if _is_ideographic(word)
            else words.contains(f" {word}", autoescape=True)
            for word in wanted
        ),
    )


def referring_form(name: str) -> str:
    """Return a referring physician's name as `=group=group=`, folded."""
    folded = [fold_name(group) for group in name.split("=")[:_GROUPS]]
    return (
        f"={'='.join(group for group in folded if group)}="[:_SEARCH_LENGTH] if any(folded) else ""
    )


def matches_referring(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    pattern = like_pattern(fold_name(text.split("=", maxsplit=1)[0]))
    return column.like(f"%={pattern}=%", escape=_ESCAPE)
