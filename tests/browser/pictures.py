"""Pictures of every kind that devices send, as files."""

from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.makers import make_instance, uid


def write_grey(path: Path, pixels: np.ndarray, **attributes: Any) -> Path:
    """One instance of `pixels`: (rows, columns), or (frames, rows, columns), of 8 or 16 bits."""
    *frames, rows, columns = pixels.shape
    bits = pixels.dtype.itemsize * 8
    values = {
        "Rows": rows,
        "Columns": columns,
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(pixels.dtype.kind == "i"),
        "NumberOfFrames": frames[0] if frames else None,
    }
    return _write(path, pixels, values | attributes)


def write_colour(path: Path, pixels: np.ndarray, **attributes: Any) -> Path:
    """`pixels`: (rows, columns, 3) or (frames, rows, columns, 3), RGB."""
    *frames, rows, columns, samples = pixels.shape
    values = {
        "Rows": rows,
        "Columns": columns,
        "SamplesPerPixel": samples,
        "PhotometricInterpretation": "RGB",
        "PlanarConfiguration": 0,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        "RescaleSlope": None,
        "RescaleIntercept": None,
        "NumberOfFrames": frames[0] if frames else None,
    }
    return _write(path, pixels, values | attributes)


def _write(path: Path, pixels: np.ndarray, attributes: dict[str, Any]) -> Path:
    attributes = {"SeriesInstanceUID": uid(attributes.get("study", "s1"), "series")} | attributes
    make_instance(path, size=2, **attributes)
    dataset = dcmread(path)
    dataset.PixelData = pixels.tobytes() + bytes(pixels.nbytes % 2)
    dataset["PixelData"].VR = "OW" if pixels.dtype.itemsize > 1 else "OB"
    dataset.save_as(path, enforce_file_format=True)
    return path


def table(first: int, values: np.ndarray, kind: str) -> Dataset:
    """An item of a Modality or VOI LUT Sequence over 16-bit entries (PS3.3 C.11.1, C.11.2)."""
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(values), first, 16])
    if kind:
        item.ModalityLUTType = kind
    item.add_new("LUTData", "OW", values.astype("<u2").tobytes())
    return item
