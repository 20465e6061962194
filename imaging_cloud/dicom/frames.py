"""Getting one frame out of a stored object: as stored, or decoded to an array."""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import get_frame

from imaging_cloud.dicom.codecs import decode_compressed
from imaging_cloud.dicom.pixel_format import PixelFormat, pixel_format
from imaging_cloud.dicom.stored import (
    DOUBLE_PIXELS,
    FLOAT_PIXELS,
    PixelElement,
    StoredInstance,
)
from imaging_cloud.dicom.transfer_syntaxes import encoding_of
from imaging_cloud.domain.errors import NotFound, NotSupported

Pixels = NDArray[Any]

_HALF = 2  # 4:2:2 halves the colour samples of each row


@dataclass(frozen=True, slots=True)
class FrameSource:
    """One frame's bytes and all that is needed to decode them: can go to another process."""

    data: bytes
    transfer_syntax_uid: str
    layout: PixelFormat
    pixels: PixelElement
    number: int

    @property
    def compressed(self) -> bool:
        return self.pixels.length is None

    @property
    def is_real(self) -> bool:
        """Floating point samples (PS3.3 C.7.6.24)."""
        return self.pixels.tag in {FLOAT_PIXELS, DOUBLE_PIXELS}


def frame_source(stored: StoredInstance, number: int) -> FrameSource:
    """Frame `number` (from 1). Raises NotFound, NotSupported."""
    pixels, layout = _checked(stored, number)
    if pixels.length is None:
        data = _encapsulated_frame(stored, pixels, layout, number)
    else:
        data = _native_frame(stored, pixels, layout, number)
    return FrameSource(data, stored.transfer_syntax_uid, layout, pixels, number)


def decode_source(source: FrameSource) -> Pixels:
    """Grey or palette as (rows, columns), colour as RGB (rows, columns, 3). Raises NotSupported.

    Unused high bits (old overlays, garbage) are gone, and the sign is carried up.
    """
    layout = source.layout
    if source.compressed:
        syntax = source.transfer_syntax_uid
        array, photometric = decode_compressed(source.data, syntax, layout)
    else:
        little = encoding_of(source.transfer_syntax_uid).little
        array = _native_array(source.data, source.pixels, layout, source.number, little=little)
        photometric = layout.photometric
    if photometric.startswith("YBR"):
        array = rgb_of_ybr(array)
    return _settle_bits(array, layout) if array.dtype.kind in "iu" else array


def stored_frame(stored: StoredInstance, number: int) -> bytes:
    """The bytes of frame `number` (from 1) as they are stored."""
    return frame_source(stored, number).data


def decoded_frame(stored: StoredInstance, number: int) -> Pixels:
    """Frame `number` (from 1), decoded in this process (see decode_source)."""
    return decode_source(frame_source(stored, number))


def _checked(stored: StoredInstance, number: int) -> tuple[PixelElement, PixelFormat]:
    layout = pixel_format(stored.dataset)
    if stored.pixels is None:
        raise NotSupported("this object holds no picture")
    if not 1 <= number <= layout.frames:
        raise NotFound(f"no such frame: the object has {layout.frames}")
    return stored.pixels, layout


def _encapsulated_frame(
    stored: StoredInstance, pixels: PixelElement, layout: PixelFormat, number: int
) -> bytes:
    dataset = stored.dataset
    extended = None
    if "ExtendedOffsetTable" in dataset and "ExtendedOffsetTableLengths" in dataset:
        extended = (dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths)
    stored.source.seek(pixels.offset)
    try:
        return get_frame(
            stored.source,
            number - 1,
            extended_offsets=extended,
            number_of_frames=layout.frames,
        )
    except (ValueError, IndexError, EOFError, struct.error, StopIteration) as error:
        raise NotSupported("this frame's place in the object cannot be found") from error


def _native_frame(
    stored: StoredInstance, pixels: PixelElement, layout: PixelFormat, number: int
) -> bytes:
    """Bytes that hold the frame; with 1-bit pixels its first bit may not be the first (8.1.1)."""
    if pixels.tag in {FLOAT_PIXELS, DOUBLE_PIXELS}:
        bits = layout.rows * layout.columns * (32 if pixels.tag == FLOAT_PIXELS else 64)
    else:
        bits = layout.native_frame_bits
    begin, end = (number - 1) * bits, number * bits
    first, last = begin // 8, (end + 7) // 8
    if last > (pixels.length or 0):
        raise NotSupported("the object holds fewer pixels than its header says")
    little = encoding_of(stored.transfer_syntax_uid).little
    if layout.bits_allocated == 8 and not little and pixels.vr == "OW":  # noqa: PLR2004
        # Bytes in words of a big endian data set stand swapped (PS3.5 8.1.2).
        aligned = _read(
            stored, pixels.offset + first // 2 * 2, (last + 1) // 2 * 2 - first // 2 * 2
        )
        swapped = np.frombuffer(aligned, ">u2").astype("<u2").tobytes()
        return swapped[first % 2 : first % 2 + last - first]
    return _read(stored, pixels.offset + first, last - first)


def _read(stored: StoredInstance, offset: int, length: int) -> bytes:
    stored.source.seek(offset)
    data = stored.source.read(length)
    if len(data) < length:
        raise NotSupported("the object holds fewer pixels than its header says")
    return data


def _native_array(
    data: bytes, pixels: PixelElement, layout: PixelFormat, number: int, *, little: bool
) -> Pixels:
    order = "<" if little else ">"
    if pixels.tag in (FLOAT_PIXELS, DOUBLE_PIXELS):
        width = 4 if pixels.tag == FLOAT_PIXELS else 8
        return np.frombuffer(data, f"{order}f{width}").reshape(layout.rows, layout.columns)
    if layout.bits_allocated == 1:
        skipped = (number - 1) * layout.native_frame_bits % 8
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        return bits[skipped : skipped + layout.native_frame_bits].reshape(layout.shape)
    array = np.frombuffer(data, f"{order}u{layout.bits_allocated // 8}")
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if layout.native_frame_bits < layout.rows * layout.columns * layout.samples * (
        layout.bits_allocated
    ):
        return _from_422(array, layout)
    if layout.planar and layout.samples > 1:
        return array.reshape(layout.samples, layout.rows, layout.columns).transpose(1, 2, 0)
    return array.reshape(layout.shape)


def _from_422(array: Pixels, layout: PixelFormat) -> Pixels:
    """Y1 Y2 Cb Cr for each two pixels of a row (PS3.3 C.7.6.3.1.2)."""
    if layout.columns % _HALF:
        raise NotSupported("4:2:2 pixels in rows of odd length cannot be shown")
    pairs = array.reshape(layout.rows, layout.columns // _HALF, 4)
    out = np.empty((layout.rows, layout.columns, 3), array.dtype)
    out[:, 0::2, 0], out[:, 1::2, 0] = pairs[..., 0], pairs[..., 1]
    out[..., 1] = np.repeat(pairs[..., 2], _HALF, axis=1)
    out[..., 2] = np.repeat(pairs[..., 3], _HALF, axis=1)
    return out


def rgb_of_ybr(array: Pixels) -> Pixels:
    """Full range YCbCr to RGB (PS3.3 C.7.6.3.1.2, ITU-R BT.601)."""
    if array.dtype != np.uint8:
        raise NotSupported("YBR pixels of more than 8 bits cannot be shown")
    luma = array[..., 0].astype(np.float32)
    blue = array[..., 1].astype(np.float32) - 128
    red = array[..., 2].astype(np.float32) - 128
    rgb = np.stack(
        (luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue), axis=-1
    )
    shown: Pixels = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
    return shown


def _settle_bits(array: Pixels, layout: PixelFormat) -> Pixels:
    """The value each sample stands for: unused high bits away, the sign carried up."""
    if layout.bits_allocated == 1:
        return array
    width = array.dtype.itemsize * 8
    if array.dtype.kind == "u" and layout.signed and layout.samples == 1:
        array = array.view(f"i{array.dtype.itemsize}")
    spare = width - layout.bits_stored
    if spare <= 0 or layout.samples > 1:
        return array
    settled: Pixels = (array << spare) >> spare
    return settled
