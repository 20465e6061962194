"""Permissions, own studies and who looked."""

from pathlib import Path
from typing import Any

import pytest

from tests.makers import make_study, uid
from tests.protocol.serving import PATIENT, RESIDENT, Web, other_ids

STUDY = f"/dicom-web/studies/{uid('s1')}"


@pytest.fixture
def patient(web: Web, tmp_path: Path) -> str:
    web.keep(make_study(tmp_path, OtherPatientIDsSequence=other_ids()))
    return web.token("patient", PATIENT)


@pytest.mark.parametrize("key", ["institution", "grantee", "institutionCode", "to"])
def test_a_permission_opens_and_its_withdrawal_closes_at_once(
    web: Web, patient: str, key: str
) -> None:
    physician = web.token("physician", "dr-li", "HOSP_B")
    assert web.get(f"{STUDY}/metadata", physician).status_code == 404

    granted = web.post("/api/consents", patient, json={key: "HOSP_B"})
    assert granted.status_code == 201
    assert granted.json()["granted"] is True
    assert web.get(f"{STUDY}/metadata", physician).status_code == 200

    withdrawn = web.call("DELETE", "/api/consents/HOSP_B", patient)
    assert withdrawn.status_code == 200
    assert web.get(f"{STUDY}/metadata", physician).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "arguments"),
    [
        ("POST", "/api/consents", {"json": {"institution": "HOSP_B", "granted": False}}),
        ("PUT", "/api/consents/HOSP_B", {"json": {"granted": False}}),
        ("DELETE", "/api/consents/HOSP_B", {}),
        ("DELETE", "/api/consents?institution=HOSP_B", {}),
        ("DELETE", "/api/consents", {"json": {"institution": "HOSP_B"}}),
    ],
)
def test_a_permission_is_withdrawn_in_every_way_people_try(
    web: Web, patient: str, method: str, path: str, arguments: dict[str, Any]
) -> None:
    web.call("PUT", "/api/consents/HOSP_B", patient, json={"granted": True})

    assert web.call(method, path, patient, **arguments).status_code in {200, 201}

    listed = web.get("/api/consents", patient).json()
    assert [(each["institution"], each["granted"]) for each in listed["consents"]] == [
        ("HOSP_B", False)
    ]
    assert listed["policy"] == "opt-in"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"institution": "HOSP_X"}, "institution"),
        ({}, "institution"),
        ({"institution": "HOSP_B", "granted": "yes"}, "granted"),
    ],
)
def test_a_permission_for_nobody_is_422(
    web: Web, patient: str, body: dict[str, Any], field: str
) -> None:
    answer = web.post("/api/consents", patient, json=body)

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


def test_a_patient_without_any_study_may_decide(web: Web, tmp_path: Path) -> None:
    patient = web.token("patient", PATIENT)
    assert web.get("/api/studies", patient).json() == {"studies": []}

    assert web.post("/api/consents", patient, json={"institution": "HOSP_B"}).status_code == 201
    web.keep(make_study(tmp_path, OtherPatientIDsSequence=other_ids()))

    physician = web.token("physician", "dr-li", "HOSP_B")
    assert web.get(f"{STUDY}/metadata", physician).status_code == 200


def test_a_patient_sees_own_studies_and_who_looked(web: Web, patient: str) -> None:
    [study] = web.get("/api/studies", patient).json()["studies"]
    assert study["studyInstanceUID"] == uid("s1")
    assert study["viewerUrl"] == f"{web.url}/view/{uid('s1')}"

    web.get(f"{STUDY}/rendered", web.token("physician", "dr-wang", "HOSP_A"))

    [access, *_] = web.get("/api/access-log", patient).json()["accesses"]
    assert (access["actor"], access["institution"], access["action"]) == (
        "dr-wang",
        "HOSP_A",
        "view",
    )
    assert RESIDENT not in web.get("/api/access-log", patient).text


def test_a_patient_sees_nobody_elses(web: Web, patient: str, tmp_path: Path) -> None:
    other = web.token("patient", "CN-RESIDENT-ID|110105196205040015")

    assert web.get("/api/studies", other).json() == {"studies": []}
    assert web.get(STUDY, other).status_code == 404
    assert web.get(f"/view/{uid('s1')}", other).status_code == 404


def test_a_number_that_stands_for_two_people_shows_nothing(web: Web, tmp_path: Path) -> None:
    """One hospital's number was given twice, to people who cannot be the same."""
    web.keep(make_study(tmp_path / "a", study="a", PatientID="A-7"))
    web.keep(
        make_study(
            tmp_path / "b",
            study="b",
            PatientID="A-7",
            PatientName="Li^Na=李^娜",
            PatientBirthDate="19880101",
            PatientSex="F",
        )
    )
    patient = web.token("patient", "HOSP_A|A-7")

    for path in ("/api/studies", "/api/consents", "/dicom-web/studies", f"/view/{uid('a')}"):
        answer = web.get(path, patient)
        assert answer.status_code == 403
        assert "hospital" in answer.json()["error"]["message"]


@pytest.mark.parametrize("subject", ["nobody", "|", "CN-RESIDENT-ID|123", "HOSP_A|000"])
def test_a_patients_token_without_a_usable_number_shows_nothing(web: Web, subject: str) -> None:
    assert web.get("/api/studies", web.token("patient", subject)).status_code == 403
