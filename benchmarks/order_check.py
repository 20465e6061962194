"""The order check over HTTP: how many a second, how soon, and the same question put to Orthanc.

    python -m benchmarks.order_check [--studies 1000000] [--more 10000000] [--database sqlite]
        [--only index|peers] [--seconds 10] [--rounds 3] [--keep FOLDER] [--write]

The real `serve` with token, consent, audit and alert log; client and server share the machine.
`--more 0` leaves the larger index out, which takes some 7 GB and a quarter of an hour to fill.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import order_peers, peers
from benchmarks.http_load import CONNECTIONS, Figures, median, pace, saturate, status
from benchmarks.many_exams import INSTITUTIONS, NAMES, STUDIES_EACH, Person, fill
from benchmarks.report import Bar, Section
from tests.services import free_ports, running_postgres

ROOT = Path(__file__).parents[1]
PACE = 100
PEER_STUDIES = 20_000
_START_SECONDS = 180
_WARM_SECONDS = 2
# More than are asked in a round: a patient rarely comes twice, as in life.
_ORDERS = 20_000
# What is asked for (docs/order-check.md): answers a second, and milliseconds at the pace.
_RATE, _P95, _P99, _SLOWER = 700, 10, 25, 1.2


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


def outcome(answer: bytes) -> str:
    """The check's outcome, or the status of an answer that is none."""
    said = answer.partition(b'"outcome":"')[2].partition(b'"')[0].decode()
    return said or status(answer)


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
        temporary = tempfile.TemporaryDirectory(prefix="bench-")
        home = keep / str(studies) if keep else Path(stack.enter_context(temporary))
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


def measure(home: Path, url: str, studies: int, chosen: argparse.Namespace) -> tuple[Figures, ...]:
    """(eight connections, at the pace), medians over the rounds."""
    with serving(home, url, chosen.webs) as (port, token):
        requests = orders(int(studies / STUDIES_EACH), _ORDERS, token)
        asyncio.run(saturate(port, requests[-500:], _WARM_SECONDS))
        rounds = range(chosen.rounds)
        return (
            median(
                [asyncio.run(saturate(port, requests, chosen.seconds, outcome)) for _ in rounds]
            ),
            median(
                [asyncio.run(pace(port, requests, chosen.seconds, PACE, outcome)) for _ in rounds]
            ),
        )


def warm(url: str) -> None:
    """Read the index file once: a disk of the cloud gives pages one by one very slowly."""
    if url.startswith("sqlite:///"):
        with Path(url.removeprefix("sqlite:///")).open("rb", buffering=0) as file:
            while file.read(1 << 22):
                pass


def of_sizes(chosen: argparse.Namespace) -> Section:
    section = Section(
        "order-check",
        f"Order check, index in {chosen.database}",
        f"`serve` with {chosen.webs} web processes, client on the same machine, over HTTP with"
        f" token, consent, audit and alert log. {CONNECTIONS} connections that ask again at once,"
        f" then {PACE} checks a second arriving at random; milliseconds. Medians of {chosen.rounds}"
        f" rounds of {chosen.seconds:.0f} s. The index is read once before, as far as the machine"
        " keeps it in memory: what is timed is a server that has been up for a while.",
        (
            *("studies", "checks a second", "p50", "p95", "p99"),
            *(f"at {PACE}/s: p50", "p95", "p99", "worst"),
        ),
    )
    first: tuple[Figures, ...] | None = None
    for studies in (chosen.studies, chosen.more):
        if not studies:
            continue
        with filled(chosen.database, studies, chosen.keep) as (home, url):
            warm(url)
            full, paced = measure(home, url, studies, chosen)
        section.add(
            *(f"{studies:,}", f"{full.rate:.0f}", *_said(full.p50, full.p95, full.p99)),
            *_said(paced.p50, paced.p95, paced.p99, paced.worst),
        )
        print(full.outcomes, paced.outcomes)
        if first is None:
            first = full, paced
            section.bars += [
                Bar(f"checks a second of {_RATE}", full.rate / _RATE, 1),
                Bar(f"{_P95} ms of p95 at {PACE}/s", _P95 / paced.p95, 1),
                Bar(f"{_P99} ms of p99 at {PACE}/s", _P99 / paced.p99, 1),
            ]
        else:
            slower = first[0].rate / full.rate, paced.p95 / first[1].p95
            section.bars.append(Bar(f"rate at {studies:,}", 1 / slower[0], 1 / _SLOWER))
            section.notes.append(
                f"{studies:,} against {chosen.studies:,} studies: {slower[0]:.2f} times the time a"
                f" check when saturated, {slower[1]:.2f} times the p95 at {PACE}/s (target ≤"
                f" {_SLOWER})."
            )
    section.notes.append(
        f"Targets: ≥ {_RATE} a second; at {PACE}/s p95 ≤ {_P95} ms and p99 ≤ {_P99} ms."
    )
    return section


def _said(*milliseconds: float) -> tuple[str, ...]:
    return tuple(f"{each:.1f}" for each in milliseconds)


def of_peers(chosen: argparse.Namespace) -> Section:
    """The same studies in both; each server alone on the machine while it is asked."""
    section = order_peers.section(PEER_STUDIES)
    answered = {}
    for kind in ("sqlite", "postgresql"):
        with (
            filled(kind, PEER_STUDIES, None) as (home, url),
            serving(home, url, chosen.webs) as (port, token),
        ):
            requests = orders(int(PEER_STUDIES / STUDIES_EACH), _ORDERS, token)
            asyncio.run(saturate(port, requests[-500:], _WARM_SECONDS))
            answered[kind] = asyncio.run(saturate(port, requests, chosen.seconds))
    for kind in ("sqlite", "postgresql"):
        theirs = order_peers.ask_orthanc(kind, PEER_STUDIES, chosen.seconds)
        order_peers.add(section, kind, answered, theirs)
    return section


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=1_000_000)
    parser.add_argument("--more", type=int, default=10_000_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--only", choices=("index", "peers"))
    parser.add_argument("--webs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder of indexes to fill once and use again")
    parser.add_argument("--write", action="store_true", help="put the tables into the page")
    chosen = parser.parse_args()
    sections = []
    if chosen.only != "index":
        if peers.in_own_network("benchmarks.order_check"):
            sections.append(of_peers(chosen))
        else:
            print("Orthanc is left out: it may run in a network of its own only", file=sys.stderr)
    if chosen.only != "peers":
        sections.append(of_sizes(chosen))
    for each in sections:
        if chosen.write:
            each.write()


if __name__ == "__main__":
    main()
