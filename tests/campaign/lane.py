"""One lane of a campaign: a zygote, homes made from a template, strace, senders."""

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from imaging_cloud.adapters.spool_segment import read_segment
from tests.campaign.judging import Judgement, acknowledged, fingerprint, judged
from tests.services import PostgresServer, S3Server

ROOT = Path(__file__).parents[2]
INSTITUTION, AE_TITLE = "HOSP_A", "CT_A"
_SECONDS = 60
# To make a home with the real command; nothing is promised of it, and the machine may be busy.
_SETUP_SECONDS = 300
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One cloud's folder and environment; `log` is what its processes said."""

    path: Path
    env: Mapping[str, str]
    database: str = ""

    @property
    def log(self) -> Path:
        return self.path.with_suffix(".log")

    @property
    def plant_list(self) -> Path:
        return self.path / "plant.list"


@dataclass(kw_only=True)
class Engines:
    """Makes homes with an institution and a device, ready in milliseconds."""

    folder: Path
    postgres: PostgresServer | None = None
    seaweedfs: S3Server | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    _template: Path = field(init=False)
    _database: str = field(init=False, default="")

    @property
    def name(self) -> str:
        index = "postgresql" if self.postgres else "sqlite"
        return f"{index} + {'seaweedfs' if self.seaweedfs else 'folder'}"

    def __post_init__(self) -> None:
        self._template = self.folder / "template"
        env = dict(self.extra)
        if self.postgres:
            self._database = f"campaign_{os.getpid()}_{next(_numbers)}"
            env["IMAGING_CLOUD_DATABASE_URL"] = self.postgres.create_database(self._database)
        for words in (
            ("institution", "add", INSTITUTION, "--name", "A"),
            ("device", "add", AE_TITLE, "--institution", INSTITUTION),
        ):
            subprocess.run(
                [sys.executable, "-m", "imaging_cloud", *words],
                env=clean_environment(self._template, env),
                check=True,
                capture_output=True,
                timeout=_SETUP_SECONDS,
            )

    @contextlib.contextmanager
    def home(self) -> Iterator[Home]:
        name = f"home-{os.getpid()}-{next(_numbers)}"
        path = self.folder / name
        shutil.copytree(self._template, path)
        env = dict(self.extra)
        database = ""
        if self.postgres:
            database = name.replace("-", "_")
            url = self.postgres.create_database(database, template=self._database)
            env["IMAGING_CLOUD_DATABASE_URL"] = url
        if self.seaweedfs:
            prefix = f"/{name}-{self.folder.name}?"
            env["IMAGING_CLOUD_OBJECT_STORE_URL"] = self.seaweedfs.url.replace("?", prefix)
            env["AWS_ACCESS_KEY_ID"] = self.seaweedfs.access_key
            env["AWS_SECRET_ACCESS_KEY"] = self.seaweedfs.secret_key
        home = Home(path=path, env=clean_environment(path, env), database=database)
        try:
            yield home
        finally:
            shutil.rmtree(path, ignore_errors=True)
            home.log.unlink(missing_ok=True)
            if self.postgres:
                self.postgres.drop_database(database)


def engines_named(name: str, folder: Path, request: pytest.FixtureRequest) -> Engines:
    """`sqlite + folder`, `postgresql + folder`, `postgresql + seaweedfs`, on real servers."""
    index, _, store = name.strip().partition(" + ")
    folder = folder / name.strip().replace(" + ", "-")
    folder.mkdir()
    return Engines(
        folder=folder,
        postgres=request.getfixturevalue("postgres_server") if index == "postgresql" else None,
        seaweedfs=request.getfixturevalue("seaweedfs") if store == "seaweedfs" else None,
    )


def clean_environment(home: Path, extra: Mapping[str, str]) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("IMAGING_CLOUD_")}
    return clean | {"IMAGING_CLOUD_HOME": str(home), "PYTHONPATH": str(ROOT)} | dict(extra)


@dataclass(slots=True)
class Gateway:
    pid: int
    port: int


class Lane:
    """Talks to one zygote. Not for several threads at once."""

    def __init__(self) -> None:
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.campaign.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        self._tracers: list[subprocess.Popen[str]] = []
        self.cpu = 0.0

    def close(self) -> None:
        for tracer in self._tracers:
            tracer.kill()
            tracer.wait()
        self._zygote.stdin.close()  # type: ignore[union-attr]
        self._zygote.stdout.close()  # type: ignore[union-attr]
        self._zygote.wait(_SECONDS)

    def _ask(self, **request: Any) -> dict[str, Any]:
        stdin, stdout = self._zygote.stdin, self._zygote.stdout
        assert stdin
        assert stdout
        stdin.write(json.dumps(request) + "\n")
        stdin.flush()
        answer: dict[str, Any] = json.loads(stdout.readline())
        return answer

    def _start(self, act: str, home: Home, **how: Any) -> dict[str, Any]:
        env = {k: v for k, v in home.env.items() if k.startswith(("IMAGING_CLOUD_", "AWS_"))}
        env["PLANT_LIST"] = str(home.plant_list)
        return self._ask(verb="start", act=act, env=env, log=str(home.log), **how)

    def start_gateway(self, home: Home, mutant: str = "") -> Gateway:
        answer = self._start("gateway", home, mutant=mutant)
        assert answer["ready"], home.log.read_text()
        return Gateway(answer["pid"], answer["port"])

    def start_traced_gateway(
        self, home: Home, *options: str, mutant: str = ""
    ) -> tuple[Gateway, subprocess.Popen[str]]:
        """Traced from its first step."""
        held = self._start("gateway", home, hold=True, mutant=mutant)
        tracer = self.trace(held["pid"], *options)
        assert self.go(held["pid"]), home.log.read_text()
        return Gateway(held["pid"], held["port"]), tracer

    def wait(self, pid: int) -> int:
        """Its exit code; `cpu` is then what it used."""
        answer = self._ask(verb="wait", pid=pid)
        self.cpu = float(answer["cpu"])
        return int(answer["code"])

    def replay(self, home: Home) -> int:
        return self.wait(self._start("replay", home)["pid"])

    def plant(self, home: Home, files: Sequence[Path]) -> None:
        """Sealed entries of a process that is gone, as a crash leaves them."""
        home.plant_list.write_text("\n".join(map(str, files)))
        assert self.wait(self._start("plant", home)["pid"]) == 0, home.log.read_text()

    def start_worker(self, home: Home) -> int:
        return int(self._start("worker", home)["pid"])

    def stop_worker(self, pid: int) -> None:
        os.kill(pid, signal.SIGTERM)
        assert self.wait(pid) == 0

    def hold_replay(self, home: Home) -> int:
        """A recovery that begins at `go`."""
        return int(self._start("replay", home, hold=True)["pid"])

    def go(self, pid: int) -> bool:
        """Let it run; whether a gateway became ready."""
        return bool(self._ask(verb="go", pid=pid)["ready"])

    def judge(self, home: Home, kept: Sequence[Path]) -> Judgement:
        """What is there now, against what was acknowledged."""
        return judged(self.state(home), {fingerprint(path) for path in kept})

    def state(self, home: Home) -> dict[str, Any]:
        pid = self._start("judge", home)["pid"]
        answer = self._ask(verb="wait", pid=pid)
        assert answer["code"] == 0, home.log.read_text()
        state: dict[str, Any] = answer["state"]
        return state

    def trace(self, pid: int, *options: str) -> subprocess.Popen[str]:
        """Strace on all threads of the process, once it has attached."""
        tracer = subprocess.Popen(
            ["strace", "-f", "-p", str(pid), *options],
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        assert tracer.stderr
        line = tracer.stderr.readline()
        assert "attached" in line, line
        self._tracers.append(tracer)
        return tracer

    def end_trace(self, tracer: subprocess.Popen[str]) -> str:
        """What strace printed; it ends with its process, or now."""
        if tracer.poll() is None:
            tracer.send_signal(signal.SIGINT)
        _, printed = tracer.communicate(timeout=_SECONDS)
        self._tracers.remove(tracer)
        return printed

    def end(self, gateway: Gateway) -> int:
        with contextlib.suppress(ProcessLookupError):
            os.kill(gateway.pid, signal.SIGKILL)
        return self.wait(gateway.pid)


def send(port: int, files: Sequence[Path], log: Path) -> subprocess.Popen[bytes]:
    """DCMTK's storescu with these files over one association; `log` tells what was answered."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [
                *("storescu", "-v", "-aet", AE_TITLE, "-aec", "IMAGINGCLOUD", "-to", "20"),
                *("127.0.0.1", str(port)),
                *map(str, files),
            ],
            stdout=output,
            stderr=output,
            env=os.environ | {"TCP_NODELAY": "1"},
        )


def send_all(port: int, batches: Sequence[Sequence[Path]], folder: Path) -> list[Path]:
    """Send the batches at the same time, one association each; what was acknowledged."""
    logs = [folder / f"sender-{next(_numbers)}.log" for _ in batches]
    senders = [send(port, *pair) for pair in zip(batches, logs, strict=True)]
    for sender in senders:
        sender.wait(2 * _SECONDS)
    kept = [path for log in logs for path in acknowledged(log)]
    for log in logs:
        log.unlink()
    return kept


def wait_until_swept(gateway: Gateway, home: Home) -> None:
    """Finished entries may go a moment after their answers; a killed gateway is not waited for."""
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not (is_running(gateway.pid) and spooled_entries(home.path)), 6)


def spooled_entries(home: Path) -> list[str]:
    """What lies in the spool: files of entries, and entries in the files of the log."""
    files = [each.name for each in home.glob("spool/*/*")]
    logs = [each for path in home.glob("spool/*.log") for each in read_segment(path)]
    return sorted([*files, *(f"in a log: {each.sha256}" for each in logs)])


def is_running(pid: int) -> bool:
    """Not dead, and not a zombie that its parent has not waited for."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return not re.search(r"\) [ZX] ", stat)


def wait_until(what: Any, seconds: float = _SECONDS) -> float:
    """Seconds until `what()` was true; fails when it never was."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - began
