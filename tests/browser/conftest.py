"""Chromium as a patient's phone has it, driven by Playwright; tests skip, and say so, without."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from imaging_cloud.web.viewer_assets import DIST

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}


@dataclass
class Watched:
    """A browser context of its own, and whatever went wrong in it."""

    context: BrowserContext
    page: Page
    problems: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def watch(self) -> None:
        self.page.on("dialog", lambda dialog: (self.problems.append("dialog"), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._on_console)

    def _on_console(self, message: Any) -> None:
        # No worker runs here, so the viewer is told that previews are not derived yet.
        if "/previews" in message.location.get("url", ""):
            return
        told = message.text
        if message.type == "error" and not any(each in told for each in self.expected):
            self.problems.append(told)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    # Its built files are committed: without them nothing is shown to anybody.
    assert DIST.exists(), "the viewer is not built (node build.mjs dist)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Any]:
    """`visit(language=…, expected=…)`: a fresh browser; at the end nothing may have gone wrong."""
    opened: list[Watched] = []

    def visit(language: str = "zh-CN", expected: tuple[str, ...] = ()) -> Watched:
        context = chromium.new_context(locale=language, **PHONE)
        watched = Watched(context, context.new_page(), expected=expected)
        watched.watch()
        opened.append(watched)
        return watched

    yield visit
    problems = [problem for each in opened for problem in each.problems]
    for each in opened:
        each.context.close()
    assert problems == []
