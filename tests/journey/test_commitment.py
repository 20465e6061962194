"""A commitment request outlives kill -9, and its report finds the device."""

from pathlib import Path

from tests.journey.running import RunningCloud, free_port
from tests.makers import make_study, uid
from tests.protocol.dimse.committing import CommitmentPeer, request

CT = "1.2.840.10008.5.1.4.1.1.2"
# A kill may leave a lease behind, which runs out first.
PATIENCE = 150


def test_a_request_outlives_a_kill_and_is_reported_once(
    embedded: RunningCloud, tmp_path: Path
) -> None:
    cloud = embedded
    files = make_study(tmp_path / "ct", count=3)
    port = free_port()
    cloud.command("institution", "add", "HOSP_A", "--name", "A")
    cloud.command(
        *("device", "add", "CT_A", "--institution", "HOSP_A"),
        *("--host", "127.0.0.1", "--port", str(port)),
    )
    cloud.start()
    cloud.storescu(*files, calling="CT_A")
    peer = CommitmentPeer(title="CT_A")
    references = [(CT, uid("s1", number)) for number in (1, 2, 3)] + [(CT, "1.2.3.4")]
    with peer.associated(cloud.dicom_port) as association:
        status, transaction = request(association, references)
        assert status == 0x0000
        cloud.kill()
        association.abort()
    with peer.listening(port):
        cloud.start()
        report = peer.next_report(PATIENCE)

    assert report.transaction_uid == transaction
    assert (report.way, report.event_type) == ("new", 2)
    assert report.committed == tuple(uid("s1", number) for number in (1, 2, 3))
    assert report.failed == {"1.2.3.4": 0x0112}
    assert all(code == 0 for code in cloud.stop()), cloud.log.read_text()
    assert peer.has_none()
