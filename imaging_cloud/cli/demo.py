"""demo: the whole way once, on throw-away data, and what to try next."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import track

from imaging_cloud.domain.access import Consent, Principal, Role
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.ports.access_register import Device, Institution
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings

_CONSOLE = Console(highlight=False, soft_wrap=True)
_HOSPITALS = {
    "HOSP_A": "市第一人民医院（示例）",
    "HOSP_B": "县中心医院（示例）",
    "HOSP_C": "省肿瘤医院（示例）",
}
# The patient of the story: examined at HOSP_A, about to be examined again at HOSP_B.
_PATIENT = PatientIdentifier("CN-RESIDENT-ID", "11010519491231002X")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_TOKEN_MINUTES = 24 * 60
_READY_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tokens:
    physician: str
    patient: str
    admin: str


def add_commands(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End after the first order check instead of serving on.")
    ] = False,
) -> None:
    """Show the whole way on throw-away data: studies in by C-STORE, the next order warned.

    Starts the cloud in a temporary folder with three hospitals, sends them synthetic studies,
    asks one order check, and prints addresses, log-ins and the same check ready to paste.
    """
    from sample_dicom.make_samples import write_samples

    root = Path(tempfile.mkdtemp(prefix="imaging-cloud-demo-"))
    server: subprocess.Popen[bytes] | None = None
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        settings = _settings(root)
        now = datetime.now(tz=ZoneInfo(settings.time_zone))
        _CONSOLE.print("Drawing synthetic studies …")
        write_samples(root / "samples", today=now.date())
        tokens = _register_everyone(settings, now)
        _CONSOLE.print("Starting the cloud …")
        server = _start(settings)
        _wait_ready(settings, server)
        _send_studies(settings, root / "samples")
        request = _order_request(now)
        answer = _ask(settings, tokens.physician, request)
        _explain(settings, tokens, request, answer)
        if not once:
            _CONSOLE.print("\nServing until Ctrl-C; then everything is thrown away.")
            while not stop.is_set() and server.poll() is None:
                stop.wait(0.5)
    finally:
        _end(server)
        shutil.rmtree(root, ignore_errors=True)
    if answer["outcome"] != "duplicate":
        raise typer.Exit(1)


def _settings(root: Path) -> Settings:
    """The defaults, on a home of our own; a busy port gives way to a free one."""
    base = Settings()
    chosen = {
        "IMAGING_CLOUD_HOME": str(root / "home"),
        "IMAGING_CLOUD_DATABASE_URL": "",
        "IMAGING_CLOUD_OBJECT_STORE_URL": "",
        "IMAGING_CLOUD_PUBLIC_URL": "",
        "IMAGING_CLOUD_CONSENT_POLICY": "opt-in",
        "IMAGING_CLOUD_HTTP_PORT": str(_free_port(base.http_host, base.http_port)),
        "IMAGING_CLOUD_DICOM_PORT": str(_free_port(base.dicom_host, base.dicom_port)),
        # Whoever reaches the page is shown the code, so only where nobody else does.
        "IMAGING_CLOUD_LOGIN_CODES": "screen" if base.http_host in _LOOPBACK else "",
        "IMAGING_CLOUD_LOG_LEVEL": os.environ.get("IMAGING_CLOUD_LOG_LEVEL", "WARNING"),
    }
    os.environ.update(chosen)
    return Settings()


def _free_port(host: str, wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return wanted


def _register_everyone(settings: Settings, now: datetime) -> _Tokens:
    """Hospitals, their devices, the patient's permission, and a log-in for each role."""
    from imaging_cloud.bootstrap import open_cloud, prepare_home

    prepare_home(settings)
    cloud = open_cloud(settings)
    try:
        for code, name in _HOSPITALS.items():
            cloud.register.add_institution(Institution(code=code, name=name))
            cloud.register.add_device(Device(ae_title=_ae_title(code), institution=code))
        person_id = cloud.register.ensure_person(_PATIENT, at=now)
        subject = f"{_PATIENT.issuer}|{_PATIENT.value}"
        cloud.register.decide_consent(
            Consent(
                person_id=person_id,
                institution="HOSP_B",
                granted=True,
                decided_at=now,
                decided_by="patient",
            )
        )
        return _Tokens(
            physician=_token(cloud, Role.PHYSICIAN, "dr-li", "HOSP_B", now),
            patient=_token(cloud, Role.PATIENT, subject, None, now),
            admin=_token(cloud, Role.ADMIN, "operator", None, now),
        )
    finally:
        cloud.close()


def _ae_title(institution: str) -> str:
    return f"{institution}_CT"


def _token(cloud: Cloud, role: Role, subject: str, institution: str | None, now: datetime) -> str:
    principal = Principal(role=role, subject=subject, institution=institution)
    return cloud.signer.sign_token(principal, issued_at=now, minutes=_TOKEN_MINUTES)


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    settings.home.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen([sys.executable, "-m", "imaging_cloud", "serve"], process_group=0)


def _wait_ready(settings: Settings, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(_url(settings, "/readyz"), timeout=2):  # noqa: S310 - own
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    _CONSOLE.print("The cloud did not become ready; its messages are above.")
    raise typer.Exit(1)


def _send_studies(settings: Settings, samples: Path) -> None:
    """Each hospital sends its own studies over a real association."""
    from gateway.sender import send_files

    folders = sorted((samples / "files").iterdir())
    for folder in track(folders, description="Sending by C-STORE", console=_CONSOLE):
        send_files(
            sorted(folder.rglob("*.dcm")),
            address=(settings.dicom_host, settings.dicom_port),
            calling=_ae_title(folder.name),
            called=settings.ae_title,
        )


def _order_request(now: datetime) -> dict[str, Any]:
    return {
        "patient": {
            "identifiers": [
                {"issuer": "HOSP_B", "value": "B-1002"},
                {"issuer": _PATIENT.issuer, "value": _PATIENT.value},
            ],
            "name": "张伟",
            "birthDate": "1949-12-31",
            "sex": "M",
        },
        "order": {
            "name": "胸部CT平扫",
            "priority": "routine",
            "institution": "HOSP_B",
            "placedAt": now.replace(microsecond=0).isoformat(),
        },
    }


def _ask(settings: Settings, token: str, request: dict[str, Any]) -> dict[str, Any]:
    call = urllib.request.Request(  # noqa: S310 - our own server
        _url(settings, "/api/order-check"),
        data=json.dumps(request).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(call, timeout=10) as response:  # noqa: S310 - our own server
        answer: dict[str, Any] = json.load(response)
    return answer


def _explain(
    settings: Settings, tokens: _Tokens, request: dict[str, Any], answer: dict[str, Any]
) -> None:
    print_line = _CONSOLE.out
    print_line("\n有相关检查 - there is a related exam" if answer["matches"] else "\nno match")
    for match in answer["matches"]:
        print_line(
            f"  {match['grade']}: {match['exam']['modality']} {'+'.join(match['exam']['regions'])}"
            f" at {match['institution']}, {match['ageDays']} days ago"
            f" ({'; '.join(match['reasons'])})"
        )
    print_line("\nAddresses")
    print_line(f"  web      {_url(settings, '/')}")
    print_line(f"  DICOM    {settings.ae_title}@{settings.dicom_host}:{settings.dicom_port}")
    print_line(f"           calling AE titles: {', '.join(map(_ae_title, _HOSPITALS))}")
    print_line("\nThe patient on a phone or here: log in with this number; the page shows the code")
    print_line(f"  {_url(settings, '/login')}  {_PATIENT.value}")
    print_line("\nLog-ins (paste the token on the log-in page)")
    for page, who, token in (
        ("/desk", "physician at HOSP_B", tokens.physician),
        ("/portal", "patient 张伟", tokens.patient),
        ("/admin", "operator", tokens.admin),
    ):
        print_line(f"  {_url(settings, page)}  {who}:\n    {token}")
    if answer["matches"]:
        print_line("\nThe prior's pictures (log in as the physician first)")
        print_line(f"  {answer['matches'][0]['viewerUrl']}")
    body = json.dumps(request, ensure_ascii=False)
    print_line("\nThe order check, ready to paste")
    print_line(
        f"curl -s {_url(settings, '/api/order-check')}"
        f" -H 'Authorization: Bearer {tokens.physician}'"
        f" -H 'Content-Type: application/json' -d '{body}'"
    )
    print_line(f"\nIts answer now: outcome {answer['outcome']}")


def _url(settings: Settings, path: str) -> str:
    return f"{settings.resolved_public_url}{path}"


def _end(server: subprocess.Popen[bytes] | None) -> None:
    if server is not None and server.poll() is None:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
