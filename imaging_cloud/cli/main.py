"""`imaging-cloud`: all commands, and what they say when something is wrong."""

import sys

import typer
from pydantic import ValidationError
from rich.console import Console

from imaging_cloud.cli import (
    alerts,
    archive,
    catalogue,
    demo,
    derived,
    describe,
    order_screens,
    participants,
    quarantine,
    recognition,
    serve,
)
from imaging_cloud.domain.errors import CloudError

_ERRORS = Console(stderr=True, highlight=False, soft_wrap=True)
_FAILED = 1
_MISUSED = 2

app = typer.Typer(
    name="imaging-cloud",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help=(
        "A regional imaging cloud: studies come in by DICOM, the next order is warned.\n\n"
        "Settings come from the environment or a .env file, prefix IMAGING_CLOUD_; the data lie"
        " in IMAGING_CLOUD_HOME (default ./imaging-cloud-data).\n\n"
        "First steps: [bold]imaging-cloud demo[/bold] shows everything on throw-away data."
        " For real: institution add, device add, serve."
    ),
)
serve.add_commands(app)
demo.add_commands(app)
participants.add_commands(app)
order_screens.add_commands(app)
archive.add_commands(app)
derived.add_commands(app)
quarantine.add_commands(app)
describe.add_commands(app)
alerts.add_commands(app)
catalogue.add_commands(app)
recognition.add_commands(app)


def run() -> None:
    """Run the command line; known errors are one line on standard error, without traceback."""
    try:
        app()
    except CloudError as error:
        _ERRORS.print(f"imaging-cloud: {error}", markup=False)
        sys.exit(_FAILED)
    except ValidationError as error:
        for fault in error.errors():
            name = "IMAGING_CLOUD_" + "_".join(str(part) for part in fault["loc"]).upper()
            _ERRORS.print(f"imaging-cloud: setting {name}: {fault['msg']}", markup=False)
        sys.exit(_MISUSED)
