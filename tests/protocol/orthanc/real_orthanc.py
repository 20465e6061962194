"""A real Orthanc in a network namespace of its own, seen through a counting relay."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from requests.auth import HTTPBasicAuth

from tests.protocol.orthanc.relay import Relay

INSIDE = Path(__file__).with_name("inside_namespace.py")
HTTP_PORT = 8042
READY_SECONDS = 60


def why_not() -> str:
    """Why no Orthanc can be started here; "" when one can."""
    if shutil.which("Orthanc") is None and "ORTHANC_ROOT" not in os.environ:
        return "Orthanc is not installed (apt-get install --no-install-recommends orthanc)"
    if os.geteuid() != 0:
        return "not root: Orthanc listens on all addresses and needs `unshare -n` around it"
    if subprocess.run(["unshare", "-n", "-m", "true"], check=False, capture_output=True).returncode:
        return "network namespaces are not allowed here (unshare -n)"
    return ""


@dataclass
class RealOrthanc:
    """`folder` is this test's own. The relay, and so the address, outlives stop and start."""

    folder: Path
    users: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.storage = self.folder / "storage"
        # A socket's path has at most 107 bytes, and a test's folder may well be deeper.
        self._socket_folder = Path(tempfile.mkdtemp(prefix="orthanc-"))
        self._socket = self._socket_folder / "s"
        self._process: subprocess.Popen[bytes] | None = None
        self.relay = Relay(self._socket)
        self.url = f"http://127.0.0.1:{self.relay.port}"
        self.http = requests.Session()
        self.http.trust_env = False
        if self.users:
            user, password = next(iter(self.users.items()))
            self.http.auth = HTTPBasicAuth(user.encode(), password.encode())

    def start(self) -> None:
        configuration = {
            "Name": "HARVESTED",
            "StorageDirectory": str(self.storage),
            "IndexDirectory": str(self.storage),
            "HttpPort": HTTP_PORT,
            "DicomServerEnabled": False,
            "RemoteAccessAllowed": True,
            "AuthenticationEnabled": bool(self.users),
            "RegisteredUsers": self.users,
            # No Stable* changes while a test runs: what it counts is what it did.
            "StableAge": 3600,
            "Plugins": [],
            **self.options,
        }
        path = self.folder / "orthanc.json"
        path.write_text(json.dumps(configuration))
        self._socket.unlink(missing_ok=True)
        with (self.folder / "orthanc.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["unshare", "-n", "-m", sys.executable, INSIDE, path, self._socket, str(HTTP_PORT)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                if self.http.get(f"{self.url}/system", timeout=5).ok:
                    return
            except requests.RequestException:
                time.sleep(0.02)
        raise TimeoutError((self.folder / "orthanc.log").read_text())

    def stop(self) -> None:
        """Kill it, as a power cut would; its database stays."""
        if self._process is not None:
            process, self._process = self._process, None
            process.communicate()

    def replace(self) -> None:
        """A new, empty archive at the same address."""
        self.stop()
        shutil.rmtree(self.storage)
        self.start()

    def close(self) -> None:
        self.stop()
        self.http.close()
        self.relay.close()
        shutil.rmtree(self._socket_folder)

    def upload(self, *files: Path | bytes) -> list[str]:
        """Their identifiers at the archive."""
        return [self._upload(f if isinstance(f, bytes) else f.read_bytes()) for f in files]

    def _upload(self, data: bytes) -> str:
        answer = self.http.post(f"{self.url}/instances", data=data, timeout=30)
        answer.raise_for_status()
        return str(answer.json()["ID"])

    def delete(self, path: str) -> None:
        self.http.delete(self.url + path, timeout=30).raise_for_status()

    def last_change(self) -> int:
        answer = self.http.get(f"{self.url}/changes?last", timeout=30)
        return int(answer.json()["Last"])
