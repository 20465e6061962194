"""Fingers on the stage, and what its pixels say."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from imaging_cloud.web.browsers import SESSION_COOKIE
from tests.protocol.serving import Web

Point = tuple[float, float]
_STEPS = 8
# Two frames: what was asked for is drawn in the next one.
_SETTLE = """() => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(done)))"""
_ABOVE = """(visibility) => {
  for (const each of document.querySelectorAll(".overlay, .measurements, .crosshair"))
    each.style.visibility = visibility;
}"""


def enter(web: Web, visitor: Any, role: str = "admin", subject: str = "somebody") -> None:
    """A session as logging in gives it."""
    token = web.token(role, subject)
    visitor.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": web.url}])


def open_view(web: Web, page: Any, study_uid: str, query: str = "") -> None:
    """The viewer, with the shown picture there in full."""
    page.goto(f"{web.url}/view/{study_uid}{query}")
    page.wait_for_selector(".stage[data-quality=full] canvas", timeout=15_000)


def touch(page: Any, *fingers: Sequence[Point], hold_ms: int = 0) -> None:
    """Each finger goes down at its first point, over to its last one, and up; all at once."""
    box = page.locator(".stage").first.bounding_box()
    devtools = page.context.new_cdp_session(page)

    def send(kind: str, at: list[Point]) -> None:
        points = [
            {"x": box["x"] + x, "y": box["y"] + y, "id": number} for number, (x, y) in enumerate(at)
        ]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", [finger[0] for finger in fingers])
    if hold_ms:
        page.wait_for_selector(".stage[data-holding=yes]")
    for step in range(1, _STEPS + 1):
        share = step / _STEPS
        moved = [
            (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
            for a, b in ((finger[0], finger[-1]) for finger in fingers)
        ]
        if any(finger[0] != finger[-1] for finger in fingers):
            send("touchMove", moved)
    send("touchEnd", [])
    devtools.detach()


def tap(page: Any, name: str) -> None:
    """Tap the button of this name; back when its click has been dealt with."""
    from playwright.sync_api import TimeoutError as NotInTime  # noqa: PLC0415 - may be missing

    button = page.get_by_role("button", name=name)
    button.evaluate("(each) => each.addEventListener('click', () => (window.tapped = true))")
    page.evaluate("() => { window.tapped = false; }")
    button.tap()
    try:
        page.wait_for_function("() => window.tapped", timeout=3000)
    except NotInTime:
        # Chromium takes the first tap after a drag that never slowed down for the end of a fling.
        button.tap()
        page.wait_for_function("() => window.tapped")


def middle_of(page: Any) -> Point:
    box = page.locator(".stage").first.bounding_box()
    return box["width"] / 2, box["height"] / 2


def seen(page: Any, number: int = 0) -> np.ndarray:
    """What stands on the stage, as (height, width, 3) at one pixel for a CSS pixel."""
    page.evaluate(_SETTLE)
    page.evaluate(_ABOVE, "hidden")  # words and marks lie over the picture
    shot = page.locator(".stage canvas").nth(number).screenshot(scale="css")
    page.evaluate(_ABOVE, "")
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), float)


def grey_in_the_middle(page: Any, number: int = 0) -> float:
    pixels = seen(page, number)
    height, width, _ = pixels.shape
    return float(pixels[height // 2 - 4 : height // 2 + 4, width // 2 - 4 : width // 2 + 4].mean())


def bright_box(page: Any) -> tuple[int, int, int, int]:
    """Left, top, width and height of what is not black on the stage."""
    bright = seen(page).mean(axis=2) > 25
    columns, rows = np.flatnonzero(bright.any(axis=0)), np.flatnonzero(bright.any(axis=1))
    if not len(columns):
        return 0, 0, 0, 0
    return (
        int(columns[0]),
        int(rows[0]),
        int(columns[-1] - columns[0]) + 1,
        int(rows[-1] - rows[0]) + 1,
    )
