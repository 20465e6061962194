"""What must not be in the repository: registry hosts, machine paths, lock files, secrets."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

REGISTRY = re.compile(r"https?://(?:files|registry|deb|security|pypi|index)\.[a-z.]+/")
MACHINE_PATH = re.compile(r"(?:^|[^\w./-])/(?:work|farm)/")
LOCK_FILES = {"uv.lock", "poetry.lock", "yarn.lock", "Pipfile.lock"}
PRIVATE_KEY = re.compile("-{5}BEGIN [A-Z ]*PRIVATE KEY")


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: nothing says which files are tracked")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    found = {}
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" not in content:
            found[str(path.relative_to(ROOT))] = content.decode("utf-8", "replace")
    return found


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE_PATH], ids=["registry", "machine path"])
def test_no_tracked_file_names_a_registry_or_a_path_of_one_machine(
    pattern: re.Pattern[str],
) -> None:
    found = {
        f"{name}:{number}": line.strip()
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    }

    assert found == {}


def test_no_lock_file_and_no_environment_file_is_tracked() -> None:
    names = [path.relative_to(ROOT) for path in tracked_files()]

    assert [str(name) for name in names if name.name in LOCK_FILES | {".env", "env"}] == []


def test_no_private_key_is_tracked() -> None:
    assert [name for name, text in texts().items() if PRIVATE_KEY.search(text)] == []


def test_constraints_are_names_and_versions_alone() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if line and not line.startswith("#")]

    assert entries
    assert [line for line in entries if not re.fullmatch(r"[a-z0-9._-]+==[\w.+!]+", line)] == []


def test_every_declared_library_has_a_tested_version() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    declared = re.findall(r'^    "([a-z0-9-]+)(?:\[[a-z,]+\])?>=', project, re.MULTILINE)
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8")

    assert declared
    assert [name for name in declared if f"\n{name}==" not in pinned] == []
