"""C-STORE by real senders: what was sent is what is kept, and success means kept."""

import subprocess
from pathlib import Path

import pytest

from tests.protocol.dimse.conftest import RunningGateway, eventually
from tests.protocol.dimse.instances import make_instance, stored_data_set
from tests.protocol.dimse.memory_cloud import MemoryIndex
from tests.protocol.dimse.raw_peer import RawPeer


def run_tool(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, timeout=60, check=False
    )


def test_echoscu_is_answered(gateway: RunningGateway) -> None:
    done = run_tool("echoscu", "-v", "-aec", "WHATEVER", "127.0.0.1", str(gateway.port))

    # Its exit code is 0 even when the association is aborted under it.
    assert "Received Echo Response (Success)" in done.stdout + done.stderr


def test_storescu_stores_byte_for_byte(gateway: RunningGateway, tmp_path: Path) -> None:
    sent = [make_instance(number, pixels=bytes((number, 0)) * 200_000) for number in range(1, 6)]
    paths = [each.write_to(tmp_path) for each in sent]

    done = run_tool("storescu", "-aet", "STORESCU", "127.0.0.1", str(gateway.port), *paths)

    assert done.returncode == 0, done.stderr
    kept = {stored_data_set(path) for path in gateway.objects()}
    assert kept == {each.data_set for each in sent}


def test_a_raw_store_is_recorded_with_its_origin(
    gateway: RunningGateway, index: MemoryIndex
) -> None:
    instance = make_instance()
    with RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        assert peer.store(instance) == 0x0000
        assert peer.echo() == 0x0000

    origin = index.records[instance.uid].origin
    assert (origin.institution, origin.kind, origin.source, origin.peer) == (
        "HOSP_A",
        "c-store",
        "CT1",
        "127.0.0.1",
    )
    assert eventually(lambda: gateway.spool_files() == [])
