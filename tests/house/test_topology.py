"""The topology of deploy/compose.yaml as plain processes: it works, and only by TLS.

PostgreSQL, SeaweedFS, the cloud, and nginx with the very nginx.conf of deploy/, its names and
ports put in place of those of the containers.
"""

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydicom import dcmread
from pynetdicom import AE

from tests.journey.running import RunningCloud
from tests.makers import make_study
from tests.services import PostgresServer, S3Server, free_ports

ROOT = Path(__file__).resolve().parents[2]
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
VERIFICATION = "1.2.840.10008.1.1"

pytestmark = pytest.mark.skipif(
    NGINX is None or not STREAM_MODULE.exists(),
    reason="nginx is not installed (apt-get install nginx libnginx-mod-stream)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    cloud: RunningCloud
    tls: Path
    https_port: int
    dicom_tls_port: int

    def client_context(self, *, certificate: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.tls / "server.crt")
        if certificate:
            context.load_cert_chain(self.tls / "modality.crt", self.tls / "modality.key")
        return context

    def get(self, path: str, token: str = "") -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection(
            "localhost", self.https_port, context=self.client_context(), timeout=20
        )
        try:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def make_certificate(folder: Path, name: str, common_name: str) -> None:
    subject = ["-subj", f"/CN={common_name}", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.crt")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*command, *subject, *files], check=True, capture_output=True)


def proxy_configuration(folder: Path, cloud: RunningCloud, https: int, dicom: int) -> Path:
    """deploy/nginx.conf with loopback addresses and a folder of its own."""
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for old, new in (
        ("listen 8443 ssl;", f"listen 127.0.0.1:{https} ssl;"),
        ("listen 2762 ssl;", f"listen 127.0.0.1:{dicom} ssl;"),
        ("cloud:8080;", f"127.0.0.1:{cloud.http_port};"),
        ("cloud:11112;", f"127.0.0.1:{cloud.dicom_port};"),
        ("/etc/nginx/tls/", f"{folder}/tls/"),
        ("pid /run/nginx.pid;", f"pid {folder}/nginx.pid;"),
    ):
        assert old in text
        text = text.replace(old, new)
    text = re.sub(r"^\s*resolver .*;\n", "", text, flags=re.MULTILINE)
    temporary = "".join(
        f"    {kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = text.replace("http {\n", f"http {{\n{temporary}", 1)
    configuration = folder / "nginx.conf"
    configuration.write_text(f"load_module {STREAM_MODULE};\n{text}", encoding="utf-8")
    return configuration


@pytest.fixture(scope="module")
def topology(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, seaweedfs: S3Server
) -> Iterator[Topology]:
    folder = tmp_path_factory.mktemp("topology")
    (folder / "tls").mkdir()
    make_certificate(folder / "tls", "server", "localhost")
    make_certificate(folder / "tls", "modality", "modality")
    shutil.copy(folder / "tls" / "modality.crt", folder / "tls" / "dicom-clients.crt")
    https, dicom = free_ports(2)
    cloud = RunningCloud(
        home=folder / "home",
        environment={
            "IMAGING_CLOUD_DATABASE_URL": postgres_server.create_database("topology"),
            "IMAGING_CLOUD_OBJECT_STORE_URL": seaweedfs.url.replace("?", "/topology?"),
            "IMAGING_CLOUD_PUBLIC_URL": f"https://localhost:{https}",
            "AWS_ACCESS_KEY_ID": seaweedfs.access_key,
            "AWS_SECRET_ACCESS_KEY": seaweedfs.secret_key,
        },
    )
    cloud.command("institution", "add", "HOSP_A", "--name", "A")
    cloud.command("device", "add", "CT_A", "--institution", "HOSP_A")
    proxy: subprocess.Popen[bytes] | None = None
    try:
        cloud.start()
        proxy = start_proxy(proxy_configuration(folder, cloud, https, dicom), https)
        yield Topology(cloud=cloud, tls=folder / "tls", https_port=https, dicom_tls_port=dicom)
    finally:
        if proxy is not None:
            proxy.terminate()
            proxy.wait(10)
        cloud.stop()
        postgres_server.drop_database("topology")


def start_proxy(configuration: Path, port: int) -> subprocess.Popen[bytes]:
    assert NGINX
    command = [NGINX, "-c", str(configuration), "-p", str(configuration.parent)]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.05)
    process.kill()
    raise AssertionError("nginx does not listen")


def send(topology: Topology, files: list[Path], context: ssl.SSLContext) -> list[int] | None:
    """The statuses of C-STORE over TLS; None when no association came about."""
    ae = AE(ae_title="CT_A")
    ae.add_requested_context(CT_IMAGE)
    ae.add_requested_context(VERIFICATION)
    ae.acse_timeout = ae.connection_timeout = 10
    association = ae.associate(
        "127.0.0.1",
        topology.dicom_tls_port,
        ae_title="IMAGINGCLOUD",
        tls_args=(context, "localhost"),
    )
    if not association.is_established:
        return None
    statuses = [int(association.send_c_echo().Status)]
    statuses += [int(association.send_c_store(dcmread(file)).Status) for file in files]
    association.release()
    return statuses


def test_a_study_sent_by_tls_with_a_certificate_is_found_by_https(
    topology: Topology, tmp_path: Path
) -> None:
    files = make_study(tmp_path, count=3)
    for file in files:
        dataset = dcmread(file)
        dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2"
        dataset.save_as(file, implicit_vr=True, little_endian=True)

    statuses = send(topology, files, topology.client_context(certificate=True))
    token = topology.cloud.token("admin", "operator")
    status, body = topology.get("/dicom-web/instances", token)

    assert statuses == [0, 0, 0, 0]
    assert status == 200
    assert len(json.loads(body)) == len(files)


def test_without_a_client_certificate_no_association_comes_about(topology: Topology) -> None:
    assert send(topology, [], topology.client_context()) is None


def test_the_proxy_answers_for_the_cloud_and_keeps_figures_inside(topology: Topology) -> None:
    assert topology.get("/readyz")[0] == 200
    assert topology.get("/metrics", topology.cloud.token("admin", "operator"))[0] == 404


def test_plain_http_and_old_tls_get_nothing(topology: Topology) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", topology.https_port, timeout=10)
    plain.request("GET", "/readyz")
    assert plain.getresponse().status == 400
    plain.close()

    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(topology.tls / "server.crt")
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", topology.https_port), 10) as connection,
        pytest.raises(ssl.SSLError),
    ):
        old.wrap_socket(connection, server_hostname="localhost")
