"""A cloud for gateway tests: the real spool, and an index in memory that can be taken away."""

import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from imaging_cloud.adapters.filesystem_spool import FilesystemSpool
from imaging_cloud.adapters.process_jail import ProcessJail
from imaging_cloud.domain.access import ConsentPolicy
from imaging_cloud.domain.errors import Unavailable
from imaging_cloud.ports.access_register import Device
from imaging_cloud.ports.cloud import Cloud, Policy
from imaging_cloud.ports.intake import (
    AlreadyRecorded,
    Differs,
    InstanceRecord,
    Recorded,
    RecordOutcome,
    Refusal,
)


@dataclass
class MemoryIndex:
    """Intake and register at once; `away` makes every question Unavailable."""

    devices: dict[str, Device] = field(default_factory=dict)
    records: dict[str, InstanceRecord] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    away: bool = False
    fault: Exception | None = None
    # Cleared by a test, a record waits until it is set again.
    open_gate: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.open_gate.set()

    def _check(self) -> None:
        if self.away:
            raise Unavailable("the index is away")
        if self.fault is not None:
            raise self.fault

    def find_device(self, ae_title: str) -> Device | None:
        self._check()
        return self.devices.get(ae_title)

    def record_instance(self, record: InstanceRecord) -> RecordOutcome:
        self._check()
        self.waiting.set()
        self.open_gate.wait(20)
        uid = record.header.instance.sop_instance_uid
        with self._lock:
            known = self.records.setdefault(uid, record)
        if known is record:
            return Recorded()
        return AlreadyRecorded() if known.sha256 == record.sha256 else Differs("q-1")

    rows_lag = False

    def record_refusal(self, refusal: Refusal) -> str:
        self._check()
        with self._lock:
            self.refusals.append(refusal)
        return "q-2"

    def close(self) -> None:
        pass


class FolderStore:
    names_lag = False

    def __init__(self, root: Path) -> None:
        self.root = root

    def put_file(self, key: str, path: Path) -> None:
        target = self.root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copyfile(path, target)

    def put_bytes(self, key: str, content: bytes) -> None:
        target = self.root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def make_durable(self, keys: Sequence[str]) -> None:
        pass


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def memory_cloud(home: Path, index: MemoryIndex, *, max_bytes: int = 64 * 1024**2) -> Cloud:
    index_port: Any = index
    store: Any = FolderStore(home / "objects")
    unused: Any = None
    return Cloud(
        spool=FilesystemSpool(home / "spool", max_bytes=max_bytes, reserve=0),
        objects=store,
        intake=index_port,
        index=unused,
        exams=unused,
        catalogue=unused,
        recognition=unused,
        register=index_port,
        audit=unused,
        alerts=unused,
        decisions=unused,
        statistics=unused,
        harvests=unused,
        outbox=unused,
        derivations=unused,
        jail=ProcessJail(1),
        commitments=unused,
        quarantine=unused,
        signer=unused,
        clients=unused,
        client_tokens=unused,
        outside=unused,
        shares=unused,
        logins=unused,
        throttle=unused,
        sender=unused,
        clock=_Clock(),
        policy=Policy(
            consent=ConsentPolicy.OPT_IN,
            time_zone=ZoneInfo("Asia/Shanghai"),
            quiet_seconds=60,
            public_url="http://127.0.0.1:8080",
            max_instance_bytes=max_bytes,
            scratch=home / "scratch",
        ),
    )
