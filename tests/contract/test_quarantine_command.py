"""`imaging-cloud quarantine`: what an operator types, and what becomes of the bytes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from imaging_cloud.cli.main import app
from imaging_cloud.domain.errors import CloudError
from tests.makers import make_instance, uid


def command(*words: str) -> str:
    """Standard output of a command that must do."""
    result = _run(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*words: str) -> str:
    """What the command line says on standard error of what must not be done."""
    result = _run(*words)
    assert isinstance(result.exception, CloudError), result.output
    return str(result.exception)


def _run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def entries(*options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(command("quarantine", "list", "--json", *options))
    return found


def test_an_operator_looks_accepts_and_discards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # no `.env` of the developer's
    monkeypatch.setenv("IMAGING_CLOUD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("IMAGING_CLOUD_LOG_LEVEL", "ERROR")

    def objects() -> set[str]:
        return {p.name for p in (tmp_path / "home" / "objects").rglob("*") if p.is_file()}

    command("institution", "add", "HOSP_A", "--name", "A")
    files = {
        "first.dcm": {"PatientName": "Secret^Person"},
        "other.dcm": {"PatientName": "Secret^Other", "seed": 99, "KVP": "120"},
    }
    for name, attributes in files.items():
        folder = tmp_path / name.partition(".")[0]
        make_instance(folder / name, **attributes)
        command("import", str(folder), "--institution", "HOSP_A")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "bad.dcm").write_bytes(b"no DICOM at all" * 100)
    command("import", str(tmp_path / "bad"), "--institution", "HOSP_A")

    differing, unreadable = sorted(entries(), key=lambda row: str(row["cause"]))
    assert differing["cause"] == "differs"
    assert differing["sop_instance_uid"] == uid("s1", 1)
    assert entries("--institution", "HOSP_B") == []
    assert entries("--cause", "differs") == [differing]
    listed = command("quarantine", "list").splitlines()
    assert [line.split("\t")[2] for line in listed].count("differs") == 1

    shown = json.loads(command("quarantine", "show", differing["quarantine_id"], "--json"))
    assert {(each["keyword"], each["kind"]) for each in shown["differences"]} == {
        ("PatientName", "changed"),
        ("KVP", "added"),
        ("PixelData", "changed"),
    }
    assert shown["sha256"] != shown["stored"]["sha256"]
    plain = command("quarantine", "show", differing["quarantine_id"])
    assert "PatientName: changed" in plain
    for said in (plain, json.dumps(shown)):
        assert not re.search("Secret|A-1001|1949", said)

    accepted = command("quarantine", "accept", differing["quarantine_id"])
    (former,) = entries("--cause", "superseded")
    assert former["quarantine_id"] in accepted
    command("check")

    before = objects()
    command("quarantine", "discard", former["quarantine_id"], "--yes")
    assert before - objects() == {shown["stored"]["sha256"]}
    assert shown["sha256"] in objects()

    assert "it is no instance" in refused("quarantine", "accept", unreadable["quarantine_id"])
    command("quarantine", "discard", unreadable["quarantine_id"], "--yes")
    assert entries() == []
    assert len(objects()) == 1
    assert "no such entry" in refused("quarantine", "show", unreadable["quarantine_id"])
    command("check")
