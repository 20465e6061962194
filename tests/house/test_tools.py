"""The tools of `make check` are content, so that a red one lands nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command", [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)], ids=" ".join
)
def test_the_tool_finds_nothing(command: tuple[str, ...]) -> None:
    program = BIN / command[0]
    if not program.exists():
        pytest.skip(f"{command[0]} is not installed: scripts/setup.sh test")

    result = subprocess.run(
        [program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout + result.stderr
