"""GET /api/catalogue/complete and GET /api/institutions, over HTTP."""

from imaging_cloud.domain.exams.descriptor import Region
from imaging_cloud.domain.exams.mapping import CatalogueItem
from tests.protocol.serving import Web


def asked(web: Web, text: str, of: str | None = "HOSP_B", **query: str) -> list[str]:
    token = web.token("physician", "dr-li", of)
    answer = web.get("/api/catalogue/complete", token, params={"q": text} | query)
    assert answer.status_code == 200
    return [each["name"] for each in answer.json()["items"]]


def test_initials_characters_and_english_lead_to_the_same_item(web: Web) -> None:
    for text in ("xbct", "胸部ct", "ct chest"):
        assert asked(web, text)[0] == "胸部CT平扫"
    assert asked(web, "") == []
    assert len(asked(web, "ct")) == 12


def test_a_hospitals_catalogue_is_offered_there_and_nowhere_else(web: Web) -> None:
    items = [
        CatalogueItem(institution="HOSP_B", code="B77", name="胸部特检", regions=(Region.CHEST,))
    ]
    region = [CatalogueItem(institution="", code="R1", name="区域胸检", regions=(Region.CHEST,))]
    web.cloud.catalogue.save_items("HOSP_B", items, replace=False, at=web.cloud.clock.now())
    web.cloud.catalogue.save_items("", region, replace=False, at=web.cloud.clock.now())
    token = web.token("physician", "dr-li", "HOSP_B")

    [first, *_] = web.get("/api/catalogue/complete?q=xbtj", token).json()["items"]

    assert first == {"name": "胸部特检", "english": None, "code": "B77", "own": True}
    assert asked(web, "b77")[0] == "胸部特检"
    assert "胸部特检" not in asked(web, "xbtj", "HOSP_A")
    assert "胸部特检" not in asked(web, "xbtj", "HOSP_A", institution="HOSP_B")
    assert "胸部特检" in asked(web, "xbtj", None, institution="HOSP_B")
    assert asked(web, "区域", "HOSP_A") == ["区域胸检"]


def test_a_text_no_one_types_is_refused(web: Web) -> None:
    token = web.token("physician", "dr-li", "HOSP_B")

    answer = web.get("/api/catalogue/complete", token, params={"q": "x" * 65})

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "q")


def test_the_names_of_the_institutions(web: Web) -> None:
    told = web.get("/api/institutions", web.token("physician", "dr-li", "HOSP_B")).json()

    assert {"code": "HOSP_A", "name": "医院 HOSP_A"} in told["institutions"]
