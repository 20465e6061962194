"""Every file that pydicom ships goes through a real association and through import."""

import io
from collections import Counter
from pathlib import Path

import pydicom
import pytest
from pydicom import dcmread
from pydicom.errors import InvalidDicomError

from tests.journey.running import RunningCloud
from tests.journey.sending import send_raw
from tests.makers import data_set_bytes

# pydicom warns of its own odd files when this test reads them; the cloud does not use it here.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

DATA = Path(pydicom.__file__).parent / "data"
# What a file must look like to be refused, by cause, told by pydicom and not by our own reader.
_NOT_DICOM_SUFFIXES = {".py", ".pyc", ".json", ".txt", ".md", ".csv"}


def shipped() -> list[Path]:
    return sorted(
        path
        for path in DATA.rglob("*")
        if path.is_file() and path.suffix not in _NOT_DICOM_SUFFIXES
    )


def has_study(path: Path) -> bool:
    """Whether pydicom finds all four UIDs that an instance needs."""
    try:
        dataset = dcmread(path, stop_before_pixels=True, force=True)
        needed = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
        return all(dataset.get(keyword) for keyword in needed)
    except (InvalidDicomError, EOFError, ValueError, NotImplementedError, AttributeError):
        return False


@pytest.fixture
def prepared(cloud: RunningCloud) -> RunningCloud:
    cloud.command("institution", "add", "LAB", "--name", "Lab")
    cloud.command("device", "add", "LAB_CT", "--institution", "LAB")
    return cloud


def test_every_shipped_file_is_imported_or_refused_with_its_reason(
    prepared: RunningCloud,
) -> None:
    files = shipped()
    done = prepared.command("import", *map(str, files), "--institution", "LAB")

    assert "Traceback" not in done.stderr
    counts = Counter(
        {
            outcome: int(count)
            for outcome, _, count in (
                line.rpartition(": ") for line in done.stdout.splitlines() if line[-1:].isdigit()
            )
            if not outcome.startswith("refused: ")
        }
    )
    assert sum(counts.values()) == len(files), done.stdout
    refused = {
        Path(line.split(": ")[1]).name: line.split(": ")[2]
        for line in done.stdout.splitlines()
        if line.startswith("refused: ")
    }
    for path in files:
        if path.name in refused:
            continue
        assert has_study(path), f"{path.name} was stored without being an instance"
    reasons = set(refused.values())
    assert reasons <= {
        *("not-dicom", "missing-uid", "truncated", "bad-length", "not-an-instance"),
        *("differs", "clash", "uid-mismatch", "sop-class-mismatch", "invalid-uid", "unreadable"),
    }
    again = prepared.command("import", *map(str, files), "--institution", "LAB")
    assert "\nstored: " not in "\n" + again.stdout, "a second import stored something new"
    assert prepared.command("check").returncode == 0


def test_every_shipped_instance_survives_a_real_association(
    prepared: RunningCloud,
) -> None:
    """Data sets are sent as they are in their own transfer syntax, and read back byte for byte."""
    prepared.start()
    admin = prepared.token("admin", "operator")
    outcomes = Counter()
    for path in shipped():
        if path.name == "DICOMDIR" or not has_study(path):
            continue
        data = path.read_bytes()
        if data[128:132] != b"DICM":
            continue
        dataset = dcmread(io.BytesIO(data), stop_before_pixels=True, force=True)
        meta = dataset.file_meta
        if "TransferSyntaxUID" not in meta or "MediaStorageSOPClassUID" not in meta:
            continue
        status = send_raw(prepared, "LAB_CT", path)
        outcomes[f"0x{status:04X}"] += 1
        if status != 0:
            continue
        read = prepared.get(
            f"/dicom-web/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
            f"/instances/{dataset.SOPInstanceUID}",
            admin,
            accept='multipart/related; type="application/dicom"; transfer-syntax=*',
        )
        assert read.status == 200, (path.name, read.body[:300])
        assert data_set_bytes(data) in read.body, path.name
    assert outcomes["0x0000"] > 80, outcomes
    assert set(outcomes) <= {"0x0000", "0xC111", "0xA900"} | {
        status for status in outcomes if status.startswith("0xC0")
    }, outcomes
    assert "Traceback" not in prepared.log.read_text()
    prepared.stop()
    assert prepared.command("check").returncode == 0
