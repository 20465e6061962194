"""From text as received to words: one spelling for width, case, accents and Han variants."""

import re
import unicodedata
from typing import Final

from imaging_cloud.domain.exams.tables.characters import FOLD

# In order: contrast signs (C+, C-/C+, +C), vertebral levels (L5), weightings of MR glued to a
# sequence (T1W, sT2TSE), words of letters,
# numbers, single other letters (a Han character is a word), and signs that join or part.
_WORD: Final = re.compile(
    r"(?<![a-z])c ?[+-](?: ?/? ?c ?[+-]|/[+-])?(?! ?spine|[a-z\d])"
    r"|\+ ?c(?![a-z\d]| ?[+-]| ?spine)"
    r"|(?<![a-z])[clt]\d\d?(?=$|[^a-z\d]|[clst]\d)"
    r"|(?<![a-z])s(?=t[12]w)|(?<![a-rt-z])t[12](?=(?:wi?|t?se|fse|fs|ffe|fl|flair|gre|mpr)(?![a-z]))"
    r"|[a-z]+|\d+|[^\W_]|[+、,;:|()^~]"
)


def normalise(text: str) -> str:
    """Half width, lower case, no accents, simplified characters; underscores are spaces."""
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFKC", text).casefold()
        if "手関" in folded:  # the wrist in Japanese, though the same word is the hand in Chinese
            folded = folded.replace("手関節", "腕関節")
        folded = folded.translate(FOLD)
    return folded.replace("_", " ").replace("&", "+")


def split_words(text: str) -> list[str]:
    plain = normalise(text)
    words = _WORD.findall(plain)
    if "+" not in plain and "-" not in plain:
        return words
    return [word.replace(" ", "") if word[-1] in "+-" or word[0] == "+" else word for word in words]
