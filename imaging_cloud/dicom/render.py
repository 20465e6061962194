"""Pictures for people: a frame as JPEG, PNG or WebP (PS3.18 8.3.5, rendered resources)."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut

from imaging_cloud.dicom.frames import decoded_frame
from imaging_cloud.dicom.grey import Display, Window, display_of, shown
from imaging_cloud.dicom.pixel_format import representative_frame
from imaging_cloud.dicom.stored import StoredInstance
from imaging_cloud.domain.errors import NotSupported

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
PICTURE_TYPES = (JPEG, PNG, WEBP)
DEFAULT_QUALITY = 85
_SQUARE_ENOUGH = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewport:
    """Fit the picture, or the part (left, top, width, height) of it, into a box."""

    width: int
    height: int
    part: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """How a frame is to be shown; `frame` None is the one that stands for the object."""

    frame: int | None = None
    media_type: str = JPEG
    quality: int = DEFAULT_QUALITY
    window: Window | None = None
    viewport: Viewport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a frame's stored values become a picture.

    `bits` are those of a colour sample; `palette` is the header where colours are looked up
    there. `ratio`: height of a pixel over its width.
    """

    display: Display
    bits: int = 8
    palette: Dataset | None = None
    ratio: float = 1.0


def look_of(dataset: Dataset, frame: int) -> Look:
    """What the header says of frame `frame` (from 1)."""
    has_palette = dataset.get("PhotometricInterpretation") == "PALETTE COLOR"
    return Look(
        display=display_of(dataset, frame),
        bits=int(dataset.get("BitsStored") or 8),
        palette=dataset if has_palette else None,
        ratio=pixel_ratio(dataset),
    )


def render_frame(stored: StoredInstance, asked: Rendering) -> bytes:
    """The encoded picture, decoded in this process. Raises NotSupported where there is none."""
    frame = asked.frame or representative_frame(stored.dataset)
    return render_pixels(decoded_frame(stored, frame), look_of(stored.dataset, frame), asked)


def render_pixels(pixels: NDArray[Any], look: Look, asked: Rendering) -> bytes:
    """Decoded pixels (grey, palette or RGB) as an encoded picture. Raises NotSupported."""
    picture = Image.fromarray(_displayed(pixels, look, asked.window))
    return encode_picture(_scaled(picture, asked.viewport, look.ratio), asked)


def encode_picture(picture: Image.Image, asked: Rendering) -> bytes:
    out = io.BytesIO()
    if asked.media_type == PNG:
        picture.save(out, "PNG", compress_level=3)
    elif asked.media_type == WEBP:
        # The method trades bytes for time; 2 costs a third of the default for 3 % more bytes.
        picture.save(out, "WEBP", quality=asked.quality, method=2)
    else:
        picture.save(out, "JPEG", quality=asked.quality)
    return out.getvalue()


def render_picture(data: bytes, look: Look, asked: Rendering) -> bytes:
    """A picture that we made ourselves, made again in the size asked for."""
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return encode_picture(_scaled(picture, asked.viewport, look.ratio), asked)


def _displayed(pixels: NDArray[Any], look: Look, window: Window | None) -> NDArray[np.uint8]:
    if look.palette is not None:
        return _eight_bits(_coloured(pixels, look.palette), 16)
    if pixels.ndim == 3:  # noqa: PLR2004 - rows, columns, samples
        return _eight_bits(pixels, look.bits)
    return shown(pixels, look.display, window)


def _coloured(pixels: NDArray[Any], dataset: Dataset) -> NDArray[Any]:
    """Through the palette (PS3.3 C.7.9)."""
    try:
        coloured: NDArray[Any] = apply_color_lut(pixels, dataset)
    except (ValueError, AttributeError, IndexError, TypeError) as error:
        raise NotSupported("this object's palette cannot be used") from error
    if coloured.dtype == np.uint8:
        return coloured.astype(np.uint16) * 257  # 255 becomes 65535
    return coloured


def _eight_bits(pixels: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return np.ascontiguousarray(pixels)
    return np.ascontiguousarray(pixels >> max(bits - 8, 0)).astype(np.uint8)


def pixel_ratio(dataset: Dataset) -> float:
    """Height of a pixel over its width (PS3.3 C.7.6.3.1.7); 1 when nothing usable is said."""
    for keyword in ("PixelSpacing", "PixelAspectRatio"):
        try:
            down, across = (float(each) for each in dataset.get(keyword))
        except (TypeError, ValueError):
            continue
        if down > 0 and across > 0:
            return down / across
    return 1.0


def _cropped(picture: Image.Image, part: tuple[int, int, int, int]) -> Image.Image:
    left, top, width, height = part
    if left >= picture.width or top >= picture.height:
        raise NotSupported("the part asked for lies outside of the picture")
    right, bottom = min(left + width, picture.width), min(top + height, picture.height)
    return picture.crop((left, top, right, bottom))


def _scaled(picture: Image.Image, viewport: Viewport | None, ratio: float) -> Image.Image:
    """Pixels are shown square, so a frame whose pixels are not is stretched (PS3.18 8.3.5.1.3)."""
    if viewport is not None and viewport.part is not None:
        picture = _cropped(picture, viewport.part)
    width, height = float(picture.width), float(picture.height)
    if abs(ratio - 1) > _SQUARE_ENOUGH:
        width, height = (width, height * ratio) if ratio > 1 else (width / ratio, height)
    if viewport is not None:
        share = min(viewport.width / width, viewport.height / height)
        width, height = width * share, height * share
    size = (max(round(width), 1), max(round(height), 1))
    if size == picture.size:
        return picture
    smaller = size[0] < picture.width
    return picture.resize(size, Image.Resampling.BOX if smaller else Image.Resampling.BICUBIC)
