"""Ingest by C-STORE against DCMTK `storescp` and Orthanc, in turns: medians and ratios.

    python -m benchmarks.ingest [--rounds 3] [--quick] [--only WORD] [--gateways N] [--write]

`storescu +sd` sends; client and server share the machine, so only ratios within one row mean
something. Ours stores, indexes and syncs before it answers. Orthanc indexes and syncs each file
(its default). `storescp` writes files without sync and keeps no index, `null` throws them away.
PostgreSQL runs with its durable defaults. Needs root for a network of its own.
"""

import argparse
import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks import objects, peers, sending
from benchmarks.peers import Server
from benchmarks.report import Bar, Section
from imaging_cloud.settings import Settings

INTRO = (
    "Instances a second; in brackets the ratio to Orthanc {version} of the same row. Medians of"
    " {rounds} runs in turns, a fresh store each. `storescp` (no sync, no index) and `null` (throws"
    " away) are ceilings, not peers."
)


@dataclass(frozen=True, slots=True)
class Workload:
    """What is sent: a folder, by how many senders, tuned (TCP_NODELAY) or stock."""

    title: str
    folder: Path
    senders: int
    target: float
    tuned: bool = True


def compare(work: Workload, servers: dict[str, Server], rounds: int) -> dict[str, float]:
    """The median rate of each server, the servers taking turns."""
    rates: dict[str, list[float]] = {name: [] for name in servers}
    for number in range(rounds):
        for name in sorted(servers, key=list(servers).index, reverse=bool(number % 2)):
            try:
                one = sending.rate(servers[name], work.folder, work.senders, tuned=work.tuned)
            except RuntimeError as error:  # a peer that refuses under load has no rate
                print(f"  {name}, {work.title}: {error}", flush=True)
                continue
            rates[name].append(one)
    return {name: statistics.median(values) if values else 0 for name, values in rates.items()}


def add_row(
    section: Section, work: Workload, medians: dict[str, float], ours: str, base: str
) -> None:
    against = medians.get(base, 0)
    cells = []
    for name in section.header[1:-1]:
        if name not in medians:
            cells.append("–")
            continue
        ratio = f" ({medians[name] / against:.2f})" if against and name != base else ""
        cells.append(
            f"{medians[name]:.1f}{ratio}" if medians[name] < 20 else f"{medians[name]:.0f}{ratio}"
        )
    goal = f"≥ {work.target} × {base}" if work.target else "–"
    section.add(work.title, *cells, goal)
    if against and work.target:
        title = work.title if ours == "ours" else f"{work.title}, {ours}"
        section.bars.append(Bar(title, medians[ours] / against, work.target))


def local(folder: Path, quick: bool) -> list[Workload]:
    ct = objects.make_slices(folder / "ct", 120 if quick else 300, 512)
    small = objects.make_slices(folder / "small", 300 if quick else 900, 68)
    plates = objects.make_plates(folder / "plates", 12 if quick else 30)
    frames = objects.make_multiframe(folder / "frames", 2 if quick else 4)
    return [
        Workload("525 KB CT, 1 association", ct, 1, 2.0),
        Workload("525 KB CT, 4 associations", ct, 4, 2.0),
        Workload("10 KB, 1 association", small, 1, 2.0),
        Workload("10 KB, 4 associations", small, 4, 2.0),
        Workload("CR of 2 and 8 MB, 1 association", plates, 1, 2.5),
        Workload("105 MB multi-frame, 1 association", frames, 1, 2.5),
    ]


def untuned(folder: Path, quick: bool) -> list[Workload]:
    count = 30 if quick else 60
    return [
        Workload(
            "stock storescu, 10 KB",
            objects.make_slices(folder / "stock10", count, 68),
            1,
            10,
            False,
        ),
        Workload(
            "stock storescu, CT", objects.make_slices(folder / "stockct", count, 512), 1, 10, False
        ),
    ]


def _gateways() -> int:
    """As many as `serve` starts unless told otherwise."""
    return int(Settings.model_fields["gateway_processes"].default)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a third of the objects")
    parser.add_argument("--only", default="", help="parts whose name holds this word")
    parser.add_argument(
        "--gateways", type=int, default=_gateways(), help="gateway processes of ours"
    )
    parser.add_argument(
        "--write", action="store_true", help="put the tables into docs/benchmarks.md"
    )
    chosen = parser.parse_args()
    if not peers.in_own_network("benchmarks.ingest"):
        print("Orthanc is left out: a network of its own needs root (unshare)")
    with tempfile.TemporaryDirectory(prefix="bench-objects-") as folder, ExitStack() as stack:
        for name, part in PARTS.items():
            if chosen.only in name:
                section = part(Path(folder, name), stack, chosen)
                if chosen.write:
                    section.write()


def embedded(folder: Path, stack: ExitStack, chosen: argparse.Namespace) -> Section:  # noqa: ARG001
    """SQLite and a local folder against Orthanc with its defaults."""
    intro = INTRO.format(version=peers.orthanc_version(), rounds=chosen.rounds)
    header = ("`storescu +sd`", "ours", "storescp", "null", "Orthanc", "target")
    section = Section("ingest", "Ingest by C-STORE, embedded default", intro, header)
    servers = {
        "ours": peers.ours(chosen.gateways),
        "storescp": peers.storescp,
        "null": peers.null,
        "Orthanc": peers.orthanc,
    }
    print(" | ".join(header))
    for work in local(folder, chosen.quick):
        add_row(section, work, compare(work, servers, chosen.rounds), "ours", "Orthanc")
    for work in untuned(folder, chosen.quick):
        servers_here = {name: servers[name] for name in ("ours", "Orthanc")}
        add_row(section, work, compare(work, servers_here, chosen.rounds), "ours", "Orthanc")
    return section


def crowd(folder: Path, stack: ExitStack, chosen: argparse.Namespace) -> Section:  # noqa: ARG001
    """Eight senders against one: the sum is never lower."""
    section = Section(
        "crowd",
        "Eight senders against one",
        "Ours alone, instances a second over all senders.",
        ("objects", "1", "2", "4", "8", "8 against 1"),
    )
    server = peers.ours(chosen.gateways)
    kinds = {
        "525 KB CT": objects.make_slices(folder / "ct", 240, 512, studies=8),
        "10 KB": objects.make_slices(folder / "small", 960, 68, studies=8),
    }
    for title, made in kinds.items():
        found = {
            senders: statistics.median(
                sending.rate(server, made, senders) for _ in range(chosen.rounds)
            )
            for senders in (1, 2, 4, 8)
        }
        cells = [f"{found[senders]:.0f}" for senders in (1, 2, 4, 8)]
        section.add(title, *cells, f"{found[8] / found[1]:.2f}")
        section.bars.append(Bar(f"{title}: 8 against 1", found[8] / found[1], 1))
    return section


def postgres(folder: Path, stack: ExitStack, chosen: argparse.Namespace) -> Section:
    """PostgreSQL under both; ours with a local folder and with SeaweedFS."""
    intro = INTRO.format(version=peers.orthanc_version(), rounds=chosen.rounds)
    intro += (
        " Orthanc keeps its files on the local disk in all rows, with the index in PostgreSQL; its"
        " sender goes on after a refusal (`--no-halt` would be needed for 1.10.1)."
    )
    header = ("`storescu +sd`", "folder", "SeaweedFS", "Orthanc", "target")
    section = Section("postgres", "Ingest by C-STORE, index in PostgreSQL", intro, header)
    server = stack.enter_context(peers.durable_postgres())
    bucket = stack.enter_context(peers.seaweedfs())
    fresh = peers.fresh_database(server)
    servers = {
        "folder": peers.ours(chosen.gateways, database_url=fresh),
        "SeaweedFS": peers.ours(chosen.gateways, database_url=fresh, store_url=bucket),
        "Orthanc": peers.orthanc_on_postgres(server),
    }
    for work in local(folder, quick=True)[:4]:
        wanted = Workload(work.title, work.folder, work.senders, 2.5)
        medians = compare(wanted, servers, chosen.rounds)
        add_row(section, wanted, medians, "folder", "Orthanc")
        if wanted.senders == 4 and medians["Orthanc"]:
            ratio = medians["SeaweedFS"] / medians["Orthanc"]
            section.bars.append(Bar(f"{wanted.title}, SeaweedFS", ratio, 1))
    return section


PARTS = {"embedded": embedded, "crowd": crowd, "postgres": postgres}


if __name__ == "__main__":
    main()
