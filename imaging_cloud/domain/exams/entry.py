"""One row of a vocabulary table: the ways a thing is written, and what those words tell."""

from dataclasses import dataclass

# How strongly words name the modality: said outright, implied by the procedure, or only a hint.
SAID, IMPLIED, HINT = 3, 2, 1


@dataclass(frozen=True, slots=True)
class Entry:
    """`words` are phrases with commas between; `regions` are codes with '+' between.

    `contrast` is a code of `Contrast`, or one of the signals of the contrast table. `only` and
    `never` name modalities: the entry speaks only for these, or not for those. `broad` regions
    give way to any narrower one. `mark` is a note to the rule that reads this kind of entry.
    """

    words: str
    regions: str = ""
    focus: str = ""
    side: str = ""
    modality: str = ""
    weight: int = SAID
    contrast: str = ""
    angio: str = ""
    purpose: str = ""
    only: str = ""
    never: str = ""
    broad: bool = False
    mark: str = ""
