"""The face of the harvest: progress while it runs, a summary at its end, an exit code."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from gateway.orthanc.address import parse_address
from gateway.orthanc.client import OrthancClient
from gateway.orthanc.harvest import harvest_archive
from gateway.orthanc.lock import one_harvest_at_a_time
from gateway.orthanc.pace import Pace
from gateway.orthanc.report import HarvestProgress, HarvestReport, Outcome, Phase
from imaging_cloud.domain.errors import CloudError, NotFound
from imaging_cloud.domain.identifiers import checked_institution
from imaging_cloud.ports.cloud import Cloud

EXIT_OK = 0
EXIT_TROUBLE = 1
EXIT_USAGE = 2

_WORDS = {
    Phase.CONNECTING: "connecting",
    Phase.LISTING: "listing all instances",
    Phase.FOLLOWING: "following changes",
    Phase.WAITING: "waiting",
    Phase.CAUGHT_UP: "caught up",
}


def run_harvest(  # noqa: PLR0913 - the options of the command
    url: str,
    institution: str,
    cloud: Cloud,
    *,
    home: Path,
    once: bool,
    poll_seconds: float,
    console: Console,
    pace: Pace | None = None,
) -> int:
    """`imaging-cloud harvest`: follow until SIGINT or SIGTERM, or with `once` until caught up.

    The exit code: 0 when done or stopped on request (refused instances are on the list of
    refusals, not a failure), 1 when the archive or the cloud ended it, 2 for wrong arguments.
    """
    stop = threading.Event()
    pace = pace or Pace(poll=poll_seconds)
    try:
        address = parse_address(url, os.environ)
        if cloud.register.find_institution(checked_institution(institution)) is None:
            raise NotFound(f"institution {institution} is not known: add it first")
        with (
            one_harvest_at_a_time(home, address.url, institution),
            _stopping_on_signals(stop),
            _Display(console, address.url) as display,
        ):
            report = harvest_archive(
                OrthancClient(address, stop=stop),
                institution,
                cloud,
                follow=not once,
                stop=stop,
                progress=display.show,
                pace=pace,
            )
    except CloudError as wrong:
        console.print(f"harvest: {wrong}", markup=False, highlight=False)
        return EXIT_USAGE
    _print_summary(report, console)
    return EXIT_TROUBLE if report.trouble else EXIT_OK


@contextmanager
def _stopping_on_signals(stop: threading.Event) -> Iterator[None]:
    """Let SIGINT and SIGTERM set `stop`; the handlers before are put back afterwards."""

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Display:
    """A progress bar on a terminal; elsewhere a line whenever the phase or the reason changes."""

    def __init__(self, console: Console, archive: str) -> None:
        self._console = console
        self._said: tuple[Phase, str] | None = None
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TextColumn("refused {task.fields[refused]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(archive, total=None, rate="", refused=0, note="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, now: HarvestProgress) -> None:
        speed = self._progress.tasks[0].speed
        self._progress.update(
            self._task,
            completed=now.done,
            total=now.known,
            description=_WORDS[now.phase],
            rate=f"{speed:.0f}/s" if speed else "",
            refused=now.refused,
            note=now.note,
        )
        self._say(now)

    def _say(self, now: HarvestProgress) -> None:
        said = (now.phase, now.note)
        if self._console.is_terminal or said == self._said:
            return
        self._said = said
        reason = f" ({now.note})" if now.note else ""
        self._console.print(
            f"{_WORDS[now.phase]}{reason}: {now.done} of {now.known}, refused {now.refused}",
            markup=False,
            highlight=False,
        )


def _print_summary(report: HarvestReport, console: Console) -> None:
    count = report.outcomes
    already = count[Outcome.ALREADY_STORED] + count[Outcome.RECORDED_BEFORE]
    ended = ", caught up" if report.caught_up else "; the next harvest goes on from there"
    lines = [
        f"stored {count[Outcome.STORED]}, already there {already}",
        f"refused {count[Outcome.REFUSED]}, unreadable there {count[Outcome.UNREADABLE]}",
        f"deleted there meanwhile {count[Outcome.DELETED_THERE]}",
        f"fetched {report.bytes_fetched / 1e6:.1f} MB",
        *(f"  {number} refused: {cause}" for cause, number in report.refusals.most_common()),
        *(f"  listed all instances: {reason}" for reason in report.resyncs),
        f"stands at change {report.cursor} of {report.last}{ended}",
    ]
    if report.trouble:
        lines.append(f"ended early: {report.trouble}")
    for line in lines:
        console.print(line, markup=False, highlight=False)
