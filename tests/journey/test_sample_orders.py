"""Every order of the sample set, asked of a real cloud that holds the sample studies."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sample_dicom.make_samples import HERE
from sample_dicom.manifest import read_manifest
from sample_dicom.people import INSTITUTIONS
from tests.journey.running import RunningCloud

CASES = sorted((HERE / "orders").glob("*.json"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    cloud = RunningCloud(home=tmp_path_factory.mktemp("samples") / "home")
    for code in INSTITUTIONS:
        cloud.command("institution", "add", code, "--name", code)
        cloud.command("import", str(HERE / "files" / code), "--institution", code)
    cloud.start()
    yield cloud
    cloud.stop()


def permit(cloud: RunningCloud, case: dict[str, Any]) -> None:
    """Leave exactly the case's permissions standing."""
    for identifier in case["request"]["patient"]["identifiers"]:
        patient = cloud.token("patient", f"{identifier['issuer']}|{identifier['value']}")
        for institution in INSTITUTIONS:
            document = {"institution": institution, "granted": institution in case["consent"]}
            answer = cloud.post("/api/consents", document, patient)
            assert answer.status in {200, 201}, answer.body


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_sample_order_is_answered_as_its_story_says(filled: RunningCloud, path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    permit(filled, case)
    asking = filled.token("physician", "dr-li", case["request"]["order"]["institution"])

    answered = filled.post("/api/order-check", case["request"], asking)

    assert answered.status == 200, answered.body
    answer, expected = answered.json(), case["expect"]
    acceptable = [expected["outcome"], *expected.get("acceptable", [])]
    assert answer["outcome"] in acceptable, (case["title"], answer)
    if "withheld" in expected:
        assert answer["withheld"] == expected["withheld"], answer
    if "certainty" in expected and answer["outcome"] == expected["outcome"]:
        assert answer["identity"]["certainty"] == expected["certainty"], answer
    if "study" in expected and answer["outcome"] == expected["outcome"]:
        study_uid = read_manifest(HERE).row(expected["study"]).study_uid
        found = [match for match in answer["matches"] if match["studyInstanceUID"] == study_uid]
        assert found, answer
        if "grades" in expected:
            assert found[0]["grade"] in expected["grades"], answer
    for word in expected.get("cautions", []):
        assert any(
            word in (caution["rule"] + caution["message"]).lower() for caution in answer["cautions"]
        ), answer["cautions"]
