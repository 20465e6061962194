"""What the disk module says of file systems, and that its hints harm nothing."""

import errno
import os
from pathlib import Path

import pytest

from imaging_cloud.adapters import disk


def test_names_follow_only_on_file_systems_that_were_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = tmp_path.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    mounts = tmp_path / "mountinfo"
    monkeypatch.setattr(disk, "_MOUNTS", mounts)
    for kind, expected in (("ext4", True), ("overlay", False), ("fuse.x", False)):
        mounts.write_text(f"6 1 {number} / / rw shared:1 - {kind} /dev/x rw\n")
        assert disk.names_follow_files(tmp_path) is expected
    mounts.write_text("6 1 9999:1 / / rw - ext4 /dev/x rw\n")
    assert not disk.names_follow_files(tmp_path)
    mounts.unlink()
    assert not disk.names_follow_files(tmp_path)


def test_write_back_may_be_begun_at_any_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.write(b"x" * 100_000)
        file.flush()
        disk.start_write_back(file.fileno(), 0, 100_000)
    reading, writing = os.pipe()
    disk.start_write_back(writing, 0, 1)  # no file: nothing to begin
    os.close(reading)
    os.close(writing)
    with pytest.raises(OSError, match="descriptor") as caught:
        disk.start_write_back(writing, 0, 1)
    assert caught.value.errno == errno.EBADF
    monkeypatch.setattr(disk, "_SYNC_FILE_RANGE", None)
    disk.start_write_back(writing, 0, 1)
