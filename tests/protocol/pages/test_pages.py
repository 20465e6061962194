"""Pages: logging in, escaping, what each role finds. Everything works without a script."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from imaging_cloud.web.browsers import SESSION_COOKIE
from imaging_cloud.web.viewer_assets import view_style
from tests.makers import make_instance, make_study, uid
from tests.protocol.serving import PATIENT, Web, other_ids

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
VIEW = f"/view/{uid('s1')}"
SERIES = f"{VIEW}/series/{uid('s1', 'series')}"
NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}\u202e"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(page: requests.Response) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(page.text)
    return parser.found


def page(web: Web, path: str, token: str, **headers: str) -> requests.Response:
    return web.get(path, token, headers=HTML | headers)


@pytest.fixture
def admin(web: Web, tmp_path: Path) -> str:
    web.keep(make_study(tmp_path, count=14, OtherPatientIDsSequence=other_ids()))
    return web.token("admin", "operator")


def test_a_browser_without_a_session_logs_in_and_comes_back(web: Web, admin: str) -> None:
    asked = web.get(f"{SERIES}/2?w=lung", headers=HTML)
    assert asked.status_code == 303
    assert asked.headers["Location"].startswith("/login?next=")
    form = web.get(asked.headers["Location"], headers=HTML)
    following = next(
        each["value"] for tag, each in tags(form) if tag == "input" and each.get("name") == "next"
    )

    done = web.post("/login", data={"token": admin, "next": following}, headers=HTML)

    assert done.status_code == 303
    assert done.headers["Location"] == f"{SERIES}/2?w=lung"
    cookie = done.headers["Set-Cookie"]
    assert SESSION_COOKIE in cookie
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert web.get(done.headers["Location"], headers=HTML).status_code == 200
    assert admin not in done.headers["Location"]


def test_a_program_without_a_token_gets_401_on_the_same_address(web: Web) -> None:
    assert web.get(VIEW).status_code == 401
    assert web.get("/dicom-web/studies", headers=HTML).status_code == 401


def test_a_refused_token_is_told_and_nothing_is_kept(web: Web) -> None:
    answer = web.post("/login", data={"token": "nonsense"}, headers=HTML)

    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert "nonsense" not in answer.text


@pytest.mark.parametrize("following", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_a_log_in_never_leads_away(web: Web, admin: str, following: str) -> None:
    answer = web.post("/login", data={"token": admin, "next": following}, headers=HTML)

    assert answer.headers["Location"] == "/"


def test_another_site_can_neither_log_in_nor_change_anything(web: Web) -> None:
    patient = web.token("patient", PATIENT)
    web.post("/login", data={"token": patient})
    evil = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}

    login = web.post("/login", data={"token": patient}, headers=evil)
    consent = web.post("/portal/consents", data={"institution": "HOSP_B"}, headers=evil)
    old_browser = web.post(
        "/api/consents", json={"institution": "HOSP_B"}, headers={"Origin": "http://evil.example"}
    )

    assert (login.status_code, consent.status_code, old_browser.status_code) == (403, 403, 403)
    assert web.get("/api/consents").json()["consents"] == []


def test_a_link_from_another_site_is_loaded_once_more_so_that_the_cookie_comes_along(
    web: Web,
) -> None:
    """The alert of an order screen opens the viewer; SameSite=Strict holds the cookie back."""
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}

    answer = web.get(VIEW, headers=HTML | elsewhere)
    then = web.get(VIEW, headers=HTML | {"Sec-Fetch-Site": "same-origin"})

    assert answer.status_code == 200
    assert 'http-equiv="refresh"' in answer.text
    assert then.status_code == 303


def test_logging_out_forgets_the_session(web: Web, admin: str) -> None:
    web.post("/login", data={"token": admin})
    assert web.get("/api/me").status_code == 200

    web.post("/logout")

    assert web.get("/api/me").status_code == 401


@pytest.mark.parametrize(
    ("role", "home"), [("patient", "/portal"), ("physician", "/desk"), ("admin", "/admin")]
)
def test_everybody_has_a_page_of_their_own(web: Web, role: str, home: str) -> None:
    token = web.token(role, PATIENT, None if role == "patient" else "HOSP_A")

    assert web.get("/", token).headers["Location"] == home
    assert page(web, home, token).status_code == 200


def test_a_study_says_whose_what_when_and_where_in_pictures(web: Web, admin: str) -> None:
    answer = page(web, VIEW, admin)

    for text in ("张伟 (Zhang Wei)", "1949-12-31", "胸部CT平扫", "2026-11-08", "医院 HOSP_A"):
        assert text in answer.text
    pictures = [each["src"] for tag, each in tags(answer) if tag == "img"]
    assert len(pictures) == 2, "the first picture, and one for its series"
    assert "/frames/1/rendered" in str(pictures[0])
    assert SERIES in answer.text
    for source in pictures[:2]:
        shown = web.get(str(source), admin, headers={"Accept": "image/avif,image/webp,*/*"})
        assert shown.headers["Content-Type"] in ("image/jpeg", "image/webp")


def test_every_link_and_picture_of_the_viewer_leads_somewhere(web: Web, admin: str) -> None:
    seen: set[str] = set()
    waiting = [VIEW]
    while waiting and len(seen) < 60:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = page(web, path, admin)
        assert answer.status_code == 200, path
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        for _, each in tags(answer):
            target = each.get("href") or each.get("src")
            if target and not target.startswith("#"):
                assert target.startswith(("/", "?")), target
                waiting.append(urljoin(path, target))
    assert f"{SERIES}/14" in seen
    assert f"{SERIES}/1?w=lung" in seen or f"{SERIES}/14?w=lung" in seen


def test_a_picture_that_is_not_there_is_404(web: Web, admin: str) -> None:
    for number in ("0", "15", "x", "1e3"):
        assert page(web, f"{SERIES}/{number}", admin).status_code == 404


def test_the_language_is_the_readers(web: Web, admin: str) -> None:
    english = page(web, VIEW, admin, **{"Accept-Language": "en-GB,en"})
    chinese = page(web, VIEW, admin)

    assert "For viewing, not for diagnosis" in english.text
    assert 'lang="en"' in english.text
    assert "仅供浏览" in chinese.text
    assert 'lang="zh-CN"' in chinese.text


def is_ours(script: dict[str, Any]) -> bool:
    """The viewer's file from our own address, or data that no browser runs."""
    if script.get("type") == "application/json":
        return "src" not in script
    return str(script.get("src", "")).startswith(("/pages/viewer/", "/pages/portal.js"))


def test_what_strangers_devices_send_is_shown_as_text(web: Web, tmp_path: Path) -> None:
    texts = ("PatientName", "PatientID", "StudyDescription", "SeriesDescription", "AccessionNumber")
    more = ("StudyID", "ReferringPhysicianName", "ProtocolName")
    attributes: dict[str, Any] = dict.fromkeys((*texts, *more), NASTY)
    attributes["BodyPartExamined"] = NASTY[:-1]  # CS has no letters outside of ASCII
    path = make_instance(tmp_path / "a.dcm", OtherPatientIDsSequence=other_ids(), **attributes)
    web.keep([path])
    admin, patient = web.token("admin", NASTY), web.token("patient", PATIENT)

    pages = [
        page(web, VIEW, admin),
        page(web, SERIES, admin),
        page(web, f"{SERIES}/1", admin),
        page(web, "/admin", admin),
        page(web, "/portal", patient),
    ]

    for answer in pages:
        assert answer.status_code == 200
        found = tags(answer)
        scripts = [each for tag, each in found if tag == "script"]
        assert all(is_ours(each) for each in scripts)
        assert not [tag for tag, _ in found if tag in {"iframe", "object"}]
        styles = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        assert styles in ([], [view_style()])
        assert len(styles) == sum(tag == "style" for tag, _ in found)
        assert not [each for _, each in found if any(name.startswith("on") for name in each)]
        assert all(str(each["src"]).startswith("/") for tag, each in found if tag == "img")
        assert "49" not in re.findall(r"\{\{.*?\}\}|49(?=\u202e)", answer.text)
    assert "&lt;script&gt;" in pages[0].text


def test_pages_are_never_cached_and_the_style_sheet_may_be(web: Web, admin: str) -> None:
    assert page(web, VIEW, admin).headers["Cache-Control"] == "no-store"
    assert web.get(f"{VIEW}", admin).headers["Referrer-Policy"] == "no-referrer"
    style = web.get("/pages/style.css")
    assert style.headers["Content-Type"].startswith("text/css")
    assert "max-age" in style.headers["Cache-Control"]


def test_an_error_is_a_page_for_people(web: Web, admin: str) -> None:
    answer = page(web, "/view/1.2.3", admin)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "没有这项内容" in answer.text


def test_the_portal_switches_permissions_and_shows_who_looked(web: Web, admin: str) -> None:
    patient = web.token("patient", PATIENT)
    page(web, VIEW, web.token("physician", "dr-wang", "HOSP_A"))

    before = page(web, "/portal", patient)
    web.post("/portal/consents", patient, data={"institution": "HOSP_B", "granted": "yes"})
    opened = page(web, "/portal", patient)
    web.post("/portal/consents", patient, data={"institution": "HOSP_B", "granted": "no"})
    closed = page(web, "/portal", patient)

    assert "胸部CT平扫" in before.text
    assert "dr-wang" in before.text
    assert (before.text.count("已允许"), opened.text.count("已允许")) == (0, 1)
    assert "不允许" in closed.text


def test_the_desk_asks_and_answers_with_a_link(web: Web, admin: str) -> None:
    physician = web.token("physician", "dr-li", "HOSP_A")
    form = {
        "exam": "胸部CT平扫",
        "institution": "HOSP_A",
        "issuer": "HOSP_A",
        "value": "A-1001",
        "birthDate": "",
        "sex": "",
        "modality": "",
        "laterality": "",
        "priority": "routine",
        "conditions": "K56.6，J18.9",
        "eGFR": "",
        "pregnant": "",
    }

    answer = web.post("/desk", physician, data=form, headers=HTML)
    wrong = web.post("/desk", physician, data=form | {"eGFR": "low"}, headers=HTML)

    assert answer.status_code == 200
    assert f'href="{VIEW}"' in answer.text
    assert wrong.status_code == 422
    assert "facts.eGFR" in wrong.text


def test_the_log_in_survives_a_form_full_of_fields(web: Web) -> None:
    body = "&".join(f"f{number}=1" for number in range(1000))

    assert web.post("/login", data=body, headers=HTML).status_code == 422
