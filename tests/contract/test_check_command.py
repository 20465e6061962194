"""`imaging-cloud check` as its reader sees it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from imaging_cloud.cli.main import app


def test_a_reader_who_has_seen_enough_ends_it_without_a_word(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "imaging_cloud", "check"],
            env=os.environ | {"IMAGING_CLOUD_HOME": str(tmp_path)},
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "BrokenPipe" not in ended.stderr


def test_a_connection_that_breaks_does_not_end_the_process_that_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGPIPE comes from sockets as well: a lost store would end `check` half way, unheard."""
    monkeypatch.setenv("IMAGING_CLOUD_HOME", str(tmp_path))
    assert CliRunner().invoke(app, ["check"]).exit_code == 0

    assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN
