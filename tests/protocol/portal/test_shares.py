"""Patients' links: what they open, what they never open, and when they close."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from imaging_cloud.domain.access import Role
from imaging_cloud.web.browsers import SESSION_COOKIE
from imaging_cloud.web.routes import ROUTES
from tests.makers import data_set_bytes, make_study, uid
from tests.protocol.serving import PATIENT, ShiftedClock, Web, other_ids, serving

HTML = {"Accept": "text/html"}
OWN, OTHER, STRANGERS = uid("s1"), uid("s2"), uid("s3")
STRANGER = "CN-HEALTH-CARD|H-77"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with serving(tmp_path / "home", trusted_proxies="127.0.0.1/32") as running:
        running.keep(make_study(tmp_path / "1", count=2, OtherPatientIDsSequence=other_ids()))
        running.keep(
            make_study(tmp_path / "2", count=1, study="s2", OtherPatientIDsSequence=other_ids())
        )
        running.keep(
            make_study(
                tmp_path / "3",
                count=1,
                study="s3",
                PatientID="A-9",
                PatientName="Li^Na",
                PatientBirthDate="19800101",
                OtherPatientIDsSequence=other_ids("H-77", "CN-HEALTH-CARD"),
            )
        )
        yield running


def share(web: Web, study: str = OWN, **wish: str) -> tuple[str, str]:
    """(path of the link, id of the share)."""
    answer = web.post("/portal/shares", web.token("patient", PATIENT), data={"study": study} | wish)
    assert answer.status_code == 200, answer.text
    link = re.search(r">http://[^/]+(/s/[A-Za-z0-9_-]{43})<", answer.text)
    end = re.search(r"/portal/shares/([0-9a-f]{12})/end", answer.text)
    assert link
    assert end
    return link[1], end[1]


def end(web: Web, share_id: str) -> requests.Response:
    return web.post(f"/portal/shares/{share_id}/end", web.token("patient", PATIENT))


def guest(web: Web, link: str, **form: str) -> requests.Session:
    """A browser of its own that opened the link."""
    session = requests.Session()
    url = web.url + link
    answer = (
        session.post(url, data=form, headers=HTML, allow_redirects=False, timeout=20)
        if form
        else session.get(url, headers=HTML, allow_redirects=False, timeout=20)
    )
    assert answer.status_code == 303, answer.text
    return session


def look(web: Web, session: requests.Session, path: str) -> int:
    return session.get(web.url + path, allow_redirects=False, timeout=20).status_code


def pictures(study: str) -> tuple[str, ...]:
    name = "s1" if study == OWN else "s2"
    series = f"/series/{uid(name, 'series')}"
    return (
        f"/view/{study}",
        f"/dicom-web/studies/{study}/thumbnail",
        f"/view-api/studies/{study}{series}",
        f"/dicom-web/studies/{study}{series}/instances/{uid(name, 1)}/frames/1",
    )


def test_a_link_opens_its_study_and_nothing_else(web: Web) -> None:
    link, _ = share(web)
    opened = web.get(link, headers=HTML)
    assert (opened.status_code, opened.headers["Location"]) == (303, f"/view/{OWN}")
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    assert "HttpOnly" in opened.headers["Set-Cookie"]
    visitor = guest(web, link)

    assert [look(web, visitor, path) for path in pictures(OWN)] == [200] * 4
    for study in (OTHER, STRANGERS):
        assert [look(web, visitor, path) for path in pictures(study)] == [404] * 4
    # Side by side is no way around, nor is an accession number.
    assert look(web, visitor, f"/view/{OWN}?with={OTHER}") == 404
    assert (
        look(web, visitor, "/IHEInvokeImageDisplay?requestType=STUDY&accessionNumber=ACC1") == 403
    )


def test_every_address_that_is_not_for_looking_is_closed_to_guests(web: Web) -> None:
    visitor = guest(web, share(web)[0])
    closed = [route for route in ROUTES if route.roles and Role.GUEST not in route.roles]
    assert {"/api/studies", "/dicom-web/studies", "/portal", "/api/consents"} <= {
        route.path for route in closed
    }
    for route in closed:
        path = re.sub(r"\{[^}]*\}", "1", route.path).replace("/studies/1", f"/studies/{OWN}")
        answer = visitor.request(route.method, web.url + path, timeout=20, allow_redirects=False)
        assert answer.status_code == 403, route


def test_an_ended_link_closes_on_the_next_request_for_those_inside_too(web: Web) -> None:
    link, share_id = share(web)
    visitor = guest(web, link)
    token = visitor.cookies[SESSION_COOKIE]
    assert look(web, visitor, f"/view/{OWN}") == 200

    assert end(web, share_id).status_code == 303

    assert [look(web, visitor, path) for path in pictures(OWN)] == [404] * 4
    assert web.get(f"/view/{OWN}", token).status_code == 404
    assert web.get(link, headers=HTML).status_code == 404


def test_a_link_runs_out_and_so_do_its_sessions(web: Web) -> None:
    link, _ = share(web, days="1")
    assert isinstance(web.cloud.clock, ShiftedClock)
    web.cloud.clock.shift = timedelta(hours=23, minutes=50)
    visitor = guest(web, link)
    assert look(web, visitor, f"/view/{OWN}") == 200

    web.cloud.clock.shift = timedelta(days=1, seconds=1)

    assert look(web, visitor, f"/view/{OWN}") == 404
    assert web.get(link, headers=HTML).status_code == 404


def test_what_was_never_there_and_what_is_over_look_the_same(web: Web) -> None:
    link, share_id = share(web)
    end(web, share_id)
    used, _ = share(web, opens="1")
    guest(web, used, go="1")
    locked, _ = share(web, passcode="4711")
    for _ in range(5):
        web.post(locked, data={"passcode": "0000"}, headers=HTML)

    answers = [web.get(path, headers=HTML) for path in (link, used, locked, "/s/" + "A" * 43)]

    assert {(each.status_code, each.text) for each in answers} == {(404, answers[0].text)}
    assert "Set-Cookie" not in answers[0].headers


def test_a_passcode_has_five_tries_however_they_come(web: Web) -> None:
    link, _ = share(web, passcode="４７１１")
    asked = web.get(link, headers=HTML)
    assert asked.status_code == 200
    assert 'name="passcode"' in asked.text
    assert "胸部" not in asked.text

    right = guest(web, link, passcode=" 4711 ")
    assert look(web, right, f"/view/{OWN}") == 200
    wrong = [web.post(link, data={"passcode": f"{n:04}"}, headers=HTML) for n in range(5)]

    assert [each.status_code for each in wrong] == [401] * 4 + [404]
    assert web.post(link, data={"passcode": "4711"}, headers=HTML).status_code == 404
    # Locked is not ended: whoever came in by the right passcode goes on.
    assert look(web, right, f"/view/{OWN}") == 200
    assert "已锁定" in web.get("/portal", web.token("patient", PATIENT), headers=HTML).text


def test_openings_are_counted_and_a_messenger_that_peeks_uses_none(web: Web) -> None:
    link, _ = share(web, opens="2")
    for _ in range(3):
        assert web.get(link, headers=HTML).status_code == 200

    guest(web, link, go="1")
    guest(web, link, go="1")

    assert web.post(link, headers=HTML).status_code == 404


def test_a_link_does_not_silently_end_somebodys_own_session(web: Web) -> None:
    link, _ = share(web)
    web.post("/login", data={"token": web.token("patient", STRANGER)})

    asked = web.get(link, headers=HTML)

    assert asked.status_code == 200
    assert "Set-Cookie" not in asked.headers
    assert web.get("/api/me").json()["role"] == "patient"


def test_guessing_links_is_limited_for_an_address(web: Web) -> None:
    link, _ = share(web)

    def guess(path: str, address: str) -> int:
        return web.get(path, headers=HTML | {"X-Forwarded-For": address}).status_code

    guesses = [guess(f"/s/{n:043}", "203.0.113.9") for n in range(31)]

    assert guesses == [404] * 30 + [429]
    assert guess(link, "203.0.113.9") == 429
    assert guess(link, "203.0.113.10") == 303


def test_all_of_them_is_what_was_there_when_the_link_was_made(web: Web, tmp_path: Path) -> None:
    link, _ = share(web, "all")
    web.keep(make_study(tmp_path / "4", count=1, study="s4", OtherPatientIDsSequence=other_ids()))

    opened = web.get(link, headers=HTML)
    visitor = guest(web, link)

    assert opened.headers["Location"] == "/shared"
    page = visitor.get(web.url + "/shared", headers=HTML, timeout=20).text
    assert {OWN, OTHER} == set(re.findall(r'href="/view/([\d.]+)"', page))
    assert look(web, visitor, f"/view/{uid('s4')}") == 404


def test_nobody_shares_or_ends_what_is_not_theirs(web: Web) -> None:
    _, share_id = share(web)
    stranger = web.token("patient", STRANGER)

    assert web.post("/portal/shares", stranger, data={"study": OWN}).status_code == 404
    assert web.get(f"/portal/share?study={OWN}", stranger).status_code == 404
    assert web.post(f"/portal/shares/{share_id}/end", stranger).status_code == 404
    for role in ("physician", "admin"):
        token = web.token(role, institution="HOSP_A")
        assert web.post("/portal/shares", token, data={"study": OWN}).status_code == 403


@pytest.mark.parametrize(
    "wish",
    [{"days": "31"}, {"days": "x"}, {"passcode": "123"}, {"opens": "0"}, {"label": "x" * 61}],
)
def test_a_wish_that_cannot_be_is_told_on_the_form(web: Web, wish: dict[str, str]) -> None:
    patient = web.token("patient", PATIENT)
    answer = web.post("/portal/shares", patient, data={"study": OWN} | wish, headers=HTML)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_the_patient_sees_who_came_by_which_link(web: Web) -> None:
    link, share_id = share(web, label="王医生")
    visitor = guest(web, link)
    look(web, visitor, f"/view/{OWN}")

    page = web.get("/portal", web.token("patient", PATIENT), headers=HTML).text
    log = web.get("/api/access-log", web.token("patient", PATIENT)).json()["accesses"]

    assert page.count("<td>王医生 · 通过分享链接</td>") == 2
    assert f"{share_id} 王医生" not in page
    assert "打开分享链接" in page
    by_link = [each for each in log if each["role"] == "guest"]
    assert {each["action"] for each in by_link} == {"share-opened", "view"}
    assert {each["actor"] for each in by_link} == {f"{share_id} 王医生"}


def test_the_token_is_kept_nowhere(web: Web) -> None:
    link, _ = share(web)
    token = link.removeprefix("/s/")

    kept = b"".join(path.read_bytes() for path in web.home.glob("index.sqlite3*"))

    assert token.encode() not in kept
    assert token not in web.get("/portal", web.token("patient", PATIENT), headers=HTML).text


def test_a_study_is_taken_home_byte_for_byte(web: Web, tmp_path: Path) -> None:
    patient = web.token("patient", PATIENT)

    answer = web.get(f"/portal/studies/{OWN}/download", patient)

    assert answer.headers["Content-Type"] == "application/zip"
    assert "Zhang" not in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        files = [archive.read(name) for name in names if name.endswith(".dcm")]
        assert "DICOM" in archive.read("READ-ME.txt").decode()
    assert names[1:] == ["DICOM/SER00001/IMG00001.dcm", "DICOM/SER00001/IMG00002.dcm"]
    sent = [path.read_bytes() for path in sorted((tmp_path / "1").iterdir())]
    assert [data_set_bytes(each) for each in files] == [data_set_bytes(each) for each in sent]
    actions = web.get("/api/access-log", patient).json()["accesses"]
    assert "download" in {each["action"] for each in actions}
    assert web.get(f"/portal/studies/{STRANGERS}/download", patient).status_code == 404


def test_the_command_line_issues_no_guest_tokens_and_a_made_up_one_opens_nothing(web: Web) -> None:
    forged = web.token("guest", "000000000000")

    assert web.get(f"/view/{OWN}", forged).status_code == 404
