"""import, harvest, check: filling the archive by hand, and reading it back."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from imaging_cloud.cli.common import opened, require_institution
from imaging_cloud.domain.errors import Unavailable
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.settings import Settings

_CONSOLE = Console(stderr=True, highlight=False, soft_wrap=True)
_FAULTS_FOUND = 1
_MOST_LISTED = 1000


def add_commands(app: typer.Typer) -> None:
    app.command("import")(import_paths)
    app.command("harvest")(harvest)
    app.command("check")(check)


def import_paths(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Files and folders.")],
    institution: Annotated[str, typer.Option("--institution", help="Who answers for them.")],
) -> None:
    """Take in DICOM files and folders.

    Can be stopped and started again: what is there already is recognised and left alone. Ends
    with a summary of what was stored, already there and refused, and why.
    """
    from imaging_cloud.use_cases.admit_part10 import admit_part10

    with opened() as cloud, _progress("importing") as progress:
        require_institution(cloud, institution)
        files = sorted(set(_files_under(paths)))
        task = progress.add_task("", total=len(files))
        outcomes: Counter[str] = Counter()
        refused: list[tuple[Path, str]] = []
        origin = Origin(institution=institution, kind="import", source="command line")
        for path in files:
            try:
                with path.open("rb") as stream:
                    receipt = admit_part10(stream, origin, cloud)
            except (Unavailable, OSError) as error:
                progress.stop()
                _summarise(outcomes, refused)
                _CONSOLE.print(f"stopped at {path}: {error}", markup=False)
                _CONSOLE.print("run the same command again to go on from here")
                raise typer.Exit(_FAULTS_FOUND) from error
            outcomes[receipt.status.value if receipt.kept else f"refused ({receipt.cause})"] += 1
            if not receipt.kept:
                refused.append((path, f"{receipt.cause}: {receipt.message}"))
            progress.advance(task)
    _summarise(outcomes, refused)


def _files_under(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            for folder, _, names in os.walk(path):
                yield from (Path(folder) / name for name in names)
        else:
            yield path


def _summarise(outcomes: Counter[str], refused: list[tuple[Path, str]]) -> None:
    """Counts on standard output, the refused ones each with its reason."""
    for outcome, count in sorted(outcomes.items()):
        print(f"{outcome}: {count}")
    for path, why in refused[:_MOST_LISTED]:
        print(f"refused: {path}: {why}")
    if len(refused) > _MOST_LISTED:
        print(f"refused: {len(refused) - _MOST_LISTED} more")
    if not outcomes:
        print("nothing found to import")


def harvest(
    url: Annotated[str, typer.Argument(help="The Orthanc's address, e.g. http://127.0.0.1:8042")],
    institution: Annotated[str, typer.Option("--institution", help="Whose archive it is.")],
    once: Annotated[
        bool, typer.Option("--once", help="End when caught up instead of following.")
    ] = False,
    poll_seconds: Annotated[
        float, typer.Option("--poll-seconds", min=0.1, help="How often to ask for changes.")
    ] = 5.0,
) -> None:
    """Pull everything from an Orthanc and follow its changes, without touching it.

    Goes on where it stopped, also after a kill. Stop it with Ctrl-C.
    """
    from gateway.orthanc.command import run_harvest

    settings = Settings()
    with opened(settings) as cloud:
        require_institution(cloud, institution)
        code = run_harvest(
            url,
            institution,
            cloud,
            home=settings.home,
            once=once,
            poll_seconds=poll_seconds,
            console=_CONSOLE,
        )
    raise typer.Exit(code)


def check(
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Record objects without a row again. Deletes nothing."),
    ] = False,
    checksums: Annotated[
        bool, typer.Option("--checksums/--no-checksums", help="Read every byte back.")
    ] = True,
) -> None:
    """Read everything back: rows without object, objects without row, checksums.

    Exit code 1 and a list when something is wrong. Studies whose objects are gone or damaged are
    noted, so that no alert offers to open them (study list).
    """
    from imaging_cloud.use_cases.note_retrieval import note_retrieval
    from imaging_cloud.use_cases.verify_archive import verify_archive

    with opened() as cloud, _progress("checking") as progress:
        task = progress.add_task("", total=None)

        def advance(done: int, total: int | None) -> None:
            progress.update(task, completed=done, total=total)

        report = verify_archive(cloud, repair=repair, checksums=checksums, progress=advance)
        note_retrieval(report, cloud, whole=checksums)
    for line in report.lines():
        print(line)
    # Here, where a reader who has seen enough (`| head`) ends the command without a word.
    sys.stdout.flush()
    if not report.sound:
        raise typer.Exit(_FAULTS_FOUND)


def _progress(what: str) -> Progress:
    return Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_CONSOLE,
        transient=True,
    )
