"""How many exam names a second one core describes: `benchmarks/exam_meaning.py [CSV]`.

Without a file the names are made up and no two are alike, so that no cache can help: the made
words are unknown to every table and the known ones come in fresh combinations. With a file of the
labelled set's kind each row counts as one name, whatever series it carries.
"""

import csv
import itertools
import random
import sys
import time
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


def main() -> None:
    if len(sys.argv) > 1:
        with Path(sys.argv[1]).open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        times = NAMES // len(rows)
        begin = time.process_time()
        count = sum(1 for _ in range(times) for _ in describe_rows(rows))
    else:
        names = made_up_names()
        begin = time.process_time()
        for name in names:
            describe_exam(name)
        count = len(names)
    took = time.process_time() - begin
    print(f"{count} names in {took:.2f} s of one core: {count / took:,.0f} a second")


if __name__ == "__main__":
    main()
