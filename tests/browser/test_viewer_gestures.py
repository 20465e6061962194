"""The viewer under real touches: what a gesture does, its button and its key do as well."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.pictures import write_grey
from tests.browser.stage import (
    bright_box,
    enter,
    grey_in_the_middle,
    middle_of,
    open_view,
    seen,
    tap,
    touch,
)
from tests.makers import uid
from tests.protocol.dicomweb.deriving import derive_all
from tests.protocol.serving import Web, serving

COUNT, SIZE = 40, 64
STUDY, OTHER = uid("steps"), uid("other steps")
# Slice n (from 1) has a square of this value in its middle; the window makes a grey of it.
WINDOW = {"WindowCenter": 500, "WindowWidth": 1000}
GREY_OF_ONE = 255 / 1000
_BOTH_FULL = "() => document.querySelectorAll('.stage[data-quality=full]').length === 2"


def value_of(number: int) -> int:
    return 200 + 15 * number


def square(value: int) -> np.ndarray:
    pixels = np.zeros((SIZE, SIZE), np.int16)
    pixels[SIZE // 4 : -SIZE // 4, SIZE // 4 : -SIZE // 4] = value
    return pixels


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    root: Path = tmp_path_factory.mktemp("gestures")
    with serving(root / "home") as running:
        # The prior is of the same place with slices twice as thick, in a frame of its own.
        for study, count, apart in (("steps", COUNT, 5), ("other steps", COUNT // 2, 10)):
            running.keep(
                write_grey(
                    root / f"{study}{number}.dcm",
                    square(value_of(number * apart // 5)),
                    study=study,
                    number=number,
                    ImagePositionPatient=[0, 0, apart * number],
                    ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
                    FrameOfReferenceUID=uid(study, "frame"),
                    PixelSpacing=[2, 2],
                    **WINDOW,
                )
                for number in range(1, count + 1)
            )
        derive_all(running)
        yield running


@pytest.fixture
def page(web: Web, visit: Any) -> Any:
    phone = visit()
    enter(web, phone)
    open_view(web, phone.page, STUDY)
    return phone.page


def slice_shown(page: Any, number: int = 0) -> int:
    """Which slice it is, by its grey alone."""
    return round((grey_in_the_middle(page, number) / GREY_OF_ONE - 200) / 15)


def test_a_swipe_goes_through_the_slices_and_so_do_button_scrubber_and_key(page: Any) -> None:
    x, y = middle_of(page)
    assert slice_shown(page) == COUNT // 2 + 1
    touch(page, [(x, y), (x, y + 120)])
    page.wait_for_selector(".stage[data-quality=full]")
    swiped = slice_shown(page)
    assert 25 <= swiped <= 35
    touch(page, [(x, y + 120), (x, y)])
    page.wait_for_selector(".stage[data-quality=full]")
    assert abs(slice_shown(page) - 21) <= 1

    for act, wanted in [
        (lambda: page.keyboard.press("Home"), 1),
        (lambda: tap(page, "下一幅"), 2),
        (lambda: page.keyboard.press("ArrowDown"), 3),
        (lambda: tap(page, "上一幅"), 2),
        (lambda: page.keyboard.press("PageDown"), 12),
        (lambda: page.locator(".scrubber").fill("29"), 30),
        (lambda: page.keyboard.press("End"), COUNT),
    ]:
        act()
        page.wait_for_selector(".stage[data-quality=full]")
        assert slice_shown(page) == wanted


def test_two_fingers_enlarge_and_move_and_two_taps_fit_again(page: Any) -> None:
    x, y = middle_of(page)
    fitted = bright_box(page)
    assert 190 <= fitted[2] <= 200  # half of 390, as the square is half of the picture
    touch(page, [(x - 40, y), (x - 60, y)], [(x + 40, y), (x + 60, y)])
    enlarged = bright_box(page)
    assert enlarged[2] == pytest.approx(1.5 * fitted[2], abs=8)

    touch(page, [(x, y), (x + 50, y + 30)])  # enlarged, one finger moves it
    moved = bright_box(page)
    assert moved[0] - enlarged[0] == pytest.approx(50, abs=10)
    assert moved[1] - enlarged[1] == pytest.approx(30, abs=10)

    touch(page, [(x, y)])
    touch(page, [(x, y)])
    assert bright_box(page) == fitted

    tap(page, "放大")
    by_button = bright_box(page)
    tap(page, "适合屏幕")
    assert bright_box(page) == fitted
    page.keyboard.press("+")
    assert bright_box(page) == by_button
    page.keyboard.press("Shift+ArrowLeft")
    assert bright_box(page)[0] - by_button[0] == pytest.approx(40, abs=2)
    page.keyboard.press("0")
    tap(page, "缩小")
    assert bright_box(page)[2] < fitted[2]


def test_a_long_press_changes_the_window_and_so_do_tool_list_and_keys(page: Any) -> None:
    x, y = middle_of(page)
    before = grey_in_the_middle(page)
    touch(page, [(x, y), (x, y - 60)], hold_ms=450)
    assert grey_in_the_middle(page) > before + 20  # upwards is brighter
    page.get_by_label("窗位").select_option(index=0)
    assert grey_in_the_middle(page) == pytest.approx(before, abs=1)

    tap(page, "明暗")
    touch(page, [(x, y), (x, y - 60)])
    assert grey_in_the_middle(page) > before + 20
    page.get_by_label("窗位").select_option(label="骨窗")
    assert grey_in_the_middle(page) == pytest.approx((515 + 500) / 2000 * 255, abs=2)

    page.get_by_label("窗位").select_option(index=0)
    page.keyboard.press("Escape")
    page.locator(".stage").first.click(position={"x": 5, "y": 5})
    page.evaluate("document.activeElement.blur()")
    for key, is_brighter in (("b", True), ("d", False)):
        now = grey_in_the_middle(page)
        page.keyboard.press(key)
        assert (grey_in_the_middle(page) > now) is is_brighter
    page.keyboard.press("i")
    assert grey_in_the_middle(page) == pytest.approx(255 - before, abs=2)


def test_the_loop_plays_faster_and_slower_and_stops(page: Any) -> None:
    first = slice_shown(page)
    tap(page, "播放")
    page.wait_for_function(
        "(least) => Number(document.querySelector('.stage').dataset.index) >= least", arg=first + 3
    )
    tap(page, "加快")
    page.keyboard.press("[")
    tap(page, "暂停")
    assert page.get_by_role("button", name="加快").count() == 0
    page.wait_for_selector(".stage[data-quality=full]")
    stands = slice_shown(page)
    page.wait_for_timeout(300)
    # Not "further than at first": on a slow machine the loop has come round.
    assert slice_shown(page) == stands


def text_of(page: Any) -> str:
    return str(page.evaluate("document.querySelector('.measurements').textContent"))


def drag(page: Any, *ways: tuple[tuple[float, float], tuple[float, float]]) -> None:
    for way in ways:
        touch(page, list(way))


def test_lengths_angles_and_means_by_finger(page: Any) -> None:
    x, y = middle_of(page)
    mm = 64 * 2 / 390  # of one CSS pixel, the picture being as wide as the stage
    tap(page, "长度")
    drag(page, ((x - 50, y), (x + 50, y)))
    assert float(text_of(page).removesuffix(" mm")) == pytest.approx(100 * mm, abs=0.5)
    tap(page, "清除测量")
    assert text_of(page) == ""
    tap(page, "角度")
    drag(page, ((x, y - 60), (x, y)), ((x, y), (x + 60, y)))
    assert text_of(page) == "90.0°"
    tap(page, "清除测量")
    assert text_of(page) == ""
    tap(page, "均值")
    drag(page, ((x - 30, y - 30), (x + 30, y + 30)))
    assert text_of(page).startswith(f"均值 {value_of(21)}.0 ± 0.0 HU · ")


def test_the_same_by_keys_alone(page: Any) -> None:
    page.keyboard.press("4")
    page.keyboard.press("Enter")  # the cross
    page.keyboard.press("Enter")  # the first point
    for _ in range(5):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    assert float(text_of(page).removesuffix(" mm")) == pytest.approx(100 * 128 / 390, abs=0.5)
    page.keyboard.press("Delete")
    page.keyboard.press("5")
    for key, times in (("Enter", 2), ("Shift+ArrowUp", 3), ("Enter", 1), ("Shift+ArrowLeft", 3)):
        for _ in range(times):
            page.keyboard.press(key)
    page.keyboard.press("Enter")
    assert text_of(page) == "90.0°"
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    assert slice_shown(page) == 1


def test_every_control_is_reached_by_tab_and_help_says_what_there_is(page: Any) -> None:
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                """() => { const e = document.activeElement;
                     return e.getAttribute('aria-label') || e.textContent.trim(); }"""
            )
        )
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('.tools button, .tools select, .scrubber')]
             .filter((each) => each.checkVisibility())
             .map((each) => each.getAttribute('aria-label'))"""
    )
    assert len(wanted) > 12
    assert set(wanted) - reached == set()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert "长按再拖" in page.get_by_role("dialog", name="操作说明").inner_text()
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0


def test_two_studies_scroll_together_and_keep_what_was_set_side_by_side(
    web: Web, visit: Any
) -> None:
    desk = visit()
    enter(web, desk)
    desk.page.set_viewport_size({"width": 1280, "height": 800})
    open_view(web, desk.page, STUDY, f"?with={OTHER}")
    page = desk.page
    page.wait_for_function(_BOTH_FULL)

    def shown() -> tuple[int, int]:
        page.wait_for_function(_BOTH_FULL)
        return slice_shown(page, 0), slice_shown(page, 1)

    page.keyboard.press("Home")
    assert shown() == (1, 2)
    page.keyboard.press("End")
    assert shown() == (COUNT, COUNT)

    page.keyboard.press("l")  # not linked: the left one alone goes back by ten
    page.keyboard.press("PageUp")
    assert shown() == (COUNT - 10, COUNT)
    page.get_by_role("button", name="不联动").click()  # linked again, ten slices (50 mm) apart
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    assert shown() == (COUNT - 14, COUNT - 4)


def test_without_a_network_the_page_says_so_and_goes_on_afterwards(web: Web, visit: Any) -> None:
    phone = visit(expected=("ERR_INTERNET_DISCONNECTED",))
    enter(web, phone)
    open_view(web, phone.page, STUDY)
    phone.page.wait_for_function(
        "(all) => Number(document.querySelector('.viewer').dataset.full) >= all", arg=COUNT
    )
    phone.context.set_offline(True)
    phone.page.get_by_text("没有网络").wait_for()
    phone.page.keyboard.press("Home")
    phone.page.wait_for_selector(".stage[data-quality=full]")
    assert slice_shown(phone.page) == 1
    phone.context.set_offline(False)
    phone.page.get_by_text("没有网络").wait_for(state="hidden")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_axe_finds_nothing_side_by_side(web: Web, visit: Any, language: str) -> None:
    desk = visit(language)
    enter(web, desk)
    open_view(web, desk.page, STUDY, f"?with={OTHER}")
    found = Axe().run(desk.page).response["violations"]
    assert [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found] == []


def test_a_canvas_without_webgl_shows_the_same(web: Web, visit: Any) -> None:
    shots = []
    for script in ("", _NO_WEBGL):
        phone = visit()
        enter(web, phone)
        if script:
            phone.page.add_init_script(script)
        open_view(web, phone.page, STUDY)
        shots.append(seen(phone.page))
        name = phone.page.evaluate("imagingCloudViewer.panes[0].rendererName")
        assert ("2d" in name.lower()) is bool(script)
    assert np.abs(shots[0] - shots[1]).mean() < 1


_NO_WEBGL = """
const get = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind.startsWith("webgl") ? null : get.call(this, kind, ...more);
};
"""
