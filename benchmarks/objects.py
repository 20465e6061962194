"""Objects to send: synthetic, of noise that no codec shortens, one study to a folder."""

from pathlib import Path

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    CTImageStorage,
    EnhancedCTImageStorage,
    ExplicitVRLittleEndian,
    generate_uid,
)

# Pixels are copied from one block of chance, so that 2 GiB need neither time nor memory.
_BLOCK = np.random.default_rng(20261120).integers(0, 4096, 1 << 20, np.uint16).tobytes()


def _header(sop_class: UID, study: str, series: str, number: int) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study, series
    ds.PatientID, ds.PatientName, ds.Modality = f"B-{study[-12:]}", "Bench^Mark", "CT"
    ds.StudyDate, ds.StudyTime = "20261120", "101500"
    ds.StudyDescription, ds.SeriesDescription = "CT Chest", "Axial 1.0"
    ds.AccessionNumber, ds.InstanceNumber = study[-8:], number
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    return ds


def _noise(size: int, shift: int) -> bytes:
    """`size` bytes that differ from object to object."""
    start = (shift * 7919) % (len(_BLOCK) // 2)
    turned = _BLOCK[start:] + _BLOCK[:start]
    return (turned * (size // len(turned) + 1))[:size]


def make_slices(folder: Path, count: int, side: int, *, studies: int = 1) -> Path:
    """`count` CT slices of `side` x `side`: 512 makes 525 KB, 68 makes 10 KB."""
    folder.mkdir(parents=True)
    for at in range(studies):
        study, series = generate_uid(), generate_uid()
        for number in range(at, count, studies):
            ds = _header(CTImageStorage, study, series, number)
            ds.Rows = ds.Columns = side
            ds.PixelData = _noise(side * side * 2, number)
            ds.save_as(folder / f"{number:06}.dcm", enforce_file_format=True)
    return folder


def make_plates(folder: Path, count: int) -> Path:
    """`count` CR plates of 2 to 8 MB."""
    folder.mkdir(parents=True)
    study, series = generate_uid(), generate_uid()
    for number in range(count):
        ds = _header(ComputedRadiographyImageStorage, study, series, number)
        ds.Modality, ds.StudyDescription = "CR", "XR Chest"
        ds.Rows, ds.Columns = (1024, 1024) if number % 2 else (2048, 2048)
        ds.PixelData = _noise(ds.Rows * ds.Columns * 2, number)
        ds.save_as(folder / f"{number:06}.dcm", enforce_file_format=True)
    return folder


def make_multiframe(folder: Path, count: int, *, frames: int = 200) -> Path:
    """`count` objects of `frames` frames of 512 x 512: 200 make 105 MB."""
    folder.mkdir(parents=True)
    study, series = generate_uid(), generate_uid()
    for number in range(count):
        ds = _header(EnhancedCTImageStorage, study, series, number)
        ds.Rows = ds.Columns = 512
        ds.NumberOfFrames = frames
        ds.PixelData = _noise(512 * 512 * 2 * frames, number)
        ds.save_as(folder / f"{number:06}.dcm", enforce_file_format=True)
    return folder


def make_giant(folder: Path, gib: int = 2) -> Path:
    """One multi-frame of just under `gib` GiB, written in pieces (an OW length has 32 bits)."""
    folder.mkdir(parents=True)
    frame = 512 * 512 * 2
    frames = (gib << 30) // frame - 1
    ds = _header(EnhancedCTImageStorage, generate_uid(), generate_uid(), 1)
    ds.Rows = ds.Columns = 512
    ds.NumberOfFrames = frames
    path = folder / "giant.dcm"
    ds.save_as(path, enforce_file_format=True)
    with path.open("ab") as file:
        # (7FE0,0010) OW, explicit VR little endian: PS3.5 7.1.2
        file.write(b"\xe0\x7f\x10\x00OW\x00\x00" + (frames * frame).to_bytes(4, "little"))
        for number in range(frames):
            file.write(_noise(frame, number))
    return folder
