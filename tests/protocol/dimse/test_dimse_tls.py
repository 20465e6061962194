"""DICOM over TLS: who is let in by certificate and AE title, and what is turned away."""

import logging
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from gateway.tls import Secured, TlsFiles
from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.ports.access_register import Device
from imaging_cloud.process import bind_socket
from tests.protocol.dimse.certificates import Authority, Pair
from tests.protocol.dimse.instances import make_instance
from tests.protocol.dimse.memory_cloud import MemoryIndex
from tests.protocol.dimse.raw_peer import RawPeer, associate_rq
from tests.protocol.dimse.running import RunningGateway, eventually

needs_dcmtk = pytest.mark.skipif(shutil.which("storescu") is None, reason="DCMTK is not installed")


@dataclass
class Site:
    """A gateway with TLS, and the papers of those who call it."""

    gateway: RunningGateway
    index: MemoryIndex
    authority: Authority
    files: TlsFiles
    ct1: Pair

    def bind(self, ae_title: str, *pairs: Pair) -> None:
        self.index.devices[ae_title] = Device(
            ae_title=ae_title,
            institution="HOSP_A",
            fingerprints=frozenset(pair.fingerprint for pair in pairs),
        )

    def context(self, pair: Pair | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.authority.file)
        if pair is not None:
            context.load_cert_chain(pair.certificate, pair.key)
        return context

    def connect(self, pair: Pair | None, context: ssl.SSLContext | None = None) -> RawPeer:
        peer = RawPeer(self.gateway.tls_port)
        context = context or self.context(pair)
        peer.socket = context.wrap_socket(peer.socket, server_hostname="127.0.0.1")
        return peer


@pytest.fixture
def site(start_gateway: Callable[..., RunningGateway], tmp_path: Path, index: MemoryIndex) -> Site:
    authority = Authority(tmp_path, "authority")
    server = authority.sign("gateway", server=True)
    files = TlsFiles(certificate=server.certificate, key=server.key, client_ca=authority.file)
    site = Site(start_gateway(tls=files), index, authority, files, authority.sign("ct1"))
    site.bind("CT1", site.ct1)
    return site


def refused(reason: str) -> float:
    name = "imaging_cloud_gateway_associations_refused_total"
    return REGISTRY.get_sample_value(name, {"reason": reason}) or 0


def dcmtk(
    site: Site, program: str, pair: Pair | None, *files: Path, port: int = 0, calling: str = "CT1"
) -> subprocess.CompletedProcess[str]:
    tls = ["+tla"] if pair is None else ["+tls", str(pair.key), str(pair.certificate)]
    command = [
        *(program, *tls, "+cf", str(site.authority.file), "-aet", calling, "-to", "10"),
        *("127.0.0.1", str(port or site.gateway.tls_port), *map(str, files)),
    ]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=os.environ
    )


@needs_dcmtk
def test_storescu_stores_by_tls(site: Site, tmp_path: Path) -> None:
    instances = [make_instance(n, pixels=bytes(300_000)) for n in range(3)]
    paths = [each.write_to(tmp_path) for each in instances]
    done = dcmtk(site, "storescu", site.ct1, *paths)

    assert done.returncode == 0, done.stderr
    assert set(site.index.records) == {each.uid for each in instances}
    assert len(site.gateway.objects()) == 3


@needs_dcmtk
def test_echoscu_is_answered_by_tls(site: Site) -> None:
    assert dcmtk(site, "echoscu", site.ct1).returncode == 0


@needs_dcmtk
def test_echoscu_without_a_certificate_is_refused(site: Site) -> None:
    before = refused("tls-failed")
    assert dcmtk(site, "echoscu", None).returncode != 0
    assert eventually(lambda: refused("tls-failed") == before + 1)


@needs_dcmtk
@pytest.mark.parametrize("kind", ["another authority's", "expired"])
def test_a_certificate_that_is_not_good_is_refused_even_when_bound(
    site: Site, tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    if kind == "expired":
        pair = site.authority.sign("old", days=-1)
    else:
        pair = Authority(tmp_path, "stranger").sign("strange")
    site.bind("CT1", pair)
    before = refused("tls-failed")
    with caplog.at_level(logging.INFO):
        assert dcmtk(site, "echoscu", pair).returncode != 0
        assert eventually(lambda: refused("tls-failed") == before + 1)

    expected = "has expired" if kind == "expired" else "certificate not accepted"
    assert expected in caplog.text


@needs_dcmtk
@pytest.mark.parametrize("bound", [True, False])
def test_the_certificate_of_another_device_is_refused(
    site: Site, bound: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Signed by the right authority is not enough: it must be bound to the AE title that calls."""
    other = site.authority.sign("ct2")
    if bound:
        site.bind("CT2", other)
    before = refused("wrong-certificate")
    with caplog.at_level(logging.INFO):
        assert dcmtk(site, "echoscu", other).returncode != 0

    assert refused("wrong-certificate") == before + 1
    assert f"imaging-cloud device bind CT1 --fingerprint {other.fingerprint}" in caplog.text


def test_a_device_without_bound_certificate_is_refused_by_tls(site: Site) -> None:
    with site.connect(site.ct1) as peer:
        peer.send(associate_rq("STORESCU"))
        assert peer.read_pdu() == (0x03, bytes((0, 1, 1, 3)))


def test_a_device_may_change_certificates_without_a_gap(site: Site) -> None:
    following = site.authority.sign("ct1-next")
    site.bind("CT1", site.ct1, following)
    for pair in (site.ct1, following):
        with site.connect(pair) as peer:
            assert peer.associate() == 0x02
            assert peer.store(make_instance()) == 0


def test_an_own_certificate_may_be_trusted_by_itself(
    site: Site, start_gateway: Callable[..., RunningGateway], tmp_path: Path
) -> None:
    """Without an authority: the device's certificate stands in the file of the trusted."""
    lone = Authority(tmp_path, "unknown").sign("lone")
    files = replace(site.files, client_ca=lone.certificate)
    site.bind("CT1", lone)
    gateway = start_gateway(tls=files, home=tmp_path / "other")
    assert gateway.tls_port
    site.gateway = gateway
    with site.connect(lone) as peer:
        assert peer.associate() == 0x02


def test_a_device_with_a_certificate_must_not_come_without_tls(site: Site) -> None:
    before = refused("tls-needed")
    with RawPeer(site.gateway.port) as peer:
        assert peer.associate("CT1") == 0x03
    assert refused("tls-needed") == before + 1
    with RawPeer(site.gateway.port) as peer:
        assert peer.associate("STORESCU") == 0x02


def test_unless_the_operator_says_so(
    start_gateway: Callable[..., RunningGateway], index: MemoryIndex
) -> None:
    index.devices["CT1"] = Device(
        ae_title="CT1", institution="HOSP_A", fingerprints=frozenset({"0" * 64})
    )
    gateway = start_gateway(plain_with_certificate=True)
    with RawPeer(gateway.port) as peer:
        assert peer.associate("CT1") == 0x02


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_protocols_are_refused(site: Site, version: ssl.TLSVersion) -> None:
    context = site.context(site.ct1)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.minimum_version = context.maximum_version = version
    before = refused("tls-failed")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        site.connect(None, context)
    assert eventually(lambda: refused("tls-failed") == before + 1)


@pytest.mark.parametrize(
    ("suite", "taken"),
    [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", True),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", True),
        ("ECDHE-ECDSA-AES128-SHA256", False),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", False),
    ],
)
def test_of_tls_1_2_only_the_suites_of_the_profile_are_taken(
    site: Site, suite: str, taken: bool
) -> None:
    context = site.context(site.ct1)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suite)
    if taken:
        with site.connect(None, context) as peer:
            assert peer.associate() == 0x02
            assert peer.store(make_instance(pixels=bytes(700_000))) == 0
    else:
        before = refused("tls-failed")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            site.connect(None, context)
        assert eventually(lambda: refused("tls-failed") == before + 1)


def test_plain_dicom_on_the_tls_port_is_refused_at_once(site: Site) -> None:
    before = refused("tls-failed")
    with RawPeer(site.gateway.tls_port) as peer:
        peer.send(associate_rq())
        assert peer.is_closed_within(2)
    assert eventually(lambda: refused("tls-failed") == before + 1)


def test_tls_clients_that_say_nothing_hold_up_nobody(site: Site) -> None:
    with ExitStack() as open_peers:
        silent = [open_peers.enter_context(RawPeer(site.gateway.tls_port)) for _ in range(40)]
        for each in silent[:20]:
            each.send(b"\x16\x03\x01")  # the beginning of a handshake
        with site.connect(site.ct1) as peer:
            assert peer.associate() == 0x02
            assert peer.store(make_instance()) == 0
        assert all(each.is_closed_within(8) for each in silent)


def test_a_handshake_of_single_bytes_runs_out_of_time(
    start_gateway: Callable[..., RunningGateway], site: Site
) -> None:
    gateway = start_gateway(tls=site.files, limits={"request_seconds": 0.5})
    with RawPeer(gateway.tls_port, patience=0.05) as peer:

        def is_cut() -> bool:
            try:
                peer.send(b"\x16")
                peer.socket.recv(1)
            except TimeoutError:
                return False
            except ConnectionError:
                return True
            return True

        peer.send(b"\x16\x03\x01\x3f\xff")
        assert eventually(is_cut)


def test_silence_within_tls_is_cut_as_without(
    start_gateway: Callable[..., RunningGateway], site: Site
) -> None:
    site.gateway = start_gateway(tls=site.files, limits={"request_seconds": 0.5})
    before = refused("timeout")
    with site.connect(site.ct1) as peer:
        assert peer.is_closed_within(8)
    assert eventually(lambda: refused("timeout") == before + 1)


def test_stopping_ends_a_tls_association(site: Site) -> None:
    with site.connect(site.ct1) as peer:
        assert peer.associate() == 0x02
        site.gateway.stop.set()
        assert peer.read_pdu()[0] == 0x07
    site.gateway.stop_and_wait()


def test_a_renewed_certificate_of_ours_serves_from_the_next_connection_on(site: Site) -> None:
    renewed = site.authority.sign("gateway-next", server=True)
    for old, new in ((site.files.certificate, renewed.certificate), (site.files.key, renewed.key)):
        stamp = old.stat().st_mtime_ns + 1_000_000_000
        old.write_bytes(new.read_bytes())
        os.utime(old, ns=(stamp, stamp))
    with site.connect(site.ct1) as peer:
        assert isinstance(peer.socket, ssl.SSLSocket)
        shown = peer.socket.getpeercert(binary_form=True)
        assert shown == ssl.PEM_cert_to_DER_cert(renewed.certificate.read_text())


def test_a_renewal_that_cannot_be_read_leaves_the_former_in_use(site: Site) -> None:
    site.files.certificate.write_text("not a certificate")
    os.utime(site.files.certificate, ns=(10**18, 10**18))
    with site.connect(site.ct1) as peer:
        assert peer.associate() == 0x02


@pytest.mark.parametrize("broken", ["certificate", "key", "client_ca"])
def test_files_that_do_not_serve_are_named_at_the_start(site: Site, broken: str) -> None:
    getattr(site.files, broken).write_text("nothing")
    listener: socket.socket = bind_socket("127.0.0.1", 0)
    with listener, pytest.raises(InvalidRequest, match="IMAGING_CLOUD_DICOM_TLS_"):
        Secured(listener, site.files)
