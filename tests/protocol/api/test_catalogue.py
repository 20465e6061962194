"""GET /api/exams/{uid}/meaning and /api/catalogue/worklist: why, and what nobody understood."""

from pathlib import Path
from typing import Any

import pytest

from imaging_cloud.domain.exams.descriptor import Region
from imaging_cloud.domain.exams.mapping import CatalogueItem
from tests.makers import make_study
from tests.protocol.api.test_order_check import ORDER
from tests.protocol.serving import Web


@pytest.fixture
def study(web: Web, tmp_path: Path) -> str:
    files = make_study(tmp_path / "in", StudyDescription="左膝关节CT平扫", Modality="CT")
    (receipt, *_) = web.keep(files)
    return receipt.study_uid


def fields(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    (exam,) = answer["exams"]
    return {each["field"]: each for each in exam["fields"]}


def test_a_meaning_comes_with_its_words(web: Web, study: str) -> None:
    token = web.token("technician", institution="HOSP_A")

    answer = web.get(f"/api/exams/{study}/meaning", token)

    assert answer.status_code == 200
    found = fields(answer.json())
    assert found["regions"] == {
        "field": "regions",
        "value": ["KNEE"],
        "source": "name",
        "words": "膝关节",
    }
    assert (found["laterality"]["value"], found["laterality"]["words"]) == ("L", "左")
    assert found["contrast"]["words"] == "平扫"


def test_only_the_own_institution_and_the_operator_see_it(web: Web, study: str) -> None:
    address = f"/api/exams/{study}/meaning"

    assert web.get(address, web.token("technician", institution="HOSP_B")).status_code == 404
    assert web.get(address, web.token("admin")).status_code == 200
    assert web.get(address, web.token("physician", institution="HOSP_A")).status_code == 403
    assert web.get("/api/exams/1.2.3.4/meaning", web.token("admin")).status_code == 404
    assert web.get(address).status_code == 401


def test_an_unread_order_name_comes_on_the_work_list_and_leaves_it_when_mapped(web: Web) -> None:
    order = {**ORDER, "order": {**ORDER["order"], "name": "特检三号"}}
    doctor = web.token("physician", institution="HOSP_B")
    for _ in range(2):
        assert web.post("/api/order-check", doctor, json=order).status_code == 200
    assert web.post("/api/order-check", doctor, json=ORDER).status_code == 200
    technician = web.token("technician", institution="HOSP_B")

    (name,) = web.get("/api/catalogue/worklist", technician).json()["names"]

    assert (name["name"], name["times"], name["seenAs"]) == ("特检三号", 2, "order")
    assert name["missing"] == ["modality", "regions"]
    other = web.token("technician", institution="HOSP_A")
    assert web.get("/api/catalogue/worklist?institution=HOSP_B", other).json()["names"] == []
    item = CatalogueItem(institution="HOSP_B", name="特检三号", regions=(Region.HEAD,))
    web.cloud.catalogue.save_items("HOSP_B", [item], replace=False, at=web.cloud.clock.now())
    assert web.get("/api/catalogue/worklist", technician).json()["names"] == []


@pytest.mark.parametrize("limit", ["0", "x", "100000", "-1"])
def test_a_limit_out_of_range_is_refused(web: Web, limit: str) -> None:
    answer = web.get(f"/api/catalogue/worklist?limit={limit}", web.token("admin"))

    assert answer.status_code == 422
