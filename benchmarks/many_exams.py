"""A region's worth of exam rows, made up and put in at full speed: what the order check reads.

    python benchmarks/many_exams.py DATABASE_URL [--studies 1000000]

Persons have a hospital number and a resident number, three to four exams each at twenty
institutions over six years, and every second one has opened their exams to one institution. Only
the tables the order check reads are filled (person, person_identifier, exam, consent_decision).
"""

import argparse
import itertools
import json
import random
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from imaging_cloud.adapters.sql.engine import normalized_url  # noqa: E402
from imaging_cloud.adapters.sql.exam_rows import descriptor_columns  # noqa: E402
from imaging_cloud.adapters.sql.migrate import upgrade_index  # noqa: E402
from imaging_cloud.domain.comparability import RULES_VERSION  # noqa: E402
from imaging_cloud.domain.exams.describe import describe_exam  # noqa: E402
from imaging_cloud.domain.exams.descriptor import ExamEvidence  # noqa: E402

STUDIES_EACH = 10 / 3
INSTITUTIONS = tuple(f"HOSP_{number:02}" for number in range(20))
NAMES = (
    *(
        "胸部CT平扫",
        "头颅CT平扫",
        "全腹部CT增强",
        "腹部CT平扫+增强",
        "胸部正位片",
        "左膝关节MR平扫",
    ),
    *("右膝关节MR平扫", "头颅MR平扫", "腰椎MR平扫", "肝胆胰脾彩超", "甲状腺彩超", "双侧乳腺钼靶"),
    *(
        "颈椎正侧位",
        "冠状动脉CTA",
        "上消化道钡餐",
        "CT Chest",
        "XR Knee Left",
        "MR Brain with contrast",
    ),
)
TODAY = datetime(2026, 11, 20, 2, tzinfo=UTC)
_DAYS_BACK = 6 * 365
_SEED = 20261120
_BATCH = 50_000
_MOST_EACH = 4
_COPIED = int(1_000_000 / STUDIES_EACH)


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up patient; everything about them follows from the number."""

    number: int

    @property
    def person_id(self) -> str:
        return f"019a0000-0000-7000-8000-{self.number:012x}"

    @property
    def home(self) -> str:
        return INSTITUTIONS[self.number % len(INSTITUTIONS)]

    @property
    def identifiers(self) -> tuple[tuple[str, str], ...]:
        return ((self.home, f"P{self.number:08}"), ("CN-RESIDENT-ID", resident_number(self.number)))

    @property
    def birth_date(self) -> str:
        return f"{1930 + self.number % 80}-{1 + self.number % 12:02}-{1 + self.number % 28:02}"


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_number(number: int) -> str:
    """A number of GB 11643 form with its check digit; each person's own."""
    year, month, day = 1930 + number % 80, 1 + number % 12, 1 + number % 28
    area, order = 110000 + number // 840_000, number // 840 % 1000
    text = f"{area:06}{year}{month:02}{day:02}{order:03}"
    return text + "10X98765432"[sum(w * int(c) for w, c in zip(_WEIGHTS, text, strict=True)) % 11]


def _kinds() -> list[tuple[str, dict[str, Any], str]]:
    found = []
    for name in NAMES:
        meaning = describe_exam(ExamEvidence(name=name))
        found.append((name, descriptor_columns(meaning.descriptor), json.dumps(meaning.because)))
    return found


def rows(persons: range) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
    """The rows of each table for those numbers of persons, a batch of persons at a time."""
    chance = random.Random(_SEED + persons.start)
    kinds, study = _kinds(), itertools.count(1 + _MOST_EACH * persons.start)
    for start in range(persons.start, persons.stop, _BATCH):
        batch: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
        for number in range(start, min(start + _BATCH, persons.stop)):
            _add(Person(number), batch, chance, kinds, study)
        yield batch


def _add(
    person: Person,
    batch: dict[str, list[tuple[Any, ...]]],
    chance: random.Random,
    kinds: list[tuple[str, dict[str, Any], str]],
    study: Iterator[int],
) -> None:
    _add_person(person, batch)
    for _ in range(3 + (person.number % 3 == 0)):
        title, columns, because = kinds[int(chance.random() * len(kinds))]
        at = TODAY - timedelta(minutes=int(chance.random() ** 2 * _DAYS_BACK * 1440))
        place = person.home if chance.random() < 0.6 else chance.choice(INSTITUTIONS)
        batch["exam"].append(
            (
                *(place, f"2.25.{10**30 + next(study)}", person.person_id, at),
                *(columns[key] for key in _MEANING),
                *(title, 120, at, at, 120, because, RULES_VERSION),
            )
        )


def _add_person(person: Person, batch: dict[str, list[tuple[Any, ...]]]) -> None:
    name = json.dumps([f"Bench^{person.number}"])
    batch["person"].append(
        (person.person_id, name, person.birth_date, "FM"[person.number % 2], TODAY)
    )
    batch["person_identifier"] += [(*each, person.person_id) for each in person.identifiers]
    if person.number % 2:
        asker = INSTITUTIONS[(person.number + 1) % len(INSTITUTIONS)]
        decision = f"d{person.number:035x}"
        batch["consent_decision"].append(
            (person.person_id, asker, TODAY - timedelta(days=9), decision, True, "patient")
        )


_MEANING = ("modality", "regions", "focus", "laterality", "contrast", "angio", "purpose")
COLUMNS = {
    "person": ("person_id", "names", "birth_date", "sex", "created_at"),
    "person_identifier": ("issuer", "value", "person_id"),
    "consent_decision": (
        *("person_id", "institution", "decided_at", "decision_id", "granted", "decided_by"),
    ),
    "exam": (
        *("institution", "study_uid", "person_id", "performed_at"),
        *_MEANING,
        *(
            "description",
            "instance_count",
            "first_received_at",
            "last_received_at",
            "settled_count",
        ),
        *("because", "rules_version"),
    ),
}


def fill(url: str, studies: int, already: int = 0) -> int:
    """Fill an index that holds `already` such studies up to `studies`; the number of persons."""
    upgrade_index(url)
    persons = range(int(already / STUDIES_EACH), int(studies / STUDIES_EACH))
    parsed = normalized_url(url)
    (_fill_sqlite if parsed.get_backend_name() == "sqlite" else _fill_postgresql)(parsed, persons)
    return persons.stop


def _fill_sqlite(url: URL, persons: range) -> None:
    """Up to a million studies made up one by one; more are their copies for other people."""
    assert url.database
    with sqlite3.connect(url.database) as connection:
        # Nobody reads it yet, so nothing needs a journal; the cloud turns its own on.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -2000000")
        connection.execute("INSERT OR IGNORE INTO institution VALUES " + _institutions())
        made = range(persons.start, min(persons.stop, max(_COPIED, persons.start)))
        for batch in rows(made):
            for table, listed in batch.items():
                _insert(connection, table, listed)
        for start in range(max(_COPIED, persons.start), persons.stop, _COPIED):
            _copy(connection, range(start, min(start + _COPIED, persons.stop)))
        connection.execute("ANALYZE")
    connection.close()


def _insert(connection: sqlite3.Connection, table: str, listed: Iterable[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * len(COLUMNS[table]))
    statement = f"INSERT INTO {table} ({', '.join(COLUMNS[table])}) VALUES ({marks})"
    # In the order of the keys: of a large index each page is then touched once a batch.
    connection.executemany(statement, sorted(map(_as_sqlite, listed)))


def _copy(connection: sqlite3.Connection, persons: range) -> None:
    """The exams of the first people as those of `persons`, `persons.start` numbers further on."""
    beside: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
    for number in persons:
        _add_person(Person(number), beside)
    for table, listed in beside.items():
        _insert(connection, table, listed)
    further = persons.start
    connection.create_function(
        "other_person", 1, lambda each: Person(int(each[-12:], 16) + further).person_id
    )
    connection.create_function(
        "other_study", 1, lambda each: f"2.25.{int(each[5:]) + _MOST_EACH * further}"
    )
    changed = {"person_id": "other_person(person_id)", "study_uid": "other_study(study_uid)"}
    names = COLUMNS["exam"]
    connection.execute(
        f"INSERT INTO exam ({', '.join(names)})"
        f" SELECT {', '.join(changed.get(name, name) for name in names)} FROM exam"
        " WHERE person_id < ? ORDER BY institution, study_uid",
        (Person(len(persons)).person_id,),
    )


def _as_sqlite(row: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(
        each.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(each, datetime) else each
        for each in row
    )


def _fill_postgresql(url: URL, persons: range) -> None:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute(
            f"INSERT INTO institution VALUES {_institutions()} ON CONFLICT DO NOTHING"
        )  # type: ignore[arg-type]
        for batch in rows(persons):
            for table, listed in batch.items():
                named = f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN"
                with connection.cursor().copy(named) as copy:  # type: ignore[arg-type]
                    for row in listed:
                        copy.write_row(row)
    vacuum(plain)


def vacuum(url: str) -> None:
    """What PostgreSQL does by itself some minutes after so much was written."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _institutions() -> str:
    return ", ".join(f"('{code}', '{code}')" for code in INSTITUTIONS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--studies", type=int, default=1_000_000)
    parser.add_argument("--already", type=int, default=0, help="filled by an earlier run")
    chosen = parser.parse_args()
    print(f"{fill(chosen.url, chosen.studies, chosen.already)} persons")


if __name__ == "__main__":
    main()
