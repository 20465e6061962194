"""A bulk set for load tests: many studies of CT slices (525 KB) and of small objects (10 KB).

Pixels are drawn once and only stamped anew, so that writing is as fast as the disk.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
from pydicom import uid
from pydicom.dataset import Dataset

from sample_dicom.instances import file_bytes
from sample_dicom.model import make_uid
from sample_dicom.pictures.slices import chest
from sample_dicom.sections import AXIAL, OFFSET

SMALL = 68  # 68 x 68 words of 16 bits and a header make 10 KB
_INSTITUTIONS = ("HOSP_A", "HOSP_B", "HOSP_C")


def write_bulk(folder: Path, *, today: date, studies: int, slices: int, small: int) -> int:
    """Write `studies` studies of `slices` large and `small` small objects; give their number."""
    templates = {size: _templates(size) for size in (512, SMALL)}
    written = 0
    for number in range(studies):
        institution = _INSTITUTIONS[number % 3]
        place = folder / institution / f"bulk-{number:05d}"
        place.mkdir(parents=True, exist_ok=True)
        head = _study(institution, number, today)
        for index in range(slices + small):
            size = 512 if index < slices else SMALL
            content = _object(head, size, index, templates[size][index % len(templates[size])])
            (place / f"{index:05d}.dcm").write_bytes(content)
            written += 1
    return written


def _templates(size: int) -> list[bytes]:
    drawn = (chest(size, level) for level in (0.2, 0.45, 0.7, 0.9))
    return [(sheet.pixels.round() + OFFSET).astype("<i2").tobytes() for sheet in drawn]


def _study(institution: str, number: int, today: date) -> Dataset:
    head = Dataset()
    head.SpecificCharacterSet = "GB18030"
    head.SOPClassUID = uid.CTImageStorage
    day = today - timedelta(days=number % 700)
    head.StudyDate = head.SeriesDate = head.ContentDate = f"{day:%Y%m%d}"
    head.StudyTime = head.SeriesTime = head.ContentTime = "120000"
    head.AccessionNumber = f"BULK{number:07d}"
    head.Modality = "CT"
    head.StudyDescription = "胸部CT平扫"
    head.PatientName = f"Bulk^{number:07d}=测试^{number:07d}"
    head.PatientID = f"{institution[-1]}-BULK-{number:07d}"
    head.IssuerOfPatientID = institution
    head.PatientBirthDate = f"{1930 + number % 80}0101"
    head.PatientSex = "MF"[number % 2]
    head.BodyPartExamined = "CHEST"
    head.StudyInstanceUID = make_uid("bulk", today, number)
    return head


def _object(head: Dataset, size: int, index: int, pixels: bytes) -> bytes:
    item = Dataset(head)
    item.SeriesInstanceUID = make_uid(head.StudyInstanceUID, size)
    item.SOPInstanceUID = make_uid(head.StudyInstanceUID, size, index)
    item.SeriesNumber = 1 if size == 512 else 2
    item.SeriesDescription = "1mm 肺窗" if size == 512 else "定位像"
    item.InstanceNumber = index + 1
    item.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    item.FrameOfReferenceUID = make_uid(head.StudyInstanceUID, "frame of reference")
    item.PixelSpacing = [round(360 / size, 4)] * 2
    item.ImageOrientationPatient = AXIAL
    item.ImagePositionPatient = [-180, -180, -float(index)]
    item.SliceThickness = 1
    item.RescaleIntercept, item.RescaleSlope = -OFFSET, 1
    item.WindowCenter, item.WindowWidth = 40, 400
    item.SamplesPerPixel = 1
    item.PhotometricInterpretation = "MONOCHROME2"
    item.Rows = item.Columns = size
    item.BitsAllocated = item.BitsStored = 16
    item.HighBit, item.PixelRepresentation = 15, 1
    stamped = np.frombuffer(pixels, dtype="<i2").copy()
    stamped[:8] = index % 1000  # no two objects have the same bytes
    item.PixelData = stamped.tobytes()
    item["PixelData"].VR = "OW"
    return file_bytes(item, uid.ExplicitVRLittleEndian)
