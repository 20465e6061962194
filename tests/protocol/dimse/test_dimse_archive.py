"""The gateway over the real spool, store and index; and as processes that share a socket."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.domain.access import Scope
from imaging_cloud.ports.access_register import Device, Institution
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.process import DICOM_FD, READY_FD, bind_socket
from imaging_cloud.settings import Settings
from tests.protocol.dimse.instances import ROOT, make_instance
from tests.protocol.dimse.raw_peer import RawPeer
from tests.protocol.dimse.running import RunningGateway, start

REPOSITORY = Path(__file__).parents[3]
EVERYTHING = Scope(everything=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", reserve_bytes=0, _env_file=None)  # type: ignore[call-arg]


@pytest.fixture
def cloud(settings: Settings) -> Iterator[Cloud]:
    prepare_home(settings)
    opened = open_cloud(settings)
    opened.register.add_institution(Institution(code="HOSP_A", name="A"))
    opened.register.add_device(Device(ae_title="CT1", institution="HOSP_A"))
    yield opened
    opened.close()


@pytest.fixture
def real_gateway(cloud: Cloud, settings: Settings) -> Iterator[RunningGateway]:
    running = start(cloud, settings, settings.home, {})
    yield running
    running.stop_and_wait()
    cloud.spool.close()
    assert running.spool_files() == []


def stored(cloud: Cloud) -> dict[str, bytes]:
    """The data sets of the study, by SOP Instance UID, read back from the store."""
    found = {}
    for row in cloud.index.list_instances(EVERYTHING, f"{ROOT}.1"):
        with cloud.objects.open_object(row.object_key) as stream:
            part10 = stream.read()
        found[row.sop_instance_uid] = part10[144 + int.from_bytes(part10[140:144], "little") :]
    return found


def test_what_was_answered_success_is_in_store_and_index(
    real_gateway: RunningGateway, cloud: Cloud
) -> None:
    sent = [make_instance(number) for number in range(1, 6)]
    with RawPeer(real_gateway.port) as peer:
        assert peer.associate() == 0x02
        assert [peer.store(each) for each in sent] == [0x0000] * 5
        assert peer.store(sent[0]) == 0x0000
        assert peer.store(make_instance(2, pixels=bytes(1024))) == 0xC111

        assert stored(cloud) == {each.uid: each.data_set for each in sent}


def test_an_unregistered_device_is_rejected_until_it_is_added(
    real_gateway: RunningGateway, cloud: Cloud
) -> None:
    with RawPeer(real_gateway.port) as peer:
        assert peer.associate("MR7") == 0x03
    cloud.register.add_device(Device(ae_title="MR7", institution="HOSP_A"))
    with RawPeer(real_gateway.port) as peer:
        assert peer.associate("MR7") == 0x02


def test_two_processes_serve_one_socket_and_stop_cleanly(cloud: Cloud, settings: Settings) -> None:
    listener = bind_socket("127.0.0.1", 0)
    port = listener.getsockname()[1]
    ready, ready_end = os.pipe()
    environment = os.environ | {
        "IMAGING_CLOUD_HOME": str(settings.home),
        "IMAGING_CLOUD_RESERVE_BYTES": "0",
        DICOM_FD: str(listener.fileno()),
        READY_FD: str(ready_end),
        "PYTHONPATH": str(REPOSITORY),
    }
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "gateway"],
                    env=environment,
                    pass_fds=[listener.fileno(), ready_end],
                    stderr=subprocess.PIPE,
                )
            )
            for _ in range(2)
        ]
        listener.close()
        os.close(ready_end)
        # One process would do for the peers: wait for both.
        assert os.read(ready, 1) + os.read(ready, 1) == b"11"
        os.close(ready)
        sent = [make_instance(number) for number in range(1, 9)]
        peers = [stack.enter_context(RawPeer(port, patience=60)) for _ in range(8)]
        for peer in peers:
            assert peer.associate() == 0x02
        for peer, instance in zip(peers, sent, strict=True):
            assert peer.store(instance) == 0x0000
        for process in processes:
            process.send_signal(signal.SIGTERM)
        assert all(peer.read_pdu()[0] == 0x07 for peer in peers)
        for peer in peers:
            peer.socket.close()
        ends = [process.communicate(timeout=20) for process in processes]
        assert [process.returncode for process in processes] == [0, 0], ends
    assert stored(cloud) == {each.uid: each.data_set for each in sent}
