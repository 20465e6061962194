"""What exam names of many languages and habits mean."""

from pathlib import Path

import pytest

from imaging_cloud.domain.exams.describe import describe_exam
from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamDescriptor,
    ExamEvidence,
    ExamModality,
    Laterality,
    ProcedureCode,
    Purpose,
    Region,
)
from imaging_cloud.domain.exams.reading import read
from imaging_cloud.domain.exams.tables import loinc
from imaging_cloud.domain.exams.wording import split_words

NAMES = Path(__file__).with_name("names")


def named_exams() -> list[tuple[str, str]]:
    texts = (file.read_text(encoding="utf-8") for file in sorted(NAMES.glob("*.txt")))
    lines = (line for text in texts for line in text.splitlines())
    pairs = (line.split(" => ") for line in lines if " => " in line)
    return [(name, meaning) for name, meaning in pairs]


def in_codes(exam: ExamDescriptor) -> str:
    regions = "+".join(exam.regions) or "?"
    return (
        f"{exam.modality} {regions} {exam.laterality or '-'} {exam.contrast} "
        f"{int(exam.angio)} {exam.purpose}"
    )


def exam(name: str = "", **evidence: tuple[str, ...]) -> ExamDescriptor:
    return describe_exam(ExamEvidence(name=name, **evidence)).descriptor  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "meaning"), named_exams())
def test_a_name_means_what_a_radiographer_reads_in_it(name: str, meaning: str) -> None:
    assert in_codes(exam(name)) == meaning


def test_there_are_names_in_every_language_we_promise() -> None:
    languages = {file.stem for file in NAMES.glob("*.txt")}
    assert languages >= {"chinese", "english", "polish", "french", "spanish", "german", "japanese"}
    assert len(named_exams()) > 600


@pytest.mark.parametrize(
    "name",
    [
        "research protocol",  # EAR
        "axials only",
        "head first supine",
        "China cohort",  # chin
        "handling test",  # hand
        "content check",  # pelvis is not in 内容 either
        "内容核对",
        "手术室",
        "中心编号",
        "legend of a shipment",  # leg, hip
        "multi-result",  # LT, and US
    ],
)
def test_a_word_inside_another_word_is_no_region_and_no_side(name: str) -> None:
    found = exam(name)
    assert found.regions == ()
    assert found.laterality is Laterality.UNSAID


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("左心房CT", Laterality.UNSAID),
        ("右心声学造影", Laterality.UNSAID),
        ("左膝CT", Laterality.LEFT),
        ("RUQ ultrasound", Laterality.UNSAID),
        ("胸部左侧位", Laterality.UNSAID),
        ("肝胆胰脾双肾CT", Laterality.UNSAID),
        ("双肾CT", Laterality.BOTH),
        ("CT L-spine", Laterality.UNSAID),
        ("XR L knee and R ankle", Laterality.BOTH),
        ("双期增强CT", Laterality.UNSAID),
        ("XR hip RT L/V", Laterality.RIGHT),
        ("XR skull L/V", Laterality.UNSAID),
        ("XR spine AP IN O.R.", Laterality.UNSAID),
        ("XR heel RT both views", Laterality.RIGHT),
    ],
)
def test_a_side_is_a_side_of_the_target_and_not_a_word_that_looks_like_one(
    name: str, side: Laterality
) -> None:
    assert exam(name).laterality is side


@pytest.mark.parametrize(
    ("name", "contrast"),
    [
        ("CT abdomen without contrast", Contrast.NONE),
        ("CT abdomen w/o", Contrast.NONE),
        ("CT abdomen WWO", Contrast.BOTH),
        ("CT abdomen C-/C+", Contrast.BOTH),
        ("CT C-spine", Contrast.UNKNOWN),
        ("CT C+T+L spine", Contrast.UNKNOWN),
        ("CT knee w/ 3D recon", Contrast.UNKNOWN),
        ("腹部CT三期增强", Contrast.WITH),
        ("腹部CT平扫+三期增强", Contrast.BOTH),
        ("腹部CT不增强", Contrast.NONE),
        ("腹部CT平扫或增强", Contrast.UNKNOWN),
        ("CT abdomen oral contrast only", Contrast.ORAL),
        ("CT abdomen with IV and oral contrast", Contrast.WITH),
    ],
)
def test_contrast_is_read_with_its_denials(name: str, contrast: Contrast) -> None:
    assert exam(name).contrast is contrast


def test_the_protocol_after_the_caret_is_trusted_before_the_folder() -> None:
    assert exam("Thorax^Knee_Routine").regions == (Region.KNEE,)
    assert exam("Thorax^Routine").regions == (Region.CHEST,)


def test_the_name_is_trusted_before_the_body_part() -> None:
    found = exam("CT CHEST", modalities=("CT",), body_parts=("PROSTATE",))
    assert found.regions == (Region.CHEST,)


def test_series_are_trusted_before_the_body_part_where_the_name_tells_nothing() -> None:
    found = exam("Study 7", series_descriptions=("Sag knee PD",), body_parts=("CHEST",))
    assert found.regions == (Region.KNEE,)


def test_the_body_part_speaks_when_nothing_else_does() -> None:
    assert exam("Study 7", body_parts=("LSPINE",)).regions == (Region.LSPINE,)


def test_a_code_is_trusted_before_the_name() -> None:
    brain = ProcedureCode(value="12738006", scheme="SCT", meaning="")
    evidence = ExamEvidence(name="MR knee", procedure_codes=(brain,))
    assert describe_exam(evidence).descriptor.regions == (Region.HEAD,)


def test_an_unknown_code_is_read_by_its_meaning() -> None:
    local = ProcedureCode(value="X17", scheme="99LOCAL", meaning="CT shoulder left without")
    found = describe_exam(ExamEvidence(procedure_codes=(local,))).descriptor
    assert in_codes(found) == "CT SHOULDER L none 0 diagnostic"


def test_an_snomed_number_of_another_scheme_is_not_taken_for_snomed() -> None:
    local = ProcedureCode(value="12738006", scheme="99LOCAL", meaning="")
    found = describe_exam(ExamEvidence(name="MR knee", procedure_codes=(local,))).descriptor
    assert found.regions == (Region.KNEE,)


def test_the_machine_that_made_the_images_is_believed_before_the_name() -> None:
    assert exam("NM chest", modalities=("DX",)).modality is ExamModality.XR


def test_a_pet_whose_header_shows_only_its_ct_is_still_a_pet() -> None:
    assert exam("PET/CT", modalities=("CT",)).modality is ExamModality.PT


def test_objects_that_are_no_images_do_not_name_the_exam() -> None:
    assert exam("chest", modalities=("SR", "SEG", "CT")).modality is ExamModality.CT
    assert exam("chest", modalities=("SR",)).modality is ExamModality.UNKNOWN


def test_series_before_and_after_the_agent_mean_both() -> None:
    found = exam("MRI abdomen", modalities=("MR",), series_descriptions=("T1 pre", "T1 post"))
    assert found.contrast is Contrast.BOTH


def test_what_the_name_says_of_contrast_outweighs_the_series() -> None:
    found = exam("CT chest without", modalities=("CT",), series_descriptions=("Venous phase",))
    assert found.contrast is Contrast.NONE


def test_an_agent_in_the_header_means_with() -> None:
    evidence = ExamEvidence(name="CT chest", modalities=("CT",), contrast_agents=("Iohexol",))
    assert describe_exam(evidence).descriptor.contrast is Contrast.WITH


def test_a_series_that_names_more_of_the_trunk_widens_a_ct() -> None:
    found = exam("CT abdomen", modalities=("CT",), series_descriptions=("chest abd pelvis",))
    assert found.regions == (Region.CHEST, Region.ABDOMEN, Region.PELVIS)


def test_mammograms_of_one_side_are_told_by_their_views() -> None:
    assert (
        exam("Mammo", modalities=("MG",), series_descriptions=("L CC", "L MLO")).laterality == "L"
    )
    assert exam("Mammo", modalities=("MG",), series_descriptions=("L CC", "R CC")).laterality == "B"


def test_the_header_gives_the_side_of_a_limb_but_not_of_a_chest() -> None:
    assert exam("knee", lateralities=("R",)).laterality is Laterality.RIGHT
    assert exam("chest", lateralities=("R",)).laterality is Laterality.UNSAID


def test_a_phantom_is_no_exam_of_a_body() -> None:
    found = exam("PET phantom brain", modalities=("PT",))
    assert (found.regions, found.purpose) == ((), Purpose.OTHER)


@pytest.mark.parametrize("name", ["胸部CT三维重建", "CT chest outside images"])
def test_a_place_named_makes_an_exam_of_a_reconstruction_or_an_outside_film(name: str) -> None:
    assert exam(name).purpose is Purpose.DIAGNOSTIC


def test_a_misspelt_long_word_and_words_run_together_are_understood() -> None:
    assert exam("CT of the abdomenn").regions == (Region.ABDOMEN,)
    assert exam("MammogramBilateral").laterality is Laterality.BOTH
    assert exam("CTChestAbdPelvis").regions == (Region.CHEST, Region.ABDOMEN, Region.PELVIS)


def test_every_field_that_was_decided_says_which_words_led_to_it() -> None:
    meaning = describe_exam(ExamEvidence(name="左膝关节MR平扫"))
    because = dict(meaning.because)
    assert because["regions"] == "name: 膝关节"
    assert because["laterality"] == "name: 左"
    assert because["contrast"] == "name: 平扫"
    assert "purpose" not in because


def test_a_typographic_variant_of_the_same_name_is_the_same_exam() -> None:
    variants = ["右肩关节CT（平扫）", "右肩關節CT(平掃)", "右肩关节ＣＴ：平扫", "右肩关节ct_平扫"]
    assert len({in_codes(exam(name)) for name in variants}) == 1


@pytest.mark.parametrize("scheme", ["LN", "http://loinc.org", ""])
def test_a_loinc_code_means_what_its_name_says(scheme: str) -> None:
    code = ProcedureCode(value="26086-9", scheme=scheme)

    found = describe_exam(ExamEvidence(procedure_codes=(code,))).descriptor

    assert in_codes(found) == "XR KNEE L none 0 diagnostic"


def test_every_loinc_name_of_the_table_is_understood() -> None:
    for value in loinc.NAMES:
        code = ProcedureCode(value=value, scheme="LN")
        found = describe_exam(ExamEvidence(procedure_codes=(code,))).descriptor
        assert found.regions, value
        assert found.modality is not ExamModality.UNKNOWN, value


def test_a_snomed_method_and_place_say_all() -> None:
    codes = tuple(ProcedureCode(value=value, scheme="SCT") for value in ("77477000", "72696002"))
    found = describe_exam(ExamEvidence(procedure_codes=codes)).descriptor

    assert (found.modality, found.regions) == (ExamModality.CT, (Region.KNEE,))


# Defined terms of PS3.16 Annex L; BACK and EXTREMITY name no region of the guide.
_BODY_PARTS = """
ABDOMEN ABDOMENPELVIS ADRENAL ANKLE AORTA AXILLA BLADDER BRAIN BREAST BRONCHUS BUTTOCK CALCANEUS
CALF CAROTID CEREBELLUM CSPINE CTSPINE CERVIX CHEEK CHEST CHESTABDOMEN CHESTABDPELVIS
CIRCLEOFWILLIS CLAVICLE COCCYX COLON CORNEA CORONARYARTERY DUODENUM EAR ELBOW WHOLEBODY ESOPHAGUS
EYE EYELID FACE FEMUR FINGER FOOT GALLBLADDER HAND HEAD HEADNECK HEART HIP HUMERUS ILEUM ILIUM
IAC JAW JEJUNUM KIDNEY KNEE LARYNX LIVER LEG LSPINE LSSPINE LUNG MAXILLA MEDIASTINUM MOUTH NECK
NECKCHEST NECKCHESTABDOMEN NECKCHESTABDPELV NOSE ORBIT OVARY PANCREAS PAROTID PATELLA PELVIS
PENIS PHARYNX PROSTATE RECTUM RIB SSPINE SCALP SCAPULA SCLERA SCROTUM SHOULDER SKULL SPINE SPLEEN
STERNUM STOMACH SUBMANDIBULAR TMJOINT TESTIS THIGH TSPINE TLSPINE THUMB THYMUS THYROID TOE TONGUE
TRACHEA ARM URETER URETHRA UTERUS VAGINA VULVA WRIST ZYGOMA
"""


@pytest.mark.parametrize("term", _BODY_PARTS.split())
def test_every_body_part_of_the_standard_has_its_region(term: str) -> None:
    assert exam(modalities=("CT",), body_parts=(term,)).regions


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("上复部CT", "上腹部CT"),
        ("颈锥核慈", "颈椎核磁"),
        ("双漆关节DR", "双膝关节DR"),
        ("头芦CT平少", "头颅CT平扫"),
        ("甲状线彩朝", "甲状腺彩超"),
        ("右碗关节CT曾强", "右腕关节CT增强"),
        ("冠壮动脉照影", "冠状动脉造影"),
    ],
)
def test_a_character_of_the_same_sound_or_shape_is_read_as_the_one_that_was_meant(
    typed: str, meant: str
) -> None:
    assert in_codes(exam(typed)) == in_codes(exam(meant))


@pytest.mark.parametrize(
    "name", ["中间部位DR", "经皮动脉支架置入术", "复查胸片", "检查费", "静息心电图"]
)
def test_a_right_character_is_left_alone(name: str) -> None:
    assert read(name, "").words == tuple(split_words(name))


@pytest.mark.parametrize(
    ("name", "regions"),
    [
        ("CT PulmonaryEmbolism", "CHEST"),
        ("CT ABDPELWITH", "ABDOMEN+PELVIS"),
        ("CT head for headache", "HEAD"),
        ("PET/CT lung cancer staging", "WHOLEBODY"),
        ("PET/CT局部显像(胸部)", "CHEST"),
        ("CT PE with lower extremities", "CHEST+THIGH+KNEE+LEG"),
        ("CT C-spine by recon neuro", "CSPINE"),
    ],
)
def test_regions_of_words_together_of_tumours_and_of_limbs_beside_the_trunk(
    name: str, regions: str
) -> None:
    assert "+".join(exam(name).regions) == regions
