"""A patient's whole way on a phone, in a real browser: 390×844, touch."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from imaging_cloud.web.browsers import SESSION_COOKIE
from tests.makers import make_study, uid
from tests.protocol.serving import PATIENT, RESIDENT, Web, other_ids, serving

VIEW = f"/view/{uid('s1')}"
NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}\u202e"
CACHED = """async () => {
  const found = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys())
      found.push(new URL(request.url).pathname);
  return found;
}"""
# What Chromium itself says of an answer that is meant to be 404 or 401.
REFUSALS = ("status of 404", "status of 401")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    root: Path = tmp_path_factory.mktemp("portal")
    with serving(root / "home", login_codes="screen") as running:
        running.keep(make_study(root / "1", count=5, size=128, OtherPatientIDsSequence=other_ids()))
        yield running


def greys_shown(page: Any) -> int:
    """How many greys the middle of the stage has, as the screen shows it: a blank one has one."""
    page.wait_for_function("document.querySelector('img.first, .stage canvas') !== null")
    page.wait_for_function("[...document.images].every((each) => each.loading || each.complete)")
    stage = Image.open(io.BytesIO(page.locator(".stage").first.screenshot())).convert("L")
    width, height = stage.size
    middle = stage.crop((width // 3, height // 3, width * 2 // 3, height * 2 // 3))
    return len(middle.getcolors(256) or [])


def log_in(web: Web, page: Any, value: str = RESIDENT) -> None:
    page.goto(f"{web.url}/portal")
    page.fill("#value", value)
    page.tap("button.wide")
    page.fill("#code", page.inner_text("#shown-code"))
    page.tap("button.wide")
    page.wait_for_url("**/portal")


def enter(web: Web, patient: Any) -> None:
    """As log_in does, without a code: for one number only five an hour are sent."""
    cookie = {"name": SESSION_COOKIE, "value": web.token("patient", PATIENT), "url": web.url}
    patient.context.add_cookies([cookie])
    patient.page.goto(f"{web.url}/portal")


def make_link(page: Any, **fields: str) -> str:
    page.tap("a[href^='/portal/share?study=1']")
    for name, value in fields.items():
        page.fill(f"#{name}", value)
    page.tap("button.wide")
    link: str = page.input_value("#address")
    return link


def test_log_in_look_share_open_elsewhere_end_closed(web: Web, visit: Any) -> None:
    patient = visit()
    page = patient.page
    log_in(web, page)
    assert "胸部 CT" in page.inner_text(".study")

    page.tap(".study-open")
    page.wait_for_url(f"**{VIEW}")
    assert greys_shown(page) > 32, "the first picture is blank"

    page.goto(f"{web.url}/portal")
    link = make_link(page, label="王医生", passcode="4711")
    assert page.locator("svg.qr").bounding_box()["width"] > 200

    friend = visit(expected=REFUSALS)
    guest = friend.page
    guest.goto(link)
    guest.fill("#passcode", "4711")
    guest.tap("button.wide")
    guest.wait_for_url(f"**{VIEW}")
    assert greys_shown(guest) > 32, "the guest's picture is blank"
    fetched = "path => fetch(path).then(answer => answer.status)"
    thumbnail = f"/dicom-web/studies/{uid('s1')}/thumbnail"
    assert guest.evaluate(fetched, thumbnail) == 200

    page.goto(f"{web.url}/portal")
    page.tap("#links button.plain")
    page.wait_for_url("**/portal#links")

    assert guest.evaluate(fetched, thumbnail) == 404
    assert guest.goto(web.url + VIEW).status == 404
    assert guest.goto(link).status == 404
    assert "已收回" in page.inner_text("#links")
    assert "王医生 · 通过分享链接" in page.inner_text("#accesses")


def test_targets_are_large_and_nothing_is_wider_than_the_phone(web: Web, visit: Any) -> None:
    patient = visit()
    page = patient.page
    enter(web, patient)
    make_link(page)
    for path in ("/login", "/portal", f"/portal/share?study={uid('s1')}", "/logout", "/offline"):
        page.goto(web.url + path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, (path, wide)
        small = page.evaluate(
            """() => [...document.querySelectorAll(`main a, button, input:not([type=hidden]),
                       select, summary, textarea, header a`)]
                 .filter((each) => each.checkVisibility() && !each.classList.contains("skip"))
                 .filter((each) => each.getBoundingClientRect().height < 44)
                 .map((each) => each.outerHTML)"""
        )
        assert small == [], path


def test_the_browsers_caches_hold_the_shell_and_nothing_of_the_patient(
    web: Web, visit: Any
) -> None:
    patient = visit()
    page = patient.page
    enter(web, patient)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"{web.url}{VIEW}")
    page.wait_for_selector(".stage canvas")
    page.goto(f"{web.url}/portal")

    cached = page.evaluate(CACHED)

    assert "/offline" in cached
    assert any(path.startswith("/pages/viewer/") for path in cached)
    strange = [path for path in cached if not path.startswith("/pages/") and path != "/offline"]
    assert strange == []
    manifest = page.evaluate("fetch('/manifest.webmanifest').then(answer => answer.json())")
    assert (manifest["start_url"], manifest["display"]) == ("/portal", "standalone")


def test_without_a_network_the_installed_page_says_so(web: Web, visit: Any) -> None:
    patient = visit(expected=("ERR_INTERNET_DISCONNECTED",))
    enter(web, patient)
    patient.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    patient.page.reload()
    patient.context.set_offline(True)

    patient.page.goto(f"{web.url}/portal")

    assert "没有网络" in patient.page.inner_text("main")
    assert "胸部" not in patient.page.content()


def test_everything_works_with_scripts_turned_off(web: Web, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False, has_touch=True, locale="en")
    page = context.new_page()
    try:
        log_in(web, page)
        link = make_link(page)
        page.goto(link)
        page.tap("button.wide")
        page.wait_for_url(f"**{VIEW}")
        assert page.locator("img.first").bounding_box()["height"] > 50
    finally:
        context.close()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_axe_finds_nothing_on_any_page_of_the_way(web: Web, visit: Any, language: str) -> None:
    patient = visit(language)
    page = patient.page
    found: dict[str, list[str]] = {}

    def check(name: str, of: Any) -> None:
        violations = Axe().run(of).response["violations"]
        found[name] = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in violations]

    page.goto(f"{web.url}/login")
    check("login", page)
    page.fill("#value", RESIDENT)
    page.tap("button.wide")
    page.wait_for_selector("#code")
    check("code", page)
    page.fill("#code", page.inner_text("#shown-code"))
    page.tap("button.wide")
    page.wait_for_url("**/portal")
    check("portal", page)
    page.goto(f"{web.url}/portal/share?study={uid('s1')}")
    check("share", page)
    link = make_link_here(page)
    check("link", page)
    guest = visit(language, REFUSALS).page
    guest.goto(link)
    check("open", guest)
    guest.fill("#passcode", "4711")
    guest.tap("button.wide")
    guest.wait_for_url(f"**{VIEW}")
    check("view", guest)
    guest.goto(f"{web.url}/shared")
    check("shared", guest)
    guest.goto(f"{web.url}/s/unknown")
    check("closed", guest)

    assert {name: each for name, each in found.items() if each} == {}


def make_link_here(page: Any) -> str:
    page.fill("#passcode", "4711")
    page.tap("button.wide")
    link: str = page.input_value("#address")
    return link


def test_what_strangers_devices_and_patients_write_executes_nowhere(
    web: Web, visit: Any, tmp_path: Path
) -> None:
    health_card = "H-XSS-1"
    words = dict.fromkeys(
        (
            *("PatientName", "PatientID", "StudyDescription", "SeriesDescription", "StudyID"),
            *("AccessionNumber", "ReferringPhysicianName", "ProtocolName", "InstitutionName"),
            *("StationName", "ManufacturerModelName", "PatientComments", "OperatorsName"),
        ),
        NASTY,
    )
    words["BodyPartExamined"] = NASTY[:-1]
    more: dict[str, Any] = {**words, "size": 64}
    web.keep(
        make_study(
            tmp_path,
            count=2,
            study="xss",
            OtherPatientIDsSequence=other_ids(health_card, "CN-HEALTH-CARD"),
            **more,
        )
    )
    page = visit().page
    page.goto(f"{web.url}/portal")
    page.select_option("#issuer", "CN-HEALTH-CARD")
    page.fill("#value", health_card)
    page.tap("button.wide")
    page.fill("#code", page.inner_text("#shown-code"))
    page.tap("button.wide")
    page.wait_for_url("**/portal")
    link = make_link(page, label=NASTY[:60])
    guest = visit().page
    guest.goto(link)
    guest.wait_for_url("**/view/**")
    guest.wait_for_selector(".stage canvas")
    guest.goto(f"{web.url}/shared")
    page.goto(f"{web.url}/view/{uid('xss')}")
    page.wait_for_selector(".stage canvas")
    page.goto(f"{web.url}/portal")

    for each in (page, guest):
        assert re.search(r"<script>alert\(1\)", each.inner_text("main"))
        assert each.locator("img[src=x], script:not([src])").count() == 0
