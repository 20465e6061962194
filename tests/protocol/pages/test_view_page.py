"""The viewer's page carries its first picture and its style sheet: seen after one answer."""

import base64
import hashlib
import io
import re
from pathlib import Path

import pytest
import requests
from PIL import Image

from tests.makers import make_study, uid
from tests.protocol.dicomweb.deriving import derive_all
from tests.protocol.serving import Web

VIEW = f"/view/{uid('s1')}"


def opened(
    web: Web, tmp_path: Path, *, derived: bool = True, accept: str = ""
) -> requests.Response:
    web.keep(make_study(tmp_path, count=3, size=200, WindowCenter=500, WindowWidth=1000))
    if derived:
        derive_all(web)
    headers = {"Accept": f"text/html{accept}"}
    answer = web.get(VIEW, web.token("admin"), headers=headers)
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize(("accept", "kind"), [("", "jpeg"), (",image/webp", "webp")])
def test_the_first_picture_of_a_derived_study_stands_in_the_page(
    web: Web, tmp_path: Path, accept: str, kind: str
) -> None:
    answer = opened(web, tmp_path, accept=accept)

    found = re.search(r'class="first" src="data:image/(\w+);base64,([^"]+)"', answer.text)
    assert found, "no picture in the page"
    assert found[1] == kind
    picture = Image.open(io.BytesIO(base64.b64decode(found[2])))
    assert picture.format == kind.upper()
    assert max(picture.size) == 512
    assert len(picture.convert("L").getcolors(256) or []) > 16
    assert (
        "data:" in answer.headers["Content-Security-Policy"].partition("img-src")[2].split(";")[0]
    )


def test_nothing_waits_for_a_picture_that_is_not_derived(web: Web, tmp_path: Path) -> None:
    answer = opened(web, tmp_path, derived=False)

    found = re.search(r'class="first" src="(/dicom-web/[^"]+)"', answer.text)
    assert found
    address = found[1].replace("&amp;", "&")
    assert f'<link rel="preload" as="image" href="{found[1]}"' in answer.text
    assert web.get(address, web.token("admin")).headers["Content-Type"] == "image/jpeg"


def test_the_policy_names_the_very_style_that_the_page_carries(web: Web, tmp_path: Path) -> None:
    answer = opened(web, tmp_path)

    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert f"style-src 'self' 'sha256-{digest}'" in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r"<script(?![^>]*(src=|application/json))", answer.text)


def test_the_page_is_gzipped_for_whoever_takes_it(web: Web, tmp_path: Path) -> None:
    packed = opened(web, tmp_path)
    plain = web.get(VIEW, web.token("admin"), headers={"Accept-Encoding": "identity"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Content-Encoding" not in plain.headers
    assert plain.text == packed.text
