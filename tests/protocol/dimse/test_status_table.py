"""The status table, whole: what each thing that can happen is answered with, by both ways in.

Real associations and real HTTP over the real spool, store and index. What is taken away is
really away, but for the one row that stands for a fault of our own.
"""

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.domain.access import Scope
from imaging_cloud.ports.access_register import Device, Institution
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings
from tests.protocol.dimse.instances import CT, ROOT, SECONDARY_CAPTURE, Instance, make_instance
from tests.protocol.dimse.raw_peer import RawPeer, p_data, store_rq
from tests.protocol.dimse.running import start
from tests.protocol.serving import serving

EVERYTHING = Scope(everything=True)
FIRST = make_instance()
OTHER_BYTES = make_instance(pixels=b"\x09\x09" * 512)


@dataclass(frozen=True)
class Case:
    """`dimse` is the status of C-STORE, or "rejected"; `stow` HTTP status and failure reason."""

    name: str
    dimse: int | str
    stow: tuple[int, int | None]
    data_set: bytes = FIRST.data_set
    claimed: str = FIRST.uid
    # What was sent before, what is away, and who calls.
    before: Instance | None = None
    away: str = ""
    calling: str = "CT1"
    role: str = "technician"


def changed(instance: Instance, old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    assert old in instance.data_set
    return instance.data_set.replace(old, new, 1)


def deep(levels: int) -> bytes:
    """A sequence within a sequence, and so on (explicit VR, undefined lengths)."""
    begin = b"\x40\x00\x75\x02SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    end = b"\xfe\xff\x0d\xe0\x00\x00\x00\x00\xfe\xff\xdd\xe0\x00\x00\x00\x00"
    at = FIRST.data_set.index(b"\xe0\x7f\x10\x00")
    return FIRST.data_set[:at] + begin * levels + end * levels + FIRST.data_set[at:]


LYING = FIRST.data_set[:-1024].replace(
    b"\xe0\x7f\x10\x00OW\x00\x00\x00\x04\x00\x00", b"\xe0\x7f\x10\x00OW\x00\x00\xf0\xff\xff\xff"
)
OTHER_PATIENT = make_instance(2)

CASES = [
    Case("committed", 0x0000, (200, None)),
    Case("the same bytes again", 0x0000, (200, None), before=FIRST),
    Case("other bytes", 0xC111, (409, 0xC111), OTHER_BYTES.data_set, before=FIRST),
    Case("no space any more", 0xA700, (507, None), away="space"),
    Case("no space at all", "rejected", (507, None), away="any space"),
    Case("the store away", 0xA700, (503, None), away="store"),
    Case("the index away", 0xA700, (503, None), away="index"),
    Case("another instance", 0xA900, (409, 0xA900), claimed=f"{ROOT}.3.2"),
    Case(
        "another class",
        0xA900,
        (409, 0xA900),
        changed(FIRST, CT.encode(), SECONDARY_CAPTURE.encode()),
    ),
    Case(
        "a bad UID",
        0xA900,
        (409, 0xA900),
        changed(FIRST, f"{ROOT}.2".encode(), f"{ROOT}/2".encode()),
    ),
    Case(
        "another patient's study",
        0xA900,
        (409, 0xA900),
        changed(OTHER_PATIENT, b"T-1 ", b"T-2 "),
        OTHER_PATIENT.uid,
        before=FIRST,
    ),
    Case("truncated", 0xC001, (409, 0xC000), FIRST.data_set[:-5]),
    Case("a lying length", 0xC001, (409, 0xC000), LYING),
    Case("too deep", 0xC003, (409, 0xC000), deep(200)),
    Case("not to be understood", 0xC006, (409, 0xC000), b"\x00" * 100),
    Case("not allowed", "rejected", (403, None), calling="STRANGER", role="physician"),
    Case("a fault of ours", 0x0110, (500, None), away="sense"),
]


class _Broken:
    """What no configuration can bring about: an error that nobody foresaw."""

    def close(self) -> None:
        pass

    def record_instance(self, _record: Any) -> None:
        raise RuntimeError("row of Nobody^Test is locked")


@pytest.fixture
def cloud_of(tmp_path: Path) -> Iterator[Callable[..., tuple[Cloud, Settings]]]:
    opened: list[Cloud] = []

    def open_one(**words: Any) -> tuple[Cloud, Settings]:
        chosen = {"reserve_bytes": 0, "home": tmp_path / "home"} | words
        settings = Settings(_env_file=None, **chosen)
        prepare_home(settings)
        cloud = open_cloud(settings)
        opened.append(cloud)
        cloud.register.add_institution(Institution(code="HOSP_A", name="A"))
        cloud.register.add_device(Device(ae_title="CT1", institution="HOSP_A"))
        return cloud, settings

    yield open_one
    for each in opened:
        each.close()


@contextmanager
def taken_away(
    what: str, cloud: Cloud, settings: Settings, connected: Callable[[], object]
) -> Iterator[None]:
    """Take it away once the peer is let in: a register that is away lets nobody in."""
    connected()
    if what == "space":
        spool: Any = cloud.spool
        spool._reserve = 1 << 60  # as if another program had filled the disk
    elif what == "store":
        objects = settings.home / "objects"
        objects.rename(settings.home / "elsewhere")
        objects.write_bytes(b"")
    elif what == "index":
        url, _, name = settings.database_url.rpartition("/")
        with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')  # type: ignore[arg-type]
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
    yield
    if what == "store":
        objects.unlink()
        (settings.home / "elsewhere").rename(objects)
    elif what == "index":
        with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')  # type: ignore[arg-type]


@pytest.fixture
def prepared(
    request: pytest.FixtureRequest, cloud_of: Callable[..., tuple[Cloud, Settings]]
) -> Callable[[Case], tuple[Cloud, Settings]]:
    def prepare(case: Case) -> tuple[Cloud, Settings]:
        words: dict[str, Any] = {}
        if case.away == "index":
            words["database_url"] = request.getfixturevalue("postgres_url")
        if case.away == "any space":
            words["reserve_bytes"] = 1 << 60
        cloud, settings = cloud_of(**words)
        if case.away == "sense":
            cloud = replace(cloud, intake=_Broken())  # type: ignore[arg-type]
        return cloud, settings

    return prepare


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_c_store(case: Case, prepared: Callable[[Case], tuple[Cloud, Settings]]) -> None:
    cloud, settings = prepared(case)
    gateway = start(cloud, settings, settings.home, {})  # type: ignore[arg-type]
    try:
        with RawPeer(gateway.port, patience=30) as peer:
            let_in = peer.associate(case.calling) == 0x02
            assert let_in == (case.dimse != "rejected")
            if not let_in:
                return
            if case.before is not None:
                assert peer.store(case.before) == 0x0000
            with taken_away(case.away, cloud, settings, peer.echo):
                peer.send(p_data(1, 0x03, store_rq(case.claimed)))
                peer.send_data_set(case.data_set)
                status, values = peer.read_status()
            assert f"0x{status:04X}" == f"0x{case.dimse:04X}"
            assert (0x0902 in values) == (status != 0), "a failure has a comment"
            assert "Nobody" not in str(values)
            assert peer.echo() == 0x0000, "the association lives on"
            kept = case.before or (FIRST if status == 0 else None)
            assert stored(cloud) == ({kept.uid: kept.data_set} if kept else {})
    finally:
        gateway.stop_and_wait()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_stow(
    case: Case, prepared: Callable[[Case], tuple[Cloud, Settings]], tmp_path: Path
) -> None:
    cloud, settings = prepared(case)
    with serving(settings.home, cloud) as web:
        token = web.token(case.role, "somebody", "HOSP_A")

        def send(part10: bytes) -> requests.Response:
            return web.post(
                "/dicom-web/studies",
                token,
                data=part10,
                headers={"Content-Type": "application/dicom"},
            )

        if case.before is not None:
            assert send(case.before.part10).status_code == 200
        with taken_away(case.away, cloud, settings, lambda: web.get("/healthz")):
            head = FIRST.part10[: -len(FIRST.data_set)]
            meta = head.replace(FIRST.uid.encode(), case.claimed.encode())
            answer = send(meta + case.data_set)
        assert answer.status_code == case.stow[0], answer.text
        reasons = re.findall(r'"00081197":\s*{[^}]*"Value":\s*\[(\d+)\]', answer.text)
        assert reasons == ([str(case.stow[1])] if case.stow[1] is not None else [])
        if case.stow[0] in (503, 507):
            assert "Retry-After" in answer.headers or case.stow[0] == 507
        assert "Nobody" not in answer.text


def stored(cloud: Cloud) -> dict[str, bytes]:
    found = {}
    for row in cloud.index.list_instances(EVERYTHING, f"{ROOT}.1"):
        with cloud.objects.open_object(row.object_key) as stream:
            part10 = stream.read()
        found[row.sop_instance_uid] = part10[144 + int.from_bytes(part10[140:144], "little") :]
    return found


def counts(cloud: Cloud, settings: Settings) -> tuple[int, int, int]:
    """Objects, instance rows, and what the exam row counts."""
    objects = [path for path in (settings.home / "objects").rglob("*") if path.is_file()]
    (study,) = cloud.index.find_studies(_query(), EVERYTHING)
    return len(objects), len(list(cloud.index.iterate_all_instances())), study.instance_count


def _query() -> Any:
    from imaging_cloud.domain.queries import ImagingQuery  # noqa: PLC0415

    return ImagingQuery(limit=10)


def test_the_same_object_sixteen_times_at_once_and_five_in_turn_is_one(
    cloud_of: Callable[..., tuple[Cloud, Settings]],
) -> None:
    cloud, settings = cloud_of()
    gateway = start(cloud, settings, settings.home, {})  # type: ignore[arg-type]
    statuses: list[int] = []
    together = threading.Barrier(16)

    def send() -> None:
        with RawPeer(gateway.port, patience=30) as peer:
            assert peer.associate() == 0x02
            together.wait(30)
            statuses.append(peer.store(FIRST))

    threads = [threading.Thread(target=send) for _ in range(16)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with RawPeer(gateway.port) as peer:
            peer.associate()
            statuses += [peer.store(FIRST) for _ in range(5)]
    finally:
        gateway.stop_and_wait()

    assert statuses == [0x0000] * 21
    assert counts(cloud, settings) == (1, 1, 1)


_SENDER = """
import sys
from pathlib import Path
from imaging_cloud.bootstrap import open_cloud
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.settings import Settings
from imaging_cloud.use_cases.admit_part10 import admit_part10
cloud = open_cloud(Settings(_env_file=None, home=Path(sys.argv[1]), database_url=sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
with open(sys.argv[3], "rb") as stream:
    for _ in range(8):
        stream.seek(0)
        receipt = admit_part10(stream, Origin(institution="HOSP_A", kind="import"), cloud)
        print(receipt.status.value, flush=True)
cloud.close()
"""


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_two_processes_with_the_same_object_make_one(
    engine: str,
    request: pytest.FixtureRequest,
    cloud_of: Callable[..., tuple[Cloud, Settings]],
    tmp_path: Path,
) -> None:
    url = request.getfixturevalue("postgres_url") if engine == "postgresql" else ""
    cloud, settings = cloud_of(database_url=url)
    path = FIRST.write_to(tmp_path)
    command = [sys.executable, "-c", _SENDER, str(settings.home), url, str(path)]
    senders = [
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        for _ in range(2)
    ]
    for sender in senders:
        assert sender.stdout
        assert sender.stdout.readline() == "ready\n"
    said = []
    for sender in senders:
        assert sender.stdin
        sender.stdin.write("go\n")
        sender.stdin.flush()
    for sender in senders:
        output, _ = sender.communicate(timeout=60)
        assert sender.returncode == 0
        said += output.split()

    assert sorted(said) == ["already-stored"] * 15 + ["stored"]
    assert counts(cloud, settings) == (1, 1, 1)
