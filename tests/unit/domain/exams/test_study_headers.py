"""What the headers of studies mean: name, series and body part together."""

from pathlib import Path

import pytest

from imaging_cloud.domain.exams.descriptor import Contrast, Laterality, Purpose, Region
from imaging_cloud.use_cases.describe_names import describe_rows
from tests.unit.domain.exams.test_describe import exam

HEADERS = Path(__file__).with_name("headers.txt")


def headers() -> list[tuple[str, str]]:
    lines = HEADERS.read_text(encoding="utf-8").splitlines()
    return [(line.split(" => ")[0], line.split(" => ")[1]) for line in lines if " => " in line]


@pytest.mark.parametrize(("header", "meaning"), headers())
def test_a_header_means_what_a_radiographer_reads_in_it(header: str, meaning: str) -> None:
    modalities, name, body, series = (part.strip() for part in header.split(" |"))
    row = {
        "modalities": modalities,
        "study_description": name,
        "body_part_examined": body,
        "series_descriptions": series.replace(";", " | "),
    }
    (found,) = describe_rows([row])
    told = (found[key] for key in ("modality", "regions", "laterality", "contrast", "angio"))
    modality, regions, side, contrast, angio = told
    assert f"{modality} {regions} {side or '-'} {contrast} {angio} {found['purpose']}" == meaning


@pytest.mark.parametrize("series", ["AX T1W", "SAG T2W", "sT1W_3D_TFE", "PD W", "POST OP", "T2 W"])
def test_a_weighting_of_mr_or_a_time_after_surgery_is_no_agent(series: str) -> None:
    assert exam("MR knee", modalities=("MR",), series_descriptions=(series,)).contrast is (
        Contrast.UNKNOWN
    )


def test_only_series_say_whether_a_multiphase_exam_has_a_native_phase() -> None:
    phases = ("ARTERIAL", "PORTAL VENOUS")
    of_liver = {"modalities": ("CT",)}
    assert exam("CT liver triphasic", series_descriptions=phases, **of_liver).contrast is (
        Contrast.WITH
    )
    native = ("NON CON", *phases)
    assert exam("CT liver triphasic", series_descriptions=native, **of_liver).contrast is (
        Contrast.BOTH
    )
    said = exam("CT liver with contrast", series_descriptions=native, **of_liver)
    assert said.contrast is Contrast.WITH  # the name is believed before the series


def test_the_side_of_a_limb_may_stand_in_the_series_only() -> None:
    film = exam("hand 3 views", modalities=("DX",), series_descriptions=("L HAND PA",))
    assert film.laterality is Laterality.LEFT
    magnet = exam("MR knee", modalities=("MR",), series_descriptions=("PD FS R", "RT SAG T1"))
    assert magnet.laterality is Laterality.RIGHT
    chest = exam("chest", modalities=("DX",), series_descriptions=("L LAT",))
    assert chest.laterality is Laterality.UNSAID


def test_a_film_that_shows_a_line_is_diagnostic_and_one_that_guides_is_not() -> None:
    assert exam("XR chest PICC placement", modalities=("DX",)).purpose is Purpose.DIAGNOSTIC
    assert exam("XR hip intraop", modalities=("DX",)).purpose is Purpose.GUIDANCE


def test_a_water_image_and_a_gradients_direction_are_no_agent_and_no_place() -> None:
    dixon = exam("MR liver", modalities=("MR",), series_descriptions=("T1 DIXON_W", "T2 AX"))
    assert dixon.contrast is Contrast.UNKNOWN
    gradient = exam("", modalities=("MR",), series_descriptions=("Dyn_AP_TR9",))
    assert gradient.regions == ()


def test_a_limb_named_as_a_whole_is_the_joint_its_series_show() -> None:
    leg = {"modalities": ("DX",), "series_descriptions": ("R KNEE AP", "R KNEE LAT")}
    assert exam("LOWER EXTREMITY", **leg).regions == (Region.KNEE,)
    assert exam("TIBIA", **leg).regions == (Region.LEG,)  # a bone that is named stays


def test_a_spine_beside_the_trunk_is_a_reconstruction_of_it() -> None:
    series = ("CHEST ABD 5.0", "L SPINE SAG BONE")
    assert exam("trauma", modalities=("CT",), series_descriptions=series).regions == (
        Region.CHEST,
        Region.ABDOMEN,
    )


def test_a_scanners_word_is_not_taken_for_a_misspelt_place() -> None:
    assert exam("", modalities=("MR",), series_descriptions=("ep2d_diff_TRACEX",)).regions == ()
    assert exam("MR abdoman").regions == (Region.ABDOMEN,)
