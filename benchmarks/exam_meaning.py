"""How many exam names a second one core describes: `benchmarks/exam_meaning.py [CSV]`.

Without a file the names are made up and no two are alike, so that no cache can help: the made
words are unknown to every table and the known ones come in fresh combinations. With a file of the
labelled set's kind each row counts as one name, whatever series it carries: first as the rows stand
(a scanner writes the same series names again and again, and the last 16,384 of them are kept read),
then with a number added to every name and series, so that nothing was ever read before.
"""

import csv
import itertools
import random
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from imaging_cloud.domain.exams.describe import describe_exam
from imaging_cloud.domain.exams.descriptor import ExamEvidence
from imaging_cloud.use_cases.describe_names import describe_rows

NAMES = 40_000
METHODS = ["CT", "MR", "DR", "彩超", "XR", "MRI", "CTA", "US", "PET/CT"]
PLACES = [
    "胸部",
    "上腹部+盆腔",
    "左膝关节",
    "双肾",
    "knee left",
    "CHEST_ABD_PELVIS",
    "C-spine",
    "颅脑",
]
MANNERS = [
    "平扫+增强",
    "W/WO contrast",
    "三期增强",
    "without",
    "2 views",
    "三维重建",
    "biopsy",
    "C+",
]


def made_up_names() -> list[ExamEvidence]:
    chance = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    combinations = itertools.cycle(itertools.product(METHODS, PLACES, MANNERS))
    names = []
    for number, (method, place, manner) in zip(range(NAMES), combinations, strict=False):
        word = "".join(chance.choices(letters, k=7))
        names.append(ExamEvidence(name=f"{place}{method} {manner} {word} {number}"))
    return names


def numbered(row: dict[str, str], number: int) -> dict[str, str]:
    """The row with a word of its own in every text."""
    series = [text for text in (row.get("series_descriptions") or "").split(" | ") if text]
    name = row.get("study_description") or row.get("name") or ""
    return {
        **row,
        "study_description": f"{name} {number}",
        "name": "",
        "series_descriptions": " | ".join(f"{text} {number}" for text in series),
    }


def timed(title: str, names: Iterable[object]) -> None:
    begin = time.process_time()
    count = sum(1 for _ in names)
    took = time.process_time() - begin
    print(f"{title}: {count} in {took:.2f} s of one core: {count / took:,.0f} a second")


def main() -> None:
    if len(sys.argv) == 1:
        timed("made-up names", map(describe_exam, made_up_names()))
        return
    with Path(sys.argv[1]).open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    times = NAMES // len(rows)
    new = [numbered(row, number) for number in range(times) for row in rows]
    timed("rows as they stand", describe_rows(rows * times))
    timed("rows with every text new", describe_rows(new))


if __name__ == "__main__":
    main()
