"""describe-exam: exam descriptors for a table of names."""

import csv
from pathlib import Path
from typing import Annotated

import typer

_COLUMNS = ["id", "modality", "regions", "focus", "laterality", "contrast", "angio", "purpose"]
_BIG_FIELD = 1 << 20


def add_commands(app: typer.Typer) -> None:
    app.command("describe-exam")(describe_exam_table)


def describe_exam_table(
    csv_in: Annotated[
        Path,
        typer.Option(
            "--csv",
            exists=True,
            dir_okay=False,
            help="Columns: id, and name and/or modalities, study_description,"
            " body_part_examined, series_descriptions (separated by ' | ').",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="The table to write.")],
    evidence: Annotated[
        bool,
        typer.Option("--evidence", help="Add a column that says which words led to each field."),
    ] = False,
) -> None:
    """Say what each exam of a table means: modality, regions, side, contrast and purpose."""
    from imaging_cloud.use_cases.describe_names import describe_rows

    csv.field_size_limit(_BIG_FIELD)
    with (
        csv_in.open(encoding="utf-8-sig", newline="") as source,
        out.open("w", encoding="utf-8", newline="") as target,
    ):
        reader = csv.DictReader(source)
        if "id" not in (reader.fieldnames or ()):
            raise typer.BadParameter(f"{csv_in}: a column 'id' is needed in the first line")
        columns = [*_COLUMNS, *(("evidence",) if evidence else ())]
        writer = csv.DictWriter(target, fieldnames=columns)
        writer.writeheader()
        rows = 0
        for row in describe_rows(reader, evidence=evidence):
            writer.writerow(row)
            rows += 1
    typer.echo(f"{rows} exams described in {out}")
