"""Exam names made from a grammar, each with what it means.

The words in `made/` were written down from the labelling guide and from usage in each language, not
taken from the vocabulary tables, so that what the tables lack shows. Every name is one place, one
side (or none) and one manner of saying method and contrast.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MADE = Path(__file__).with_name("made")
# What no one films, or scans with sound: those names would mean nothing.
_NO_FILM = {"PITUITARY", "HEART", "BREAST", "WHOLEBODY"}
_SOUND = {
    *("NECK", "BREAST", "ABDOMEN", "PELVIS", "ABDOMEN+PELVIS", "SHOULDER", "ELBOW", "WRIST"),
    *("HAND", "HIP", "KNEE", "ANKLE", "FOOT", "HEART", "ORBIT"),
}
_TRUNK_LIST = {"HEAD+NECK", "HEAD+CSPINE", "NECK+CHEST", "NECK+CHEST+ABDOMEN+PELVIS"}
_BONES_AND_LIMBS = {
    *("SHOULDER", "ARM", "ELBOW", "WRIST", "HAND", "HIP", "THIGH", "KNEE", "LEG", "ANKLE", "FOOT"),
}


@dataclass(frozen=True, slots=True)
class Place:
    regions: str
    kind: str
    language: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadeName:
    """A name; `means` is "modality regions side contrast angio" as in the lists of names."""

    name: str
    means: str
    language: str


def _rows(file: str) -> Iterator[list[str]]:
    for line in (MADE / file).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [part.strip() for part in line.split(" | ")]


def _places() -> list[Place]:
    """Read the places; a comma is part of the words ("chest, abdomen and pelvis")."""
    places = []
    for regions, kind, language, words in _rows("places.txt"):
        parts = [word.strip() for word in words.split(";")]
        places.append(Place(regions, kind, language, tuple(parts)))
    return places


def _sides() -> dict[tuple[str, str], tuple[str, ...]]:
    return {
        (language, side): tuple(word.strip() for word in words.split(";"))
        for language, side, words in _rows("sides.txt")
    }


def _made(pattern: str, place: str, side: str) -> str:
    return " ".join(pattern.replace("{p}", place).replace("{s}", side).split()).replace("__", "_")


def _sided(
    place: Place, sides: dict[tuple[str, str], tuple[str, ...]]
) -> Iterator[tuple[str, str]]:
    yield "", ""
    if place.kind == "pair":
        for side in "LRB":
            for word in sides[place.language, side]:
                yield side, word


def made_names() -> Iterator[MadeName]:
    sides = _sides()
    places = _places()
    yield from _scans(places, sides)
    yield from _films(places, sides)


def _scans(
    places: list[Place], sides: dict[tuple[str, str], tuple[str, ...]]
) -> Iterator[MadeName]:
    for language, modality, pattern, contrast in _rows("methods.txt"):
        for place in places:
            if place.language != language or place.kind == "vessel":
                continue
            for word in place.words:
                for side, said in _sided(place, sides):
                    meaning = f"{modality} {place.regions} {side or '-'} {contrast} 0"
                    yield MadeName(_made(pattern, word, said), meaning, language)


def _films(
    places: list[Place], sides: dict[tuple[str, str], tuple[str, ...]]
) -> Iterator[MadeName]:
    for language, kind, modality, pattern, tells in _rows("films.txt"):
        for place in places:
            if place.language != language or not _fits(kind, place):
                continue
            for word in place.words:
                for side, said in _sided(place, sides):
                    meaning = f"{modality} {place.regions} {side or '-'} {tells}"
                    yield MadeName(_made(pattern, word, said), meaning, language)


def _fits(kind: str, place: Place) -> bool:
    if kind == "angio" or place.kind == "vessel":
        return kind == "angio" and place.kind == "vessel"
    if kind == "film":
        return place.regions not in _NO_FILM | _TRUNK_LIST
    return place.regions in _SOUND
