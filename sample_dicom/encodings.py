"""How a sample is written: transfer syntaxes and character sets, each as real devices use it."""

from enum import StrEnum
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.pixels.encoders.base import get_encoder

GB2312_TO_G1 = b"\x1b$)A"  # ISO 2022 IR 58, PS3.3 C.12.1.1.2
TEXT_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
JPEG_QUALITY = 88
J2K_LOSSY_QUALITY = 44  # decibel


class Encoding(StrEnum):
    EXPLICIT_LE = "explicit-le"
    IMPLICIT_LE = "implicit-le"
    EXPLICIT_BE = "explicit-be"
    DEFLATED = "deflated-le"
    RLE = "rle"
    JPEG = "jpeg-baseline"
    JPEG_LS = "jpeg-ls"
    J2K = "j2k-lossless"
    J2K_LOSSY = "j2k-lossy"
    HTJ2K = "htj2k-lossless"
    HTJ2K_RPCL = "htj2k-lossless-rpcl"

    @property
    def transfer_syntax(self) -> uid.UID:
        return _TRANSFER_SYNTAXES[self]


_TRANSFER_SYNTAXES = {
    Encoding.EXPLICIT_LE: uid.ExplicitVRLittleEndian,
    Encoding.IMPLICIT_LE: uid.ImplicitVRLittleEndian,
    Encoding.EXPLICIT_BE: uid.ExplicitVRBigEndian,
    Encoding.DEFLATED: uid.DeflatedExplicitVRLittleEndian,
    Encoding.RLE: uid.RLELossless,
    Encoding.JPEG: uid.JPEGBaseline8Bit,
    Encoding.JPEG_LS: uid.JPEGLSLossless,
    Encoding.J2K: uid.JPEG2000Lossless,
    Encoding.J2K_LOSSY: uid.JPEG2000,
    Encoding.HTJ2K: uid.HTJ2KLossless,
    Encoding.HTJ2K_RPCL: uid.HTJ2KLosslessRPCL,
}
_LOSSY_METHOD = {Encoding.JPEG: "ISO_10918_1", Encoding.J2K_LOSSY: "ISO_15444_1"}
_NATIVE = (Encoding.EXPLICIT_LE, Encoding.IMPLICIT_LE, Encoding.EXPLICIT_BE, Encoding.DEFLATED)


def put_pixels(dataset: Dataset, pixels: NDArray[Any], encoding: Encoding) -> None:
    """Fill PixelData; the image pixel attributes are already there."""
    if encoding in _NATIVE:
        big = pixels.dtype.newbyteorder(">")
        little = pixels.dtype.newbyteorder("<")
        data = pixels.astype(big if encoding is Encoding.EXPLICIT_BE else little).tobytes()
        dataset.PixelData = data + b"\0" * (len(data) % 2)
        dataset["PixelData"].VR = "OB" if _is_single_bytes(pixels, encoding) else "OW"
        return
    frames = list(pixels) if "NumberOfFrames" in dataset else [pixels]
    coded = [_encode(frame, dataset, encoding) for frame in frames]
    if encoding is Encoding.J2K_LOSSY and len(coded) > 1:
        # One study with the table for very large objects: readers tend to forget it.
        data, offsets, lengths = encapsulate_extended(coded)
        dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths = offsets, lengths
    else:
        data = encapsulate(coded, has_bot=encoding is not Encoding.RLE)
    dataset.PixelData = data
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    if method := _LOSSY_METHOD.get(encoding):
        dataset.LossyImageCompression = "01"
        dataset.LossyImageCompressionRatio = f"{pixels.nbytes / sum(map(len, coded)):.1f}"
        dataset.LossyImageCompressionMethod = method


def _is_single_bytes(pixels: NDArray[Any], encoding: Encoding) -> bool:
    return pixels.dtype.itemsize == 1 and encoding is not Encoding.IMPLICIT_LE


def _encode(frame: NDArray[Any], dataset: Dataset, encoding: Encoding) -> bytes:
    coded: bytes | bytearray
    match encoding:
        case Encoding.RLE:
            return _run_lengths(frame, dataset)
        case Encoding.JPEG if frame.ndim == 3:
            coded = imagecodecs.jpeg8_encode(
                frame, JPEG_QUALITY, colorspace="rgb", outcolorspace="ycbcr", subsampling="422"
            )
        case Encoding.JPEG:
            coded = imagecodecs.jpeg8_encode(frame, JPEG_QUALITY)
        case Encoding.JPEG_LS:
            coded = imagecodecs.jpegls_encode(frame)
        case Encoding.J2K | Encoding.J2K_LOSSY:
            lossless = encoding is Encoding.J2K
            coded = imagecodecs.jpeg2k_encode(
                frame,
                0 if lossless else J2K_LOSSY_QUALITY,
                codecformat="j2k",
                reversible=lossless,
                bitspersample=dataset.BitsStored,
                numthreads=1,
            )
        case _:
            coded = imagecodecs.htj2k_encode(
                frame,
                reversible=True,
                tlm=True,
                tilepart=imagecodecs.HTJ2K.TILEPART.RESOLUTIONS
                if encoding is Encoding.HTJ2K_RPCL
                else None,
                resolutions=5,
            )
    return bytes(coded)


def _run_lengths(frame: NDArray[Any], dataset: Dataset) -> bytes:
    return get_encoder(uid.RLELossless).encode(
        np.ascontiguousarray(frame),
        encoding_plugin="pydicom",
        rows=dataset.Rows,
        columns=dataset.Columns,
        samples_per_pixel=dataset.SamplesPerPixel,
        bits_allocated=dataset.BitsAllocated,
        bits_stored=dataset.BitsStored,
        pixel_representation=dataset.PixelRepresentation,
        photometric_interpretation=dataset.PhotometricInterpretation,
        number_of_frames=1,
        planar_configuration=0,
    )


def write_code_extensions(dataset: Dataset) -> None:
    """Replace Chinese text by ISO 2022 IR 58 bytes with their escape sequences (PS3.5 K.2).

    pydicom 3.0 writes this character set without any escape sequence, which no reader can tell
    from Latin-1; so the bytes are made here and put in raw.
    """
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                write_code_extensions(item)
        elif element.VR in TEXT_VRS and not str(element.value).isascii():
            data = gb2312_with_escapes(str(element.value), "^=" if element.VR == "PN" else "\r\n")
            data += b" " * (len(data) % 2)
            dataset[element.tag] = RawDataElement(
                element.tag, element.VR, len(data), data, 0, dataset.is_implicit_VR is True, True
            )


def gb2312_with_escapes(text: str, delimiters: str) -> bytes:
    """Every delimiter puts G1 back to nothing, so each part that needs GB 2312 says so again."""
    result, chosen = b"", False
    for letter in text:
        if letter in delimiters:
            chosen = False
        elif not letter.isascii() and not chosen:
            result, chosen = result + GB2312_TO_G1, True
        result += letter.encode("gb2312")
    return result
