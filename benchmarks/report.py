"""Results as a table on the screen, in docs/benchmarks.md and as a picture.

Each benchmark owns one section of docs/benchmarks.md, between two comments that name it; a run
with `--write` replaces that section and nothing else. The machine and the commands stand in it.
"""

import itertools
import os
import platform
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "benchmarks.md"
PICTURES = DOCS / "images"


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the picture: a ratio, and the target it should reach (0: none)."""

    name: str
    ratio: float
    target: float = 0


@dataclass(slots=True)
class Section:
    """One benchmark's part of the page. `rows` are cells as text, all as long as `header`."""

    key: str
    title: str
    intro: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        self.rows.append(cells)
        print(" | ".join(cells), flush=True)

    def markdown(self) -> str:
        lines = [
            f"<!-- {self.key}: begin -->",
            f"## {self.title}",
            "",
            _stamp(),
            "",
            self.intro,
            "",
        ]
        lines += ["| " + " | ".join(self.header) + " |", "|" + "---|" * len(self.header)]
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        if self.bars:
            lines += ["", f"![{self.title}](images/bench-{self.key}.svg)"]
        for note in self.notes:
            lines += ["", note]
        return "\n".join([*lines, f"<!-- {self.key}: end -->"])

    def write(self) -> None:
        """Put the section on the page in place of its former self, or at the end."""
        page = PAGE.read_text(encoding="utf-8")
        begin, end = f"<!-- {self.key}: begin -->", f"<!-- {self.key}: end -->"
        if begin in page:
            head, _, rest = page.partition(begin)
            _, _, tail = rest.partition(end)
            page = head + self.markdown() + tail
        else:
            page = page.rstrip("\n") + "\n\n" + self.markdown() + "\n"
        PAGE.write_text(page, encoding="utf-8")
        if self.bars:
            PICTURES.mkdir(exist_ok=True)
            picture = PICTURES / f"bench-{self.key}.svg"
            picture.write_text(draw(self.title, self.bars), encoding="utf-8")


def _stamp() -> str:
    cores = os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    words = [
        "FOLDER" if before == "--keep" else word for before, word in itertools.pairwise(sys.argv)
    ]
    command = " ".join(["python -m", f"benchmarks.{Path(sys.argv[0]).stem}", *words])
    machine = f"{cores} cores, {memory:.0f} GiB, Python {platform.python_version()}"
    today = f"{datetime.now(UTC):%Y-%m-%d}, commit {commit or 'unknown'}"
    return f"{today}, {machine}, Linux {platform.release().split('-')[0]}. `{command}`"


_LINE, _LEFT, _TARGET = 26, 290, 200
# A bar that is so many times as long as its target goes no further.
_MOST = 2.0


def draw(title: str, bars: list[Bar]) -> str:
    """Horizontal bars as SVG, each as a share of its target: all targets are one line.

    A few that reach many times theirs would otherwise flatten those that miss it.
    """
    high = _LINE * len(bars) + 50
    size = f'width="{_LEFT + _TARGET * _MOST + 130:.0f}" height="{high}"'
    font = 'font-family="sans-serif" font-size="13" fill="#1c2733"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>',
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="10" y="20" font-weight="bold">{escape(title)}</text>',
    ]
    for number, each in enumerate(bars):
        y = 36 + number * _LINE
        share = each.ratio / (each.target or 1)
        length = _TARGET * min(share, _MOST)
        colour = "#2a7f62" if each.ratio >= each.target else "#c26a1b"
        said = f"{each.ratio:.2f} of {each.target:g}" if each.target else f"{each.ratio:.2f}"
        parts.append(
            f'<text x="{_LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(each.name)}</text>'
        )
        parts.append(
            f'<rect x="{_LEFT}" y="{y}" height="18" width="{length:.0f}" fill="{colour}"/>'
        )
        end = _LEFT + max(length, _TARGET) + 8
        beyond = " \N{RIGHTWARDS ARROW}" if share > _MOST else ""
        parts.append(f'<text x="{end:.0f}" y="{y + 14}">{said}{beyond}</text>')
    x = _LEFT + _TARGET
    parts.append(f'<path d="M{x} 32v{_LINE * len(bars)}" stroke="#1c2733" stroke-width="2"/>')
    return "\n".join([*parts, "</svg>", ""])
