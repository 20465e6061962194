"""What holds for any name at all."""

from hypothesis import given
from hypothesis import strategies as st

from imaging_cloud.domain.exams.describe import describe_exam
from imaging_cloud.domain.exams.descriptor import ExamDescriptor, ExamEvidence, ProcedureCode

SWAPPED = {"L": "R", "R": "L", "B": "B", "": ""}
CHINESE_PLACES = st.sampled_from(
    ["膝关节", "肩", "髋关节", "乳腺", "眼眶", "手", "跟骨", "上肢动脉"]
)
ENGLISH_PLACES = st.sampled_from(["knee", "shoulder", "hip", "breast", "orbit", "hand", "thumb"])
ENGLISH_SIDES = st.sampled_from([("left", "right"), ("LT", "RT"), ("L", "R"), ("Lt.", "Rt.")])
METHODS = st.sampled_from(["CT", "MR", "DR", "XR", "MRI", "US", ""])
ENDINGS = st.sampled_from(["", " without contrast", " w/wo", "平扫", " 2 views", "增强", " biopsy"])
WORDS = st.sampled_from(
    [
        "CT",
        "MR",
        "chest",
        "abdomen",
        "胸部",
        "腹部",
        "左",
        "right",
        "平扫",
        "+增强",
        "w/o",
        "C+",
        "CTA",
        "双",
        "膝",
        "pelvis",
        "/",
        ",",
        "(",
        ")",
        "^",
        "PET",
        "定位",
    ]
)


def exam(name: str) -> ExamDescriptor:
    return describe_exam(ExamEvidence(name=name)).descriptor


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@given(st.text(), st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=2))
def test_no_text_breaks_it(name: str, others: list[str], modalities: list[str]) -> None:
    code = ProcedureCode(value=name, scheme="SCT", meaning=name)
    describe_exam(
        ExamEvidence(
            name=name,
            modalities=tuple(modalities),
            series_descriptions=tuple(others),
            body_parts=tuple(others),
            procedure_codes=(code,),
            lateralities=tuple(others),
            contrast_agents=tuple(others),
        )
    )


@given(st.lists(WORDS, max_size=8))
def test_regions_stand_in_their_order_and_only_once(words: list[str]) -> None:
    regions = exam(" ".join(words)).regions
    places = [list(type(region)).index(region) for region in regions]
    assert places == sorted(set(places))


@given(st.lists(WORDS, min_size=1, max_size=8))
def test_width_and_case_of_letters_change_nothing(words: list[str]) -> None:
    name = " ".join(words)
    assert exam(full_width(name)) == exam(name)
    assert exam(name.lower()) == exam(name)
    assert exam(name.upper()) == exam(name)


@given(METHODS, CHINESE_PLACES, ENDINGS)
def test_swapping_left_and_right_swaps_the_side_in_chinese(
    method: str, place: str, ending: str
) -> None:
    left, right = exam(f"左{place}{method}{ending}"), exam(f"右{place}{method}{ending}")
    assert left.laterality == "L"
    assert right.laterality == SWAPPED[left.laterality]
    assert (left.regions, left.contrast) == (right.regions, right.contrast)


@given(METHODS, ENGLISH_PLACES, ENGLISH_SIDES, ENDINGS)
def test_swapping_left_and_right_swaps_the_side_in_english(
    method: str, place: str, sides: tuple[str, str], ending: str
) -> None:
    left, right = (exam(f"{method} {place} {side}{ending}") for side in sides)
    assert left.laterality == "L"
    assert right.laterality == SWAPPED[left.laterality]
    assert (left.regions, left.contrast) == (right.regions, right.contrast)


@given(METHODS, CHINESE_PLACES, CHINESE_PLACES)
def test_left_and_right_together_are_both(method: str, one: str, other: str) -> None:
    assert exam(f"左{one}+右{other}{method}").laterality == "B"
