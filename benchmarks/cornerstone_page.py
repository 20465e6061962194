"""A Cornerstone3D page on our own server, for comparison: built by npm and esbuild, never kept.

    python -m benchmarks.cornerstone_page HOME FOLDER PORT

serves the cloud of HOME as `web` does, and FOLDER below /cornerstone/, gzipped and open to all.
"""

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.derivation import opened
from imaging_cloud.web.app import create_app

PREFIX = "/cornerstone/"
PACKAGES = (
    "@cornerstonejs/core@5.14.0",
    "@cornerstonejs/dicom-image-loader@5.14.0",
    # vtk.js needs it and does not say so.
    "events@3.3.0",
    "esbuild@0.28.2",
)
_SOURCE = Path(__file__).parent / "cornerstone"
_TYPES = {".html": b"text/html", ".js": b"text/javascript", "": b"application/wasm"}


def build(folder: Path) -> Path:
    """Install and build in `folder` (needs the registry once); the folder to serve."""
    out = folder / "out"
    if out.exists():
        return out
    shutil.copytree(_SOURCE, folder, dirs_exist_ok=True)
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(["npm", "install", *quiet, *PACKAGES], cwd=folder, check=True)
    subprocess.run(["node", "build.mjs", "out"], cwd=folder, check=True)
    return out


def gzipped_bytes(out: Path) -> dict[str, int]:
    """File -> bytes as sent."""
    return {
        str(path.relative_to(out)): len(gzip.compress(path.read_bytes(), 9))
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def beside(app: ASGIApp, folder: Path) -> ASGIApp:
    """The page's files, and everything else from `app`."""
    files = {
        PREFIX + str(path.relative_to(folder)): (path.suffix, gzip.compress(path.read_bytes(), 9))
        for path in folder.rglob("*")
        if path.is_file()
    }

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        found = files.get(scope.get("path", ""))
        if found is None:
            await app(scope, receive, send)
            return
        suffix, data = found
        headers = [(b"content-type", _TYPES[suffix]), (b"content-encoding", b"gzip")]
        headers.append((b"content-length", str(len(data)).encode()))
        headers.append((b"cache-control", b"max-age=31536000, immutable"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": data})

    return serve


def main() -> None:
    home, folder, port = sys.argv[1:]
    with opened(Path(home)) as cloud:
        app = beside(create_app(cloud), Path(folder))
        uvicorn.run(app, port=int(port), log_level="warning", access_log=False, lifespan="off")


if __name__ == "__main__":
    main()
