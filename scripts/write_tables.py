"""Writes the tables of docs/conformance.md and docs/http.md that repeat what the code says.

`make docs` runs it; tests/house compares. A table stands between two marks:
<!-- table: NAME --> and <!-- end -->.
"""

import importlib.util
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pydicom.uid import UID

from gateway.contexts import SERVICES, TRANSFER_SYNTAXES, build_contexts
from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.dicom.text import _CODECS
from imaging_cloud.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
CONFORMANCE = ROOT / "docs" / "conformance.md"
HTTP = ROOT / "docs" / "http.md"

_BLOCK = re.compile(r"(<!-- table: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def storage_classes() -> str:
    contexts = [str(context.abstract_syntax) for context in build_contexts()]
    rows = [[UID(uid).name, f"`{uid}`"] for uid in contexts if uid not in SERVICES]
    return table(["SOP class", "UID"], sorted(rows))


def transfer_syntaxes() -> str:
    rows = [[UID(uid).name, f"`{uid}`"] for uid in TRANSFER_SYNTAXES]
    return table(["transfer syntax", "UID"], rows)


def character_sets() -> str:
    terms = sorted(term for term in _CODECS if term not in ("", "GBK"))
    rows = [[f"`{term}`", _CODECS[term]] for term in terms]
    return table(["SpecificCharacterSet", "read as"], rows)


def routes() -> str:
    """Every address with its methods and the first line that its function says of itself."""
    if importlib.util.find_spec("imaging_cloud.web.app") is None:
        return ""
    from imaging_cloud.web.app import create_app  # noqa: PLC0415 - the other tables do without

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), database_url="", object_store_url="")
        prepare_home(settings)
        cloud = open_cloud(settings)
        try:
            for route in create_app(cloud).routes:
                path = getattr(route, "path", "")
                methods = sorted(set(getattr(route, "methods", None) or ()) - {"HEAD"})
                says = (getattr(route, "endpoint", None).__doc__ or "").strip().split("\n")[0]
                rows.append([f"`{' '.join(methods) or 'GET'}`", f"`{path}`", says])
        finally:
            cloud.close()
    return table(
        ["method", "address", "what"], sorted(rows, key=lambda row: (row[1].strip("`"), row[0]))
    )


TABLES: dict[str, Callable[[], str]] = {
    "storage-classes": storage_classes,
    "transfer-syntaxes": transfer_syntaxes,
    "character-sets": character_sets,
    "routes": routes,
}


def filled(text: str) -> str:
    """The document with every marked table as the code has it now."""
    return _BLOCK.sub(lambda found: found[1] + TABLES[found["name"]]() + found[3], text)


def main() -> int:
    for document in (CONFORMANCE, HTTP):
        text = document.read_text(encoding="utf-8")
        document.write_text(filled(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
