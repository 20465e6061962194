"""Many idle associations beside active senders, for a while: errors, and memory of the gateway.

The gateway is a process of its own over SQLite and a folder. Idle associations come from many
AE titles and many loopback addresses, as from many devices. A C-ECHO on each of them at the end
shows that it lives. `--seconds 1800 --idle 1000 --active 100` is the full form.
"""

import argparse
import os
import resource
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from association import start_ours, wait_until_served  # noqa: E402 - the path comes first

from tests.protocol.dimse.instances import make_instance  # noqa: E402
from tests.protocol.dimse.raw_peer import RawPeer  # noqa: E402

DEVICES = 110
# Beyond the longest run: an idle association must not be cut for being idle.
IDLE_SECONDS = 7200
PIXELS = bytes(20_000)


@dataclass
class Tally:
    """What the senders did; `slowest` is the longest association set-up in seconds."""

    stored: int = 0
    associations: int = 0
    errors: list[str] = field(default_factory=list)
    slowest: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


def rss_of(pid: int) -> float:
    """Resident memory in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def open_idle(port: int, count: int) -> list[RawPeer]:
    peers = []
    for number in range(count):
        peer = RawPeer(port, patience=60, source=f"127.0.{1 + number // 200}.{1 + number % 200}")
        if peer.associate(f"BENCH{number % DEVICES}") != 0x02:
            raise RuntimeError(f"idle association {number} was not accepted")
        peers.append(peer)
    return peers


def keep_sending(port: int, number: int, pause: float, until: float, tally: Tally) -> None:
    """Associate, store ten small instances one after the other, release; again and again."""
    turn = 0
    while time.monotonic() < until:
        try:
            began = time.monotonic()
            with RawPeer(port, patience=60, source=f"127.1.0.{1 + number}") as peer:
                if peer.associate(f"BENCH{number % DEVICES}") != 0x02:
                    raise RuntimeError("not accepted")
                took = time.monotonic() - began
                for _ in range(10):
                    instance = make_instance(turn * 1000 + number, pixels=PIXELS)
                    turn += 1
                    status = peer.store(instance)
                    if status:
                        raise RuntimeError(f"status 0x{status:04X}")
                    time.sleep(pause)
            with tally.lock:
                tally.stored += 10
                tally.associations += 1
                tally.slowest = max(tally.slowest, took)
        except (OSError, RuntimeError, AssertionError) as error:
            with tally.lock:
                tally.errors.append(f"{type(error).__name__}: {error}")
            time.sleep(0.2)


def watch(pid: int, until: float) -> list[float]:
    """Resident memory, once at the beginning and then twelve times over the run."""
    every = max(1.0, (until - time.monotonic()) / 12)
    samples = [rss_of(pid)]
    while time.monotonic() < until:
        time.sleep(min(every, max(0.0, until - time.monotonic())))
        samples.append(rss_of(pid))
        print(f"  {samples[-1]:8.1f} MiB", flush=True)
    return samples


def echo_all(peers: Sequence[RawPeer]) -> int:
    """How many of the idle associations still answer."""
    alive = 0
    for peer in peers:
        with suppress(OSError, AssertionError):
            alive += peer.echo() == 0
    return alive


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--idle", type=int, default=1000)
    parser.add_argument("--active", type=int, default=100)
    parser.add_argument("--pause", type=float, default=2, help="seconds between two instances")
    chosen = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with ExitStack() as stack:
        port, pid = start_ours(
            stack,
            DEVICES,
            MAX_ASSOCIATIONS=3 * (chosen.idle + chosen.active),
            IDLE_TIMEOUT_SECONDS=IDLE_SECONDS,
        )
        wait_until_served(port)
        empty = rss_of(pid)
        began = time.monotonic()
        peers = open_idle(port, chosen.idle)
        for peer in peers:
            stack.enter_context(peer)
        took, full = time.monotonic() - began, rss_of(pid)
        each = (full - empty) * 1024 / max(1, chosen.idle)
        print(f"{chosen.idle} idle associations: {took:.1f} s, {empty:.1f} -> {full:.1f} MiB")
        print(f"one costs {each:.0f} KiB")
        tally = Tally()
        until = time.monotonic() + chosen.seconds
        threads = [
            threading.Thread(target=keep_sending, args=(port, n, chosen.pause, until, tally))
            for n in range(chosen.active)
        ]
        for thread in threads:
            thread.start()
        samples = watch(pid, until)
        for thread in threads:
            thread.join()
        alive = echo_all(peers)
        print(
            f"{chosen.active} active for {chosen.seconds:.0f} s: {tally.stored} stored in"
            f" {tally.associations} associations, slowest set-up {tally.slowest:.2f} s,"
            f" {len(tally.errors)} errors"
        )
        # The first quarter fills caches and pools; from there on it should be level.
        settled = samples[len(samples) // 4]
        slope = (samples[-1] - settled) / max(chosen.seconds * 0.75, 1) * 60
        print(f"idle alive at the end: {alive} of {chosen.idle}; RSS {slope:+.2f} MiB a minute")
        for error in sorted(set(tally.errors))[:5]:
            print("  ", error)
        return 1 if tally.errors or alive != chosen.idle else 0


if __name__ == "__main__":
    sys.exit(main())
