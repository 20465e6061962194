"""What a command does not need it does not import: starting is the longest part of most."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SLOW = {
    "alembic",
    "cryptography",
    "fastapi",
    "joserfc",
    "minio",
    "numpy",
    "psycopg",
    "pydicom",
    "pynetdicom",
    "uvicorn",
    "imaging_cloud.domain.exams.lexicon",
}


def imported_by(what: str, among: set[str]) -> set[str]:
    program = f"import sys, {what}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split()) & among


@pytest.mark.parametrize(
    ("what", "slow"),
    [
        ("imaging_cloud.cli.main", SLOW | {"sqlalchemy"}),
        ("imaging_cloud.bootstrap", SLOW),
        ("imaging_cloud.use_cases.verify_archive", SLOW),
        ("imaging_cloud.use_cases.replay_spool", SLOW),
    ],
)
def test_what_every_start_comes_by_imports_nothing_slow(what: str, slow: set[str]) -> None:
    assert imported_by(what, slow) == set()


def test_the_probe_sees_what_is_imported() -> None:
    assert imported_by("imaging_cloud.domain.exams.describe", SLOW) == {
        "imaging_cloud.domain.exams.lexicon"
    }
