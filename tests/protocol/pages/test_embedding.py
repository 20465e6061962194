"""<related-exam-alert> on other origins: its file, CORS for its calls, opening images by a form."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from imaging_cloud.web.viewer_assets import DIST
from tests.makers import make_study, uid
from tests.protocol.serving import Web, other_ids, serving

SCREEN, OTHER = "https://his.example.org", "https://evil.example"
FILE = "/embed/related-exam-alert.js"
MOST_BYTES = 15 * 1024
VIEW = f"/view/{uid('s1')}"
THUMBNAIL = f"/dicom-web/studies/{uid('s1')}/thumbnail"
DECISION = "/api/order-check/some-alert/decision"
CALLS = ("/api/order-check", DECISION, "/api/institutions", THUMBNAIL)


@pytest.fixture
def listing(tmp_path: Path) -> Iterator[Web]:
    with serving(tmp_path / "home", cds_origins=(SCREEN,)) as web:
        web.keep(make_study(tmp_path / "ct", count=1, OtherPatientIDsSequence=other_ids()))
        yield web


def test_the_file_is_open_to_all_small_and_of_one_piece(web: Web) -> None:
    answer = web.get(FILE, headers={"Origin": OTHER})
    again = web.get(FILE, headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert len(gzip.compress(answer.content)) <= MOST_BYTES
    assert b"import " not in answer.content.replace(b"import.meta", b"")
    assert (again.status_code, again.content) == (304, b"")
    assert answer.content in {each.read_bytes() for each in DIST.glob("related-exam-alert-*.js")}


@pytest.mark.parametrize("path", CALLS)
def test_a_listed_origin_may_call_with_a_token_and_never_with_a_cookie(
    listing: Web, path: str
) -> None:
    preflight = {"Access-Control-Request-Method": "POST"}

    asked = listing.call("OPTIONS", path, headers={"Origin": SCREEN} | preflight)
    refused = listing.call("OPTIONS", path, headers={"Origin": OTHER} | preflight)
    answered = listing.get(path, headers={"Origin": SCREEN})

    assert asked.status_code == 204
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert answered.status_code == 401
    for answer in (asked, answered):
        assert answer.headers["Access-Control-Allow-Origin"] == SCREEN
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Access-Control-Allow-Origin" not in refused.headers


def test_a_thumbnail_is_read_by_a_listed_origin(listing: Web) -> None:
    token = listing.token("physician", "dr-li", "HOSP_A")

    answer = listing.get(THUMBNAIL, token, headers={"Origin": SCREEN, "Accept": "image/jpeg"})

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == SCREEN
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/api/me", "/api/studies", "/dicom-web/studies", f"{THUMBNAIL}/x", "/api/order-checks"]
)
def test_nothing_else_may_be_read_from_there(listing: Web, path: str) -> None:
    answer = listing.get(path, listing.token("admin"), headers={"Origin": SCREEN})

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_listed_screen_opens_images_by_a_form_and_no_other_site_does(listing: Web) -> None:
    token = listing.token("physician", "dr-li", "HOSP_A")
    form = {"token": token, "next": VIEW}
    cross = {"Sec-Fetch-Site": "cross-site", "Accept": "text/html"}

    for origin in (OTHER, "null", ""):
        refused = listing.post("/login", data=form, headers=cross | {"Origin": origin})
        assert refused.status_code == 403
        assert "Set-Cookie" not in refused.headers
    opened = listing.post("/login", data=form, headers=cross | {"Origin": SCREEN})

    assert (opened.status_code, opened.headers["Location"]) == (303, VIEW)
    assert "Access-Control-Allow-Origin" not in opened.headers
    assert listing.get(VIEW, headers={"Accept": "text/html"}).status_code == 200
