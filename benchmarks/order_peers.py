"""The order check's question put to Orthanc.

Three fields (PatientID, ModalitiesInStudy, StudyDate) by `/tools/find`, which understands nothing
of what an exam is, against our whole order check on the same studies. Orthanc keeps one tiny
instance a study.
"""

import asyncio
import io
import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian

from benchmarks import peers
from benchmarks.http_load import CONNECTIONS, Figures, connect, saturate
from benchmarks.many_exams import COLUMNS, STUDIES_EACH, TODAY, Person, rows, vacuum
from benchmarks.report import Bar, Section
from tests.services import PostgresServer, running_postgres

_TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
# How many times Orthanc's rate is asked for.
TARGETS = {"sqlite": 50, "postgresql": 1.5}
_MODALITIES = ("CT", "MR", "DX", "US")
_OURS_TO_DICOM = {"XR": "DX", "MG": "MG", "RF": "RF", "US": "US", "MR": "MR", "CT": "CT"}


def section(studies: int) -> Section:
    return Section(
        "order-check-peers",
        "Order check beside Orthanc",
        f"The same {studies:,} studies in both, {CONNECTIONS} connections that ask again at once,"
        " each server alone on the machine. Ours is the whole check (meaning of the order, all"
        " exams of the patient, consent, cautions, alert log and audit trail); Orthanc is asked for"
        " PatientID, modality and a range of dates by `/tools/find`. Milliseconds.",
        (
            *("index", "ours, checks a second", "p50", "p99"),
            *("Orthanc, questions a second", "p50", "p99", "ratio", "target"),
        ),
    )


def add(table: Section, kind: str, ours: dict[str, Figures], theirs: Figures) -> None:
    """One row: our own figures with the same engine; the ratio of both of ours in the notes."""
    mine, target = ours[kind], TARGETS[kind]
    ratio = mine.rate / theirs.rate
    table.add(
        *(_TITLES[kind], f"{mine.rate:.0f}", f"{mine.p50:.1f}", f"{mine.p99:.1f}"),
        *(f"{theirs.rate:.1f}", f"{theirs.p50:.1f}", f"{theirs.p99:.1f}"),
        *(f"{ratio:.2f}", f"≥ {target} × Orthanc {peers.orthanc_version()}"),
    )
    table.bars.append(Bar(f"{_TITLES[kind]}, ratio to its target", ratio / target, 1))
    if kind == "postgresql":
        embedded = ours["sqlite"].rate / theirs.rate
        table.notes.append(f"Ours with SQLite against Orthanc with PostgreSQL: {embedded:.2f}.")
    print(mine.outcomes, theirs.outcomes)


def ask_orthanc(kind: str, studies: int, seconds: float) -> Figures:
    """Load that many studies, then ask."""
    with orthanc(kind) as (port, database):
        load(port, studies)
        if database:
            vacuum(database)
        return ask(port, studies, seconds)


def ask(port: int, studies: int, seconds: float) -> Figures:
    requests = _questions(int(studies / STUDIES_EACH), 5000)
    asyncio.run(saturate(port, requests[-500:], 2))
    return asyncio.run(saturate(port, requests, seconds))


@contextmanager
def orthanc(kind: str) -> Iterator[tuple[int, str]]:
    """Orthanc with its HTTP face on: its port, and the address of its database ("": SQLite).

    Only inside a network of our own.
    """
    with ExitStack() as stack:
        postgres = stack.enter_context(running_postgres()) if kind == "postgresql" else None
        root = peers.newest_orthanc()
        folder = tempfile.mkdtemp(prefix="bench-", dir=root / "tmp" if root else None)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        inside = Path("/") / Path(folder).relative_to(root) if root else Path(folder)
        port = peers.free_port()
        database = postgres.create_database("orthanc") if postgres else ""
        settings = _settings(inside, port, postgres)
        (Path(folder) / "orthanc.json").write_text(json.dumps(settings))
        command = ["chroot", str(root)] if root else []
        command += ["Orthanc", str(inside / "orthanc.json")]
        stack.enter_context(peers.running(command, env=dict(os.environ), **peers.QUIET))
        peers.wait_for_port(port)
        yield port, database


def _settings(folder: Path, port: int, postgres: PostgresServer | None) -> dict[str, object]:
    settings: dict[str, object] = {
        "StorageDirectory": str(folder),
        "IndexDirectory": str(folder),
        "HttpPort": port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomServerEnabled": False,
        # Only questions are timed here: nothing needs to outlive a power cut.
        "SyncStorageArea": False,
        "KeepAlive": True,
        "KeepAliveTimeout": 600,
        "TcpNoDelay": True,
        "Plugins": [],
    }
    if postgres is not None:
        settings["Plugins"] = ["/usr/share/orthanc/plugins/libOrthancPostgreSQLIndex.so"]
        settings["PostgreSQL"] = {
            "EnableIndex": True,
            "Host": "127.0.0.1",
            "Port": postgres.port,
            "Database": "orthanc",
            "Username": postgres.user,
            "Password": "",
        }
    return settings


def load(port: int, studies: int) -> None:
    """Post one instance a study over eight connections."""
    instances = _instances(int(studies / STUDIES_EACH))

    async def post_all() -> None:
        async def post(line: object) -> None:
            for body in instances:
                head = f"POST /instances HTTP/1.1\r\nHost: o\r\nContent-Length: {len(body)}\r\n\r\n"
                answer = await line.ask(head.encode() + body)  # type: ignore[attr-defined]
                if not answer.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(f"Orthanc refused an instance: {answer[:60]!r}")

        await asyncio.gather(*(post(line) for line in await connect(port, CONNECTIONS)))

    asyncio.run(post_all())


def _instances(persons: int) -> Iterator[bytes]:
    place = {name: number for number, name in enumerate(COLUMNS["exam"])}
    number_of = {Person(number).person_id: number for number in range(persons)}
    for batch in rows(range(persons)):
        for row in batch["exam"]:
            uid, at = row[place["study_uid"]], row[place["performed_at"]]
            ds = FileDataset("", {}, file_meta=FileMetaDataset(), preamble=bytes(128))
            ds.file_meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
            ds.file_meta.MediaStorageSOPInstanceUID = f"{uid}.1.1"
            ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            ds.SpecificCharacterSet = "ISO_IR 192"
            ds.SOPClassUID, ds.SOPInstanceUID = ComputedRadiographyImageStorage, f"{uid}.1.1"
            ds.StudyInstanceUID, ds.SeriesInstanceUID = uid, f"{uid}.1"
            number = number_of[row[place["person_id"]]]
            ds.PatientID, ds.PatientName = f"P{number:08}", f"Bench^{number}"
            ds.PatientBirthDate = Person(number).birth_date.replace("-", "")
            ds.StudyDate, ds.StudyTime = f"{at:%Y%m%d}", f"{at:%H%M%S}"
            ds.Modality = _OURS_TO_DICOM.get(row[place["modality"]], "OT")
            ds.StudyDescription = row[place["description"]]
            ds.AccessionNumber = uid[-12:]
            written = io.BytesIO()
            ds.save_as(written, enforce_file_format=True)
            yield written.getvalue()


def _questions(persons: int, count: int) -> list[bytes]:
    """Whole HTTP requests for patients drawn at random: a year back, one modality."""
    chance = random.Random(7)
    dates = f"{TODAY.year - 1}{TODAY:%m%d}-{TODAY:%Y%m%d}"
    requests = []
    for _ in range(count):
        query = {
            "PatientID": f"P{chance.randrange(persons):08}",
            "ModalitiesInStudy": chance.choice(_MODALITIES),
            "StudyDate": dates,
        }
        body = json.dumps({"Level": "Study", "Query": query}).encode()
        head = f"POST /tools/find HTTP/1.1\r\nHost: o\r\nContent-Length: {len(body)}\r\n\r\n"
        requests.append(head.encode() + body)
    return requests
