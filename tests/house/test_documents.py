"""Documents that fail when they lie: commands, settings, addresses, links, decisions."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from imaging_cloud.cli.main import app
from imaging_cloud.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]


def section(text: str, heading: str) -> str:
    """The lines under a heading, to the next one of its level."""
    found = re.search(
        rf"^(#+) {re.escape(heading)}$\n(.*?)(?=^\1 |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert found, f"no section {heading!r}"
    return found[2]


def first_column(text: str) -> list[str]:
    """The code words that begin the rows of a table."""
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


def commands(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(command, click.Group) or hasattr(command, "commands"):
        for name, child in command.commands.items():
            yield from commands(child, (*words, name))
    else:
        yield " ".join(words)


@pytest.fixture(scope="module")
def known_commands() -> set[str]:
    return set(commands(typer.main.get_command(app)))


def test_every_command_is_in_the_operations_handbook_and_no_other(
    known_commands: set[str],
) -> None:
    assert set(first_column(section(OPERATIONS, "Commands"))) == known_commands


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_a_document_names_only_commands_that_exist(
    document: Path, known_commands: set[str]
) -> None:
    text = document.read_text(encoding="utf-8")
    named = re.findall(r"(?:^|[`(]|\$ )imaging-cloud ([a-z-]+)(?: ([a-z]+))?", text, re.MULTILINE)
    firsts = {command.split()[0] for command in known_commands}
    groups = {command.split()[0] for command in known_commands if " " in command}

    assert {first for first, _ in named} <= firsts
    pairs = {f"{first} {second}" for first, second in named if first in groups and second}
    assert pairs <= known_commands


def test_every_setting_is_in_the_operations_handbook_and_no_other() -> None:
    named = first_column(section(OPERATIONS, "Settings"))

    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def example_settings() -> dict[str, str]:
    text = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^#IMAGING_CLOUD_([A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_every_setting_is_in_the_example_environment_and_no_other() -> None:
    assert sorted(example_settings()) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_environment_shows_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in example_settings().items():
        monkeypatch.setenv(f"IMAGING_CLOUD_{name}", value)
    shown = Settings(_env_file=None).model_dump()
    for name in example_settings():
        monkeypatch.delenv(f"IMAGING_CLOUD_{name}")
    defaults = Settings(_env_file=None).model_dump()
    of_this_machine = {"gateway_processes", "web_processes", "worker_processes"}

    assert {k: v for k, v in shown.items() if k not in of_this_machine} == {
        k: v for k, v in defaults.items() if k not in of_this_machine
    }


def test_the_defaults_in_the_operations_handbook_are_the_defaults() -> None:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| `([^`]+)` \|", section(OPERATIONS, "Settings"), re.MULTILINE
    )
    defaults = {name: field.default for name, field in Settings.model_fields.items()}

    assert rows
    for name, value in rows:
        assert str(defaults[name.lower()]) == value, name


def test_the_two_commands_of_the_readme_are_verbs_of_the_makefile() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", section(README, "Two commands"), re.DOTALL)
    verbs = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert [block.strip() for block in blocks] == ["make demo", "make test"]
    assert {"demo", "test"} <= set(verbs)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert script.rstrip().endswith("exec make test")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_contributing_names_every_verb_of_the_makefile() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)) - {"help", "demo", "clean"}

    assert verbs <= set(re.findall(r"`make ([a-z]+)`", text))


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_links_lead_to_files_that_are_there(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]

    assert [target for target in local if not (document.parent / target).exists()] == []


@pytest.mark.parametrize(
    "decision", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda path: path.name
)
def test_a_decision_has_all_its_parts(decision: Path) -> None:
    text = decision.read_text(encoding="utf-8")
    parts = ["Context", "Decision", "Consequences", "Alternatives", "What enforces it"]

    assert text.startswith(f"# {int(decision.name[:4])}. ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == parts


def words_of(constant: str) -> set[str]:
    """What a constant of the package holds, wherever it is set."""
    found = set()
    for path in (ROOT / "imaging_cloud").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(rf'^{constant} = "([a-z-]+)"', text, re.MULTILINE))
    return found


def test_every_audit_action_is_in_the_operations_handbook() -> None:
    """The words after `action=`, by name or in place, and in the calls that note an act."""
    written = set()
    for room in ("imaging_cloud", "gateway"):
        for path in (ROOT / room).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            written |= set(re.findall(r'\baction="([a-z-]+)"', text))
            noted = r'\b(?:_note|note_operator_act)\(\s*cloud,\s*"([a-z-]+)"'
            written |= set(re.findall(noted, text))
            written |= set(re.findall(r'\bopened_part\(request, "([a-z-]+)"', text))
            for constant in re.findall(r"\baction=([A-Z][A-Z_]+)", text):
                written |= words_of(constant)
    named = set(first_column(section(OPERATIONS, "Audit actions")))

    assert written
    assert written <= named
