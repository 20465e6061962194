"""Large entries lend memory of their own: what is put there is theirs, once and for good."""

import hashlib
import random
from pathlib import Path

import pytest

from imaging_cloud.adapters.direct_file import CHUNK
from imaging_cloud.adapters.filesystem_spool import FilesystemSpool
from imaging_cloud.dicom.file_meta import encode_file_meta
from imaging_cloud.domain.errors import InvalidInstance

PREFIX = encode_file_meta("1.2.840.10008.5.1.4.1.1.2", "1.2.3", "1.2.840.10008.1.2.1")


def test_bytes_put_where_the_entry_says_are_those_of_the_entry(tmp_path: Path) -> None:
    spool = FilesystemSpool(tmp_path, max_bytes=3 * CHUNK, reserve=0)
    data = random.Random(1).randbytes(2 * CHUNK + 12_345)
    entry = spool.open_entry("HOSP_A", PREFIX)
    assert entry.lend(1000) is None  # a small one stays in memory
    entry.write(data[:1000])
    at = 1000
    while at < len(data):
        place = entry.lend(min(130_000, len(data) - at))
        assert place is not None
        taken = len(place) if at % 3 else max(1, len(place) // 2)
        place[:taken] = data[at : at + taken]
        entry.advance(taken)
        at += taken

    sealed = entry.seal()

    assert sealed.path.read_bytes() == PREFIX + data
    assert sealed.sha256 == hashlib.sha256(data).hexdigest()


def test_no_place_is_lent_past_the_limit(tmp_path: Path) -> None:
    spool = FilesystemSpool(tmp_path, max_bytes=10_000, reserve=0)
    entry = spool.open_entry("HOSP_A", PREFIX)

    assert entry.lend(200_000) is None
    with pytest.raises(InvalidInstance):
        entry.write(bytes(200_000))
    entry.abandon()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_bytes_of_a_sealed_entry_stay_while_somebody_looks_at_them(tmp_path: Path) -> None:
    spool = FilesystemSpool(tmp_path, max_bytes=10**7, reserve=0)
    sealed = []
    for letter in (b"a", b"b", b"c"):
        entry = spool.open_entry("HOSP_A", PREFIX)
        entry.write(letter * 300_000)
        sealed.append(entry.seal())

    assert [bytes(each.content or b"")[-1:] for each in sealed] == [b"a", b"b", b"c"]
