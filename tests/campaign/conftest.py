"""What campaigns need of the machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.campaign.points import Lanes
from tests.campaign.record import number_from_environment


@pytest.fixture(scope="session")
def lanes() -> Iterator[Lanes]:
    """Zygotes take seconds to start: all campaigns of a session share them."""
    opened = Lanes(number_from_environment("LANES", min(2, os.cpu_count() or 1)))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def tracing() -> None:
    """Strace may attach to a process of ours, or the test is skipped and says why."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed (apt-get install strace)")
    if shutil.which("storescu") is None:
        pytest.skip("DCMTK is not installed (apt-get install dcmtk)")
    probe = subprocess.run(
        ["strace", "-o", os.devnull, sys.executable, "-c", ""], capture_output=True, check=False
    )
    if probe.returncode:
        pytest.skip("processes may not be traced here (ptrace is denied)")
