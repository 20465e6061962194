"""The floor plan holds, and the tool that guards it does catch what it must."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

# file to append to, the line that is not allowed there, the contract that must say so
PLANTED = [
    ("imaging_cloud/domain/patients.py", "import imaging_cloud.ports.clock", "floors"),
    (
        "imaging_cloud/use_cases/receive_instance.py",
        "import imaging_cloud.adapters.sql",
        "adapters",
    ),
    ("imaging_cloud/web/planted.py", "import gateway", "roof"),
    ("gateway/planted.py", "import imaging_cloud.web", "roof"),
    ("gateway/planted.py", "import imaging_cloud.settings", "settings"),
    ("imaging_cloud/domain/orders.py", "import os", "domain"),
    ("imaging_cloud/dicom/planted.py", "import pynetdicom", "dimse"),
    ("imaging_cloud/adapters/planted.py", "import sqlmodel", "sql"),
    ("imaging_cloud/use_cases/planted.py", "import minio", "s3"),
    ("gateway/planted.py", "import requests", "orthanc"),
    ("imaging_cloud/use_cases/planted.py", "import fastapi", "http"),
    ("imaging_cloud/web/planted.py", "import typer", "commands"),
    ("gateway/planted.py", "import sample_dicom", "samples"),
]

pytestmark = pytest.mark.skipif(
    not LINT_IMPORTS.exists(), reason="lint-imports is not installed: scripts/setup.sh test"
)


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    limits = [word for contract in contracts for word in ("--contract", contract)]
    return subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache", *limits],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_import_contracts_hold() -> None:
    result = lint(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "line", "contract"), PLANTED, ids=[f"{c}: {line}" for _, line, c in PLANTED]
)
def test_a_planted_violation_is_caught(file: str, line: str, contract: str, tmp_path: Path) -> None:
    for name in ("imaging_cloud", "gateway"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as planted:
        planted.write(f"\n{line}\n")

    result = lint(tmp_path, contract)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout


def test_every_contract_has_a_planted_violation_but_the_one_against_circles() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = {line.split('"')[1] for line in text.splitlines() if line.startswith('id = "')}

    assert contracts - {contract for *_, contract in PLANTED} == {"circles"}
