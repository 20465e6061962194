"""The physician's way in a real browser: an order is typed, the pop-up comes, one click opens."""

import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.ports.access_register import Device, Institution
from imaging_cloud.settings import Settings
from imaging_cloud.web.browsers import SESSION_COOKIE
from tests.journey.order_screen import order_screen
from tests.journey.running import RunningCloud, free_port
from tests.makers import make_study, uid

playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists() or not shutil.which("storescu"),
    reason="chromium or dcmtk is not installed (apt-get install chromium dcmtk)",
)

RESIDENT = ("CN-RESIDENT-ID", "11010519491231002X")
WINDOW = {"width": 1280, "height": 800}
PRIOR, PRESENT = uid("s1"), uid("s2")
TITLES = {"zh-CN": "有相关检查", "en": "There is a related exam"}


@dataclass
class Region:
    """Two hospitals: one has made a CT, the other orders; the patient has opened it to them."""

    cloud: RunningCloud
    physician: str
    browser: Any
    screen_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.cloud.http_port}"

    def page(self, language: str = "zh-CN", *, logged_in: bool = True) -> Any:
        context = self.browser.new_context(viewport=WINDOW, locale=language)
        context.set_default_timeout(15_000)
        if logged_in:
            session = {"name": SESSION_COOKIE, "value": self.physician, "url": self.url}
            context.add_cookies([session | {"sameSite": "Strict", "httpOnly": True}])
        return context.new_page()

    def decisions(self, alert_id: str) -> list[tuple[str, str, str]]:
        opened = open_cloud(Settings(_env_file=None, home=self.cloud.home))
        try:
            found = opened.decisions.list_decisions("HOSP_B", alert_id)
        finally:
            opened.close()
        return sorted((each.outcome, each.study_uid, each.reason_code) for each in found)


def register(cloud: RunningCloud) -> None:
    """As `institution add` and `device add` do, without the seconds that commands take to start."""
    settings = Settings(_env_file=None, home=cloud.home)
    prepare_home(settings)
    opened = open_cloud(settings)
    for code, name in (("HOSP_A", "市第一人民医院"), ("HOSP_B", "县中心医院")):
        opened.register.add_institution(Institution(code=code, name=name))
    opened.register.add_device(Device(ae_title="CT_A", institution="HOSP_A"))
    opened.close()


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    folder = tmp_path_factory.mktemp("order")
    screen_port = free_port()
    origins = {"IMAGING_CLOUD_CDS_ORIGINS": f"http://localhost:{screen_port}"}
    cloud = RunningCloud(home=folder / "home", environment=origins)
    register(cloud)
    cloud.start()
    item = Dataset()
    item.IssuerOfPatientID, item.PatientID = RESIDENT
    day = datetime.now(tz=ZoneInfo("Asia/Shanghai")) - timedelta(days=12)
    made = {"OtherPatientIDsSequence": [item], "StudyDate": day.strftime("%Y%m%d"), "size": 64}
    knee = made | {"StudyDescription": "膝关节CT平扫", "BodyPartExamined": "KNEE"}
    files = make_study(folder / "ct", count=4, **made)
    files += make_study(folder / "knee", count=2, study="s2", **knee)
    cloud.storescu(*files, calling="CT_A")
    granted = cloud.post(
        "/api/consents", {"institution": "HOSP_B"}, cloud.token("patient", "|".join(RESIDENT))
    )
    assert granted.status in {200, 201}, granted.body
    try:
        with playwright.sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=str(CHROMIUM))
            yield Region(cloud, cloud.token("physician", "dr-li", "HOSP_B"), browser, screen_port)
            browser.close()
    finally:
        cloud.stop()


def desk_of(page: Any, url: str, query: str = "") -> None:
    """The desk with the patient told."""
    page.goto(f"{url}/desk{query}")
    page.select_option("#issuer", RESIDENT[0])
    page.fill("#value", RESIDENT[1])


def alert_id(page: Any) -> str:
    return str(page.evaluate("document.querySelector('related-exam-alert').answer.alertId"))


def pixels_of_the_opened(page: Any, button: str) -> np.ndarray[Any, Any]:
    """One click: the grey values that stand on the stage of the page it opens, at full quality."""
    with page.context.expect_page() as opening:
        page.get_by_role("dialog").get_by_role("button", name=button).click()
    viewer = opening.value
    viewer.wait_for_selector(".stage[data-quality=full] canvas")
    assert viewer.url.endswith(f"/view/{PRIOR}")
    shot = Image.open(io.BytesIO(viewer.locator(".stage canvas").screenshot()))
    return np.asarray(shot.convert("L"))


def is_the_noise(grey: np.ndarray[Any, Any]) -> bool:
    """The study is noise from -1000 to 1000: in any window some of it is bright, some dark."""
    middle = grey[
        grey.shape[0] // 3 : -grey.shape[0] // 3, grey.shape[1] // 3 : -grey.shape[1] // 3
    ]
    return bool((middle > 100).mean() > 0.1 and (middle < 100).mean() > 0.1)


def wait_until(page: Any, said: str) -> None:
    page.get_by_role("status").get_by_text(said).wait_for()


def test_typing_brings_the_pop_up_and_one_click_the_images(region: Region) -> None:
    page = region.page()
    desk_of(page, region.url)
    exam = page.get_by_role("combobox", name="检查项目")
    exam.press_sequentially("xbct")
    page.get_by_role("option", name="胸部CT平扫").first.wait_for()
    assert exam.get_attribute("aria-expanded") == "true"
    assert page.get_by_role("dialog").count() == 0  # initials are no name: not asked about
    exam.press("ArrowDown")
    exam.press("Enter")
    assert exam.input_value() == "胸部CT平扫"

    pop_up = page.get_by_role("dialog", name=TITLES["zh-CN"])
    pop_up.wait_for()
    told = pop_up.inner_text()
    for words in ("胸部 CT 平扫", "市第一人民医院", "12 天前", "互认时限至", "检查类型相同"):
        assert words in told
    pop_up.locator("canvas[data-drawn]").wait_for()

    assert is_the_noise(pixels_of_the_opened(page, "打开影像"))
    page.bring_to_front()
    pop_up.get_by_role("button", name="采用该检查").click()
    wait_until(page, "可取消本次申请")
    assert region.decisions(alert_id(page)) == [
        ("opened", PRIOR, ""),
        ("recognised", PRIOR, ""),
    ]
    page.context.close()


def test_a_present_study_stands_beside_the_prior_that_is_opened(region: Region) -> None:
    page = region.page()
    desk_of(page, region.url, f"?current={PRESENT}")
    page.fill("#exam", "胸部CT平扫")
    with page.context.expect_page() as opening:
        page.get_by_role("dialog").get_by_role("button", name="打开影像").click()
    viewer = opening.value
    viewer.locator(".stage[data-quality=full] canvas").nth(1).wait_for()

    assert viewer.url.endswith(f"/view/{PRESENT}?with={PRIOR}")
    shots = [each.screenshot() for each in viewer.locator(".stage canvas").all()]
    greys = [np.asarray(Image.open(io.BytesIO(shot)).convert("L")) for shot in shots]
    assert [is_the_noise(grey) for grey in greys] == [True, True]
    page.context.close()


def test_a_repeat_needs_its_reason_and_closing_is_not_interrupted_again(region: Region) -> None:
    page = region.page("en")
    desk_of(page, region.url)
    page.fill("#exam", "CT chest without contrast")
    pop_up = page.get_by_role("dialog", name=TITLES["en"])
    pop_up.wait_for()
    first = alert_id(page)
    pop_up.get_by_role("button", name="Repeat").click()
    pop_up.get_by_text("Choose a reason for repeating first").wait_for()
    assert region.decisions(first) == []

    page.keyboard.press("Escape")
    pop_up.wait_for(state="hidden")
    page.fill("#conditions", "J18.9")
    page.wait_for_function(
        "first => document.querySelector('related-exam-alert').answer.alertId !== first", arg=first
    )
    assert pop_up.count() == 0

    page.get_by_role("button", name="Show").click()
    pop_up.get_by_role("combobox").select_option("condition-changed")
    pop_up.get_by_role("button", name="Repeat").click()
    wait_until(page, "To be repeated: Condition changed")
    assert region.decisions(alert_id(page)) == [("repeated", PRIOR, "condition-changed")]
    page.context.close()


def test_a_caution_and_a_cloud_that_is_away_are_notes_beside_the_form(region: Region) -> None:
    page = region.page()
    desk_of(page, region.url)
    page.fill("#conditions", "K56.6")
    page.fill("#exam", "上消化道钡餐")
    wait_until(page, "慎用钡餐")
    wait_until(page, "Barium sulfate labels")
    assert page.get_by_role("dialog").count() == 0

    page.route("**/api/order-check", lambda route: route.abort())
    page.fill("#exam", "钡灌肠")
    wait_until(page, "未作核对，可继续开单")
    page.unroute("**/api/order-check")
    page.get_by_role("button", name="查询").click()
    wait_until(page, "慎用钡餐")
    page.context.close()


def test_the_component_serves_an_order_screen_of_another_origin(region: Region) -> None:
    order = {
        "patient": {"identifiers": [{"issuer": RESIDENT[0], "value": RESIDENT[1]}]},
        "order": {"institution": "HOSP_B"},
    }
    page = region.page(logged_in=False)
    with order_screen(region.screen_port, region.url, region.physician, order) as broken:
        page.goto(f"http://localhost:{region.screen_port}/")
        page.fill("#exam", "胸部CT平扫")
        pop_up = page.get_by_role("dialog", name=TITLES["zh-CN"])
        pop_up.wait_for()
        assert "市第一人民医院" in pop_up.inner_text()
        pop_up.locator("canvas[data-drawn]").wait_for()
        assert is_the_noise(pixels_of_the_opened(page, "打开影像"))
        page.bring_to_front()
        pop_up.get_by_role("button", name="采用该检查").click()
        wait_until(page, "可取消本次申请")

        assert [name for name, _ in page.evaluate("said")] == ["checked", "opened", "recognised"]
        outcomes = region.decisions(alert_id(page))
        page.context.close()
    assert [each[0] for each in outcomes] == ["opened", "recognised"]
    assert broken == []


@pytest.mark.parametrize("language", TITLES)
def test_the_desk_is_accessible_with_and_without_the_pop_up(region: Region, language: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing")
    page = region.page(language)
    desk_of(page, region.url)
    plain = axe.Axe().run(page)
    page.fill("#exam", "胸部CT")
    page.get_by_role("dialog", name=TITLES[language]).wait_for()
    with_pop_up = axe.Axe().run(page)
    page.keyboard.press("Escape")
    page.locator("#exam").press("ArrowDown")
    with_list = axe.Axe().run(page)

    for found in (plain, with_pop_up, with_list):
        assert found.violations_count == 0, found.generate_report()
    page.context.close()
