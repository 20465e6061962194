"""An Orthanc sends, asks for storage commitment, and believes what it is told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.makers import make_study

ROOT = Path(__file__).parents[3]
INSIDE = Path(__file__).with_name("commitment_inside.py")


@pytest.mark.usefixtures("_orthanc_can_start")
def test_an_orthanc_is_told_what_is_kept_and_what_is_not(tmp_path: Path) -> None:
    """It hears reports on new associations alone, so these go to where it is registered."""
    files = make_study(tmp_path / "study", count=5)
    clean = {k: v for k, v in os.environ.items() if not k.startswith("IMAGING_CLOUD_")}
    done = subprocess.run(
        ["unshare", "-n", sys.executable, str(INSIDE), str(tmp_path), *map(str, files)],
        env=clean | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    said = json.loads(done.stdout)

    assert said["failed_to_send"] == 0
    assert said["whole"]["Status"] == "Success", said
    assert len(said["whole"]["Success"]) == len(files)
    assert said["one_absent"]["Status"] == "Failure", said
    (failure,) = said["one_absent"]["Failures"]
    assert (failure["SOPInstanceUID"], failure["FailureReason"]) == ("1.2.3.4.5", 0x0112)
