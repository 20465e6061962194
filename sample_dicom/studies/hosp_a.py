"""What the city first hospital has sent."""

from typing import Any

from sample_dicom.documents import letter_series, report_series
from sample_dicom.encodings import Encoding
from sample_dicom.model import ExpectedExam, Study
from sample_dicom.pictures.films import chest_film, knee_film
from sample_dicom.pictures.resonance import (
    DIFFUSION,
    FLAIR,
    T1,
    T2,
    Weighting,
    brain,
    brain_from_the_side,
)
from sample_dicom.pictures.slices import abdomen, chest, head
from sample_dicom.projections import (
    film_series,
    mammogram_series,
)
from sample_dicom.sections import Stack, ct_series, mr_series, weighted

_CHEST_CT = ExpectedExam(modality="CT", regions="CHEST")
_CHEST_FILM = ExpectedExam(modality="XR", regions="CHEST")


_BRAIN_SERIES: tuple[tuple[str, str, Weighting, dict[str, Any]], ...] = (
    ("t1_se_tra", "MR T1", T1, {"RepetitionTime": 550, "EchoTime": 12}),
    ("t2_tse_tra_512", "MR T2", T2, {"RepetitionTime": 4200, "EchoTime": 98}),
    (
        "t2_tirm_tra_dark-fluid",
        "MR FLAIR",
        FLAIR,
        {
            "ScanningSequence": "IR",
            "RepetitionTime": 8000,
            "EchoTime": 110,
            "InversionTime": 2500,
        },
    ),
    (
        "ep2d_diff_3scan_trace_p2",
        "MR DWI",
        DIFFUSION,
        {"ScanningSequence": "EP", "RepetitionTime": 3600, "EchoTime": 102},
    ),
)

STUDIES = (
    Study(
        slug="zhang-wei-ct-chest",
        institution="HOSP_A",
        person="zhang-wei",
        days_before=12,
        time="093015",
        description="胸部CT平扫",
        shows="Plain chest CT, 12 slices, a nodule in the right lung, and its text report",
        exam=_CHEST_CT,
        series=(
            ct_series(
                "胸部平扫 5mm 标准",
                "CHEST",
                Stack(
                    words="CT CHEST",
                    count=12,
                    draw=lambda level: chest(256, level),
                    field=360,
                    length=264,
                ),
                WindowCenter=[40, -600],
                WindowWidth=[400, 1500],
                WindowCenterWidthExplanation=["MEDIASTINUM", "LUNG"],
            ),
            report_series(
                "检查报告",
                "右肺上叶见一实性结节，直径约8mm。",
                "右肺结节，建议3个月复查。（示例报告）",
            ),
        ),
    ),
    Study(
        slug="li-na-ct-abdomen-contrast",
        institution="HOSP_A",
        person="li-na",
        days_before=20,
        time="141200",
        description="全腹CT增强",
        shows="Whole abdomen CT in the portal venous phase, and a scanned consent paper",
        character_set=("GBK",),
        exam=ExpectedExam(modality="CT", regions="ABDOMEN+PELVIS", contrast="with"),
        series=(
            ct_series(
                "全腹增强 门脉期",
                "ABDOMEN",
                Stack(
                    words="CT ABDOMEN +C",
                    count=8,
                    draw=lambda level: abdomen(256, level),
                    field=380,
                    length=350,
                    signed=False,
                ),
                Encoding.JPEG_LS,
                ContrastBolusAgent="碘海醇350",
                ContrastBolusRoute="IV",
                ContrastBolusVolume=90,
            ),
            letter_series("知情同意书", "增强检查知情同意书（示例）", "SYNTHETIC CONSENT PAPER"),
        ),
    ),
    Study(
        slug="wang-fang-mr-brain",
        institution="HOSP_A",
        person="wang-fang",
        days_before=30,
        time="101530",
        description="颅脑MRI平扫+DWI",
        shows="Plain brain MR in five series: T1, T2, FLAIR, diffusion, sagittal T2",
        character_set=("ISO_IR 192",),
        issuer=False,
        exam=ExpectedExam(modality="MR", regions="HEAD"),
        series=(
            *(
                mr_series(
                    description,
                    "BRAIN",
                    Stack(
                        words=words, count=4, draw=weighted(brain, 192, kind), field=230, length=90
                    ),
                    **physics,
                )
                for description, words, kind, physics in _BRAIN_SERIES
            ),
            mr_series(
                "t2_tse_sag",
                "BRAIN",
                Stack(
                    words="MR T2 SAG",
                    count=3,
                    draw=lambda level: brain_from_the_side(192, 2 * level - 1, T2),
                    field=240,
                    length=20,
                ),
                sagittal=True,
                RepetitionTime=4200,
                EchoTime=98,
            ),
        ),
    ),
    Study(
        slug="zhou-qiang-dx-chest",
        institution="HOSP_A",
        person="zhou-qiang",
        days_before=9,
        time="080540",
        description="胸部正位片",
        shows="Digital chest film, postero-anterior, MONOCHROME2",
        exam=_CHEST_FILM,
        series=(
            film_series(
                "DX",
                "胸部 PA",
                "CHEST",
                lambda: chest_film(512, 512, 21),
                Encoding.HTJ2K,
                words="DX CHEST PA",
                ViewPosition="PA",
                ImageLaterality="U",
            ),
        ),
    ),
    Study(
        slug="liu-yang-dx-knee-left",
        institution="HOSP_A",
        person="liu-yang",
        days_before=8,
        time="152210",
        description="左膝关节正位片",
        shows="Left knee film; the side stands in the name, in the attribute and burned in",
        exam=ExpectedExam(modality="XR", regions="KNEE", laterality="L"),
        series=(
            film_series(
                "DX",
                "左膝 AP",
                "KNEE",
                lambda: knee_film(320, 400, "L", 31),
                Encoding.DEFLATED,
                words="DX KNEE",
                ViewPosition="AP",
                ImageLaterality="L",
            ),
        ),
    ),
    Study(
        slug="zhao-min-mg-screening",
        institution="HOSP_A",
        person="zhao-min",
        days_before=120,
        time="094455",
        description="乳腺钼靶筛查（双侧）",
        shows="Screening mammogram, four views; microcalcifications on the left",
        exam=ExpectedExam(modality="MG", regions="BREAST", laterality="B", purpose="screening"),
        series=(
            mammogram_series("CC", 320, 400, Encoding.HTJ2K_RPCL),
            mammogram_series("MLO", 320, 400, Encoding.J2K_LOSSY),
        ),
    ),
    Study(
        slug="sun-li-ct-chest",
        institution="HOSP_A",
        person="sun-li",
        days_before=120,
        time="163000",
        description="CT CHEST WITHOUT CONTRAST",
        shows="Plain chest CT, four slices, English name, outside the 90-day window",
        exam=_CHEST_CT,
        series=(
            ct_series(
                "Chest 5.0 Routine",
                "CHEST",
                Stack(
                    words="CT CHEST",
                    count=4,
                    draw=lambda level: chest(192, level, nodule=False),
                    field=350,
                    length=240,
                ),
                Encoding.RLE,
            ),
        ),
    ),
    Study(
        slug="yamada-tarou-ct-head",
        institution="HOSP_A",
        person="yamada-tarou",
        days_before=6,
        time="224801",
        description="頭部CT単純",
        shows="Plain head CT with an old infarct, Japanese text in escape sequences",
        character_set=("", "ISO 2022 IR 87"),
        issuer=False,
        exam=ExpectedExam(modality="CT", regions="HEAD"),
        series=(
            ct_series(
                "頭部 5mm",
                "HEAD",
                Stack(
                    words="CT HEAD",
                    count=4,
                    draw=lambda level: head(192, level),
                    field=230,
                    length=100,
                ),
                Encoding.EXPLICIT_BE,
                WindowCenter=38,
                WindowWidth=80,
            ),
        ),
    ),
)
