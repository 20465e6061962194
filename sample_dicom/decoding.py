"""Pixels of a sample read back, by pydicom where it can and by imagecodecs where it cannot."""

from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames

_BY_IMAGECODECS = {
    uid.JPEGLSLossless: imagecodecs.jpegls_decode,
    uid.HTJ2KLossless: imagecodecs.htj2k_decode,
    uid.HTJ2KLosslessRPCL: imagecodecs.htj2k_decode,
}


def decode(dataset: Dataset) -> NDArray[Any]:
    """Give stored values (colour as RGB); the first axis is that of the frames, if many."""
    decoder = _BY_IMAGECODECS.get(dataset.file_meta.TransferSyntaxUID)
    if decoder is None:
        pixels: NDArray[Any] = dataset.pixel_array
        return pixels
    count = int(dataset.get("NumberOfFrames", 1))
    frames = [
        decoder(frame) for frame in generate_frames(dataset.PixelData, number_of_frames=count)
    ]
    return np.stack(frames) if "NumberOfFrames" in dataset else frames[0]
