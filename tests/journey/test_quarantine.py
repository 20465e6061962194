"""`imaging-cloud quarantine`: what an operator types, and what becomes of the bytes."""

import json
import re
from pathlib import Path
from typing import Any

from tests.journey.running import RunningCloud
from tests.makers import make_instance, uid


def entries(cloud: RunningCloud, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        cloud.command("quarantine", "list", "--json", *options).stdout
    )
    return found


def objects(cloud: RunningCloud) -> set[str]:
    folder = cloud.home / "objects"
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_an_operator_looks_accepts_and_discards(tmp_path: Path) -> None:
    """One cloud for all of it: each command takes a second to start."""
    cloud = RunningCloud(home=tmp_path / "home")
    cloud.command("institution", "add", "HOSP_A", "--name", "A")
    files = {
        "first.dcm": {"PatientName": "Secret^Person"},
        "other.dcm": {"PatientName": "Secret^Other", "seed": 99, "KVP": "120"},
    }
    for name, attributes in files.items():
        folder = tmp_path / name.partition(".")[0]
        make_instance(folder / name, **attributes)
        cloud.command("import", str(folder), "--institution", "HOSP_A")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "bad.dcm").write_bytes(b"no DICOM at all" * 100)
    cloud.command("import", str(tmp_path / "bad"), "--institution", "HOSP_A")

    differing, unreadable = sorted(entries(cloud), key=lambda row: str(row["cause"]))
    assert differing["cause"] == "differs"
    assert differing["sop_instance_uid"] == uid("s1", 1)
    assert entries(cloud, "--institution", "HOSP_B") == []
    assert entries(cloud, "--cause", "differs") == [differing]
    listed = cloud.command("quarantine", "list").stdout.splitlines()
    assert [line.split("\t")[2] for line in listed].count("differs") == 1

    shown = json.loads(
        cloud.command("quarantine", "show", differing["quarantine_id"], "--json").stdout
    )
    assert {(each["keyword"], each["kind"]) for each in shown["differences"]} == {
        ("PatientName", "changed"),
        ("KVP", "added"),
        ("PixelData", "changed"),
    }
    assert shown["sha256"] != shown["stored"]["sha256"]
    plain = cloud.command("quarantine", "show", differing["quarantine_id"]).stdout
    assert "PatientName: changed" in plain
    for said in (plain, json.dumps(shown)):
        assert not re.search("Secret|A-1001|1949", said)

    accepted = cloud.command("quarantine", "accept", differing["quarantine_id"]).stdout
    (former,) = entries(cloud, "--cause", "superseded")
    assert former["quarantine_id"] in accepted
    assert cloud.command("check").returncode == 0

    before = objects(cloud)
    cloud.command("quarantine", "discard", former["quarantine_id"], "--yes")
    assert before - objects(cloud) == {shown["stored"]["sha256"]}
    assert shown["sha256"] in objects(cloud)

    refused = cloud.command("quarantine", "accept", unreadable["quarantine_id"], check=False)
    assert refused.returncode == 1
    assert "it is no instance" in refused.stderr
    cloud.command("quarantine", "discard", unreadable["quarantine_id"], "--yes")
    assert entries(cloud) == []
    assert len(objects(cloud)) == 1
    again = cloud.command("quarantine", "show", unreadable["quarantine_id"], check=False)
    assert again.returncode == 1
    assert cloud.command("check").returncode == 0
