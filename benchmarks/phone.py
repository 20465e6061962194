"""A phone: real Chromium at 390 x 844 with touch, a throttled processor, a watched screen.

"First picture" is the first frame of the screen (CDP `Page.startScreencast`: what the compositor
put out, with its time) in which the middle of the picture's place shows more than one grey. That
asks the same of every page, whatever it draws with. Times count from the start of navigation.
"""

import base64
import contextlib
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageStat
from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Page

WIDTH, HEIGHT = 390, 844
# Where every page here has its picture, and how far its greys spread once there is one.
_MIDDLE = (100, 300, 290, 480)
_SPREAD = 12.0
_PUMP_MS = 15
_ASK_MS = 200
# What the visit before had asked for is answered by then.
_REST_MS = 500
# Writes down when the stage first says what, with the frame that shows it.
WATCH = """(() => {
  const times = window.__times = {};
  const mark = (name) => { if (!(name in times)) requestAnimationFrame(() => {
    times[name] ??= performance.now(); }); };
  new MutationObserver(() => {
    const stage = document.querySelector('.stage');
    const viewer = document.querySelector('.viewer');
    if (stage?.dataset.quality === 'full') mark('full');
    if (viewer?.dataset.previews) times.previews = Number(viewer.dataset.previews);
    if (viewer?.dataset.full) times.lossless = Number(viewer.dataset.full);
    for (const [name, most] of Object.entries(window.__wanted ?? {})) {
      if (Number(viewer?.dataset[name]) >= most) mark(`all-${name}`);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true,
                         attributeFilter: ['data-quality', 'data-previews', 'data-full',
                                           'data-sharper'] });
})()"""


@dataclass
class Screen:
    """What the compositor puts out, until the first picture is seen."""

    cdp: CDPSession
    first_picture: float | None = None
    last: bytes = b""
    _frames: list[tuple[float, bytes]] = field(default_factory=list)

    def watch(self) -> None:
        self.cdp.on("Page.screencastFrame", self._on_frame)
        self.cdp.send(
            "Page.startScreencast",
            {"format": "jpeg", "quality": 60, "maxWidth": WIDTH, "maxHeight": HEIGHT},
        )

    def _on_frame(self, event: dict[str, Any]) -> None:
        with contextlib.suppress(Error):  # the page has been closed meanwhile
            self.cdp.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})
        if self.first_picture is not None:
            return
        picture = base64.b64decode(event["data"])
        if has_picture(picture):
            self.first_picture, self.last = float(event["metadata"]["timestamp"]), picture

    def stop(self) -> None:
        self.cdp.send("Page.stopScreencast")


def has_picture(data: bytes) -> bool:
    middle = Image.open(io.BytesIO(data)).convert("L").crop(_MIDDLE)
    return ImageStat.Stat(middle).stddev[0] > _SPREAD


@contextmanager
def phone(
    browser: Browser, cookies: list[Any], *, ratio: int = 2, slowed: int = 1
) -> Iterator[tuple[BrowserContext, Page, CDPSession]]:
    """A browser that has never been anywhere, but is logged in."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        has_touch=True,
        is_mobile=True,
        device_scale_factor=ratio,
        locale="zh-CN",
    )
    context.add_cookies(cookies)
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    if slowed > 1:
        cdp.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    try:
        yield context, page, cdp
    finally:
        context.close()


def wait_until(page: Page, ended: Callable[[], bool], seconds: float) -> bool:
    """Let events come in until `ended()` is true; asks nothing of the page by itself."""
    until = time.monotonic() + seconds
    while not ended():
        if time.monotonic() > until:
            return False
        page.wait_for_timeout(_PUMP_MS)
    return True


def wait_for(page: Page, expression: str, seconds: float) -> None:
    """Until it is true in the page, whose policy lets nothing but the debugger evaluate text."""
    until = time.monotonic() + seconds
    while not page.evaluate(expression):
        if time.monotonic() > until:
            raise TimeoutError(expression)
        page.wait_for_timeout(_ASK_MS)


def first_picture(browser: Browser, cookies: list[Any], url: str, slowed: int) -> dict[str, float]:
    """{"first": s, "full": s} of one cold visit; "full" only where the page tells."""
    with phone(browser, cookies, slowed=slowed) as (_, page, cdp):
        page.add_init_script(WATCH)
        page.wait_for_timeout(_REST_MS)
        screen = Screen(cdp)
        screen.watch()
        page.goto(url, wait_until="commit", timeout=60_000)
        if not wait_until(page, lambda: screen.first_picture is not None, 40):
            raise TimeoutError("no picture came")
        screen.stop()
        found: dict[str, float] = {}
        wait_for(page, "window.__times?.full !== undefined", 40)
        origin = page.evaluate("performance.timeOrigin") / 1000
        assert screen.first_picture is not None
        found["first"] = screen.first_picture - origin
        found["full"] = page.evaluate("window.__times.full") / 1000
        return found


def series_times(
    browser: Browser, cookies: list[Any], url: str, count: int, seconds: float
) -> dict[str, float]:
    """When all slices can be scrubbed, and when all are there without loss, in seconds."""
    wanted = {"previews": count, "sharper": count, "full": count}
    with phone(browser, cookies) as (_, page, _cdp):
        page.add_init_script(f"window.__wanted = {wanted}; {WATCH}")
        page.goto(url, wait_until="commit", timeout=60_000)
        wait_for(page, "window.__times?.['all-full'] !== undefined", seconds)
        times = page.evaluate("window.__times")
        return {name: times[f"all-{name}"] / 1000 for name in wanted if f"all-{name}" in times}


def memory_of(pid: int) -> float:
    """Proportional set size of a process, MB (10^6 bytes)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError("no Pss")


def processes(browser: Browser) -> dict[int, str]:
    """Chromium's processes: process id -> kind."""
    cdp = browser.new_browser_cdp_session()
    told = cdp.send("SystemInfo.getProcessInfo")
    cdp.detach()
    return {int(each["id"]): str(each["type"]) for each in told["processInfo"]}
