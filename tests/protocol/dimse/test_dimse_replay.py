"""What a crash left sealed in the spool is taken in at the next start, once."""

from pathlib import Path

import pytest

from imaging_cloud.dicom.file_meta import encode_file_meta
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.replay_spool import Replay, replay_spool
from tests.protocol.dimse.instances import CT, make_instance
from tests.protocol.dimse.memory_cloud import MemoryIndex, memory_cloud

DEAD = "4194305"  # above the highest process id of Linux


@pytest.fixture
def cloud(tmp_path: Path, index: MemoryIndex) -> Cloud:
    return memory_cloud(tmp_path, index)


def leave_behind(
    cloud: Cloud, number: int, *, end: int | None = None, claimed: str | None = None
) -> Path:
    """A sealed entry of a process that is gone."""
    instance = make_instance(number)
    prefix = encode_file_meta(CT, claimed or instance.uid, instance.transfer_syntax)
    entry = cloud.spool.open_entry("HOSP_A", prefix)
    entry.write(instance.data_set[:end])
    sealed = entry.seal().path
    random, _, rest = sealed.name.split(".", 2)
    return sealed.rename(sealed.with_name(f"{random}.{DEAD}.{rest}"))


def test_sealed_entries_are_kept_and_gone(cloud: Cloud, index: MemoryIndex) -> None:
    paths = [leave_behind(cloud, number) for number in (1, 2, 3)]

    assert replay_spool(cloud) == Replay(kept=3)
    assert not any(path.exists() for path in paths)
    origins = [record.origin for record in index.records.values()]
    assert {(each.institution, each.kind) for each in origins} == {("HOSP_A", "replay")}
    assert replay_spool(cloud) == Replay()


def test_what_was_recorded_before_the_crash_is_recorded_once(
    cloud: Cloud, index: MemoryIndex
) -> None:
    for _ in range(2):
        leave_behind(cloud, 1)
        assert replay_spool(cloud) == Replay(kept=1)
    assert len(index.records) == 1


def test_an_entry_waits_while_the_index_is_away(cloud: Cloud, index: MemoryIndex) -> None:
    path = leave_behind(cloud, 1)
    index.away = True
    assert replay_spool(cloud) == Replay(left=1)
    assert path.exists()

    index.away = False
    assert replay_spool(cloud) == Replay(kept=1)


def test_an_entry_that_is_no_instance_goes_to_quarantine(cloud: Cloud, index: MemoryIndex) -> None:
    leave_behind(cloud, 1, end=-7)

    assert replay_spool(cloud) == Replay(refused=1)
    assert [each.cause for each in index.refusals] == ["truncated"]


def test_what_the_command_said_still_counts(cloud: Cloud, index: MemoryIndex) -> None:
    leave_behind(cloud, 1, claimed="1.2.3.4")

    assert replay_spool(cloud) == Replay(refused=1)
    assert [each.cause for each in index.refusals] == ["uid-mismatch"]
    assert index.records == {}


def test_unsealed_leftovers_are_swept(cloud: Cloud) -> None:
    sealed = leave_behind(cloud, 1)
    part = sealed.rename(sealed.with_suffix(".part"))

    assert replay_spool(cloud) == Replay(swept=1)
    assert not part.exists()
