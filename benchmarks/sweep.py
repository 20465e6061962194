"""What a loaded series does under the finger: frames a second, and memory before and after."""

import statistics
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks import phone

# Faster than one slice a frame of the screen, so that every frame has something new to draw.
_PIXELS_A_SECOND = 320
_SWIPE = 380
_RECORD = """() => {
  const stage = document.querySelector('.stage');
  const found = window.__frames = [];
  let last = stage.dataset.index;
  const look = (now) => {
    if (stage.dataset.index !== last) {
      last = stage.dataset.index;
      found.push([now, stage.dataset.quality === 'full' ? 1 : 0]);
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
_SWEEP = """async () => {
  const [pane] = window.imagingCloudViewer.panes;
  const last = pane.series.pictures.length - 1;
  const frame = () => new Promise((next) => requestAnimationFrame(next));
  for (let at = 0; at <= last; at++) { pane.goTo(at); await frame(); }
  for (let at = last; at >= 0; at--) { pane.goTo(at); await frame(); }
}"""


def load_all(page: Page, url: str, count: int) -> None:
    page.goto(url, wait_until="commit")
    ended = f"document.querySelector('.viewer')?.dataset.full === '{count}'"
    phone.wait_for(page, ended, 120)
    page.wait_for_timeout(500)


def scroll_rate(
    browser: Browser, cookies: list[Any], url: str, count: int, ratio: int
) -> dict[str, float]:
    """{"fps", "p95" ms, "full" share} of swipes over slices that are in the cache."""
    with phone.phone(browser, cookies, ratio=ratio) as (_, page, cdp):
        load_all(page, url, count)
        swipe(cdp, 1)  # shaders and decoders are warm now
        page.evaluate(_RECORD)
        intervals: list[float] = []
        full = drawn = 0
        for way in (1, 1, -1, -1, 1):
            page.evaluate("window.__frames.length = 0")
            swipe(cdp, way)
            frames = page.evaluate("window.__frames")
            times = [each[0] for each in frames]
            intervals += [b - a for a, b in pairwise(times)]
            full, drawn = full + sum(each[1] for each in frames), drawn + len(frames)
    return {
        "fps": 1000 * len(intervals) / sum(intervals),
        "p95": statistics.quantiles(intervals, n=20)[-1],
        "full": full / drawn,
    }


def swipe(cdp: CDPSession, way: int) -> None:
    """One finger over the stage, by real touches that the browser makes itself."""
    cdp.send(
        "Input.synthesizeScrollGesture",
        {
            "x": 195,
            "y": 390 - way * _SWIPE // 2,
            "yDistance": way * _SWIPE,
            "speed": _PIXELS_A_SECOND,
            "gestureSourceType": "touch",
            "preventFling": True,
        },
    )


def memory(browser: Browser, cookies: list[Any], url: str, count: int) -> dict[str, float]:
    """MB of the page's process: "loaded", "once" (a sweep after it), "swept" (three more), "most".

    The first sweep fills the cache of decoded slices to its bound; what comes on top of that with
    every further one is growth. "most" is without a collection, the others are after one.
    """
    with phone.phone(browser, cookies) as (_, page, cdp):
        load_all(page, url, count)
        found = {"loaded": settled(browser, page, cdp)}
        page.evaluate(_SWEEP)
        most = [largest(browser)]
        found["once"] = settled(browser, page, cdp)
        for _ in range(3):
            page.evaluate(_SWEEP)
            most.append(largest(browser))
        found["swept"] = settled(browser, page, cdp)
        found["most"] = max(most)
    return found


def settled(browser: Browser, page: Page, cdp: CDPSession) -> float:
    cdp.send("HeapProfiler.collectGarbage")
    page.wait_for_timeout(1500)
    return largest(browser)


def largest(browser: Browser) -> float:
    """Chromium holds an empty renderer ready beside the page's."""
    pids = [pid for pid, kind in phone.processes(browser).items() if kind == "renderer"]
    return max(phone.memory_of(pid) for pid in pids)
