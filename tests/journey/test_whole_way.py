"""The sentence the system exists for: a study arrives, and the next order is warned."""

import time
from pathlib import Path

import pytest

from tests.journey.running import RunningCloud, order
from tests.journey.sending import send_raw
from tests.makers import data_set_bytes, make_study, uid

PATIENT = ("CN-RESIDENT-ID", "11010519491231002X")


@pytest.fixture
def other_ids() -> list[object]:
    from pydicom.dataset import Dataset  # noqa: PLC0415

    item = Dataset()
    item.PatientID, item.IssuerOfPatientID = PATIENT[1], PATIENT[0]
    return [item]


def chest_order(**fields: object) -> dict[str, object]:
    return order(
        identifiers=[("HOSP_B", "B-1002"), PATIENT],
        name="胸部CT平扫",
        institution="HOSP_B",
        placed_at="2026-11-20T10:00:00+08:00",
        **fields,
    )


def register(cloud: RunningCloud) -> None:
    cloud.command("institution", "add", "HOSP_A", "--name", "市第一人民医院")
    cloud.command("institution", "add", "HOSP_B", "--name", "县中心医院")
    cloud.command("device", "add", "CT_A", "--institution", "HOSP_A")


def test_a_study_sent_at_one_hospital_warns_the_next_order_at_another(
    cloud: RunningCloud, tmp_path: Path, other_ids: list[object]
) -> None:
    register(cloud)
    cloud.start()
    files = make_study(tmp_path / "ct", count=4, OtherPatientIDsSequence=other_ids)
    physician = cloud.issued_token("physician", "dr-li", "HOSP_B")
    patient = cloud.issued_token("patient", "|".join(PATIENT))

    assert cloud.post("/api/order-check", chest_order()).status == 401
    assert cloud.post("/api/order-check", chest_order(), physician).json()["outcome"] == "none"

    cloud.storescu(*files, calling="CT_A")
    answered_at = time.monotonic()

    # Without the patient's permission there is a number and nothing else.
    answer = cloud.post("/api/order-check", chest_order(), physician).json()
    assert (answer["outcome"], answer["matches"], answer["withheld"]) == ("none", [], 1)
    assert time.monotonic() - answered_at < 15

    granted = cloud.post("/api/consents", {"institution": "HOSP_B"}, patient)
    assert granted.status in {200, 201}, granted.body
    answer = cloud.post("/api/order-check", chest_order(), physician).json()
    assert answer["outcome"] == "duplicate"
    assert answer["withheld"] == 0
    assert answer["identity"]["certainty"] == "certain"
    [match] = answer["matches"]
    assert match["grade"] == "duplicate"
    assert match["studyInstanceUID"] == uid("s1")
    assert match["institution"] == "HOSP_A"
    assert match["ageDays"] == 12
    assert match["arriving"] is True
    assert match["exam"]["modality"] == "CT"
    assert match["exam"]["regions"] == ["CHEST"]

    page = cloud.get(match["viewerUrl"], physician, accept="text/html")
    assert page.status == 200
    assert b"<img" in page.body

    withdrawn = cloud.call("DELETE", "/api/consents/HOSP_B", token=patient)
    assert withdrawn.status in {200, 204}
    answer = cloud.post("/api/order-check", chest_order(), physician).json()
    assert (answer["outcome"], answer["withheld"]) == ("none", 1)
    assert cloud.get(match["viewerUrl"], physician, accept="text/html").status == 404

    assert cloud.command("check").returncode == 0
    assert all(code == 0 for code in cloud.stop()), cloud.log.read_text()


def test_the_parts_started_apart_make_the_same_cloud(
    apart: RunningCloud, tmp_path: Path, other_ids: list[object]
) -> None:
    register(apart)
    apart.start()
    files = make_study(tmp_path / "ct", count=2, OtherPatientIDsSequence=other_ids)
    physician = apart.token("physician", "dr-wang", "HOSP_A")
    apart.storescu(*files, calling="CT_A")

    answer = apart.post(
        "/api/order-check",
        order(
            identifiers=[("HOSP_A", "A-1001")],
            name="CT chest without contrast",
            institution="HOSP_A",
            placed_at="2026-11-20T10:00:00+08:00",
        ),
        physician,
    ).json()

    assert answer["outcome"] == "duplicate"
    assert all(code == 0 for code in apart.stop()), apart.log.read_text()


def test_what_is_read_back_is_what_was_sent(
    cloud: RunningCloud, tmp_path: Path, other_ids: list[object]
) -> None:
    register(cloud)
    cloud.start()
    files = make_study(tmp_path / "ct", count=2, OtherPatientIDsSequence=other_ids)
    cloud.storescu(*files, calling="CT_A")
    admin = cloud.token("admin", "operator")

    for number, path in enumerate(files, start=1):
        read = cloud.get(
            f"/dicom-web/studies/{uid('s1')}/series/{uid('s1', 'series')}"
            f"/instances/{uid('s1', number)}",
            admin,
            accept="application/dicom",
        )
        assert read.status == 200
        assert data_set_bytes(read.body) == data_set_bytes(path.read_bytes())


def test_the_same_bytes_again_change_nothing_and_other_bytes_are_quarantined(
    cloud: RunningCloud, tmp_path: Path
) -> None:
    register(cloud)
    cloud.start()
    [first] = make_study(tmp_path / "first", count=1)
    [other] = make_study(tmp_path / "other", count=1, seed=99)

    assert send_raw(cloud, "CT_A", first) == 0x0000
    assert send_raw(cloud, "CT_A", first) == 0x0000
    assert send_raw(cloud, "CT_A", other) == 0xC111

    admin = cloud.token("admin", "operator")
    read = cloud.get(
        f"/dicom-web/studies/{uid('s1')}/series/{uid('s1', 'series')}/instances/{uid('s1', 1)}",
        admin,
        accept="application/dicom",
    )
    assert data_set_bytes(read.body) == data_set_bytes(first.read_bytes())
    assert cloud.command("check").returncode == 0


def test_an_ae_title_that_is_not_registered_is_refused_and_the_log_says_why(
    cloud: RunningCloud, tmp_path: Path
) -> None:
    register(cloud)
    cloud.start()
    files = make_study(tmp_path / "ct", count=1)

    refused = cloud.storescu(*files, calling="STRANGER", check=False)

    assert refused.returncode != 0
    assert "Calling AE Title Not Recognized" in refused.stdout + refused.stderr
    log = cloud.log.read_text()
    assert "STRANGER" in log
    assert "张" not in log
    assert "Zhang" not in log
    cloud.command("device", "add", "STRANGER", "--institution", "HOSP_A")
    cloud.storescu(*files, calling="STRANGER")
