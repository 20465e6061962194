"""Acknowledged means kept: kill -9 while four senders send, then restart and count."""

import os
import random
import re
import subprocess
import threading
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.journey.running import RunningCloud
from tests.makers import make_study

SENDERS = 4
SLICES = 60
_SENT = re.compile(r"Sending file: (?P<path>.+)$")
_ACKNOWLEDGED = "Received Store Response (Success)"


def send(cloud: RunningCloud, files: list[Path], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            [
                *("storescu", "-v", "-aet", "CT_A", "-aec", "IMAGINGCLOUD"),
                *("127.0.0.1", str(cloud.dicom_port)),
                *map(str, files),
            ],
            stdout=output,
            stderr=output,
            env=os.environ | {"TCP_NODELAY": "1"},
        )


def acknowledged(log: Path) -> set[str]:
    """SOP Instance UIDs of the files that were answered success."""
    kept, current = set(), ""
    for line in log.read_text(errors="replace").splitlines():
        if found := _SENT.search(line):
            current = found["path"]
        elif _ACKNOWLEDGED in line:
            kept.add(str(dcmread(current, stop_before_pixels=True).SOPInstanceUID))
    return kept


def stored(cloud: RunningCloud, token: str) -> set[str]:
    found: set[str] = set()
    while True:
        path = f"/dicom-web/instances?limit=1000&offset={len(found)}"
        page = cloud.get(path, token, accept="application/dicom+json").json()
        found |= {row["00080018"]["Value"][0] for row in page}
        if not page:
            return found


def kill_and_count(cloud: RunningCloud, folder: Path, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    cloud.command("institution", "add", "HOSP_A", "--name", "A")
    cloud.command("device", "add", "CT_A", "--institution", "HOSP_A")
    admin = cloud.token("admin", "operator")
    kept: set[str] = set()
    for number in range(rounds):
        batches = [
            make_study(
                folder / f"{number}-{sender}",
                count=SLICES,
                study=f"{number}-{sender}",
                PatientID=f"A-{number}-{sender}",
                size=256,
            )
            for sender in range(SENDERS)
        ]
        cloud.start()
        logs = [folder / f"{number}-{sender}.log" for sender in range(SENDERS)]
        senders = [send(cloud, *pair) for pair in zip(batches, logs, strict=True)]
        # Somewhere in the middle of the sending; the exact moment is the point of the test.
        threading.Event().wait(chance.uniform(0.05, 0.8))
        cloud.kill()
        for sender in senders:
            sender.wait(60)
        now_kept = set().union(*(acknowledged(log) for log in logs))
        kept |= now_kept
        cloud.start()
        missing = kept - stored(cloud, admin)
        assert not missing, f"round {number}: {len(missing)} of {len(kept)} acknowledged are gone"
        cloud.stop()
        checked = cloud.command("check", check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    assert kept, "no instance was ever acknowledged: the test proved nothing"


def test_three_kills_under_four_senders_lose_nothing_acknowledged(
    embedded: RunningCloud, tmp_path: Path
) -> None:
    kill_and_count(embedded, tmp_path / "files", rounds=3, seed=1)


@pytest.mark.campaign
@pytest.mark.waits
def test_twenty_kills_under_four_senders_lose_nothing_acknowledged(
    cloud: RunningCloud, tmp_path: Path
) -> None:
    kill_and_count(cloud, tmp_path / "files", rounds=20, seed=2)
