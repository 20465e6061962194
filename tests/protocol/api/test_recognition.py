"""Marks of recognition, retrievability and previews, from the command line to the answer."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from imaging_cloud.cli.main import app
from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.use_cases.import_recognition import COLUMNS, import_recognition
from imaging_cloud.use_cases.note_retrieval import note_retrieval
from imaging_cloud.use_cases.replay_alert import replay_alert
from imaging_cloud.use_cases.verify_archive import verify_archive
from imaging_cloud.web.order_answer import answer_document
from tests.makers import make_study, uid
from tests.protocol.api.test_order_check import ORDER, changed, physician
from tests.protocol.serving import PATIENT, Web, other_ids

HEAD = ",".join(COLUMNS)
MARK = "HOSP_A,CT,CHEST,,province,浙江,,,,省卫健委"


@pytest.fixture
def opened(web: Web, tmp_path: Path) -> Web:
    """A chest CT of two instances at HOSP_A, opened to HOSP_B."""
    web.keep(make_study(tmp_path, count=2, OtherPatientIDsSequence=other_ids()))
    token = web.token("patient", PATIENT)
    web.post("/api/consents", token, json={"institution": "HOSP_B"})
    return web


def rows(*lines: str) -> list[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO("\n".join([HEAD, *lines])))
    return [(reader.line_num, row) for row in reader]


def save(web: Web, *lines: str, replacing: bool = True) -> None:
    import_recognition(rows(*lines), replace=replacing, cloud=web.cloud)


def ask(web: Web, document: dict[str, Any] = ORDER) -> dict[str, Any]:
    answer = web.post("/api/order-check", physician(web), json=document)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def place(web: Web, *areas: str, institution: str = "HOSP_B") -> None:
    web.cloud.recognition.save_areas(institution, areas, at=web.cloud.clock.now())


def test_a_mark_that_does_not_reach_is_no_pop_up_and_one_that_does_is(opened: Web) -> None:
    before = ask(opened)["matches"][0]
    save(opened, MARK)
    outside = ask(opened)["matches"][0]
    place(opened, "浙江")
    inside = ask(opened)["matches"][0]
    save(opened, "HOSP_C,CT,,,national,,,,,")
    without = ask(opened)

    assert (before["grade"], "recognition" in before) == ("duplicate", False)
    assert outside["grade"] == "partial"
    assert outside["recognition"] == {"mark": "浙江HR", "reaches": False}
    assert "互认标识浙江HR的范围不含本机构" in outside["reasonsZh"]
    assert inside["grade"] == "duplicate"
    assert inside["recognition"] == {"mark": "浙江HR", "reaches": True}
    assert without["outcome"] == "related"
    assert without["matches"][0]["recognition"] == {"mark": "", "reaches": False}


def test_ones_own_exam_needs_no_mark(web: Web, tmp_path: Path) -> None:
    web.keep(make_study(tmp_path, OtherPatientIDsSequence=other_ids()), "HOSP_B")
    save(web, MARK)

    (match,) = ask(web)["matches"]

    assert (match["grade"], "recognition" in match) == ("duplicate", False)


def test_the_window_of_an_item_and_its_edges_in_the_regions_days(opened: Web) -> None:
    """The CT was made on 2026-11-08 09:30 +08:00; the item serves ten days, until the 18th."""
    save(opened, ",CT,CHEST,,,,10,,,市互认目录")

    def grade(placed_at: str) -> tuple[str, str | None]:
        (match,) = ask(opened, changed("order.placedAt", placed_at))["matches"]
        return match["grade"], match["validUntil"]

    assert grade("2026-11-18T23:59:59+08:00") == ("duplicate", "2026-11-18")
    assert grade("2026-11-18T15:59:59Z") == ("duplicate", "2026-11-18")
    assert grade("2026-11-19T00:00:00+08:00") == ("related", "2026-11-18")
    assert grade("2026-11-18T16:00:00Z") == ("related", "2026-11-18")
    assert grade("2026-11-18T12:00:00-04:00") == ("related", "2026-11-18")
    assert grade("2026-11-08T00:00:00+08:00")[0] == "duplicate"
    assert grade("2026-11-07T23:59:59+08:00")[0] == "related"


def test_a_replay_comes_to_the_same_by_the_marks_of_then(opened: Web) -> None:
    save(opened, MARK)
    alert = opened.cloud.alerts.find_alert(ask(opened)["alertId"])
    assert alert is not None
    place(opened, "浙江")
    zone = opened.cloud.policy.time_zone

    replay = replay_alert(
        alert, lambda one: answer_document(one, region=zone, public_url=""), opened.cloud.catalogue
    )

    assert alert.catalogue_version.endswith("+1")
    assert replay.changes == {}


def test_offline_images_are_no_duplicate_and_nothing_to_open(opened: Web) -> None:
    home = {"IMAGING_CLOUD_HOME": str(opened.home)}
    run = CliRunner().invoke

    taken = run(app, ["study", "offline", uid("s1"), "--institution", "HOSP_A"], env=home)
    offline = ask(opened)
    listed = run(app, ["study", "list"], env=home)
    run(app, ["study", "online", uid("s1"), "--institution", "HOSP_A"], env=home)
    online = ask(opened)

    assert taken.exit_code == 0, taken.output
    (match,) = offline["matches"]
    assert (offline["outcome"], match["grade"]) == ("related", "partial")
    assert (match["viewerUrl"], match["retrievability"]) == (None, "offline")
    assert "影像已离线，暂不可调阅" in match["reasonsZh"]
    assert listed.output == f"HOSP_A\t{uid('s1')}\toffline\n"
    assert online["outcome"] == "duplicate"
    assert online["matches"][0]["viewerUrl"].endswith(uid("s1"))


def test_what_a_check_finds_gone_is_offered_to_nobody(opened: Web) -> None:
    objects = sorted(
        each for each in (opened.home / "objects" / "HOSP_A").rglob("*") if each.is_file()
    )
    kept = [each.read_bytes() for each in objects]

    def found() -> tuple[str, Any]:
        note_retrieval(verify_archive(opened.cloud, repair=False), opened.cloud, whole=True)
        (match,) = ask(opened)["matches"]
        return match.get("retrievability", ""), match["viewerUrl"] is None

    objects[0].unlink()
    some = found()
    objects[1].unlink()
    all_of_them = found()
    for path, bytes_ in zip(objects, kept, strict=True):
        path.write_bytes(bytes_)
    again = found()

    assert some == ("incomplete", False)
    assert all_of_them == ("missing", True)
    assert again == ("", False)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("HOSP_X,CT,,,national,,,,,", "line 2: institution: 'HOSP_X' is not an institution here"),
        (",,CHEST,,national,,,,,", "line 2: modality: needed"),
        (",CT,THORAX,,national,,,,,", "line 2: region: 'THORAX' is none of"),
        (",CT,,yes,national,,,,,", "line 2: contrast: 'yes' is none of"),
        (",CT,,,world,,,,,", "line 2: level: 'world' is none of"),
        (",CT,,,,,,,,", "line 2: level: needed for a mark"),
        (",CT,,,national,浙江,,,,", "line 2: area:"),
        (",CT,,,province,,,,,", "line 2: area:"),
        (",CT,,,national,,9999,,,", "line 2: days: a whole number"),
        (",CT,,,national,,,2026-02-30,,", "line 2: from: a date"),
        (",CT,,,national,,,2026-02-02,2026-02-01,", "line 2: until: before from"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_taken(web: Web, line: str, fault: str) -> None:
    with pytest.raises(InvalidRequest, match="nothing was imported") as refused:
        save(web, line, "HOSP_A,MR,,,national,,,,,")

    assert fault in str(refused.value)
    assert web.cloud.recognition.list_items() == ()


def test_the_table_goes_in_and_out_by_command(web: Web, tmp_path: Path) -> None:
    home = {"IMAGING_CLOUD_HOME": str(web.home)}
    file = tmp_path / "marks.csv"
    line = "HOSP_A,CT,CHEST,plain,city,杭州,30,2026-01-01,2027-12-31,市质控中心"
    file.write_text(f"\ufeff{HEAD}\n{line}\n", encoding="utf-8")
    run = CliRunner().invoke

    first = run(app, ["recognition", "import", str(file)], env=home)
    second = run(app, ["recognition", "import", str(file), "--replace"], env=home)
    areas = run(app, ["recognition", "areas", "HOSP_B", "浙江", "宁波"], env=home)
    none = run(app, ["recognition", "areas", "HOSP_B", "-"], env=home)
    written = run(app, ["recognition", "export"], env=home)

    assert "version 1: 1 added, 0 changed, 0 removed, 0 as before" in first.output
    assert "version 1: 0 added, 0 changed, 0 removed, 1 as before" in second.output
    assert (areas.exit_code, none.exit_code) == (0, 0), areas.output + none.output
    assert written.output == f"{HEAD}\n{line}\n"
    assert web.cloud.recognition.list_areas() == {}


def test_a_preview_is_no_order_until_somebody_decides(opened: Web) -> None:
    asked = ask(opened, ORDER | {"preview": True})
    statistics = opened.cloud.statistics
    now = opened.cloud.clock.now()
    period = (now.replace(year=now.year - 1), now.replace(year=now.year + 1))

    def counted() -> int:
        return len(statistics.list_checks(*period, institution=None, later_days=30))

    before = counted()
    elsewhere = ask(opened, changed("order.placedAt", "2026-11-20T10:00:00+08:00"))
    after = counted()
    opened.post(
        f"/api/order-check/{asked['alertId']}/decision",
        physician(opened),
        json={"outcome": "opened", "studyInstanceUID": uid("s1")},
    )

    assert asked["outcome"] == "duplicate"
    assert before == 0
    assert "alreadyOrdered" not in elsewhere
    assert after == 1
    assert counted() == 2


def test_a_preview_is_no_order_for_other_institutions(opened: Web) -> None:
    token = opened.token("patient", PATIENT)
    opened.post("/api/consents", token, json={"institution": "HOSP_C"})
    at_c = replace_institution(ORDER, "HOSP_C")
    doctor = opened.token("physician", "dr-wu", "HOSP_C")

    ask(opened, ORDER | {"preview": True})
    silent = opened.post("/api/order-check", doctor, json=at_c).json()
    ask(opened)
    told = opened.post("/api/order-check", doctor, json=at_c).json()

    assert "alreadyOrdered" not in silent
    assert [each["institution"] for each in told["alreadyOrdered"]] == ["HOSP_B"]


def replace_institution(document: dict[str, Any], institution: str) -> dict[str, Any]:
    return document | {"order": document["order"] | {"institution": institution}}
