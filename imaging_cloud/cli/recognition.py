"""Mutual recognition: marks (HR) by item, areas of institutions; and studies that are offline."""

import csv
import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from imaging_cloud.cli.common import note_operator_act, opened, require_institution
from imaging_cloud.domain.errors import InvalidRequest, NotFound
from imaging_cloud.domain.identifiers import checked_uid
from imaging_cloud.domain.retrieval import Retrieval

_RECOGNITION = typer.Typer(
    no_args_is_help=True,
    help="Which institution's exams of which kind carry a mark of quality (HR), how far it"
    " reaches, and how long the item serves.",
)
_STUDY = typer.Typer(no_args_is_help=True, help="Studies whose images cannot be opened at once.")
_LONGEST_AREA = 64


def add_commands(app: typer.Typer) -> None:
    _RECOGNITION.command("import")(import_table)
    _RECOGNITION.command("export")(export_table)
    _RECOGNITION.command("areas")(set_areas)
    _STUDY.command("offline")(take_offline)
    _STUDY.command("online")(bring_back)
    _STUDY.command("list")(list_studies)
    app.add_typer(_RECOGNITION, name="recognition")
    app.add_typer(_STUDY, name="study")


def import_table(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="CSV with the columns institution, modality, region, contrast, level, area, days,"
            " from, until, source. Empty institution, region or contrast: any.",
        ),
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove the items that the file does not have.")
    ] = False,
) -> None:
    """Import marks and windows, all rows or none. The same file again changes nothing."""
    from imaging_cloud.use_cases.import_recognition import (
        COLUMNS,
        import_recognition,
    )

    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{file.name}: not UTF-8 at byte {error.start}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    unknown = sorted(set(reader.fieldnames or ()) - set(COLUMNS))
    if unknown or "modality" not in (reader.fieldnames or ()):
        raise InvalidRequest(
            f"{file.name}, line 1: the columns are {', '.join(COLUMNS)};"
            f" unknown: {', '.join(unknown) or 'none'}; modality is needed"
        )
    with opened() as cloud:
        rows = [(reader.line_num, row) for row in reader]
        saved = import_recognition(rows, replace=replace, cloud=cloud)
        note_operator_act(
            cloud, "recognition-imported", institution="", detail=f"version {saved.version}"
        )
        print(
            f"recognition, version {saved.version}: {saved.added} added, {saved.changed} changed,"
            f" {saved.removed} removed, {saved.unchanged} as before"
        )


def export_table() -> None:
    """Write marks and windows as CSV to standard output, as `import` reads them."""
    from imaging_cloud.use_cases.import_recognition import (
        COLUMNS,
        recognition_rows,
    )

    with opened() as cloud:
        writer = csv.DictWriter(sys.stdout, fieldnames=COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(recognition_rows(cloud.recognition.list_items()))


def set_areas(
    institution: Annotated[str | None, typer.Argument(help="Code; without it, all are listed.")],
    areas: Annotated[
        list[str] | None, typer.Argument(help="Province, city, unions; '-' for none.")
    ] = None,
) -> None:
    """Set the areas that an institution lies in, or list them: marks of these areas reach it."""
    with opened() as cloud:
        if areas and institution:
            require_institution(cloud, institution)
            wanted = {area.strip() for area in areas} - {"", "-"}
            if any(len(area) > _LONGEST_AREA for area in wanted):
                raise InvalidRequest(f"an area is longer than {_LONGEST_AREA} characters")
            changed = cloud.recognition.save_areas(institution, wanted, at=cloud.clock.now())
            note_operator_act(cloud, "areas-set", institution=institution)
            print(f"institution {institution}: {'saved' if changed else 'already so'}")
            return
        for code, known in sorted(cloud.recognition.list_areas().items()):
            if institution in (None, code):
                print(f"{code}\t{' '.join(sorted(known))}")


def take_offline(
    studies: Annotated[list[str], typer.Argument(help="Study Instance UIDs.")],
    institution: Annotated[str, typer.Option("--institution", help="Whose copy.")],
) -> None:
    """Note that the images of studies were moved away: no alert offers to open them."""
    _note(studies, institution, Retrieval.OFFLINE)


def bring_back(
    studies: Annotated[list[str], typer.Argument(help="Study Instance UIDs.")],
    institution: Annotated[str, typer.Option("--institution", help="Whose copy.")],
) -> None:
    """Note that the images of studies can be had again."""
    _note(studies, institution, Retrieval.AT_HAND)


def _note(studies: list[str], institution: str, retrieval: Retrieval) -> None:
    uids = [checked_uid(each.strip(), "StudyInstanceUID") for each in studies]
    word = retrieval.value or "online"
    with opened() as cloud:
        require_institution(cloud, institution)
        for uid in uids:
            if not cloud.recognition.note_retrieval(institution, uid, retrieval):
                raise NotFound(f"no study {uid} of {institution}")
            note_operator_act(cloud, f"study-{word}", institution=institution, detail=uid)
            print(f"study {uid}: {word}")


def list_studies() -> None:
    """List the studies whose images cannot all be had, one a line: institution, UID, why."""
    with opened() as cloud:
        for institution, uid, retrieval in cloud.recognition.list_not_at_hand():
            print(f"{institution}\t{uid}\t{retrieval.value}")
