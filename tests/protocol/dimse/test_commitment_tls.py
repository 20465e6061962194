"""Storage commitment reports to devices that are called by TLS: told to them and to nobody else."""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gateway.reporter import deliver_reports
from gateway.tls import TlsFiles
from imaging_cloud.ports.access_register import Device, DeviceCertificate
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.check_commitments import check_commitments
from tests.protocol.dimse.certificates import Authority, Pair
from tests.protocol.dimse.committing import CommitmentPeer, request
from tests.protocol.dimse.instances import CT
from tests.protocol.dimse.running import RunningGateway

ABSENT = "1.2.3.4.5"


@dataclass
class Site:
    cloud: Cloud
    authority: Authority
    files: TlsFiles
    peer: CommitmentPeer

    @contextmanager
    def listening(self, shown: Pair, bound: Pair | None) -> Iterator[None]:
        """CT1 listens with a certificate, demands ours, and may have one bound to it."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.authority.file)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(shown.certificate, shown.key)
        with self.peer.listening(tls=context) as port:
            self.register(port)
            if bound is not None:
                self.cloud.register.bind_certificate(
                    DeviceCertificate(ae_title="CT1", fingerprint=bound.fingerprint)
                )
            yield

    def register(self, port: int) -> None:
        self.cloud.register.add_device(
            Device(ae_title="CT1", institution="HOSP_A", host="127.0.0.1", port=port, tls=True)
        )

    def deliver(self, files: TlsFiles | None) -> int:
        return deliver_reports(self.cloud, "IMAGINGCLOUD", tls=files)


@pytest.fixture
def site(running: RunningGateway, cloud: Cloud, tmp_path: Path) -> Site:
    """A report for CT1 is ready, and papers are made."""
    peer = CommitmentPeer()
    with peer.associated(running.port) as association:
        assert request(association, [(CT, ABSENT)])[0] == 0
        association.abort()
    running.stop_and_wait()
    check_commitments(cloud)
    authority = Authority(tmp_path, "authority")
    ours = authority.sign("gateway", server=True, client=True)
    files = TlsFiles(certificate=ours.certificate, key=ours.key, client_ca=authority.file)
    return Site(cloud, authority, files, peer)


@pytest.mark.parametrize("is_bound", [True, False])
def test_a_report_goes_out_by_tls_with_certificates_of_both(site: Site, is_bound: bool) -> None:
    papers = site.authority.sign("ct1", server=True)
    with site.listening(papers, papers if is_bound else None):
        assert site.deliver(site.files) == 1
        report = site.peer.next_report(5)

    assert (report.way, report.failed) == ("new", {ABSENT: 0x0112})


def test_a_report_is_not_told_to_another_device_in_its_place(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    own, others = (site.authority.sign(name, server=True) for name in ("ct1", "ct2"))
    with caplog.at_level(logging.WARNING), site.listening(others, own):
        assert site.deliver(site.files) == 0
        assert site.peer.has_none()

    assert "shows a certificate that is not bound to it" in caplog.text


def test_a_report_is_not_told_to_whom_nobody_we_trust_has_signed(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    papers = Authority(tmp_path, "stranger").sign("ct1", server=True)
    with caplog.at_level(logging.WARNING), site.listening(papers, papers):
        assert site.deliver(site.files) == 0
        assert site.peer.has_none()

    assert "cannot be reached by TLS or refuses" in caplog.text


def test_without_papers_of_ours_a_report_waits_and_never_goes_out_in_the_clear(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), site.peer.listening() as port:
        site.register(port)
        assert site.deliver(None) == 0
        assert site.peer.has_none()
    assert "IMAGING_CLOUD_DICOM_TLS_CERTIFICATE is not set" in caplog.text

    missing = replace(site.files, key=Path("/nonexistent"))
    assert site.deliver(missing) == 0
