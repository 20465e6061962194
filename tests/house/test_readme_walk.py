"""The blocks of the README's walk, pasted into a shell, end in a warning."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journey.running import RunningCloud

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.skipif(
    shutil.which("dcmdump") is None, reason="DCMTK is not installed (apt-get install dcmtk)"
)
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_walk_of_the_readme_ends_in_a_warning(tmp_path: Path) -> None:
    walk = README.split("## Try it by hand")[1].split("\n## ")[0]
    start, send, ask = re.findall(r"```sh\n(.*?)```", walk, re.DOTALL)
    lines = start.splitlines(keepends=True)
    assert lines[1] == "imaging-cloud serve &\n"
    cloud = RunningCloud(home=tmp_path / "home")
    programs = f'imaging-cloud() {{ "{sys.executable}" -m imaging_cloud "$@"; }}\n'
    script = programs + "".join(lines[2:]) + send + ask
    script = script.replace(" 11112 ", f" {cloud.dicom_port} ").replace(
        ":8080/", f":{cloud.http_port}/"
    )

    cloud.start()
    try:
        done = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=ROOT,
            env=cloud.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        cloud.stop()

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["outcome"] == "duplicate"
