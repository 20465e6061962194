"""derived rebuild, derived delete: pictures made of the originals, thrown away and made again."""

from itertools import groupby
from typing import Annotated

import typer
from rich.console import Console

from imaging_cloud.cli.common import opened
from imaging_cloud.domain.errors import NotFound
from imaging_cloud.domain.identifiers import is_uid
from imaging_cloud.ports.cloud import Cloud

_CONSOLE = Console(stderr=True, highlight=False, soft_wrap=True)
_Study = Annotated[
    str | None, typer.Option("--study", help="Only this study, by its StudyInstanceUID.")
]

derived = typer.Typer(
    no_args_is_help=True, help="Pictures made of the originals; the originals stay untouched."
)


def add_commands(app: typer.Typer) -> None:
    app.add_typer(derived, name="derived")


@derived.command("delete")
def delete(study: _Study = None) -> None:
    """Delete derived objects, of one study or all. Pictures are made on demand from then on."""
    from imaging_cloud.use_cases.derived_objects import delete_derived

    _check(study)
    with opened() as cloud:
        print(f"deleted: {delete_derived(cloud, study)} derived objects")


@derived.command("rebuild")
def rebuild(study: _Study = None) -> None:
    """Delete derived objects and make them anew, here and now."""
    from imaging_cloud.cli.deriver import make_crew
    from imaging_cloud.use_cases.derive_studies import derive_study
    from imaging_cloud.use_cases.derived_objects import delete_derived

    _check(study)
    with opened() as cloud, make_crew() as crew:
        places = _places(cloud, study)
        if study is not None and not places:
            raise NotFound("no such study")
        delete_derived(cloud, study)
        series = 0
        for number, (institution, study_uid) in enumerate(places, start=1):
            series += derive_study(institution, study_uid, cloud, crew)
            _CONSOLE.print(f"{number} of {len(places)} studies", end="\r")
        print(f"rebuilt: {series} series of {len(places)} studies")


def _places(cloud: Cloud, study: str | None) -> list[tuple[str, str]]:
    """(institution, study), each once."""
    rows = sorted((row.institution, row.study_uid) for row in cloud.index.iterate_all_instances())
    return [place for place, _ in groupby(rows) if study in (None, place[1])]


def _check(study: str | None) -> None:
    if study is not None and not is_uid(study):
        raise typer.BadParameter("--study: a StudyInstanceUID is needed")
