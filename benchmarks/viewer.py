"""The viewer on a phone: first picture, whole series, scrolling, memory, against Cornerstone3D.

    python -m benchmarks.viewer [--slices 300] [--rounds 3] [--only first,series,peer,scroll,memory]
        [--write]

The real `serve` with log-in by code, consent and audit on; the study is derived by the real worker
beforehand. Chromium (benchmarks/phone.py) reaches it through a link (benchmarks/link.py).
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from pydicom.dataset import Dataset

from benchmarks import cornerstone_page, peers, phantom, phone, sweep
from benchmarks.derivation import keep, opened
from benchmarks.report import Section
from imaging_cloud.ports.access_register import Institution
from imaging_cloud.web.viewer_assets import DIST

RESIDENT = "11010519491231002X"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
INTRO = (
    "{slices} CT slices of 512 x 512 ({kb:.0f} KB each as HTJ2K) on a phone of 390 x 844, DPR 2"
    " unless said; medians of {rounds} cold visits, all in brackets. 4G: 9 Mbit/s down, 4.5 up,"
    " 85 ms, two round trips more for each new connection (TCP, TLS 1.3), slow start. First"
    " picture: the first frame of the screen that shows it (`Page.startScreencast`), from the start"
    " of navigation."
)


@dataclass(frozen=True, slots=True)
class Net:
    """A link: Mbit/s down, ms of a round trip."""

    name: str
    mbit: float
    ms: float


FAST = Net("4G", 9, 85)
SLOW = Net("1.6 Mbit/s, 150 ms", 1.6, 150)


@dataclass(slots=True)
class Bench:
    browser: Browser
    port: int
    study: str
    cookies: list[Any]
    home: Path
    slices: int
    rounds: int
    section: Section

    @contextmanager
    def through(self, net: Net, port: int = 0) -> Iterator[str]:
        """The server's address behind such a link."""
        command = [sys.executable, "-m", "benchmarks.link", "--to", str(port or self.port)]
        command += ["--mbit", str(net.mbit), "--ms", str(net.ms)]
        with peers.running(command, cwd=peers.ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"


def prepare(folder: Path, slices: int) -> tuple[Path, str, float]:
    """(home, study, mean bytes of a frame): taken in and derived by the real worker."""
    patient = Dataset()
    patient.PatientName, patient.PatientID, patient.PatientSex = "Bench^Mark", "B-300", "F"
    patient.PatientBirthDate = "19491231"
    other = Dataset()
    other.PatientID, other.IssuerOfPatientID = RESIDENT, "CN-RESIDENT-ID"
    patient.OtherPatientIDsSequence = [other]
    home, name = folder / "home", folder / "study"
    if name.exists():
        return home, name.read_text(), _frame_bytes(home, slices)
    study = phantom.make_ct(folder / "ct", slices, patient)
    with opened(home) as cloud:
        cloud.register.add_institution(Institution(code="BENCH", name="Benchmark"))
        keep(folder / "ct", cloud)
        cloud.derivations.ask("BENCH", study, at=cloud.clock.now())
    command = [sys.executable, "-m", "imaging_cloud", "worker", "--once"]
    subprocess.run(command, env=environment(home), cwd=peers.ROOT, check=True)
    name.write_text(study)
    return home, study, _frame_bytes(home, slices)


def _frame_bytes(home: Path, slices: int) -> float:
    """Mean length of a frame as derived."""
    packs = [path.stat().st_size for path in (home / "objects" / "derived").rglob("*frames*")]
    return sum(packs) / slices


def environment(home: Path, **more: str) -> dict[str, str]:
    words = {"HOME": str(home), "LOG_LEVEL": "WARNING", "LOGIN_CODES": "screen"} | more
    return os.environ | {f"IMAGING_CLOUD_{name}": value for name, value in words.items()}


@contextmanager
def serving(home: Path) -> Iterator[int]:
    """The whole cloud; its HTTP port."""
    http, dicom = peers.free_port(), peers.free_port()
    words = environment(home, HTTP_PORT=str(http), DICOM_PORT=str(dicom))
    words["IMAGING_CLOUD_PUBLIC_URL"] = f"http://127.0.0.1:{http}"
    command = [sys.executable, "-m", "imaging_cloud", "serve"]
    with peers.running(command, env=words, cwd=peers.ROOT):
        peers.wait_for_port(http)
        yield http


def log_in(browser: Browser, port: int) -> list[Any]:
    """As a patient does; cookies know no ports, so they hold behind the link as well."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/portal")
    page.fill("#value", RESIDENT)
    page.click("button.wide")
    page.fill("#code", page.inner_text("#shown-code"))
    page.click("button.wide")
    page.wait_for_url("**/portal")
    cookies = context.cookies()
    context.close()
    return cookies


def warm_up(browser: Browser, cookies: list[Any], port: int, study: str) -> None:
    """A server that has just started imports half of itself at the first call."""
    with phone.phone(browser, cookies) as (_, page, _cdp):
        page.goto(f"http://127.0.0.1:{port}/view/{study}", wait_until="load")
        page.wait_for_timeout(2000)


def shown(values: list[float], digits: int = 2, unit: str = "s") -> str:
    each = ", ".join(f"{value:.{digits}f}" for value in sorted(values))
    return f"{statistics.median(values):.{digits}f} {unit} ({each})"


def measure_first(bench: Bench) -> None:
    for net, slowed, first, full in (
        (FAST, 1, "0.6", "1.3"),
        (FAST, 4, "1.0", "2.2"),
        (SLOW, 4, "1.5", ""),
    ):
        with bench.through(net) as url:
            visits = [
                phone.first_picture(
                    bench.browser, bench.cookies, f"{url}/view/{bench.study}", slowed
                )
                for _ in range(bench.rounds)
            ]
        told = f"{net.name}, CPU x{slowed}"
        bench.section.add(
            f"first picture, {told}", shown([each["first"] for each in visits]), f"≤ {first} s"
        )
        bench.section.add(
            f"full 16-bit slice, {told}",
            shown([each["full"] for each in visits]),
            f"≤ {full} s" if full else "–",
        )
    measure_bytes(bench)


def measure_series(bench: Bench) -> None:
    visits = []
    for _ in range(bench.rounds):
        with bench.through(FAST) as url:
            address = f"{url}/view/{bench.study}"
            visits.append(
                phone.series_times(bench.browser, bench.cookies, address, bench.slices, 120)
            )
    for name, text, target in (
        ("previews", "scrubbable, 64 px", "≤ 5 s"),
        ("sharper", "scrubbable, 128 px", "–"),
        ("full", "there without loss", "≤ 32 s"),
    ):
        values = [each[name] for each in visits if name in each]
        if values:
            bench.section.add(f"{bench.slices} slices {text}, 4G", shown(values, 1), target)


def measure_scroll(bench: Bench) -> None:
    address = f"http://127.0.0.1:{bench.port}/view/{bench.study}"
    for ratio, fps, p95 in ((1, 50, 33), (2, 30, 50)):
        runs = [
            sweep.scroll_rate(bench.browser, bench.cookies, address, bench.slices, ratio)
            for _ in range(bench.rounds)
        ]
        full = statistics.median(each["full"] for each in runs)
        told = f"scrolling by touch, frames cached, DPR {ratio}"
        rates, tails = [each["fps"] for each in runs], [each["p95"] for each in runs]
        bench.section.add(f"{told}", shown(rates, 0, "fps"), f"≥ {fps} fps")
        bench.section.add(f"{told}, p95 between frames", shown(tails, 0, "ms"), f"≤ {p95} ms")
        bench.section.add(f"{told}, share drawn in full", f"{full:.2f}", "–")


def measure_memory(bench: Bench) -> None:
    address = f"http://127.0.0.1:{bench.port}/view/{bench.study}"
    runs = [
        sweep.memory(bench.browser, bench.cookies, address, bench.slices)
        for _ in range(bench.rounds)
    ]
    loaded = shown([each["loaded"] for each in runs], 0, "MB")
    bench.section.add(f"memory (PSS), {bench.slices} slices loaded", loaded, "≤ 225 MB")
    full = shown([each["once"] for each in runs], 0, "MB")
    bench.section.add("after one sweep: all caches full", full, "≤ 225 MB")
    growth = [each["swept"] - each["once"] for each in runs]
    bench.section.add("growth by three more sweeps", shown(growth, 0, "MB"), "none")
    most = shown([each["most"] for each in runs], 0, "MB")
    bench.section.add("most during the sweeps", most, "–")


def measure_peer(bench: Bench) -> None:
    if shutil.which("npm") is None:
        bench.section.notes.append("Cornerstone3D was not measured: there is no npm.")
        return
    folder = bench.home.parent / "cornerstone"
    folder.mkdir(exist_ok=True)
    out = cornerstone_page.build(folder)
    port = peers.free_port()
    command = [sys.executable, "-m", "benchmarks.cornerstone_page", str(bench.home), str(out)]
    with peers.running([*command, str(port)], cwd=peers.ROOT, env=environment(bench.home)):
        peers.wait_for_port(port)
        warm_up(bench.browser, bench.cookies, port, bench.study)
        for slowed in (1, 4):
            _against(bench, port, slowed)
    theirs = sum(cornerstone_page.gzipped_bytes(out).values())
    bench.section.add("Cornerstone3D page, gzipped", f"{theirs / 1000:.0f} KB", "–")


def _against(bench: Bench, port: int, slowed: int) -> None:
    """In turns, so that both have the same machine."""
    ours, theirs = [], []
    instance = middle_instance(bench)
    for _ in range(bench.rounds):
        with bench.through(FAST, port) as url:
            for path, times in (
                (f"/view/{bench.study}", ours),
                (f"{cornerstone_page.PREFIX}index.html?instance={instance}", theirs),
            ):
                address = url + path
                times.append(phone.first_picture(bench.browser, bench.cookies, address, slowed))
    first = [[each["first"] for each in times] for times in (ours, theirs)]
    full = [[each["full"] for each in times] for times in (ours, theirs)]
    told = f"4G, CPU x{slowed}"
    bench.section.add(f"Cornerstone3D, first picture, {told}", shown(first[1]), "–")
    ratio = statistics.median(first[1]) / statistics.median(first[0])
    bench.section.add(f"ours beside it ({shown(first[0])})", f"{ratio:.1f} x sooner", "≥ 3 x")
    ratio = statistics.median(full[1]) / statistics.median(full[0])
    bench.section.add(f"full slice beside it ({shown(full[0])})", f"{ratio:.1f} x sooner", "–")


def middle_instance(bench: Bench) -> str:
    """The address of the slice that our page shows first."""
    with phone.phone(bench.browser, bench.cookies) as (_, page, _cdp):
        page.goto(f"http://127.0.0.1:{bench.port}/view/{bench.study}", wait_until="commit")
        page.wait_for_selector("#view-facts", state="attached")
        facts = json.loads(page.inner_text("#view-facts"))
    [study] = facts["studies"]
    series = f"/dicom-web/studies/{study['uid']}/series/{study['first']['series']}"
    return f"{series}/instances/{study['first']['instance']}"


def measure_bytes(bench: Bench) -> None:
    """What the patient's page loads, as it is sent."""
    built = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    script = sum(built[name]["gzip"] for name in ("viewer.js", "decode.js"))
    bench.section.add("script, gzipped", f"{script / 1000:.1f} KB", "≤ 60 KB")
    codec = built["openjph.wasm"]["gzip"]
    bench.section.add("WebAssembly, gzipped", f"{codec / 1000:.1f} KB", "≤ 100 KB")


# Name -> (title of its section, what fills it).
MEASURES: dict[str, tuple[str, Callable[[Bench], None]]] = {
    "first": ("first picture", measure_first),
    "series": ("the whole series", measure_series),
    "peer": ("beside Cornerstone3D", measure_peer),
    "scroll": ("scrolling", measure_scroll),
    "memory": ("memory", measure_memory),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(MEASURES))
    parser.add_argument(
        "--keep", type=Path, help="a folder for study and session, to use them again"
    )
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = chosen.keep or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-view-"))
        )
        home, study, size = prepare(folder, chosen.slices)
        intro = INTRO.format(slices=chosen.slices, kb=size / 1000, rounds=chosen.rounds)
        port = stack.enter_context(serving(home))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        stack.callback(browser.close)
        session = folder / "session.json"
        if not session.exists():
            session.write_text(json.dumps(log_in(browser, port)))
        cookies = json.loads(session.read_text())
        warm_up(browser, cookies, port, study)
        for name in chosen.only.split(","):
            title, measure = MEASURES[name]
            load = os.getloadavg()[0]
            section = Section(
                f"viewer-{name}", f"Viewer: {title}", intro, ("what", "measured", "target")
            )
            measure(
                Bench(browser, port, study, cookies, home, chosen.slices, chosen.rounds, section)
            )
            section.notes.append(f"Load average when it began: {load:.1f}.")
            if chosen.write:
                section.write()


if __name__ == "__main__":
    main()
