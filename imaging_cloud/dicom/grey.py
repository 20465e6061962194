"""From stored grey values to brightness: modality LUT, then VOI LUT or window (PS3.3 C.11)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

Grey = NDArray[np.float32]

# The share of pixels at either end that a guessed window leaves to black and white.
_TAIL_PERCENT = 0.5
_WHITE = 255.0


class WindowFunction(StrEnum):
    """PS3.3 C.11.2.1.3; the request parameter's spelling (PS3.18 8.3.5.1.4)."""

    LINEAR = "linear"
    LINEAR_EXACT = "linear-exact"
    SIGMOID = "sigmoid"


@dataclass(frozen=True, slots=True)
class Window:
    center: float
    width: float
    function: WindowFunction = WindowFunction.LINEAR


def brightness(
    pixels: NDArray[Any], dataset: Dataset, frame: int, asked: Window | None
) -> NDArray[np.uint8]:
    """Frame `frame` (from 1) as 0 black to 255 white, MONOCHROME1 turned over."""
    padding = _padding(pixels, dataset)
    values = _modality_values(pixels, dataset, frame)
    table = None if asked else _lut(dataset, "VOILUTSequence")
    if table is not None:
        shown = _look_up(values, table) * np.float32(_WHITE / max(float(table[1].max()), 1.0))
    else:
        window = asked or header_window(dataset, frame) or _guess_window(values, padding)
        shown = apply_window(values, window)
    if _is_inverse(dataset):
        shown = _WHITE - shown
    if padding is not None:
        shown[padding] = 0
    rounded: NDArray[np.uint8] = np.rint(shown).astype(np.uint8)
    return rounded


def apply_window(values: Grey, window: Window) -> Grey:
    """The three functions of PS3.3 C.11.2.1.2.1 and C.11.2.1.3, onto 0 to 255."""
    center, width = np.float32(window.center), np.float32(window.width)
    match window.function:
        case WindowFunction.LINEAR if width <= 1:
            share = (values > center - np.float32(0.5)).astype(np.float32)
        case WindowFunction.LINEAR:
            share = (values - (center - np.float32(0.5))) / (width - 1) + np.float32(0.5)
        case WindowFunction.LINEAR_EXACT:
            share = (values - center) / width + np.float32(0.5)
        case WindowFunction.SIGMOID:
            power = np.clip(-4 * (values - center) / width, -80, 80)
            share = np.float32(1) / (np.float32(1) + np.exp(power))
    shown: Grey = np.clip(share, 0, 1) * np.float32(_WHITE)
    return shown


def header_window(dataset: Dataset, frame: int) -> Window | None:
    """The first window of the frame's or the object's own header; None without a usable one."""
    for holder in _holders(dataset, frame, "FrameVOILUTSequence"):
        center, width = _number(holder, "WindowCenter"), _number(holder, "WindowWidth")
        if center is None or width is None or width <= 0:
            continue
        name = str(holder.get("VOILUTFunction") or "LINEAR").strip().lower().replace("_", "-")
        known = name in {each.value for each in WindowFunction}
        return Window(center, width, WindowFunction(name) if known else WindowFunction.LINEAR)
    return None


def _modality_values(pixels: NDArray[Any], dataset: Dataset, frame: int) -> Grey:
    table = _lut(dataset, "ModalityLUTSequence")
    values = pixels.astype(np.float32)
    if table is not None:
        return _look_up(values, table)
    for holder in _holders(dataset, frame, "PixelValueTransformationSequence"):
        slope, intercept = _number(holder, "RescaleSlope"), _number(holder, "RescaleIntercept")
        if slope is not None and intercept is not None and slope != 0:
            return values * np.float32(slope) + np.float32(intercept)
    return values


def _holders(dataset: Dataset, frame: int, keyword: str) -> list[Dataset]:
    """Where an attribute may stand: per frame, shared (PS3.3 C.7.6.16), or in the object."""
    found: list[Dataset] = []
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence") or ()
    groups = [*per_frame[frame - 1 : frame], *(dataset.get("SharedFunctionalGroupsSequence") or ())]
    for group in groups:
        found.extend((group.get(keyword) or ())[:1])
    return [*found, dataset]


def _number(dataset: Dataset, keyword: str) -> float | None:
    """The first value as a finite number; None for anything else."""
    value = dataset.get(keyword)
    if isinstance(value, MultiValue):
        value = value[0] if value else None
    try:
        number = float(value) if value is not None else float("nan")
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def _guess_window(values: Grey, padding: NDArray[np.bool_] | None) -> Window:
    """From where the pixels are; padding around the picture says nothing of it."""
    shown = values[~padding] if padding is not None else values
    if shown.size == 0 or not np.isfinite(shown).any():
        return Window(0.5, 1, WindowFunction.LINEAR_EXACT)
    low, high = np.nanpercentile(shown, (_TAIL_PERCENT, 100 - _TAIL_PERCENT))
    if low == high:
        low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
    if low == high:
        high = low + 1
    return Window((low + high) / 2, high - low, WindowFunction.LINEAR_EXACT)


def _padding(pixels: NDArray[Any], dataset: Dataset) -> NDArray[np.bool_] | None:
    """Pixels that are no part of the picture (PS3.3 C.7.5.1.1.2); None when there are none."""
    value = dataset.get("PixelPaddingValue")
    if not isinstance(value, int) or pixels.dtype.kind not in "iu":
        return None
    limit = dataset.get("PixelPaddingRangeLimit")
    other = limit if isinstance(limit, int) else value
    found: NDArray[np.bool_] = (pixels >= min(value, other)) & (pixels <= max(value, other))
    return found if found.any() else None


def _lut(dataset: Dataset, keyword: str) -> tuple[int, NDArray[np.float32]] | None:
    """(first mapped value, entries) of the first item of a LUT sequence (PS3.3 C.11.1.1)."""
    items: Any = dataset.get(keyword) or ()
    try:
        descriptor, data = items[0].LUTDescriptor, items[0].LUTData
        first = int(descriptor[1])
        entries = np.frombuffer(data, "<u2") if isinstance(data, bytes) else np.array(data)
        entries = entries[: int(descriptor[0]) or 65536].astype(np.float32)
    except (AttributeError, IndexError, TypeError, ValueError):
        return None
    return (first, entries) if entries.size else None


def _look_up(values: Grey, table: tuple[int, NDArray[np.float32]]) -> Grey:
    first, entries = table
    index = np.clip(np.rint(values) - first, 0, entries.size - 1).astype(np.int64)
    found: Grey = entries[index]
    return found


def _is_inverse(dataset: Dataset) -> bool:
    """A presentation LUT shape, where given, goes before the photometric interpretation."""
    shape = str(dataset.get("PresentationLUTShape") or "")
    if shape:
        return shape == "INVERSE"
    return bool(dataset.get("PhotometricInterpretation") == "MONOCHROME1")
