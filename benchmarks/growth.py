"""How ingest holds up as the archive grows, and what one giant object costs in memory.

    python -m benchmarks.growth [--instances 200000] [--window 5000] [--quick] [--write]

One server, embedded default. `storescu --repeat` sends one 10 KB object again and again under
invented UIDs (a new series every 100, a new study every 4 series, a new patient every 2 studies),
with 4 associations; the rate is taken over windows. Then one multi-frame of 2 GiB is sent to a
fresh server while its resident memory is read from /proc.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from benchmarks import objects, peers, sending
from benchmarks.report import Bar, Section

SENDERS = 4
_EVERY = 0.05


def fill(port: int, file: Path, count: int) -> float:
    """Send `count` instances over several associations; instances a second."""
    began = time.monotonic()
    each = count // SENDERS
    command = ["storescu", "-aet", sending.AE_TITLE, "+IR", "100", "+IS", "4", "+IP", "2"]
    command += ["--repeat", str(each), "127.0.0.1", str(port), str(file)]
    environment = os.environ | {"TCP_NODELAY": "1"}
    senders = [
        subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(SENDERS)
    ]
    codes = [each.wait() for each in senders]
    if any(codes):
        raise RuntimeError(f"storescu ended with {codes}")
    return each * SENDERS / (time.monotonic() - began)


def grow(folder: Path, chosen: argparse.Namespace) -> Section:
    section = Section(
        "growth",
        "An archive that grows",
        f"Ours, embedded default, {SENDERS} associations, 10 KB objects of ever new studies.",
        ("stored before", "instances a second", "against the first"),
    )
    (file,) = objects.make_slices(folder / "one", 1, 68).iterdir()
    with sending.serving(peers.ours(chosen.gateways)) as there:
        fill(there.port, file, 400)  # warm
        first, stored, rates = 0.0, 400, []
        while stored < chosen.instances:
            rate = fill(there.port, file, chosen.window)
            first = first or rate
            rates.append(rate)
            section.add(f"{stored:,}", f"{rate:.0f}", f"{rate / first:.2f}")
            stored += chosen.window
    # Of single windows the disk's moods show: the last quarter against the first.
    quarter = max(1, len(rates) // 4)
    ratio = statistics.median(rates[-quarter:]) / statistics.median(rates[:quarter])
    section.notes.append(
        f"Median of the last quarter against the first quarter: {ratio:.2f} (target ≥ 0.90)."
    )
    section.rows = section.rows[:: max(1, len(section.rows) // 10)]
    section.bars.append(Bar("last quarter against first", ratio, 0.9))
    print(section.notes[-1])
    return section


def memory_of(pids: tuple[int, ...]) -> int:
    """Resident bytes of all processes."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1]) * 1024
    return total


def giant(folder: Path, gib: int) -> Section:
    section = Section(
        "giant",
        f"One multi-frame of {gib} GiB",
        "Resident memory of the gateway before and at most while it arrives, in MB.",
        ("before", "at most", "growth", "target", "MB/s"),
    )
    made = objects.make_giant(folder / "giant", gib)
    size = (made / "giant.dcm").stat().st_size
    with sending.serving(peers.ours(1)) as there:
        before, most, done = memory_of(there.pids), 0, threading.Event()

        def watch() -> None:
            nonlocal most
            while not done.wait(_EVERY):
                most = max(most, memory_of(there.pids))

        watcher = threading.Thread(target=watch)
        watcher.start()
        seconds = sending.send([made], there.port)
        done.set()
        watcher.join()
    grown = (most - before) / 1e6
    cells = (f"{before / 1e6:.0f}", f"{most / 1e6:.0f}", f"{grown:.0f}", "≤ 64")
    section.add(*cells, f"{size / 1e6 / seconds:.0f}")
    return section


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=int, default=200_000)
    parser.add_argument("--window", type=int, default=5_000)
    parser.add_argument("--gateways", type=int, default=1)
    parser.add_argument("--gib", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="20,000 instances")
    parser.add_argument(
        "--write", action="store_true", help="put the tables into docs/benchmarks.md"
    )
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.instances, chosen.window = 20_000, 2_000
    with tempfile.TemporaryDirectory(prefix="bench-objects-") as folder:
        for section in (giant(Path(folder), chosen.gib), grow(Path(folder), chosen)):
            if chosen.write:
                section.write()


if __name__ == "__main__":
    main()
