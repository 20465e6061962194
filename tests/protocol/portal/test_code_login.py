"""Logging in by one-time code: right, wrong, late, too often, and for numbers nobody has."""

import http.server
import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from imaging_cloud.adapters.code_senders import open_sender
from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.web.browsers import SESSION_COOKIE
from tests.makers import make_study
from tests.protocol.serving import RESIDENT, ShiftedClock, Web, other_ids, serving

HTML = {"Accept": "text/html"}
UNKNOWN = "110105198001010016"


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "codes"


@pytest.fixture
def web(tmp_path: Path, outbox: Path) -> Iterator[Web]:
    with serving(tmp_path / "home", login_codes=f"file://{outbox}") as running:
        running.keep(make_study(tmp_path, count=1, OtherPatientIDsSequence=other_ids()))
        yield running


def ask(web: Web, value: str = RESIDENT, **headers: str) -> requests.Response:
    form = {"issuer": "CN-RESIDENT-ID", "value": value, "next": "/portal"}
    return web.post("/login/code", data=form, headers=HTML | headers)


def login_of(page: requests.Response) -> str:
    found = re.search(r'name="login" value="([^"]+)"', page.text)
    assert found
    return found[1]


def sent(outbox: Path, count: int = 1) -> list[dict[str, str]]:
    """The message goes out after the answer."""
    deadline = time.monotonic() + 10
    while len(found := sorted(outbox.glob("*.json"))) < count:
        assert time.monotonic() < deadline, "no code was sent"
        time.sleep(0.01)
    return [json.loads(path.read_text()) for path in found]


def verify(web: Web, login: str, code: str) -> requests.Response:
    form = {"login": login, "code": code, "next": "/portal"}
    return web.post("/login/verify", data=form, headers=HTML)


def test_the_right_code_opens_the_portal_and_works_once(web: Web, outbox: Path) -> None:
    page = ask(web)
    (message,) = sent(outbox)
    code = message["code"]
    assert code not in page.text
    assert RESIDENT not in page.text
    assert (message["issuer"], message["value"], message["language"]) == (
        "CN-RESIDENT-ID",
        RESIDENT,
        "zh-CN",
    )

    done = verify(web, login_of(page), f" {code[:3]} {code[3:]}")

    assert (done.status_code, done.headers["Location"]) == (303, "/portal")
    cookie = done.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert "胸部" in web.get("/portal", headers=HTML).text
    assert verify(web, login_of(page), code).status_code == 401


def test_logging_out_ends_the_session_wherever_a_copy_of_it_is(web: Web, outbox: Path) -> None:
    page = ask(web)
    verify(web, login_of(page), sent(outbox)[0]["code"])
    copy = web.session.cookies[SESSION_COOKIE]
    assert web.get("/api/me", copy).status_code == 200

    web.post("/logout")

    assert web.get("/api/me", copy).status_code == 401


def test_five_wrong_codes_and_the_right_one_is_refused_too(web: Web, outbox: Path) -> None:
    login = login_of(ask(web))
    code = sent(outbox)[0]["code"]
    wrong = f"{(int(code) + 1) % 10**6:06}"

    answers = [verify(web, login, wrong).status_code for _ in range(5)]

    assert answers == [401] * 5
    assert verify(web, login, code).status_code == 401


def test_a_code_runs_out_after_ten_minutes(web: Web, outbox: Path) -> None:
    login = login_of(ask(web))
    code = sent(outbox)[0]["code"]
    assert isinstance(web.cloud.clock, ShiftedClock)
    web.cloud.clock.shift = timedelta(minutes=10)

    assert verify(web, login, code).status_code == 401


def test_a_number_nobody_has_is_answered_alike_and_nothing_is_sent(web: Web, outbox: Path) -> None:
    known, unknown = ask(web), ask(web, UNKNOWN)

    def without_login(page: requests.Response) -> str:
        return page.text.replace(login_of(page), "")

    assert without_login(known) == without_login(unknown)
    assert known.status_code == unknown.status_code == 200
    assert len(sent(outbox)) == 1
    refused = verify(web, login_of(unknown), sent(outbox)[0]["code"])
    assert refused.status_code == 401


def test_a_number_that_cannot_be_one_is_told(web: Web, outbox: Path) -> None:
    answer = ask(web, "110105194912310021")

    assert answer.status_code == 422
    assert "号码不对" in answer.text
    assert not outbox.exists()


def test_asking_is_limited_for_a_number_known_or_not_and_the_first_codes_stay_good(
    web: Web, outbox: Path
) -> None:
    login = login_of(ask(web))
    code = sent(outbox)[0]["code"]

    known = [ask(web).status_code for _ in range(5)]
    unknown = [ask(web, UNKNOWN).status_code for _ in range(6)]

    assert known == [200] * 4 + [429]
    assert unknown == [200] * 5 + [429]
    assert verify(web, login, code).status_code == 303


def test_guessing_is_limited_for_an_address_and_other_addresses_are_not(
    tmp_path: Path, outbox: Path
) -> None:
    with serving(
        tmp_path / "proxied", login_codes=f"file://{outbox}", trusted_proxies="127.0.0.0/8"
    ) as web:

        def guess(address: str) -> int:
            form = {"login": "made-up", "code": "000000"}
            headers = HTML | {"X-Forwarded-For": f"198.51.100.7, {address}"}
            return web.post("/login/verify", data=form, headers=headers).status_code

        guesses = [guess("203.0.113.9") for _ in range(61)]
        assert guesses == [401] * 60 + [429]
        assert guess("203.0.113.10") == 401
        counted = web.get("/metrics", web.token("admin")).text
        assert 'imaging_cloud_refused_logins_total{kind="code"} 61.0' in counted


def test_an_address_that_no_trusted_proxy_told_is_not_believed(web: Web) -> None:
    for number in range(60):
        verify_from(web, f"203.0.113.{number}")

    assert verify_from(web, "203.0.113.99") == 429


def verify_from(web: Web, address: str) -> int:
    form = {"login": "made-up", "code": "000000"}
    return web.post(
        "/login/verify", data=form, headers=HTML | {"X-Forwarded-For": address}
    ).status_code


def test_another_site_can_neither_ask_nor_log_in(web: Web) -> None:
    evil = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}

    assert ask(web, **evil).status_code == 403
    assert (
        web.post("/login/verify", data={"login": "x", "code": "1"}, headers=evil).status_code == 403
    )


def test_neither_code_nor_number_is_kept_readable_nor_logged(
    web: Web, outbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        login = login_of(ask(web))
        code = sent(outbox)[0]["code"]
        verify(web, login, "000000" if code != "000000" else "000001")
        verify(web, login, code)

    kept = b"".join(path.read_bytes() for path in web.home.glob("index.sqlite3*"))
    assert code not in caplog.text
    assert RESIDENT not in caplog.text
    assert f"|{code}".encode() not in kept
    assert web.cloud.logins.take_try(login, tries=99, now=web.cloud.clock.now()) is None


def test_where_no_sender_is_set_the_page_asks_for_a_token_alone(tmp_path: Path) -> None:
    with serving(tmp_path / "plain") as web:
        page = web.get("/login", headers=HTML)

        assert 'action="/login"' in page.text
        assert "/login/code" not in page.text
        assert ask(web).status_code == 422


def test_the_screen_shows_codes_on_this_machine_alone(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="LOGIN_CODES"):
        open_sender("screen", secret="", http_host="0.0.0.0")
    with pytest.raises(InvalidRequest, match="LOGIN_CODES"):
        open_sender("http://sms.example/send", secret="", http_host="127.0.0.1")
    with serving(tmp_path / "demo", login_codes="screen") as web:
        web.keep(make_study(tmp_path / "d", count=1, OtherPatientIDsSequence=other_ids()))
        page = ask(web)
        shown = re.search(r'id="shown-code">(\d{6})<', page.text)
        assert shown
        assert verify(web, login_of(page), shown[1]).status_code == 303


def test_a_web_hook_gets_the_message_with_its_secret(tmp_path: Path) -> None:
    taken: list[tuple[str | None, dict[str, str]]] = []
    arrived = threading.Event()

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((self.headers["Authorization"], json.loads(body)))
            self.send_response(204)
            self.end_headers()
            arrived.set()

        def log_message(self, *_: object) -> None:
            pass

    hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{hook.server_address[1]}/codes?to=sms"
    try:
        with serving(tmp_path / "hook", login_codes=url, login_codes_secret="hush") as web:
            web.keep(make_study(tmp_path / "d", count=1, OtherPatientIDsSequence=other_ids()))
            login = login_of(ask(web))
            assert arrived.wait(10)
            assert taken[0][0] == "Bearer hush"
            assert verify(web, login, taken[0][1]["code"]).status_code == 303
    finally:
        hook.shutdown()
        hook.server_close()
