"""What the county hospital has sent."""

from sample_dicom.encodings import Encoding
from sample_dicom.model import ExpectedExam, Study
from sample_dicom.pictures.films import chest_film, knee_film
from sample_dicom.pictures.resonance import (
    lumbar_spine,
)
from sample_dicom.projections import (
    barium_series,
    film_series,
    ultrasound_series,
)
from sample_dicom.sections import Stack, mr_series

_CHEST_CT = ExpectedExam(modality="CT", regions="CHEST")
_CHEST_FILM = ExpectedExam(modality="XR", regions="CHEST")


STUDIES = (
    Study(
        slug="zhang-wei-us-abdomen",
        institution="HOSP_B",
        person="zhang-wei",
        days_before=200,
        time="103000",
        description="腹部彩超",
        shows="Colour abdominal ultrasound: one still, one loop with flow, one grey cine",
        issuer=False,
        exam=ExpectedExam(modality="US", regions="ABDOMEN"),
        series=(
            ultrasound_series("肝脏 彩色血流", "still", Encoding.EXPLICIT_LE),
            ultrasound_series("肝脏 血流动态", "flow", Encoding.RLE),
            ultrasound_series("肝肾 动态", "cine", Encoding.JPEG),
        ),
    ),
    Study(
        slug="chen-jianguo-cr-chest",
        institution="HOSP_B",
        person="chen-jianguo",
        days_before=10,
        time="091122",
        description="胸部正位",
        shows="Computed chest film, MONOCHROME1 (white is low)",
        exam=_CHEST_FILM,
        series=(
            film_series(
                "CR",
                "W033 Chest PA",
                "CHEST",
                lambda: chest_film(400, 400, 23),
                Encoding.IMPLICIT_LE,
                words="CR CHEST PA",
                inverted=True,
                ViewPosition="PA",
            ),
        ),
    ),
    Study(
        slug="chen-jianguo-rf-barium",
        institution="HOSP_B",
        person="chen-jianguo",
        days_before=40,
        time="083210",
        description="上消化道钡餐",
        shows="Barium meal in three pictures: the stomach fills, then bulb and duodenum",
        exam=ExpectedExam(modality="RF", regions="ABDOMEN", contrast="oral"),
        series=(barium_series("钡餐 立位", 320, Encoding.JPEG),),
    ),
    Study(
        slug="ma-chao-dx-knee-right",
        institution="HOSP_B",
        person="ma-chao",
        days_before=15,
        time="171905",
        description="右膝关节正位",
        shows="Right knee film",
        issuer=False,
        exam=ExpectedExam(modality="XR", regions="KNEE", laterality="R"),
        series=(
            film_series(
                "DX",
                "KNEE AP",
                "KNEE",
                lambda: knee_film(320, 400, "R", 33),
                Encoding.RLE,
                words="DX KNEE",
                ViewPosition="AP",
                ImageLaterality="R",
            ),
        ),
    ),
    Study(
        slug="zhang-xiaodong-mr-lumbar",
        institution="HOSP_B",
        person="zhang-xiaodong",
        days_before=45,
        time="195500",
        description="腰椎MR平扫",
        shows="Sagittal lumbar spine MR, a worn disc at L4/5; Chinese text in escape sequences",
        character_set=("", "ISO 2022 IR 58"),
        exam=ExpectedExam(modality="MR", regions="LSPINE"),
        series=tuple(
            mr_series(
                description,
                "LSPINE",
                Stack(
                    words=words,
                    count=3,
                    draw=lambda level, bright=bright: lumbar_spine(  # type: ignore[misc]
                        256, 2 * level - 1, bright_fluid=bright
                    ),
                    field=300,
                    length=24,
                ),
                Encoding.J2K_LOSSY,
                sagittal=True,
            )
            for description, words, bright in (
                ("矢状位T2", "MR T2 SAG", True),
                ("矢状位T1", "MR T1 SAG", False),
            )
        ),
    ),
)
