"""Write the sample set: python -m sample_dicom.make_samples [--today DAY] [--folder FOLDER].

The same day gives the same bytes, on every machine: no clock, no random generator.
"""

import argparse
import json
import shutil
from datetime import date
from pathlib import Path

from sample_dicom.bulk import write_bulk
from sample_dicom.catalogue import STUDIES
from sample_dicom.instances import study_files
from sample_dicom.manifest import FILE_NAME, Manifest, as_csv, row_of
from sample_dicom.orders import ORDERS
from sample_dicom.people import PEOPLE

HERE = Path(__file__).parent
REFERENCE_DAY = date(2026, 11, 20)  # of the committed files


def write_samples(folder: Path, *, today: date = REFERENCE_DAY) -> Manifest:
    """Write files/, orders/, people.json and manifest.csv so that "12 days ago" is true on `today`.

    An earlier set in the folder is replaced.
    """
    for part in ("files", "orders"):
        shutil.rmtree(folder / part, ignore_errors=True)
    rows = []
    for study in STUDIES:
        place = folder / "files" / study.institution / study.slug
        place.mkdir(parents=True)
        number = 0
        for number, content in enumerate(study_files(study, today), start=1):
            (place / f"{number:03d}.dcm").write_bytes(content)
        rows.append(row_of(study, today, number))
    manifest = Manifest(folder=folder, today=today, rows=tuple(rows))
    _write_text(folder / FILE_NAME, as_csv(manifest.rows))
    people = [person.as_json() for person in PEOPLE.values()]
    _write_text(folder / "people.json", json.dumps(people, ensure_ascii=False, indent=1) + "\n")
    write_orders(folder / "orders", today=today)
    return manifest


def write_orders(folder: Path, *, today: date = REFERENCE_DAY) -> list[Path]:
    """Write the order-check samples alone, placed at ten o'clock of `today`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for case in ORDERS:
        path = folder / f"{case.slug}.json"
        _write_text(path, case.as_text(today))
        paths.append(path)
    return paths


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--today", type=date.fromisoformat, default=REFERENCE_DAY)
    parser.add_argument("--folder", type=Path, default=HERE, help="where to write the set")
    parser.add_argument("--large", type=Path, metavar="FOLDER", help="a bulk set for load tests")
    parser.add_argument("--studies", type=int, default=20, help="studies of the bulk set")
    parser.add_argument("--slices", type=int, default=100, help="CT slices in each of them")
    parser.add_argument("--small", type=int, default=200, help="10 KB objects in each of them")
    asked = parser.parse_args()
    if asked.large:
        count = write_bulk(
            asked.large,
            today=asked.today,
            studies=asked.studies,
            slices=asked.slices,
            small=asked.small,
        )
        print(f"{count} objects in {asked.large}")
        return
    manifest = write_samples(asked.folder, today=asked.today)
    count = sum(row.instances for row in manifest.rows)
    print(f"{len(manifest.rows)} studies, {count} instances, {len(ORDERS)} orders")


if __name__ == "__main__":
    main()
