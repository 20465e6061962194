"""Small synthetic DICOM files for tests, each attribute open to change."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid


def uid(*entropy: object) -> str:
    """A UID that is the same for the same words."""
    return str(generate_uid(prefix="1.2.826.0.1.3680043.8.498.", entropy_srcs=[str(entropy)]))


def make_instance(path: Path, *, number: int = 1, study: str = "s1", **attributes: Any) -> Path:
    """Write one CT slice; keyword attributes (DICOM keywords) replace or add."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = attributes.get("SOPClassUID", CTImageStorage)
    meta.MediaStorageSOPInstanceUID = attributes.get("SOPInstanceUID", uid(study, number))
    meta.TransferSyntaxUID = attributes.pop("TransferSyntaxUID", ExplicitVRLittleEndian)
    size = attributes.pop("size", 32)
    seed = attributes.pop("seed", number)
    pixels = np.random.default_rng(seed).integers(-1000, 1000, (size, size), np.int16)
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    defaults = {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": meta.MediaStorageSOPClassUID,
        "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
        "StudyInstanceUID": uid(study),
        "SeriesInstanceUID": uid(study, "series"),
        "StudyDate": date(2026, 11, 8).strftime("%Y%m%d"),
        "StudyTime": "093000",
        "AccessionNumber": "ACC1",
        "Modality": "CT",
        "StudyDescription": "胸部CT平扫",
        "SeriesDescription": "Lung 5.0",
        "BodyPartExamined": "CHEST",
        "PatientName": "Zhang^Wei=张^伟",
        "PatientID": "A-1001",
        "PatientBirthDate": "19491231",
        "PatientSex": "M",
        "SeriesNumber": 1,
        "InstanceNumber": number,
        "Rows": size,
        "Columns": size,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 1,
        "RescaleSlope": 1,
        "RescaleIntercept": 0,
    }
    for keyword, value in (defaults | attributes).items():
        if value is not None:
            setattr(dataset, keyword, value)
    dataset.PixelData = pixels.tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def make_study(folder: Path, *, count: int = 3, study: str = "s1", **attributes: Any) -> list[Path]:
    """A study of `count` slices in one series."""
    return [
        make_instance(folder / f"{number:04}.dcm", number=number, study=study, **dict(attributes))
        for number in range(1, count + 1)
    ]


def data_set_bytes(part10: bytes) -> bytes:
    """The data set alone: what follows group 0002."""
    length = int.from_bytes(part10[140:144], "little")
    return part10[144 + length :]
