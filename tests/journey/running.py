"""A real `serve` in its own processes, driven as its users would: by command, DICOM and HTTP."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from imaging_cloud.adapters.jwt_signer import JwtSigner, read_or_make_key
from imaging_cloud.domain.access import Principal, Role

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60
STOP_SECONDS = 60  # far more than `serve` allows itself; a crowded machine may need it


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class RunningCloud:
    """`environment` chooses the engines; HOME and ports are this cloud's own."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    parts: Sequence[Sequence[str]] = (("serve",),)
    http_port: int = field(default_factory=free_port)
    dicom_port: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("IMAGING_CLOUD_")}
        return clean | {
            "IMAGING_CLOUD_HOME": str(self.home),
            "IMAGING_CLOUD_HTTP_PORT": str(self.http_port),
            "IMAGING_CLOUD_DICOM_PORT": str(self.dicom_port),
            "PYTHONPATH": str(ROOT),
            **self.environment,
        }

    @property
    def log(self) -> Path:
        return self.home.with_suffix(".log")

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "imaging_cloud", *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if check:
            assert done.returncode == 0, done.stderr
        return done

    def token(self, role: str, subject: str, institution: str | None = None) -> str:
        """As `token issue` prints it, without the seconds that a command takes to start."""
        signer = JwtSigner(read_or_make_key(self.home / "keys"))
        principal = Principal(role=Role(role), subject=subject, institution=institution)
        return signer.sign_token(principal, issued_at=datetime.now(tz=UTC), minutes=60)

    def issued_token(self, role: str, subject: str, institution: str | None = None) -> str:
        extra = ["--institution", institution] if institution else []
        done = self.command("token", "issue", "--role", role, "--subject", subject, *extra)
        return done.stdout.strip()

    def start(self) -> None:
        with self.log.open("ab") as log:
            for part in self.parts:
                self.processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "imaging_cloud", *part],
                        env=self.env,
                        stdout=log,
                        stderr=log,
                        stdin=subprocess.DEVNULL,
                        start_new_session=True,
                    )
                )
        self.wait_ready()

    def wait_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            assert all(each.poll() is None for each in self.processes), self.log.read_text()
            if self.get("/readyz").status == 200 and self._dicom_listens():
                return
            time.sleep(0.05)
        raise AssertionError(f"not ready in {READY_SECONDS} s:\n{self.log.read_text()}")

    def _dicom_listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.dicom_port)) == 0

    def kill(self) -> None:
        """Kill -9 the supervisor alone, as an operator or the out-of-memory killer would."""
        for process in self.processes:
            process.kill()
            process.wait()
        self.processes.clear()

    def stop(self) -> list[int]:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(STOP_SECONDS) for process in self.processes]
        self.processes.clear()
        return codes

    def get(self, path: str, token: str | None = None, accept: str | None = None) -> Answer:
        return self.call("GET", path, token=token, accept=accept)

    def post(self, path: str, document: Any, token: str | None = None) -> Answer:
        return self.call("POST", path, json.dumps(document).encode(), token=token)

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        token: str | None = None,
        accept: str | None = None,
    ) -> Answer:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if accept:
            headers["Accept"] = accept
        url = path if path.startswith("http") else f"http://127.0.0.1:{self.http_port}{path}"
        request = urllib.request.Request(url, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return Answer(response.status, response.read(), dict(response.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read(), dict(error.headers))
        except OSError as error:
            return Answer(0, str(error).encode(), {})

    def storescu(
        self, *paths: Path, calling: str, options: Sequence[str] = (), check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [
                *("storescu", "-v", "-aet", calling, "-aec", "IMAGINGCLOUD"),
                *options,
                *("127.0.0.1", str(self.dicom_port)),
                *map(str, paths),
            ],
            env=os.environ | {"TCP_NODELAY": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if check:
            assert done.returncode == 0, done.stderr + done.stdout
        return done


def order(
    *,
    identifiers: Sequence[tuple[str, str]],
    name: str,
    institution: str,
    placed_at: str,
    **order_fields: Any,
) -> dict[str, Any]:
    return {
        "patient": {"identifiers": [{"issuer": i, "value": v} for i, v in identifiers]},
        "order": {
            "name": name,
            "institution": institution,
            "placedAt": placed_at,
            "priority": "routine",
            **order_fields,
        },
    }
