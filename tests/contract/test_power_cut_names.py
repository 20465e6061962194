"""What a power cut leaves of the spool on ext4: an image of the disk is copied as it stands.

The kernel keeps what was not synced above the loop device, so the copy holds what a disk would.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from imaging_cloud.adapters.disk import names_follow_files
from imaging_cloud.adapters.filesystem_spool import FilesystemSpool
from imaging_cloud.dicom.file_meta import encode_file_meta

PREFIX = encode_file_meta("1.2.840.10008.5.1.4.1.1.2", "1.2.3", "1.2.840.10008.1.2.1")

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("mkfs.ext4"), reason="mounting needs root and e2fsprogs"
)


def run(*command: str | Path, accepted: tuple[int, ...] = (0,)) -> None:
    done = subprocess.run(command, check=False, capture_output=True, timeout=60)
    assert done.returncode in accepted, done.stderr


@contextmanager
def mounted(image: Path, folder: Path) -> Iterator[Path]:
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-o", "loop", image, folder], check=False, capture_output=True, timeout=60
    )
    if done.returncode != 0:
        pytest.skip("no loop devices here")
    try:
        yield folder
    finally:
        run("umount", folder)


@pytest.mark.parametrize("features", ["has_journal", "^has_journal"])
def test_a_sealed_entry_outlives_a_power_cut_with_its_name(tmp_path: Path, features: str) -> None:
    image, copy = tmp_path / "disk", tmp_path / "copy"
    with image.open("wb") as file:
        file.truncate(32 * 1024**2)
    run("mkfs.ext4", "-q", "-F", "-O", features, image)
    with mounted(image, tmp_path / "before") as disk:
        assert names_follow_files(disk)
        spool = FilesystemSpool(disk / "spool", max_bytes=10**6, reserve=0)
        os.sync()
        sealed = []
        for number in range(20):
            entry = spool.open_entry("HOSP_A", PREFIX)
            entry.write(bytes([number]) * 10_000)
            sealed.append(entry.seal())
            os.link(sealed[-1].path, disk / str(number))
        open_entry = spool.open_entry("HOSP_A", PREFIX)
        open_entry.write(b"not sealed")
        shutil.copyfile(image, copy)
        open_entry.abandon()

    run("e2fsck", "-fy", copy, accepted=(0, 1))
    with mounted(copy, tmp_path / "after") as disk:
        found = list(FilesystemSpool(disk / "spool", max_bytes=10**6, reserve=0).list_sealed())

    assert {each.sha256 for each in found} == {each.sha256 for each in sealed}
