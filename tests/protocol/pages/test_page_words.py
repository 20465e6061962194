"""What pages say to people: doubt about a patient, a number mistyped, whose hospital it was."""

from pathlib import Path

import pytest

from tests.makers import make_study, uid
from tests.protocol.serving import Web, serving

HTML = {"Accept": "text/html", "Accept-Language": "zh-CN"}
DOUBT = "请核对是否同一患者"


def view(web: Web, *studies: str) -> str:
    first, *others = (uid(each) for each in studies)
    beside = f"?with={others[0]}" if others else ""
    answer = web.get(f"/view/{first}{beside}", web.token("admin"), headers=HTML)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(
    ("other", "is_doubtful"),
    [
        ({}, False),
        ({"PatientName": "ZHANG^WEI"}, False),  # one of the spellings that the first has
        ({"PatientName": "张^伟", "PatientBirthDate": None}, False),
        ({"PatientName": "Li^Na=李^娜"}, True),
        ({"PatientSex": "F"}, True),
        ({"PatientBirthDate": "19500101"}, True),
    ],
)
def test_two_studies_of_perhaps_two_people_are_never_shown_as_one(
    web: Web, tmp_path: Path, other: dict[str, str], is_doubtful: bool
) -> None:
    web.keep(make_study(tmp_path / "1", count=1))
    web.keep(make_study(tmp_path / "2", count=1, study="s2", **other))

    assert DOUBT not in view(web, "s1")
    assert (DOUBT in view(web, "s1", "s2")) is is_doubtful


def test_a_number_that_cannot_be_is_told_and_need_not_be_typed_again(tmp_path: Path) -> None:
    with serving(tmp_path / "home", login_codes="screen") as web:
        form = {"issuer": "CN-RESIDENT-ID", "value": '1101051949"><b>', "next": "/portal"}
        headers = HTML | {"Origin": web.url}
        answer = web.post("/login/code", data=form, headers=headers)

    assert answer.status_code == 422
    assert "号码不对" in answer.text
    assert 'value="1101051949&#34;&gt;&lt;b&gt;"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_operator_reads_names_of_hospitals_and_colons_follow_the_language(
    web: Web, tmp_path: Path
) -> None:
    web.keep(make_study(tmp_path, count=1))
    admin = web.token("admin", "operator")
    physician = web.token("physician", "dr-li", "HOSP_A")

    assert "<td>医院 HOSP_A</td>" in web.get("/admin", admin, headers=HTML).text
    english = HTML | {"Accept-Language": "en"}
    assert "：" not in web.get("/desk", physician, headers=english).text
    assert "患者标识：" in web.get("/desk", physician, headers=HTML).text
