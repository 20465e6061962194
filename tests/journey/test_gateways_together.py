"""Several gateway processes under one `serve`: one door with TLS, one set of limits and figures."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from imaging_cloud.process import runtime_folder
from tests.journey.running import RunningCloud, free_port
from tests.protocol.dimse.certificates import Authority, Pair
from tests.protocol.dimse.raw_peer import RELEASE_RQ, RawPeer
from tests.protocol.dimse.running import eventually

needs_dcmtk = pytest.mark.skipif(shutil.which("echoscu") is None, reason="DCMTK is not installed")


def figure(cloud: RunningCloud, name: str) -> float:
    text = cloud.get("/metrics", cloud.token("admin", "operator")).body.decode()
    return sum(
        float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE)
    )


def start(cloud: RunningCloud, folder: Path, **settings: str) -> tuple[Authority, int]:
    authority, port = Authority(folder, "authority"), free_port()
    server = authority.sign("gateway", server=True)
    cloud.environment = {
        "IMAGING_CLOUD_GATEWAY_PROCESSES": "2",
        "IMAGING_CLOUD_DICOM_TLS_PORT": str(port),
        "IMAGING_CLOUD_DICOM_TLS_CERTIFICATE": str(server.certificate),
        "IMAGING_CLOUD_DICOM_TLS_KEY": str(server.key),
        "IMAGING_CLOUD_DICOM_TLS_CLIENT_CA": str(authority.file),
        **{f"IMAGING_CLOUD_{name}": value for name, value in settings.items()},
    }
    cloud.command("institution", "add", "HOSP_A", "--name", "First")
    cloud.command("device", "add", "CT1", "--institution", "HOSP_A")
    cloud.start()
    return authority, port


def echo_by_tls(authority: Authority, pair: Pair, port: int) -> int:
    command = ["echoscu", "+tls", str(pair.key), str(pair.certificate), "+cf", str(authority.file)]
    return subprocess.run(
        [*command, "-aet", "CT1", "127.0.0.1", str(port)], capture_output=True, check=False
    ).returncode


@needs_dcmtk
def test_a_device_is_bound_renewed_and_unbound_by_command(
    embedded: RunningCloud, tmp_path: Path
) -> None:
    authority, port = start(embedded, tmp_path)
    old, new = authority.sign("old"), authority.sign("new")
    assert echo_by_tls(authority, old, port) != 0

    embedded.command("device", "bind", "CT1", "--certificate", str(old.certificate))
    assert echo_by_tls(authority, old, port) == 0
    embedded.command("device", "bind", "CT1", "--fingerprint", new.fingerprint.upper())
    listed = embedded.command("device", "certificates", "CT1").stdout.splitlines()
    assert sorted(line.split("\t")[1] for line in listed) == sorted(
        (old.fingerprint, new.fingerprint)
    )
    assert any("CN=old" in line for line in listed)
    embedded.command("device", "unbind", "CT1", old.fingerprint)
    assert echo_by_tls(authority, old, port) != 0
    assert echo_by_tls(authority, new, port) == 0

    refused = embedded.command("device", "bind", "CT1", "--certificate", str(old.key), check=False)
    assert refused.returncode == 1
    assert "no X.509 certificate" in refused.stderr
    assert "device bind CT1 --fingerprint" in embedded.log.read_text()


def test_limits_and_figures_are_of_both_processes(embedded: RunningCloud, tmp_path: Path) -> None:
    start(embedded, tmp_path, MAX_ASSOCIATIONS_OF_ONE_DEVICE="6")
    accepted = "imaging_cloud_gateway_associations_accepted_total"
    refused = "imaging_cloud_gateway_associations_refused_total"
    active = "imaging_cloud_gateway_associations_active"
    # `wait_ready` asked whether the port is open; that it said nothing is counted when it is seen.
    assert eventually(lambda: figure(embedded, refused) == 1)
    peers = [RawPeer(embedded.dicom_port) for _ in range(9)]
    try:
        assert [peer.associate() for peer in peers] == [0x02] * 6 + [0x03] * 3
        # A peer may have its answer before it is counted.
        assert eventually(lambda: figure(embedded, accepted) == 6)
        assert figure(embedded, active) == 6
        assert figure(embedded, refused) == 1 + 3
        for peer in peers[:6]:
            peer.send(RELEASE_RQ)
            assert peer.read_pdu()[0] == 0x06
        assert eventually(lambda: figure(embedded, active) == 0)
        assert figure(embedded, accepted) == 6
    finally:
        for peer in peers:
            peer.socket.close()
    folder = runtime_folder(embedded.home)
    embedded.stop()
    assert not folder.exists()


def test_half_a_tls_configuration_is_no_start(embedded: RunningCloud, tmp_path: Path) -> None:
    embedded.environment = {"IMAGING_CLOUD_DICOM_TLS_KEY": str(tmp_path / "key")}
    done = embedded.command("serve", check=False)

    assert done.returncode == 2
    assert "IMAGING_CLOUD_DICOM_TLS_CLIENT_CA" in done.stderr
