"""quarantine: what was refused and waits for a person, and the person's decision."""

import getpass
import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from imaging_cloud.cli.common import opened
from imaging_cloud.ports.imaging_index import QuarantineRow

quarantine = typer.Typer(no_args_is_help=True, help="What was refused and waits for a person.")

_Entry = Annotated[str, typer.Argument(help="The entry's id, from `quarantine list`.")]
_Json = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]


def add_commands(app: typer.Typer) -> None:
    app.add_typer(quarantine, name="quarantine")


@quarantine.command("list")
def list_entries(
    institution: Annotated[
        str | None, typer.Option("--institution", help="Of this institution alone.")
    ] = None,
    cause: Annotated[
        str | None, typer.Option("--cause", help="Of this cause alone, e.g. differs.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 100,
    as_json: _Json = False,
) -> None:
    """List what waits, the latest delivery first.

    One a line: id, institution, cause, SOP Instance UID, bytes, deliveries, last delivery,
    sender.
    """
    with opened() as cloud:
        rows = cloud.quarantine.list_held(institution=institution, cause=cause, limit=limit)
    if as_json:
        print(json.dumps([_document(row) for row in rows], ensure_ascii=False, indent=2))
        return
    for row in rows:
        print(
            f"{row.quarantine_id}\t{row.institution}\t{row.cause}\t{row.sop_instance_uid or '-'}"
            f"\t{row.size}\t{row.deliveries}\t{row.last_received_at:%Y-%m-%dT%H:%M:%SZ}"
            f"\t{row.source or row.origin_kind}"
        )


def _document(row: QuarantineRow) -> dict[str, Any]:
    values = asdict(row)
    for name in ("received_at", "last_received_at"):
        values[name] = values[name].isoformat()
    return values


@quarantine.command("show")
def show(entry: _Entry, as_json: _Json = False) -> None:
    """Show why one is held and how it differs from what is stored.

    Attributes are named by keyword; no value of any is printed.
    """
    from imaging_cloud.use_cases.decide_quarantine import show_entry

    with opened() as cloud:
        shown = show_entry(entry, cloud)
    held = shown.held
    document = _document(held.entry)
    document["sha256"] = held.object_key.rpartition("/")[2]
    document["bytes_are_there"] = shown.held_bytes is not None
    document["stored"] = None
    if held.stored is not None:
        names = ("sop_class_uid", "transfer_syntax_uid", "study_uid", "series_uid")
        document["stored"] = {
            **{name: getattr(held.stored, name) for name in names},
            "size": held.stored.size,
            "sha256": held.stored.sha256,
        }
    document["differences"] = (
        None if shown.differences is None else [asdict(each) for each in shown.differences]
    )
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2))
        return
    _print_document(document)


def _print_document(document: dict[str, Any]) -> None:
    stored, differences = document.pop("stored"), document.pop("differences")
    for name, value in document.items():
        print(f"{name}: {value}")
    if stored is None:
        print("stored under this UID: nothing")
        return
    print("stored under this UID:")
    for name, value in stored.items():
        print(f"  {name}: {value}")
    if differences is None:
        print("differences: cannot be told, one of the two cannot be read")
        return
    print(f"differences: {len(differences)} attributes")
    for each in differences:
        print(f"  {each['keyword']}: {each['kind']}")


@quarantine.command("accept")
def accept(entry: _Entry) -> None:
    """Make the held bytes the instance of their UID.

    Bytes that were stored under this UID before go to quarantine as superseded; nothing is lost
    by it, and accepting those turns it back. A clash over the patient is taken into its study.
    """
    from imaging_cloud.use_cases.decide_quarantine import accept_entry

    with opened() as cloud:
        accepted = accept_entry(entry, _actor(), cloud)
    print(f"accepted: instance {accepted.sop_instance_uid}")
    if accepted.former_id:
        print(f"the former bytes are entry {accepted.former_id}")


@quarantine.command("discard")
def discard(
    entry: _Entry,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete the held bytes. What is stored stays as it is. This cannot be turned back."""
    from imaging_cloud.use_cases.decide_quarantine import discard_entry

    if not yes:
        typer.confirm(f"delete the bytes of entry {entry} for good?", abort=True)
    with opened() as cloud:
        deleted = discard_entry(entry, _actor(), cloud)
    print("discarded" if deleted else "discarded: there were no bytes of its own to delete")


def _actor() -> str:
    """Who decides: the account that runs the command."""
    try:
        return f"command line: {getpass.getuser()}"
    except (KeyError, OSError):
        return "command line"
