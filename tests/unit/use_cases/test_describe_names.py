"""A table of names described, row by row."""

from imaging_cloud.use_cases.describe_names import COLUMNS, describe_rows


def test_an_order_row_is_described_in_the_guides_codes() -> None:
    assert list(describe_rows([{"id": "a1", "name": "双下肢动脉CTA"}])) == [
        {
            "id": "a1",
            "modality": "CT",
            "regions": "THIGH+KNEE+LEG",
            "focus": "",
            "laterality": "B",
            "contrast": "with",
            "angio": "1",
            "purpose": "diagnostic",
        }
    ]


def test_a_study_row_is_read_with_its_modalities_body_parts_and_series() -> None:
    row = {
        "id": "s1",
        "modalities": "CT/PT",
        "study_description": "",
        "body_part_examined": "CHEST/ABDOMEN",
        "series_descriptions": "Topogram | PET WB",
    }
    (described,) = describe_rows([row])
    assert (described["modality"], described["regions"]) == ("PT", "WHOLEBODY")


def test_a_row_that_tells_nothing_is_a_row_of_unknowns_and_columns_may_be_missing() -> None:
    empty, bare = describe_rows([{"id": "e", "name": "", "modalities": ""}, {"id": "b"}])
    assert list(empty) == list(COLUMNS)
    assert {**empty, "id": "b"} == bare
    assert (bare["modality"], bare["regions"], bare["contrast"], bare["angio"]) == (
        "?",
        "?",
        "?",
        "0",
    )


def test_rows_come_out_one_by_one_in_their_order() -> None:
    names = iter([{"id": "1", "name": "胸片"}, {"id": "2", "name": "左膝MR"}])
    described = describe_rows(names)
    assert next(described)["id"] == "1"
    assert next(names)["id"] == "2"
