"""A real web face over a real cloud: uvicorn on a free port, SQLite and a folder beneath it."""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from pydicom.dataset import Dataset

from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.domain.access import Principal, Role
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.access_register import Institution
from imaging_cloud.ports.clock import Clock
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings
from imaging_cloud.use_cases.admit_part10 import admit_part10
from imaging_cloud.use_cases.receive_instance import Receipt
from imaging_cloud.web.serve import run_web

RESIDENT = "11010519491231002X"
PATIENT = f"CN-RESIDENT-ID|{RESIDENT}"


@dataclass
class ShiftedClock(Clock):
    """The real clock, moved by tests."""

    real: Clock
    shift: timedelta = timedelta()

    def now(self) -> datetime:
        return self.real.now() + self.shift


def other_ids(value: str = RESIDENT, issuer: str = "CN-RESIDENT-ID") -> list[Dataset]:
    """OtherPatientIDsSequence that says who the patient is nation-wide."""
    item = Dataset()
    item.PatientID, item.IssuerOfPatientID = value, issuer
    return [item]


@dataclass
class Web:
    """The running face; `call` speaks as the holder of a token made for the role."""

    cloud: Cloud
    url: str
    home: Path
    session: requests.Session = field(default_factory=requests.Session)

    def token(
        self, role: str, subject: str = "somebody", institution: str | None = None, minutes: int = 5
    ) -> str:
        principal = Principal(role=Role(role), subject=subject, institution=institution)
        now = self.cloud.clock.now()
        return self.cloud.signer.sign_token(principal, issued_at=now, minutes=minutes)

    def call(
        self, method: str, path: str, token: str | None = None, **arguments: Any
    ) -> requests.Response:
        headers = dict(arguments.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        url = path if path.startswith("http") else self.url + path
        arguments.setdefault("allow_redirects", False)
        return self.session.request(method, url, headers=headers, timeout=20, **arguments)

    def get(self, path: str, token: str | None = None, **arguments: Any) -> requests.Response:
        return self.call("GET", path, token, **arguments)

    def post(self, path: str, token: str | None = None, **arguments: Any) -> requests.Response:
        return self.call("POST", path, token, **arguments)

    def keep(self, files: Iterable[Path], institution: str = "HOSP_A") -> list[Receipt]:
        """Take files in by the way every face uses."""
        receipts = []
        for path in files:
            with path.open("rb") as stream:
                origin = Origin(institution=institution, kind="import", source="test")
                receipts.append(admit_part10(stream, origin, self.cloud))
        return receipts


@contextmanager
def serving(home: Path, cloud: Cloud | None = None, **choices: Any) -> Iterator[Web]:
    """Run until the block ends; `choices` are settings."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings(_env_file=None, home=home, public_url=url, **choices)
    if cloud is None:
        prepare_home(settings)
        cloud = open_cloud(settings)
        for code in ("HOSP_A", "HOSP_B", "HOSP_C"):
            cloud.register.add_institution(Institution(code=code, name=f"医院 {code}"))
    cloud = replace(cloud, clock=ShiftedClock(cloud.clock))
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=run_web, args=(cloud, listener, stop, ready.set))
    thread.start()
    web = Web(cloud=cloud, url=url, home=home)
    try:
        assert ready.wait(15)
        yield web
    finally:
        web.session.close()
        stop.set()
        thread.join(15)
        listener.close()
        cloud.close()
        assert not thread.is_alive()
