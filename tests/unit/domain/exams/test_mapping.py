"""A hospital's word about its own items."""

from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamEvidence,
    ExamModality,
    ProcedureCode,
    Region,
)
from imaging_cloud.domain.exams.mapping import CatalogueItem, CatalogueMapping, describe_mapped


def coded(code: str, name: str, *regions: Region) -> CatalogueItem:
    return CatalogueItem(institution="H", code=code, name=name, regions=regions)


def asked(name: str = "", code: str = "", institution: str = "H") -> ExamEvidence:
    codes = (ProcedureCode(value=code, scheme="99H"),) if code else ()
    return ExamEvidence(name=name, procedure_codes=codes, institution=institution)


def test_a_mapping_wins_over_what_the_words_say() -> None:
    mapping = CatalogueMapping(
        [CatalogueItem(institution="H", name="胸部CT平扫", regions=(Region.HEART,))]
    )

    meaning = describe_mapped(asked("胸部 CT 平扫".replace(" ", "")), mapping)

    assert meaning.descriptor.regions == (Region.HEART,)
    assert meaning.descriptor.contrast is Contrast.NONE  # left to the rules
    assert dict(meaning.because)["regions"] == "mapping: 胸部CT平扫"
    assert dict(meaning.because)["contrast"] == "name: 平扫"


def test_what_the_mapped_modality_implies_follows() -> None:
    mapping = CatalogueMapping(
        [
            CatalogueItem(
                institution="H", name="特检", modality=ExamModality.XR, regions=(Region.HAND,)
            )
        ]
    )

    assert describe_mapped(asked("特检"), mapping).descriptor.contrast is Contrast.NONE


def test_width_case_and_variants_of_a_name_do_not_count() -> None:
    mapping = CatalogueMapping(
        [CatalogueItem(institution="H", name="Ａ 项 頭", regions=(Region.HEAD,))]
    )

    assert describe_mapped(asked("a  项 头"), mapping).descriptor.regions == (Region.HEAD,)
    assert describe_mapped(asked("a 项 足"), mapping).descriptor.regions == (Region.FOOT,)


def test_a_name_that_two_codes_share_unlike_is_no_key() -> None:
    mapping = CatalogueMapping([coded("1", "特检", Region.HEAD), coded("2", "特检", Region.FOOT)])

    assert describe_mapped(asked("特检"), mapping).descriptor.regions == ()
    assert describe_mapped(asked("特检", "2"), mapping).descriptor.regions == (Region.FOOT,)


def test_another_institutions_item_says_nothing() -> None:
    mapping = CatalogueMapping([coded("1", "特检", Region.HEAD)])

    assert mapping.find(asked("特检", "1", institution="OTHER")) is None
