"""Tens of thousands of names from a grammar mean what they were made to mean, noise or none."""

import random
from collections import Counter
from collections.abc import Callable

import pytest

from imaging_cloud.domain.exams.describe import describe_exam
from imaging_cloud.domain.exams.descriptor import ExamDescriptor, ExamEvidence
from imaging_cloud.domain.exams.tables.characters import FOLD
from tests.unit.domain.exams.grammar import MadeName, made_names

LANGUAGES = {"zh", "tw", "ja", "en", "de", "fr", "es", "pl"}
# Of every language's names at most this share may be misread.
MISREAD = 0.002
_SAMPLE = 1_000
_TRADITIONAL = {ord(plain): chr(form) for form, plain in FOLD.items() if form > 0x3000}


@pytest.fixture(scope="module")
def made() -> list[MadeName]:
    return list(made_names())


def described(name: str) -> ExamDescriptor:
    return describe_exam(ExamEvidence(name=name)).descriptor


def in_codes(exam: ExamDescriptor) -> str:
    regions = "+".join(exam.regions) or "?"
    side = exam.laterality or "-"
    return f"{exam.modality} {regions} {side} {exam.contrast} {int(exam.angio)}"


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


NOISE: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "lower case": str.lower,
    "full width": full_width,
    "traditional characters": lambda name: name.translate(_TRADITIONAL),
    "underscores": lambda name: name.replace(" ", "_"),
    "double spaces": lambda name: name.replace(" ", "  "),
    "for whom": lambda name: f"{name} (Adult)",
    "position": lambda name: f"{name} HFS",
    "item number": lambda name: f"12345 {name}",
    "reconstruction": lambda name: f"{name} 5.0 B30f",
    "urgency": lambda name: f"{name} STAT",
    "stars": lambda name: f"*{name}*",
    "emergency": lambda name: f"{name}（急诊）",
    "price unit": lambda name: f"{name}/次",
    "clinic": lambda name: f"门诊-{name}",
    "field strength": lambda name: f"{name} 1.5T",
    "fasting": lambda name: f"{name}，空腹",
}


def test_made_names_mean_what_they_were_made_of(made: list[MadeName]) -> None:
    misread = [each for each in made if in_codes(described(each.name)) != each.means]

    assert {each.language for each in made} == LANGUAGES
    counts, wrong = (Counter(each.language for each in names) for names in (made, misread))
    shares = {language: wrong[language] / counts[language] for language in LANGUAGES}
    assert {language: s for language, s in shares.items() if s > MISREAD} == {}, [
        (each.name, each.means) for each in misread[:20]
    ]


@pytest.mark.parametrize("noise", NOISE)
def test_noise_changes_nothing(noise: str, made: list[MadeName]) -> None:
    names = [each.name for each in random.Random(noise).sample(made, _SAMPLE)]

    changed = [name for name in names if described(NOISE[noise](name)) != described(name)]

    assert changed == []


def test_no_made_name_is_read_as_the_other_side(made: list[MadeName]) -> None:
    opposite = {"L": "R", "R": "L"}
    wrong = [
        each.name
        for each in made
        if described(each.name).laterality == opposite.get(each.means.split()[2], "none")
    ]

    assert wrong == []
