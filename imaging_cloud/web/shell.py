"""What a phone installs: manifest, icons, and a service worker that keeps the shell alone.

The worker keeps the style sheet, the viewer's built files and one page without data, for when
there is no network. Answers that hold anything of a patient never pass through a cache.
"""

import hashlib
from functools import cache

from fastapi import Request
from fastapi.responses import FileResponse, JSONResponse, Response

from imaging_cloud.web.headers import CONTENT_SECURITY_POLICY
from imaging_cloud.web.languages import language_of
from imaging_cloud.web.templates import PAGES, render_page
from imaging_cloud.web.texts import texts_in

# The portal's page: our own script that registers the worker, nothing inline.
PORTAL_POLICY = (
    f"{CONTENT_SECURITY_POLICY}; script-src 'self'; worker-src 'self'; manifest-src 'self';"
    " connect-src 'self'"
)
_DAY = {"Cache-Control": "public, max-age=86400"}
_KEPT = ("style.css", "portal.js", "icon-192.png", "offline.html")


def get_manifest(request: Request) -> Response:
    """The web app manifest, in the reader's language."""
    language = language_of(request.headers.get("accept-language", ""))
    t = texts_in(language)
    icons = [
        {"src": f"/pages/icon-{side}.png", "sizes": f"{side}x{side}", "type": "image/png"}
        for side in (192, 512)
    ]
    document = {
        "name": t["my_studies"],
        "short_name": t["title"],
        "lang": language,
        "id": "/portal",
        "start_url": "/portal",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f3f5f8",
        "theme_color": "#0b6bcb",
        "icons": icons,
    }
    headers = {"Vary": "Accept-Language"}
    return JSONResponse(document, media_type="application/manifest+json", headers=headers)


def get_service_worker() -> Response:
    """The worker, named by what it keeps: a new shell replaces the old one whole."""
    script = (PAGES / "service-worker.js").read_text(encoding="utf-8")
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": PORTAL_POLICY}
    return Response(
        script.replace("SHELL_VERSION", _version()), media_type="text/javascript", headers=headers
    )


def get_offline(request: Request) -> Response:
    """Told by the worker when there is no network; holds nothing of anybody."""
    return render_page(request, "offline.html", {})


def get_script() -> Response:
    """Registers the worker."""
    return FileResponse(PAGES / "portal.js", media_type="text/javascript", headers=_DAY)


def get_small_icon() -> Response:
    """The icon of 192 pixels."""
    return FileResponse(PAGES / "icon-192.png", media_type="image/png", headers=_DAY)


def get_large_icon() -> Response:
    """The icon of 512 pixels."""
    return FileResponse(PAGES / "icon-512.png", media_type="image/png", headers=_DAY)


@cache
def _version() -> str:
    kept = hashlib.sha256()
    for name in _KEPT:
        kept.update((PAGES / name).read_bytes())
    return kept.hexdigest()[:12]
