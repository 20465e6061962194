"""The viewer's built files (imaging_cloud/web/viewer/dist): what pages name and what is served.

Names carry a hash of their content, so browsers may keep them for ever; they hold no patient data.
"""

import base64
import gzip
import hashlib
import json
from functools import cache
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response

from imaging_cloud.domain.errors import NotFound

DIST = Path(__file__).parent / "viewer" / "dist"
_PREFIX = "/pages/viewer/"
# Where order screens of other origins load the component from: no patient data, so open to all.
EMBEDDED = "/embed/related-exam-alert.js"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".wasm": "application/wasm",
}
# A page that runs the viewer: our own script, worker and WebAssembly, our own data, nothing else.
SCRIPT_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self';"
    " connect-src 'self'; img-src 'self' blob:; style-src 'self'; manifest-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The order form: script and style of ours, thumbnails drawn from fetched bytes.
DESK_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self';"
    " style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@cache
def _built() -> dict[str, str]:
    manifest = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    return {name: str(facts["file"]) for name, facts in manifest.items()}


def asset_address(name: str) -> str:
    """Where browsers find a built file, by its plain name ("viewer.js")."""
    return _PREFIX + _built()[name]


@cache
def view_style() -> str:
    """The viewer's style sheet, for pages that carry it to save a round trip."""
    return (DIST / _built()["viewer.css"]).read_text(encoding="utf-8")


@cache
def view_policy() -> str:
    """The policy of a page that carries exactly that style sheet, and its first picture."""
    digest = base64.b64encode(hashlib.sha256(view_style().encode()).digest()).decode()
    return SCRIPT_POLICY.replace("style-src 'self'", f"style-src 'self' 'sha256-{digest}'").replace(
        "img-src 'self' blob:", "img-src 'self' blob: data:"
    )


@cache
def _packed(file: str) -> tuple[bytes, bytes]:
    """(as it is, gzipped)."""
    data = (DIST / file).read_bytes()
    return data, gzip.compress(data, 9, mtime=0)


def get_asset(request: Request, file: str) -> Response:
    """A built file of the viewer."""
    if file not in _built().values():
        raise NotFound("no such file")
    return _answer(request, file, "public, max-age=31536000, immutable")


def get_embedded(request: Request) -> Response:
    """The component `<related-exam-alert>`, at an address that stays."""
    file = _built()["related-exam-alert.js"]
    if request.headers.get("if-none-match") == f'"{file}"':
        response = Response(status_code=304)
    else:
        response = _answer(request, file, "public, max-age=300")
    response.headers["ETag"] = f'"{file}"'
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _answer(request: Request, file: str, caching: str) -> Response:
    data, packed = _packed(file)
    headers = {"Cache-Control": caching, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        data = packed
        headers["Content-Encoding"] = "gzip"
    if file.endswith(".js"):
        # A worker has the policy of its own answer, not of the page that started it.
        headers["Content-Security-Policy"] = SCRIPT_POLICY
    media_type = _TYPES.get(Path(file).suffix, "application/octet-stream")
    return Response(data, media_type=media_type, headers=headers)
