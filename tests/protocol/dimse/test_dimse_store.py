"""C-STORE by real senders: what was sent is what is kept, and success means kept."""

import random
import subprocess
from pathlib import Path

import pytest
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.sop_class import Verification

from tests.protocol.dimse.instances import CT, make_instance, stored_data_set
from tests.protocol.dimse.memory_cloud import MemoryIndex
from tests.protocol.dimse.raw_peer import RawPeer, p_data, pdu, pdv, store_rq
from tests.protocol.dimse.running import RunningGateway, eventually


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


def cut_at_random(stream: bytes, seed: int) -> list[bytes]:
    """Pieces of one byte to three fragments."""
    source = random.Random(seed)
    pieces, at = [], 0
    while at < len(stream):
        length = source.choice((1, 5, 700, 70_000, 131_000, 390_000))
        pieces.append(stream[at : at + length])
        at += length
    return pieces


@pytest.mark.parametrize("seed", range(4))
def test_large_fragments_arrive_whole_however_the_network_cuts_them(
    gateway: RunningGateway, seed: int
) -> None:
    sent = [
        make_instance(number, pixels=random.Random(number).randbytes(1_700_000))
        for number in (1, 2)
    ]
    with RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        for instance in sent:
            data = instance.data_set
            fragments = [data[at : at + 100_000] for at in range(0, len(data), 100_000)]
            stream = p_data(1, 0x03, store_rq(instance.uid))
            for first, second in zip(fragments[:-1:2], fragments[1:-1:2], strict=False):
                stream += p_data(1, 0x00, first) if seed % 2 else b""
                stream += (
                    b"" if seed % 2 else pdu(0x04, pdv(1, 0, first[:64]) + pdv(1, 0, first[64:]))
                )
                stream += p_data(1, 0x00, second)
            if not len(fragments) % 2:
                stream += p_data(1, 0x00, fragments[-2])
            stream += p_data(1, 0x02, fragments[-1])
            for piece in cut_at_random(stream, seed):
                peer.send(piece)
            assert peer.read_status()[0] == 0x0000

    assert {stored_data_set(path) for path in gateway.objects()} == {each.data_set for each in sent}


def test_a_sender_that_goes_within_a_large_fragment_leaves_nothing(
    gateway: RunningGateway,
) -> None:
    with RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        peer.send(p_data(1, 0x03, store_rq("1.2.3")))
        peer.send(p_data(1, 0x00, bytes(100_000)) + p_data(1, 0x02, bytes(100_000))[:50_000])
        assert eventually(lambda: len(gateway.spool_files()) == 1)

    assert eventually(lambda: gateway.spool_files() == [])
    assert gateway.objects() == []


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


def test_four_senders_at_once_lose_nothing(gateway: RunningGateway, tmp_path: Path) -> None:
    sent = [make_instance(number, pixels=bytes((number, 1)) * 50_000) for number in range(40)]
    senders = []
    for share in range(4):
        folder = tmp_path / f"share{share}"
        folder.mkdir()
        for instance in sent[share::4]:
            instance.write_to(folder)
        command = [
            "storescu",
            "-aet",
            "STORESCU",
            "+sd",
            "127.0.0.1",
            str(gateway.port),
            str(folder),
        ]
        senders.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
    for sender in senders:
        said, _ = sender.communicate(timeout=60)
        assert sender.returncode == 0, said

    kept = sorted(stored_data_set(path) for path in gateway.objects())
    assert kept == sorted(each.data_set for each in sent)


def test_dcmsend_sends_a_folder(gateway: RunningGateway, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    sent = [make_instance(number) for number in range(3)]
    for instance in sent:
        instance.write_to(folder)

    done = run_tool("dcmsend", "-v", "+sd", "127.0.0.1", str(gateway.port), folder)

    assert done.returncode == 0, done.stdout + done.stderr
    assert {stored_data_set(path) for path in gateway.objects()} == {e.data_set for e in sent}


@pytest.mark.parametrize("chunk", [1, 100, 16378, 131066])
def test_fragments_of_any_size_make_the_same_object(gateway: RunningGateway, chunk: int) -> None:
    instance = make_instance(pixels=bytes(range(256)) * (2 if chunk == 1 else 1200))
    with RawPeer(gateway.port) as peer:
        assert peer.associate() == 0x02
        peer.send(p_data(1, 0x03, store_rq(instance.uid)))
        peer.send_data_set(instance.data_set, chunk=chunk)
        assert peer.read_status()[0] == 0x0000

    (path,) = gateway.objects()
    assert stored_data_set(path) == instance.data_set


def test_an_object_of_forty_megabytes_passes_through(gateway: RunningGateway) -> None:
    instance = make_instance(pixels=bytes(40_000_000))
    with RawPeer(gateway.port, patience=30) as peer:
        assert peer.associate() == 0x02
        peer.send(p_data(1, 0x03, store_rq(instance.uid)))
        peer.send_data_set(instance.data_set, chunk=100_000)
        assert peer.read_status()[0] == 0x0000


def test_pynetdicom_is_understood(gateway: RunningGateway, tmp_path: Path) -> None:
    path = make_instance().write_to(tmp_path)
    ae = AE("CT1")
    ae.add_requested_context(CT, [ExplicitVRLittleEndian])
    ae.add_requested_context(Verification)
    association = ae.associate("127.0.0.1", gateway.port)
    assert association.is_established
    assert association.send_c_echo().Status == 0x0000
    assert association.send_c_store(path).Status == 0x0000
    association.release()
    assert association.is_released
