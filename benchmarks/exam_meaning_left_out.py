"""How much of the accuracy hangs on words known from one labelled row: leave-one-out.

`benchmarks/exam_meaning_left_out.py LABELLED.csv [LABELLED.csv ...]`

For each sure row, every phrase of the vocabulary that the row uses, that no other labelled row
uses and that no independent source has, is taken out; the row is described without them and
scored. Independent sources: the meanings of DICOM's context groups as pydicom carries them, and
the names made from a grammar (tests/unit/domain/exams/made), which were written from the
labelling guide and from usage. Rules of the code, unlike words, cannot be taken out this way.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydicom.sr._snomed_dict import mapping as snomed

from imaging_cloud.domain.exams import lexicon
from imaging_cloud.domain.exams.reading import read
from imaging_cloud.use_cases.describe_names import describe_rows

KEY = ("modality", "regions", "laterality", "contrast", "angio")
MADE = Path(__file__).resolve().parents[1] / "tests" / "unit" / "domain" / "exams" / "made"
Phrase = tuple[str, ...]


def texts_of(row: dict[str, str]) -> list[str]:
    named = [row.get("name", ""), row.get("study_description", "")]
    body = (row.get("body_part_examined") or "").split("/")
    return [*named, *(row.get("series_descriptions") or "").split(" | "), *body]


def phrases_of(texts: Iterable[str]) -> set[Phrase]:
    readings = [read(text, "") for text in texts if text]
    return {tuple(r.words[hit.start : hit.end]) for r in readings for hit in r.hits}


def independent() -> set[Phrase]:
    made = [line for file in MADE.glob("*.txt") for line in file.read_text("utf-8").splitlines()]
    cells = [cell for line in made for part in line.split(" | ") for cell in part.split(";")]
    plain = [cell.replace("{p}", " ").replace("{s}", " ") for cell in cells]
    meanings = [text for codes in snomed.values() for text in _leaves(codes)]
    return phrases_of([*plain, *meanings])


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, str):
        yield value.replace("_", " ")


@contextmanager
def without(phrases: Iterable[Phrase]) -> Iterator[None]:
    removed = []
    for phrase in phrases:
        node = lexicon._ROOT  # noqa: SLF001 - a measurement takes words out
        for word in phrase:
            node = node.children[word]
        removed.append((node, node.term))
        node.term = None
    try:
        yield
    finally:
        for node, term in removed:
            node.term = term


def is_right(row: dict[str, str]) -> bool:
    (found,) = describe_rows([row])
    same = {name: (row[name] or "0" if name == "angio" else row[name]) for name in KEY}
    same["regions"] = "+".join(sorted(same["regions"].split("+")))
    found["regions"] = "+".join(sorted(found["regions"].split("+")))
    return all(found[name] == same[name] for name in KEY)


def main() -> None:
    files = {name: list(csv.DictReader(open(name, encoding="utf-8-sig"))) for name in sys.argv[1:]}  # noqa: PTH123, SIM115
    rows = [row for each in files.values() for row in each]
    used = {id(row): phrases_of(texts_of(row)) for row in rows}
    counts = Counter(phrase for phrases in used.values() for phrase in phrases)
    sources = independent()
    for name, each in files.items():
        sure = [row for row in each if row["sure"] == "1"]
        before = after = leaning = 0
        for row in sure:
            own = [p for p in used[id(row)] if counts[p] == 1 and p not in sources]
            before += is_right(row)
            leaning += bool(own)
            with without(own):
                after += is_right(row)
        print(
            f"{Path(name).name}: key {before / len(sure):.3f} of {len(sure)} sure rows;"
            f" {leaning} lean on a phrase of their own;"
            f" without those phrases {after / len(sure):.3f}"
        )


if __name__ == "__main__":
    main()
