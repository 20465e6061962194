"""Series of projections, ultrasound, bone scan; and documents."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from pydicom import uid

from sample_dicom.encodings import Encoding
from sample_dicom.model import Picture, Series
from sample_dicom.pictures.canvas import Sheet
from sample_dicom.pictures.emission import bone_scan
from sample_dicom.pictures.films import barium_stomach, breast_film, coronary_frame
from sample_dicom.pictures.ultrasound import in_grey, liver_and_kidney, with_flow

FULL_SCALE = 4095
FRAME_TIME = 0x00181063
FRAME_VECTORS = [0x00540010, 0x00540020]
SNOMED_REGIONS = {
    "BREAST": ("76752008", "Breast"),
    "CHEST": ("51185008", "Chest"),
    "KNEE": ("72696002", "Knee"),
}
FLUOROSCOPY: dict[str, Any] = {  # what PS3.3 C.8.7.2 wants, known or not
    "PatientOrientation": "",
    "ExposureTime": "",
    "XRayTubeCurrent": "",
    "Exposure": "",
    "RadiationSetting": "GR",
}


def _digital_detector(body_part: str) -> dict[str, Any]:
    """Give what every digital X-ray object must say about region and detector (PS3.3 A.26)."""
    value, meaning = SNOMED_REGIONS[body_part]
    region = {"CodeValue": value, "CodingSchemeDesignator": "SCT", "CodeMeaning": meaning}
    return {
        "PresentationIntentType": "FOR PRESENTATION",
        "AnatomicRegionSequence": [region],
        "AcquisitionContextSequence": [],
        "DetectorType": "DIRECT",
        "PositionerType": "",
        "LossyImageCompression": "00",
    }


def film_series(
    device: str,
    description: str,
    body_part: str,
    draw: Callable[[], Sheet],
    encoding: Encoding,
    **attributes: Any,  # noqa: ANN401 -- DICOM attributes are of any type
) -> Series:
    """Make a computed (CR) or digital (DX) radiograph; `inverted=True` gives MONOCHROME1."""
    inverted = bool(attributes.pop("inverted", False))
    words = str(attributes.pop("words"))
    fixed: dict[str, Any] = {
        "ImageType": ["ORIGINAL", "PRIMARY"],
        "ImagerPixelSpacing": [0.8, 0.8],
        "KVP": 110,
        "WindowCenter": FULL_SCALE - 1200 if inverted else 1200,
        "WindowWidth": 2000,
        "RescaleIntercept": 0,
        "RescaleSlope": 1,
        "RescaleType": "US",
        "PatientOrientation": ["L", "F"],
    }
    if device == "DX":
        fixed |= _digital_detector(body_part) | {
            "PresentationLUTShape": "INVERSE" if inverted else "IDENTITY",
            "PixelIntensityRelationship": "LOG",
            "PixelIntensityRelationshipSign": -1 if inverted else 1,
        }
    storage = {
        "CR": uid.ComputedRadiographyImageStorage,
        "DX": uid.DigitalXRayImageStorageForPresentation,
    }
    return Series(
        modality=device,
        sop_class=storage[device],
        description=description,
        body_part=body_part,
        draw=partial(_film_pictures, draw, words, inverted=inverted),
        encoding=encoding,
        attributes=fixed | attributes,
    )


def _film_pictures(draw: Callable[[], Sheet], words: str, *, inverted: bool) -> list[Picture]:
    sheet = draw()
    sheet.write(f"SYNTHETIC {words}", (2, 1), 2900, scale=2 if sheet.width > 360 else 1)
    return [_film(sheet, inverted=inverted)]


def _film(sheet: Sheet, *, inverted: bool = False, **attributes: Any) -> Picture:  # noqa: ANN401
    grey = sheet.pixels.round().clip(0, FULL_SCALE)
    pixels = (FULL_SCALE - grey if inverted else grey).astype(np.uint16)
    photometric = "MONOCHROME1" if inverted else "MONOCHROME2"
    return Picture(pixels=pixels, bits_stored=12, photometric=photometric, attributes=attributes)


def mammogram_series(view: str, width: int, height: int, encoding: Encoding) -> Series:
    """Both sides in one view: two series of two make the four pictures of a screening."""
    codes = {"CC": ("399162004", "cranio-caudal"), "MLO": ("399368009", "medio-lateral oblique")}
    value, meaning = codes[view]
    return Series(
        modality="MG",
        sop_class=uid.DigitalMammographyXRayImageStorageForPresentation,
        description=view,
        body_part="BREAST",
        draw=partial(_mammogram_pictures, view, width, height),
        encoding=encoding,
        attributes={
            **_digital_detector("BREAST"),
            "PositionerType": "MAMMOGRAPHIC",
            "ImageType": ["ORIGINAL", "PRIMARY"],
            "PresentationLUTShape": "IDENTITY",
            "ViewPosition": view,
            "ViewCodeSequence": [
                {
                    "CodeValue": value,
                    "CodingSchemeDesignator": "SCT",
                    "CodeMeaning": meaning,
                    "ViewModifierCodeSequence": [],
                }
            ],
            "ImagerPixelSpacing": [0.5, 0.5],
            "KVP": 28,
            "BreastImplantPresent": "NO",
            "PartialView": "NO",
            "OrganExposed": "BREAST",
            "PixelIntensityRelationship": "LOG",
            "PixelIntensityRelationshipSign": 1,
            "RescaleIntercept": 0,
            "RescaleSlope": 1,
            "RescaleType": "US",
            "WindowCenter": 900,
            "WindowWidth": 1800,
        },
    )


def _mammogram_pictures(view: str, width: int, height: int) -> list[Picture]:
    pictures = []
    for seed, side in enumerate(("R", "L")):
        sheet = breast_film(width, height, side, view, 40 + seed + 2 * (view == "MLO"))
        sheet.write("SYNTHETIC MG", (40 if side == "L" else 36, 96 * height / width), 1500)
        inwards = "L" if side == "R" else "R"  # from the outer edge of the breast to the middle
        towards = ["P" if side == "R" else "A", inwards if view == "CC" else "F" + inwards]
        picture = _film(sheet, ImageLaterality=side, PatientOrientation=towards)
        pictures.append(picture)
    return pictures


def ultrasound_series(description: str, kind: str, encoding: Encoding) -> Series:
    """`kind` is "still" (RGB), "flow" (an RGB loop in colour) or "cine" (a YBR loop)."""
    many = kind != "still"
    fixed: dict[str, Any] = {
        "ImageType": ["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"],
        "PatientOrientation": "",
        "LossyImageCompression": "00",
    }
    if many:
        fixed |= {"FrameTime": 66.7, "FrameIncrementPointer": FRAME_TIME, "CineRate": 15}
    return Series(
        modality="US",
        sop_class=uid.UltrasoundMultiFrameImageStorage if many else uid.UltrasoundImageStorage,
        description=description,
        body_part="ABDOMEN",
        draw=partial(_ultrasound_pictures, kind),
        encoding=encoding,
        attributes=fixed,
    )


def _ultrasound_pictures(kind: str) -> list[Picture]:
    count = {"still": 1, "flow": 4, "cine": 12}[kind]
    width, height = (256, 192) if kind == "flow" else (320, 240)
    frames = []
    for number in range(count):
        sheet = liver_and_kidney(width, height, number / count, 70 + number)
        sheet.write("SYNTHETIC US ABDOMEN", (2, 1), 235)
        if count > 1:
            sheet.write(f"{number + 1}/{count}", (86, 71), 235)
        frames.append(in_grey(sheet) if kind == "cine" else with_flow(sheet, number / count))
    pixels = np.stack(frames) if count > 1 else frames[0]
    photometric = "YBR_FULL_422" if kind == "cine" else "RGB"
    return [Picture(pixels=pixels, bits_stored=8, photometric=photometric)]


def angiogram_series(description: str, size: int, count: int, encoding: Encoding) -> Series:
    return Series(
        modality="XA",
        sop_class=uid.XRayAngiographicImageStorage,
        description=description,
        body_part="HEART",
        draw=partial(_angiogram_pictures, size, count),
        encoding=encoding,
        attributes={
            "ImageType": ["ORIGINAL", "PRIMARY", "SINGLE PLANE"],
            "PixelIntensityRelationship": "LIN",
            "KVP": 80,
            **FLUOROSCOPY,
            "PositionerMotion": "STATIC",
            "FrameTime": 66.7,
            "FrameIncrementPointer": FRAME_TIME,
            "CineRate": 15,
            "PositionerPrimaryAngle": -30,
            "PositionerSecondaryAngle": 20,
            "WindowCenter": 128,
            "WindowWidth": 256,
            "ContrastBolusAgent": "Iohexol 350",
        },
    )


def _angiogram_pictures(size: int, count: int) -> list[Picture]:
    frames = []
    for number in range(count):
        sheet = coronary_frame(size, number / (count - 1), 90 + number)
        sheet.write(f"SYNTHETIC XA {number + 1}/{count}", (2, 1), 250)
        frames.append(sheet.pixels.round().clip(0, 255).astype(np.uint8))
    return [Picture(pixels=np.stack(frames), bits_stored=8)]


def barium_series(description: str, size: int, encoding: Encoding) -> Series:
    return Series(
        modality="RF",
        sop_class=uid.XRayRadiofluoroscopicImageStorage,
        description=description,
        body_part="STOMACH",
        draw=partial(_barium_pictures, size),
        encoding=encoding,
        attributes={
            "ImageType": ["ORIGINAL", "PRIMARY", "SINGLE PLANE"],
            "PixelIntensityRelationship": "DISP",
            "KVP": 90,
            **FLUOROSCOPY,
            "ContrastBolusAgent": "BARIUM SULFATE",
            "ContrastBolusRoute": "ORAL",
            "WindowCenter": 128,
            "WindowWidth": 256,
        },
    )


def _barium_pictures(size: int) -> list[Picture]:
    pictures = []
    for number, filled in enumerate((0.45, 0.75, 1.0), start=1):
        sheet = barium_stomach(size, filled, 100 + number)
        sheet.write(f"SYNTHETIC RF BARIUM {number}/3", (2, 1), 255)
        pixels = sheet.pixels.round().clip(0, 255).astype(np.uint8)
        pictures.append(Picture(pixels=pixels, bits_stored=8))
    return pictures


def bone_scan_series(description: str, encoding: Encoding) -> Series:
    vectors = {
        "FrameIncrementPointer": FRAME_VECTORS,
        "EnergyWindowVector": [1, 1],
        "NumberOfEnergyWindows": 1,
        "DetectorVector": [1, 2],
        "NumberOfDetectors": 2,
        "EnergyWindowInformationSequence": [],
        "DetectorInformationSequence": [],
        "RadiopharmaceuticalInformationSequence": [],
        "PatientOrientationCodeSequence": [],
        "PatientGantryRelationshipCodeSequence": [],
    }
    return Series(
        modality="NM",
        sop_class=uid.NuclearMedicineImageStorage,
        description=description,
        body_part="WHOLEBODY",
        draw=_bone_scan_pictures,
        encoding=encoding,
        attributes={
            "ImageType": ["ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION"],
            "PixelSpacing": [4.8, 4.8],
            "CountsAccumulated": "",
            "ActualFrameDuration": 1200000,
            "ScanVelocity": "",
            "ScanLength": "",
            "WindowCenter": 45,
            "WindowWidth": 90,
            **vectors,
        },
    )


def _bone_scan_pictures() -> list[Picture]:
    frames = []
    for view in ("ANT", "POST"):
        sheet = bone_scan(128, 384, view)
        sheet.write("SYNTHETIC NM", (2, 1), 110)
        sheet.write(view, (2, 288), 110)
        frames.append(sheet.pixels.round().clip(0, 4095).astype(np.uint16))
    return [Picture(pixels=np.stack(frames), bits_stored=16)]
