"""One running cloud a test, over both columns of engines."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from running import RunningCloud


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[RunningCloud]:
    running = RunningCloud(home=tmp_path / "home")
    yield running
    for process in running.processes:
        process.kill()
        process.wait()
