"""The list of what was written: one row per study, kept beside the files as CSV."""

import csv
import io
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path

from sample_dicom.model import Study
from sample_dicom.people import PEOPLE

FILE_NAME = "manifest.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRow:
    """`modality` to `purpose` are the expected exam; `modalities` are DICOM's of the series."""

    slug: str
    institution: str
    study_uid: str
    person: str
    patient_id: str
    issuer: str
    days_before: int
    modalities: str
    transfer_syntaxes: str
    character_set: str
    instances: int
    shows: str
    modality: str
    regions: str
    laterality: str
    contrast: str
    angio: int
    purpose: str

    @property
    def folder(self) -> str:
        """Where the study's files are, below the set's folder."""
        return f"files/{self.institution}/{self.slug}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    folder: Path
    today: date | None
    rows: tuple[ManifestRow, ...]

    def row(self, slug: str) -> ManifestRow:
        return next(row for row in self.rows if row.slug == slug)

    def files(self, row: ManifestRow) -> list[Path]:
        return sorted((self.folder / row.folder).glob("*.dcm"))


def row_of(study: Study, today: date, instances: int) -> ManifestRow:
    exam = study.exam
    return ManifestRow(
        slug=study.slug,
        institution=study.institution,
        study_uid=study.uid(today),
        person=study.person,
        patient_id=PEOPLE[study.person].numbers[study.institution],
        issuer=study.institution if study.issuer else "",
        days_before=study.days_before,
        modalities="+".join(dict.fromkeys(series.modality for series in study.series)),
        transfer_syntaxes="+".join(dict.fromkeys(series.encoding for series in study.series)),
        character_set="\\".join(study.character_set),
        instances=instances,
        shows=study.shows,
        modality=exam.modality,
        regions=exam.regions,
        laterality=exam.laterality,
        contrast=exam.contrast,
        angio=exam.angio,
        purpose=exam.purpose,
    )


def as_csv(rows: tuple[ManifestRow, ...]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(
        text, [field.name for field in fields(ManifestRow)], lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return text.getvalue()


def read_manifest(folder: Path) -> Manifest:
    """Read the list of a set that was written earlier; it does not say for which day."""
    numbers = {field.name for field in fields(ManifestRow) if field.type is int}
    with (folder / FILE_NAME).open(encoding="utf-8", newline="") as lines:
        rows = tuple(
            ManifestRow(
                **{name: int(text) if name in numbers else text for name, text in line.items()}  # type: ignore[arg-type]
            )
            for line in csv.DictReader(lines)
        )
    return Manifest(folder=folder, today=None, rows=rows)
