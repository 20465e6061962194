"""The order check over HTTP: rate when saturated, and how long an answer takes at a set pace.

    python benchmarks/order_check.py [--studies 1000000] [--webs 2] [--seconds 10] [--rounds 3]
        [--database sqlite|postgresql] [--keep FOLDER]

The real `serve` with token, consent, audit and alert log; client and server share the machine.
The client speaks HTTP/1.1 over raw sockets so that it costs little.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.many_exams import INSTITUTIONS, NAMES, STUDIES_EACH, Person, fill  # noqa: E402
from tests.services import free_ports, running_postgres  # noqa: E402

CONNECTIONS = 8
PACE = 100
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Figures:
    """`rate` answers a second; the others are milliseconds. `outcomes` says what was answered."""

    rate: float
    p50: float
    p95: float
    p99: float
    worst: float
    outcomes: dict[str, int]


def order(person: Person, chance: random.Random) -> bytes:
    asking = INSTITUTIONS[(person.number + (person.number % 2)) % len(INSTITUTIONS)]
    document = {
        "patient": {
            "identifiers": [{"issuer": i, "value": v} for i, v in person.identifiers],
            "name": f"Bench^{person.number}",
            "birthDate": person.birth_date,
            "sex": "FM"[person.number % 2],
        },
        "order": {
            "name": chance.choice(NAMES),
            "priority": "routine",
            "reasonCodes": [{"system": "ICD-10", "code": "J18.9"}],
            "institution": asking,
            "placedAt": "2026-11-20T10:00:00+08:00",
        },
        "facts": {"conditions": [{"system": "ICD-10", "code": "K56.6"}], "eGFR": 70},
    }
    return json.dumps(document, ensure_ascii=False).encode()


def orders(persons: int, count: int, token: str) -> list[bytes]:
    """Whole HTTP requests for patients drawn at random."""
    chance = random.Random(7)
    requests = []
    for _ in range(count):
        body = order(Person(chance.randrange(persons)), chance)
        head = (
            "POST /api/order-check HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests


class Line(asyncio.Protocol):
    """One keep-alive connection; the next request is sent when the answer is whole."""

    def __init__(self) -> None:
        self._got = bytearray()
        self._waiting: asyncio.Future[bytes] | None = None
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    async def ask(self, request: bytes) -> bytes:
        self._waiting = asyncio.get_running_loop().create_future()
        assert self._transport is not None
        self._transport.write(request)
        return await self._waiting

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._got[:end])
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(self._got) < end + 4 + length or self._waiting is None:
            return
        answer = bytes(self._got[: end + 4 + length])
        del self._got[: end + 4 + length]
        waiting, self._waiting = self._waiting, None
        waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError(str(exc)))


async def connect(port: int, count: int) -> list[Line]:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Line, "127.0.0.1", port) for _ in range(count)]
    return [line for _, line in made]


async def saturate(port: int, requests: Sequence[bytes], seconds: float) -> Figures:
    """Eight connections, each asking again as soon as it is answered."""
    lines = await connect(port, CONNECTIONS)
    taken: list[float] = []
    answers: list[bytes] = []
    source = iter(requests * 100)
    until = time.perf_counter() + seconds

    async def keep_asking(line: Line) -> None:
        while (began := time.perf_counter()) < until:
            answers.append(await line.ask(next(source)))
            taken.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(keep_asking(line) for line in lines))
    return figures(taken, answers, time.perf_counter() - began)


async def pace(port: int, requests: Sequence[bytes], seconds: float, rate: int = PACE) -> Figures:
    """Orders arrive at random, `rate` a second on average; waiting for a line counts."""
    lines: asyncio.Queue[Line] = asyncio.Queue()
    for line in await connect(port, 32):
        lines.put_nowait(line)
    taken: list[float] = []
    answers: list[bytes] = []

    async def ask(request: bytes, due: float) -> None:
        line = await lines.get()
        answers.append(await line.ask(request))
        taken.append(time.perf_counter() - due)
        lines.put_nowait(line)

    chance, source, tasks = random.Random(3), iter(requests * 100), []
    began = due = time.perf_counter()
    while due < began + seconds:
        due += chance.expovariate(rate)
        await asyncio.sleep(max(0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(ask(next(source), due)))
    await asyncio.gather(*tasks)
    return figures(taken, answers, time.perf_counter() - began)


def figures(taken: list[float], answers: list[bytes], seconds: float) -> Figures:
    ordered = sorted(1000 * each for each in taken)
    outcomes: dict[str, int] = {}
    for answer in answers:
        status = answer[9:12].decode()
        said = answer.partition(b'"outcome":"')[2].partition(b'"')[0].decode() or "?"
        key = said if status == "200" else status
        outcomes[key] = outcomes.get(key, 0) + 1

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Figures(len(taken) / seconds, at(0.5), at(0.95), at(0.99), ordered[-1], outcomes)


@contextmanager
def serving(home: Path, database: str, webs: int) -> Iterator[tuple[int, str]]:
    """`serve` on a filled index; its HTTP port and a token that may ask for every institution."""
    port, dicom = free_ports(2)
    environment = os.environ | {
        "IMAGING_CLOUD_HOME": str(home),
        "IMAGING_CLOUD_DATABASE_URL": database,
        "IMAGING_CLOUD_HTTP_PORT": str(port),
        "IMAGING_CLOUD_DICOM_PORT": str(dicom),
        "IMAGING_CLOUD_WEB_PROCESSES": str(webs),
        "IMAGING_CLOUD_GATEWAY_PROCESSES": "1",
        "IMAGING_CLOUD_WORKER_PROCESSES": "1",
        "IMAGING_CLOUD_LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(ROOT),
    }
    program = [sys.executable, "-m", "imaging_cloud"]
    issue = [*program, "token", "issue", "--role", "service", "--subject", "bench"]
    issued = subprocess.run(
        [*issue, "--minutes", "60"], env=environment, check=True, capture_output=True, text=True
    )
    process = subprocess.Popen([*program, "serve"], env=environment)
    try:
        _wait_until_ready(port, process)
        yield port, issued.stdout.strip()
    finally:
        process.terminate()
        process.wait(15)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the cloud does not get ready")


@contextmanager
def filled(kind: str, studies: int, keep: Path | None) -> Iterator[tuple[Path, str]]:
    """A folder for HOME and the address of an index with that many studies."""
    with ExitStack() as stack:
        home = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        home.mkdir(parents=True, exist_ok=True)
        if kind == "postgresql":
            server = stack.enter_context(running_postgres(durable=True))
            url = server.create_database("bench")
        else:
            url = f"sqlite:///{home / 'index.sqlite3'}"
        if kind == "postgresql" or not (home / "index.sqlite3").exists():
            print(f"filling {studies} studies", file=sys.stderr)
            fill(url, studies)
        yield home, url


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=1_000_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--webs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="HOME to fill once and use again (SQLite)")
    chosen = parser.parse_args()
    with filled(chosen.database, chosen.studies, chosen.keep) as (home, url):
        persons = int(chosen.studies / STUDIES_EACH)
        with serving(home, url, chosen.webs) as (port, token):
            requests = orders(persons, 5000, token)
            asyncio.run(saturate(port, requests[-500:], 2))
            report(
                "saturated",
                [
                    asyncio.run(saturate(port, requests, chosen.seconds))
                    for _ in range(chosen.rounds)
                ],
            )
            report(
                f"{PACE}/s",
                [asyncio.run(pace(port, requests, chosen.seconds)) for _ in range(chosen.rounds)],
            )


def report(title: str, rounds: Sequence[Figures]) -> None:
    """One line of the table: medians over the rounds."""
    middle = {
        name: statistics.median(getattr(each, name) for each in rounds)
        for name in ("rate", "p50", "p95", "p99", "worst")
    }
    said = " | ".join(f"{middle[name]:.1f}" for name in ("p50", "p95", "p99", "worst"))
    print(f"| {title} | {middle['rate']:.0f} | {said} | {rounds[-1].outcomes} |", flush=True)


if __name__ == "__main__":
    main()
