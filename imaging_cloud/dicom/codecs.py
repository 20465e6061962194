"""Decoding compressed frames, each transfer syntax with the codec that knows it best."""

import struct
from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from imaging_cloud.dicom.pixel_format import PixelFormat
from imaging_cloud.domain.errors import NotSupported

Decoder = Callable[[bytes, PixelFormat], tuple[NDArray[Any], str]]

_JPEG_START, _J2K_START, _JP2_START = b"\xff\xd8", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP"
# Start-of-frame markers of JPEG (T.81 B.1.1.3) and JPEG-LS (T.87 C.1.1).
_FRAME_MARKERS = frozenset({*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), 0xF7})
_ADOBE = 0xEE


def decode_compressed(
    data: bytes, transfer_syntax_uid: str, layout: PixelFormat
) -> tuple[NDArray[Any], str]:
    """(array, its photometric interpretation). Raises NotSupported."""
    decoder = _DECODERS.get(transfer_syntax_uid)
    if decoder is None:
        raise NotSupported(
            f"frames in transfer syntax {transfer_syntax_uid} are not shown here;"
            " retrieve them as stored"
        )
    _check_size(data, layout)
    try:
        array, photometric = decoder(data, layout)
    except NotSupported:
        raise
    except Exception as error:
        # Codecs raise classes of their own; the picture is damaged whichever it is.
        raise NotSupported("this frame is damaged: it cannot be decoded") from error
    if array.shape != layout.shape:
        raise NotSupported("this frame is not of the size that its header says")
    return array, photometric


def _check_size(data: bytes, layout: PixelFormat) -> None:
    """Before memory is taken for it: what the codestream claims must be what the header says."""
    size = codestream_size(data)
    if size is not None and size != (layout.rows, layout.columns):
        raise NotSupported("this frame is not of the size that its header says")


def codestream_size(data: bytes) -> tuple[int, int] | None:
    """(rows, columns) of a JPEG, JPEG-LS or JPEG 2000 codestream; None when it tells none."""
    if data.startswith(_JP2_START):
        data = data[max(data.find(_J2K_START), 0) :]
    if data.startswith(_J2K_START) and len(data) >= 24:  # noqa: PLR2004 - SIZ, T.800 A.5.1
        width, height, left, top = struct.unpack_from(">4I", data, 8)
        return height - top, width - left
    for marker, at in _jpeg_segments(data):
        if marker in _FRAME_MARKERS and at + 5 <= len(data):
            height, width = struct.unpack_from(">HH", data, at + 1)
            return height, width
    return None


def _jpeg_segments(data: bytes) -> list[tuple[int, int]]:
    """(marker, where its content begins) up to the first scan."""
    segments: list[tuple[int, int]] = []
    at = 2 if data.startswith(_JPEG_START) else len(data)
    while at + 4 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 - a marker's first byte
        marker = data[at + 1]
        if marker == 0xFF:  # noqa: PLR2004 - fill byte
            at += 1
            continue
        if marker == 0xDA:  # noqa: PLR2004 - start of scan
            break
        segments.append((marker, at + 4))
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return segments


def _adobe_transform(data: bytes) -> int | None:
    """The colour transform that an Adobe APP14 segment names; None without one."""
    for marker, at in _jpeg_segments(data):
        if marker == _ADOBE and data[at : at + 5] == b"Adobe" and at + 12 <= len(data):
            return data[at + 11]
    return None


def _jpeg(data: bytes, layout: PixelFormat) -> tuple[NDArray[Any], str]:
    """8 or 12 bits, DCT or lossless. Colour as the marker says, else as the header does."""
    if layout.samples == 1:
        return imagecodecs.jpeg_decode(data), layout.photometric
    transform = _adobe_transform(data)
    is_ybr = layout.photometric.startswith("YBR") if transform is None else transform == 1
    array = imagecodecs.jpeg_decode(
        data, colorspace="YCBCR" if is_ybr else "RGB", outcolorspace="RGB"
    )
    return array, "RGB"


def _jpeg_lossless(data: bytes, layout: PixelFormat) -> tuple[NDArray[Any], str]:
    """Samples as they are; lossless JPEG never transforms colour itself."""
    if layout.samples == 1:
        return imagecodecs.jpeg_decode(data), layout.photometric
    array = imagecodecs.jpeg_decode(data, colorspace="RGB", outcolorspace="RGB")
    return array, layout.photometric


def _jpeg_ls(data: bytes, layout: PixelFormat) -> tuple[NDArray[Any], str]:
    array = imagecodecs.jpegls_decode(data)
    if array.ndim == 3 and array.shape != layout.shape:  # noqa: PLR2004 - planes
        array = array.transpose(1, 2, 0)
    return array, layout.photometric


def _jpeg_2000(data: bytes, layout: PixelFormat) -> tuple[NDArray[Any], str]:
    """The codec undoes the codestream's own colour transform (YBR_RCT, YBR_ICT)."""
    array = imagecodecs.jpeg2k_decode(data)
    return array, _after_component_transform(layout)


def _htj2k(data: bytes, layout: PixelFormat) -> tuple[NDArray[Any], str]:
    return imagecodecs.htj2k_decode(data), _after_component_transform(layout)


def _after_component_transform(layout: PixelFormat) -> str:
    return "RGB" if layout.photometric in ("YBR_RCT", "YBR_ICT") else layout.photometric


def _rle(data: bytes, layout: PixelFormat) -> tuple[NDArray[Any], str]:
    """Byte planes, most significant first, sample by sample (PS3.5 G.2)."""
    dtype = np.dtype(f"<u{max(layout.bits_allocated // 8, 1)}")
    flat = np.frombuffer(imagecodecs.dicomrle_decode(data, dtype), dtype)
    planes = flat.reshape(layout.samples, layout.rows, layout.columns)
    array = planes[0] if layout.samples == 1 else planes.transpose(1, 2, 0)
    return array, layout.photometric


_DECODERS: dict[str, Decoder] = {
    "1.2.840.10008.1.2.4.50": _jpeg,
    "1.2.840.10008.1.2.4.51": _jpeg,
    "1.2.840.10008.1.2.4.57": _jpeg_lossless,
    "1.2.840.10008.1.2.4.70": _jpeg_lossless,
    "1.2.840.10008.1.2.4.80": _jpeg_ls,
    "1.2.840.10008.1.2.4.81": _jpeg_ls,
    "1.2.840.10008.1.2.4.90": _jpeg_2000,
    "1.2.840.10008.1.2.4.91": _jpeg_2000,
    "1.2.840.10008.1.2.4.92": _jpeg_2000,
    "1.2.840.10008.1.2.4.93": _jpeg_2000,
    "1.2.840.10008.1.2.4.201": _htj2k,
    "1.2.840.10008.1.2.4.202": _htj2k,
    "1.2.840.10008.1.2.4.203": _htj2k,
    "1.2.840.10008.1.2.5": _rle,
}
SHOWN_SYNTAXES = frozenset(_DECODERS)
