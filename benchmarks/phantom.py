"""A synthetic CT of the trunk: 512 x 512 slices that compress as those of a scanner do.

Body, lungs, bones and vessels change smoothly from slice to slice. The noise (sigma 7 HU) is
correlated over neighbours as a soft reconstruction kernel leaves it, less in the air; outside of
the scanner's circle stands one padding value. HTJ2K takes it to a fifth (106 KB a slice, as the
head CT that the targets were set by). No person was ever scanned for it.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

SIDE = 512
_AIR, _LUNG, _FAT, _SOFT, _BONE = -1000, -830, -90, 45, 600
_OUTSIDE = -2000
_NOISE_HU = 7.0
_KERNEL_PIXELS = 1.6


def slice_values(number: int, count: int, chance: np.random.Generator) -> NDArray[np.int16]:
    """Hounsfield units of slice `number` of `count`."""
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    z = number / max(count - 1, 1)
    wide, high = 0.78 + 0.08 * np.sin(2.2 * z), 0.52 + 0.06 * np.cos(3.1 * z)
    body = (x / wide) ** 2 + (y / high) ** 2
    values = np.full((SIDE, SIDE), float(_AIR))
    values[body < 1] = _FAT
    values[(x / (wide - 0.06)) ** 2 + (y / (high - 0.06)) ** 2 < 1] = _SOFT
    lung = 0.30 * np.sqrt(max(1 - ((z - 0.35) / 0.4) ** 2, 0))
    for side in (-1, 1):
        inside = ((x - side * 0.36) / (lung + 1e-6)) ** 2 + (y / (1.25 * lung + 1e-6)) ** 2 < 1
        values[inside] = _LUNG
        _vessels(values, x, y, inside, side, z)
    _organs(values, x, y, z)
    _bones(values, x, y, z, wide, high)
    noise = _smoothed(chance.normal(0, 1, (SIDE, SIDE))) * _NOISE_HU
    values += noise * np.where(body < 1.05, 1.0, 0.35)
    values[x**2 + y**2 > 1] = _OUTSIDE
    return np.round(values).astype(np.int16)


def _smoothed(noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """White noise after a Gaussian kernel, its deviation 1 again."""
    reach = np.arange(-3, 4)
    weights = np.exp(-(reach**2) / 2 / _KERNEL_PIXELS**2)
    for axis in (0, 1):
        shifted = [w * np.roll(noise, at, axis) for at, w in zip(reach, weights, strict=True)]
        noise = np.sum(shifted, axis=0)
    return noise / noise.std()


def _vessels(values, x, y, inside, side, z) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    for at in range(14):
        turn = at * 2.4 + 5 * z
        there = (side * 0.36 + 0.2 * np.cos(turn), 0.28 * np.sin(turn * 1.3))
        values[inside & ((x - there[0]) ** 2 + (y - there[1]) ** 2 < 0.0003 * (1 + at % 3))] = 30


def _organs(values, x, y, z) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    heart = 0.2 * np.sqrt(max(1 - ((z - 0.45) / 0.22) ** 2, 0)) + 1e-6
    values[((x - 0.08) / heart) ** 2 + ((y + 0.08) / heart) ** 2 < 1] = 60
    values[(x - 0.1) ** 2 + (y - 0.2) ** 2 < 0.004] = 180
    if z > 0.55:
        values[((x + 0.3) / 0.3) ** 2 + ((y + 0.05) / 0.26) ** 2 < min((z - 0.55) * 4, 1)] = 85
        values[((x - 0.4) / 0.14) ** 2 + ((y - 0.12) / 0.12) ** 2 < min((z - 0.55) * 4, 1)] = 75


def _bones(values, x, y, z, wide, high) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    spine = x**2 + ((y - high + 0.19) / 1.1) ** 2
    values[spine < 0.010] = 250
    values[(spine < 0.010) & (spine > 0.007)] = _BONE
    for at in range(12):
        turn = at * np.pi / 6 + 1.5 * z
        there = ((wide - 0.1) * np.cos(turn), (high - 0.1) * np.sin(turn))
        rib = (x - there[0]) ** 2 + (y - there[1]) ** 2
        values[rib < 0.0011] = 300
        values[(rib < 0.0011) & (rib > 0.0006)] = _BONE + 200


def make_ct(folder: Path, count: int, patient: Dataset) -> str:
    """`count` slices of 1 mm of one series as files; the Study Instance UID."""
    folder.mkdir(parents=True)
    chance = np.random.default_rng(20261122)
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    for number in range(count):
        ds = _header(study, series, frame, number)
        ds.update(patient)
        ds.PixelData = (slice_values(number, count, chance) + 1024).astype("<i2").tobytes()
        ds.save_as(folder / f"{number:04}.dcm", enforce_file_format=True)
    return study


def _header(study: str, series: str, frame: str, number: int) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study, series, frame
    ds.Modality, ds.StudyDate, ds.StudyTime = "CT", "20261120", "101500"
    ds.StudyDescription, ds.SeriesDescription, ds.SeriesNumber = "CT Chest", "Axial 1.0 B40", 2
    ds.AccessionNumber, ds.InstanceNumber = "V300", number + 1
    ds.ImagePositionPatient = [-200.0, -200.0, float(-number)]
    ds.ImageOrientationPatient, ds.PixelSpacing = [1, 0, 0, 0, 1, 0], [0.78, 0.78]
    ds.SliceThickness, ds.SpacingBetweenSlices = 1, 1
    ds.Rows = ds.Columns = SIDE
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = 1, -1024, "HU"
    ds.WindowCenter, ds.WindowWidth = 40, 400
    return ds
