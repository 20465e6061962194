"""Completing an exam's name, and the table of common exams it draws from."""

import pytest

from imaging_cloud.domain.completion import COMMON, ItemName, complete
from imaging_cloud.domain.exams.describe import describe_exam
from imaging_cloud.domain.exams.descriptor import ExamEvidence, ExamModality
from imaging_cloud.domain.exams.tables.pinyin import INITIALS, SECOND


def names(text: str, *own: ItemName, limit: int = 8) -> list[str]:
    return [each.name for each in complete(text, own, limit)]


@pytest.mark.parametrize("item", COMMON, ids=lambda item: item.name)
def test_both_names_of_a_common_item_are_understood_alike(item: ItemName) -> None:
    chinese = describe_exam(ExamEvidence(name=item.name)).descriptor
    english = describe_exam(ExamEvidence(name=item.english)).descriptor

    assert chinese.modality is not ExamModality.UNKNOWN
    assert chinese.regions or chinese.focus
    assert (chinese.modality, chinese.regions, chinese.contrast, chinese.angio) == (
        english.modality,
        english.regions,
        english.contrast,
        english.angio,
    )


def test_every_character_of_the_common_items_has_initials() -> None:
    known = set("".join((*INITIALS.values(), *SECOND.values())))
    used = {each for item in COMMON for each in item.name if ord(each) > 0x2FFF}

    assert used - known == set()


@pytest.mark.parametrize(
    "typed",
    ["xbct", "XBCT", "xct", "胸部", "胸ct", "胸部ＣＴ", "ct chest", "chest ct", "CT  Chest"],
)
def test_the_plain_chest_ct_comes_first(typed: str) -> None:
    assert names(typed)[0] == "胸部CT平扫"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("xbctzq", "胸部CT增强"),
        ("冠脉", "冠状动脉CTA"),
        ("mrcp", "磁共振胰胆管成像(MRCP)"),
        ("tlmr", "头颅MR平扫"),
    ],
)
def test_other_ways_of_asking(typed: str, meant: str) -> None:
    assert names(typed)[0] == meant


@pytest.mark.parametrize("typed", ["", "  ", "qqqqq", "胃镜"])
def test_what_is_nothing_gives_nothing(typed: str) -> None:
    assert names(typed) == []


def test_a_character_of_two_readings_is_found_by_both() -> None:
    item = ItemName(name="长骨重建CT", own=True)

    assert names("cg", item)[0] == names("zg", item)[0] == item.name


def test_the_hospitals_own_item_goes_first_and_takes_the_place_of_the_common_one() -> None:
    own = ItemName(name="胸部CT平扫（本院）", code="CT001", own=True)
    same = ItemName(name="胸部 CT 增强", code="CT002", own=True)

    found = complete("xbct", [own, same], 20)

    assert found[:2] == [own, same]
    assert [each.code for each in found if each.name.replace(" ", "") == "胸部CT增强"] == ["CT002"]
    assert names("ct001", own)[0] == own.name
