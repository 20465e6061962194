"""What the provincial cancer hospital has sent."""

from sample_dicom.encodings import Encoding
from sample_dicom.model import ExpectedExam, Study
from sample_dicom.pictures.slices import abdomen, chest, head, neck
from sample_dicom.projections import (
    angiogram_series,
    bone_scan_series,
)
from sample_dicom.sections import Stack, ct_series, pet_series

_CHEST_CT = ExpectedExam(modality="CT", regions="CHEST")
_CHEST_FILM = ExpectedExam(modality="XR", regions="CHEST")


def _head_and_neck(level: float) -> float:
    """Level inside the neck or the head, when five of eight slices are neck."""
    return level / 0.6 if level < 0.6 else (level - 0.6) / 0.4


STUDIES = (
    Study(
        slug="zhang-wei-namesake-ct-chest",
        institution="HOSP_C",
        person="zhang-wei-namesake",
        days_before=5,
        time="100000",
        description="胸部CT平扫",
        shows="Plain chest CT of another man with the same name: must never be mixed up",
        exam=_CHEST_CT,
        series=(
            ct_series(
                "肺窗 5mm",
                "CHEST",
                Stack(
                    words="CT CHEST",
                    count=3,
                    draw=lambda level: chest(192, 0.2 + 0.5 * level, nodule=False),
                    field=350,
                    length=120,
                ),
                Encoding.HTJ2K_RPCL,
            ),
        ),
    ),
    Study(
        slug="chen-jianguo-cta-head-neck",
        institution="HOSP_C",
        person="chen-jianguo",
        days_before=25,
        time="130730",
        description="头颈部CTA",
        shows="CT angiography of head and neck, a plaque in the left carotid",
        exam=ExpectedExam(modality="CT", regions="HEAD+NECK", contrast="with", angio=1),
        series=(
            ct_series(
                "头颈CTA 0.75mm",
                "HEADNECK",
                Stack(
                    words="CTA HEAD NECK",
                    count=8,
                    draw=lambda level: (
                        head(256, _head_and_neck(1 - level), contrast=True, stroke=False)
                        if level < 0.4
                        else neck(256, _head_and_neck(1 - level))
                    ),
                    field=250,
                    length=280,
                ),
                Encoding.HTJ2K_RPCL,
                ContrastBolusAgent="碘普罗胺370",
                ContrastBolusRoute="IV",
                WindowCenter=150,
                WindowWidth=700,
            ),
        ),
    ),
    Study(
        slug="he-ping-petct",
        institution="HOSP_C",
        person="he-ping",
        days_before=35,
        time="093000",
        description="PET/CT全身显像",
        shows="PET/CT of the trunk: two modalities in one study, a hot nodule in the right lung",
        exam=ExpectedExam(modality="PT", regions="WHOLEBODY"),
        series=(
            ct_series(
                "CT WB 低剂量",
                "WHOLEBODY",
                Stack(
                    words="PET/CT",
                    count=6,
                    draw=lambda level: (
                        head(160, 0.4, stroke=False)
                        if level < 0.1
                        else chest(160, level)
                        if level < 0.5
                        else abdomen(160, level - 0.1)
                    ),
                    field=500,
                    length=800,
                ),
                Encoding.HTJ2K,
            ),
            pet_series("PET WB AC", 128, 800, Encoding.RLE),
        ),
    ),
    Study(
        slug="zhou-qiang-xa-coronary",
        institution="HOSP_C",
        person="zhou-qiang",
        days_before=50,
        time="110340",
        description="冠状动脉造影",
        shows="Coronary angiogram, ten frames, a narrowing of the descending branch",
        exam=ExpectedExam(modality="XA", regions="HEART", contrast="with", angio=1),
        series=(angiogram_series("LCA RAO30 CRA20", 256, 10, Encoding.J2K_LOSSY),),
    ),
    Study(
        slug="mueller-joerg-nm-bone",
        institution="HOSP_C",
        person="mueller-joerg",
        days_before=70,
        time="144500",
        description="Ganzkörper-Knochenszintigraphie",
        shows="Whole-body bone scan from both sides with a hot rib; Latin-1 text",
        character_set=("ISO_IR 100",),
        exam=ExpectedExam(modality="NM", regions="WHOLEBODY"),
        series=(bone_scan_series("Ganzkörper ANT/POST", Encoding.DEFLATED),),
    ),
)
