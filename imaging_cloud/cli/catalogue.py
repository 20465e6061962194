"""A hospital's own codes and names: import, export, and the names nobody understood."""

import csv
import io
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from imaging_cloud.cli.common import opened, require_institution
from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.ports.audit_trail import AuditEvent

catalogue = typer.Typer(
    no_args_is_help=True,
    help="What hospitals' own item codes and names mean; their word goes before all rules.",
)
Institution = Annotated[
    str, typer.Option("--institution", help="Whose items; without it, the whole region's.")
]


def add_commands(app: typer.Typer) -> None:
    app.add_typer(catalogue, name="catalogue")


@catalogue.command("import")
def import_table(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="CSV with the columns code, name, modality, regions, focus, laterality, contrast,"
            " angio, purpose. An empty cell is left to the rules; '-' says that there is none.",
        ),
    ],
    institution: Institution = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove the items that the file does not have.")
    ] = False,
) -> None:
    """Import a mapping, all rows or none. The same file again changes nothing."""
    from imaging_cloud.use_cases.import_catalogue import COLUMNS, import_catalogue

    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{file.name}: not UTF-8 at byte {error.start}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    unknown = sorted(set(reader.fieldnames or ()) - {*COLUMNS, "institution"})
    if unknown or not {"code", "name"} & set(reader.fieldnames or ()):
        raise InvalidRequest(
            f"{file.name}, line 1: the columns are {', '.join(COLUMNS)};"
            f" unknown: {', '.join(unknown) or 'none'}; code or name is needed"
        )
    with opened() as cloud:
        if institution:
            require_institution(cloud, institution)
        rows = [(reader.line_num, row) for row in reader]
        saved = import_catalogue(rows, institution, replace=replace, cloud=cloud)
        cloud.audit.append_event(
            AuditEvent(
                at=cloud.clock.now(),
                action="catalogue-imported",
                actor="command line",
                role="operator",
                institution=institution,
                outcome="success",
                detail=f"version {saved.version}",
            )
        )
        print(
            f"catalogue {institution or 'of the region'}, version {saved.version}:"
            f" {saved.added} added, {saved.changed} changed, {saved.removed} removed,"
            f" {saved.unchanged} as before; {saved.studies} studies will be described again"
        )


@catalogue.command("export")
def export_table(
    institution: Annotated[
        str | None, typer.Option("--institution", help="Whose items; without it, everybody's.")
    ] = None,
) -> None:
    """Write the items as CSV to standard output, as `import` reads them."""
    from imaging_cloud.use_cases.import_catalogue import COLUMNS, export_rows

    with opened() as cloud:
        _write(("institution", *COLUMNS), export_rows(cloud.catalogue.list_items(institution)))


@catalogue.command("worklist")
def list_unread(
    institution: Annotated[str | None, typer.Option("--institution", help="Of one only.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10000)] = 200,
) -> None:
    """List the names that told no modality or no place, the most frequent first, as CSV."""
    with opened() as cloud:
        rows = (
            {
                "institution": each.institution,
                "times": str(each.times),
                "seen_as": each.seen_as,
                "missing": "+".join(each.missing),
                "code": each.code,
                "name": each.name,
            }
            for each in cloud.catalogue.list_unread(institution, limit)
        )
        _write(("institution", "times", "seen_as", "missing", "code", "name"), rows)


def _write(columns: tuple[str, ...], rows: Iterable[dict[str, str]]) -> None:
    writer = csv.DictWriter(sys.stdout, fieldnames=columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
