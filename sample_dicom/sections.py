"""Series of cross sections: CT, MR and PET, with the geometry a viewer needs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from pydicom import uid

from sample_dicom.encodings import Encoding
from sample_dicom.model import Picture, Series
from sample_dicom.pictures.canvas import Sheet
from sample_dicom.pictures.emission import uptake
from sample_dicom.pictures.resonance import Weighting
from sample_dicom.pictures.slices import WORDS, outside_circle

AXIAL = [1, 0, 0, 0, 1, 0]
SAGITTAL = [0, 1, 0, 0, 0, -1]
OFFSET = 1024  # stored value of 0 HU
PADDING = -2000  # what some scanners store outside the reconstructed circle

Draw = Callable[[float], Sheet]  # from the level in the stack, 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """`length` is the distance between first and last slice, `field` the width of one, in mm."""

    words: str
    count: int
    draw: Draw
    field: float
    length: float
    signed: bool = True

    def levels(self) -> list[tuple[int, float]]:
        return [(number, number / max(1, self.count - 1)) for number in range(self.count)]


def _place(stack: Stack, level: float, size: int) -> dict[str, Any]:
    """Axial geometry, from the head down."""
    depth = round(-level * stack.length, 2)
    spacing = round(stack.field / size, 4)
    return {
        "PixelSpacing": [spacing, spacing],
        "ImageOrientationPatient": AXIAL,
        "ImagePositionPatient": [-stack.field / 2, -stack.field / 2, depth],
        "SliceLocation": depth,
    }


def ct_series(
    description: str,
    body_part: str,
    stack: Stack,
    encoding: Encoding = Encoding.EXPLICIT_LE,
    **attributes: Any,  # noqa: ANN401 -- DICOM attributes are of any type
) -> Series:
    fixed = {
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "KVP": 120,
        "XRayTubeCurrent": 180,
        "SliceThickness": 5,
        "SpacingBetweenSlices": round(stack.length / max(1, stack.count - 1), 2),
        "GantryDetectorTilt": 0,
        "PatientPosition": "HFS",
        "FrameOfReferenceUID": "",
        "PositionReferenceIndicator": "",
        "RescaleIntercept": -OFFSET,
        "RescaleSlope": 1,
        "RescaleType": "HU",
        "WindowCenter": 40,
        "WindowWidth": 400,
        "ConvolutionKernel": "B31f",
        "AcquisitionNumber": 1,
    }
    return Series(
        modality="CT",
        sop_class=uid.CTImageStorage,
        description=description,
        body_part=body_part,
        draw=partial(_ct_pictures, stack),
        encoding=encoding,
        attributes=fixed | attributes,
    )


def _ct_pictures(stack: Stack) -> list[Picture]:
    pictures = []
    for number, level in stack.levels():
        sheet = stack.draw(level)
        sheet.write(f"SYNTHETIC {stack.words} {number + 1}/{stack.count}", (2, 1), WORDS)
        stored = (sheet.pixels.round() + OFFSET).clip(0, 4095)
        attributes = _place(stack, level, sheet.width)
        if stack.signed:
            stored = np.where(outside_circle(sheet.width) > 0.5, PADDING, stored)
            sheet_words = sheet.pixels == WORDS
            stored = np.where(sheet_words, WORDS + OFFSET, stored)
            attributes["PixelPaddingValue"] = PADDING
        pixels = stored.astype(np.int16 if stack.signed else np.uint16)
        pictures.append(Picture(pixels=pixels, attributes=attributes))
    return pictures


def mr_series(
    description: str,
    body_part: str,
    stack: Stack,
    encoding: Encoding = Encoding.J2K,
    *,
    sagittal: bool = False,
    **attributes: Any,  # noqa: ANN401 -- DICOM attributes are of any type
) -> Series:
    fixed = {
        "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"],
        "ScanningSequence": "SE",
        "SequenceVariant": "SK",
        "ScanOptions": "",
        "MRAcquisitionType": "2D",
        "MagneticFieldStrength": 1.5,
        "RepetitionTime": 550,
        "EchoTime": 12,
        "EchoTrainLength": 1,
        "SliceThickness": 5,
        "PatientPosition": "HFS",
        "FrameOfReferenceUID": "",
        "PositionReferenceIndicator": "",
        "WindowCenter": 700,
        "WindowWidth": 1400,
    }
    return Series(
        modality="MR",
        sop_class=uid.MRImageStorage,
        description=description,
        body_part=body_part,
        draw=partial(_mr_pictures, stack, sagittal=sagittal),
        encoding=encoding,
        attributes=fixed | attributes,
    )


def _mr_pictures(stack: Stack, *, sagittal: bool) -> list[Picture]:
    pictures = []
    for number, level in stack.levels():
        sheet = stack.draw(level)
        sheet.write(f"SYNTHETIC {stack.words} {number + 1}/{stack.count}", (2, 1), 1600)
        attributes = _place(stack, level, sheet.width)
        if sagittal:
            across = round((level - 0.5) * stack.length, 2)
            half = stack.field / 2
            attributes |= {
                "ImageOrientationPatient": SAGITTAL,
                "ImagePositionPatient": [across, -half, half],
                "SliceLocation": across,
            }
        pixels = sheet.pixels.round().clip(0, 4095).astype(np.uint16)
        pictures.append(Picture(pixels=pixels, bits_stored=12, attributes=attributes))
    return pictures


def weighted(draw: Callable[[int, float, Weighting], Sheet], size: int, kind: Weighting) -> Draw:
    """Turn a brain in one weighting into something to draw at a level."""
    return lambda level: draw(size, level, kind)


PET_PARTS = ("head", "chest", "chest", "abdomen", "abdomen", "pelvis")


def pet_series(description: str, size: int, length: float, encoding: Encoding) -> Series:
    fixed = {
        "ImageType": ["ORIGINAL", "PRIMARY"],
        "SliceThickness": 5,
        "FrameOfReferenceUID": "",
        "PositionReferenceIndicator": "",
        "SeriesType": ["WHOLE BODY", "IMAGE"],
        "Units": "BQML",
        "CountsSource": "EMISSION",
        "NumberOfSlices": len(PET_PARTS),
        "CorrectedImage": ["DECY", "ATTN", "SCAT", "NORM"],
        "DecayCorrection": "START",
        "CollimatorType": "NONE",
        "PatientOrientationCodeSequence": [],
        "PatientGantryRelationshipCodeSequence": [],
        "PatientWeight": 58,
        "WindowCenter": 15000,
        "WindowWidth": 30000,
        "RadiopharmaceuticalInformationSequence": [
            {
                "Radiopharmaceutical": "FDG",
                "RadionuclideCodeSequence": [
                    {
                        "CodeValue": "77004003",
                        "CodingSchemeDesignator": "SCT",
                        "CodeMeaning": "^18^Fluorine",
                    }
                ],
                "RadiopharmaceuticalStartTime": "083000",
                "RadionuclideTotalDose": 310000000,
                "RadionuclideHalfLife": 6586.2,
            }
        ],
    }
    return Series(
        modality="PT",
        sop_class=uid.PositronEmissionTomographyImageStorage,
        description=description,
        body_part="WHOLEBODY",
        draw=partial(_pet_pictures, size, length),
        encoding=encoding,
        attributes=fixed,
    )


def _pet_pictures(size: int, length: float) -> list[Picture]:
    """Every slice has its own rescale slope, as PET has: ignoring it shows wrong uptake."""
    stack = Stack(
        words="PET", count=len(PET_PARTS), draw=lambda _: Sheet(1, 1), field=500, length=length
    )
    pictures = []
    for number, level in stack.levels():
        sheet = uptake(size, PET_PARTS[number], level)
        activity = sheet.pixels * 5000.0  # Bq/ml per SUV at this dose and weight
        slope = round(float(activity.max()) / 30000, 4)
        sheet.pixels = activity / slope
        sheet.write(f"PET {number + 1}/{stack.count}", (2, 1), 32000)
        attributes = _place(stack, level, size) | {
            "RescaleIntercept": 0,
            "RescaleSlope": slope,
            "ImageIndex": number + 1,
            "FrameReferenceTime": 1000 * number,
            "DecayFactor": 1,
            "ActualFrameDuration": 120000,
        }
        pixels = sheet.pixels.round().clip(0, 32767).astype(np.int16)
        pictures.append(Picture(pixels=pixels, attributes=attributes))
    return pictures
