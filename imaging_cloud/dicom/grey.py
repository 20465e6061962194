"""From stored grey values to brightness: modality LUT, then VOI LUT or window (PS3.3 C.11)."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

Grey = NDArray[np.float32]

# The share of pixels at either end that a guessed window leaves to black and white.
TAIL_PERCENT = 0.5
_WHITE = 255.0


class WindowFunction(StrEnum):
    """PS3.3 C.11.2.1.3; the request parameter's spelling (PS3.18 8.3.5.1.4)."""

    LINEAR = "linear"
    LINEAR_EXACT = "linear-exact"
    SIGMOID = "sigmoid"


@dataclass(frozen=True, slots=True)
class Window:
    """`name` is what the header calls it."""

    center: float
    width: float
    function: WindowFunction = WindowFunction.LINEAR
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Lut:
    """`first` is the value that `entries[0]` stands for (PS3.3 C.11.1.1)."""

    first: int
    entries: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """How the stored values of a frame become brightness; independent of the pixels.

    `windows` are those of the header, the first one is the usual one; `padding` holds the least
    and the greatest value that are no part of the picture.
    """

    slope: float = 1.0
    intercept: float = 0.0
    modality_lut: Lut | None = None
    voi_lut: Lut | None = None
    windows: tuple[Window, ...] = ()
    padding: tuple[int, int] | None = None
    inverse: bool = False


def display_of(dataset: Dataset, frame: int) -> Display:
    """What the header says of frame `frame` (from 1)."""
    modality_lut = _lut(dataset, "ModalityLUTSequence")
    slope, intercept = (1.0, 0.0) if modality_lut else _rescale(dataset, frame)
    return Display(
        slope=slope,
        intercept=intercept,
        modality_lut=modality_lut,
        voi_lut=_lut(dataset, "VOILUTSequence"),
        windows=header_windows(dataset, frame),
        padding=_padding_values(dataset),
        inverse=_is_inverse(dataset),
    )


def brightness(
    pixels: NDArray[Any], dataset: Dataset, frame: int, asked: Window | None
) -> NDArray[np.uint8]:
    """Frame `frame` (from 1) as 0 black to 255 white, MONOCHROME1 turned over."""
    return shown(pixels, display_of(dataset, frame), asked)


def shown(pixels: NDArray[Any], display: Display, asked: Window | None) -> NDArray[np.uint8]:
    """Stored values as 0 black to 255 white; `asked` goes before what the header says."""
    padding = _padding(pixels, display)
    values = modality_values(pixels, display)
    table = None if asked else display.voi_lut
    if table is not None:
        found = _look_up(values, table) * np.float32(_WHITE / max(float(table.entries.max()), 1.0))
    else:
        own = display.windows[0] if display.windows else None
        found = apply_window(values, asked or own or _guess_window(values, padding))
    if display.inverse:
        found = _WHITE - found
    if padding is not None:
        found[padding] = 0
    rounded: NDArray[np.uint8] = np.rint(found).astype(np.uint8)
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
    found = header_windows(dataset, frame)
    return found[0] if found else None


def header_windows(dataset: Dataset, frame: int) -> tuple[Window, ...]:
    """The usable windows of the frame's own header, else of the object's (PS3.3 C.11.2)."""
    for holder in _holders(dataset, frame, "FrameVOILUTSequence"):
        centers, widths = _numbers(holder, "WindowCenter"), _numbers(holder, "WindowWidth")
        named = str(holder.get("VOILUTFunction") or "LINEAR").strip().lower().replace("_", "-")
        known = named in {each.value for each in WindowFunction}
        function = WindowFunction(named) if known else WindowFunction.LINEAR
        names = _texts(holder, "WindowCenterWidthExplanation")
        found = tuple(
            Window(center, width, function, names[at] if at < len(names) else "")
            for at, (center, width) in enumerate(zip(centers, widths, strict=False))
            if center is not None and width is not None and width > 0
        )
        if found:
            return found
    return ()


def _numbers(dataset: Dataset, keyword: str) -> list[float | None]:
    value = dataset.get(keyword)
    return [_finite(each) for each in (value if isinstance(value, MultiValue) else [value])]


def _texts(dataset: Dataset, keyword: str) -> list[str]:
    value = dataset.get(keyword)
    return [str(each) for each in (value if isinstance(value, MultiValue) else [value or ""])]


def modality_values(pixels: NDArray[Any], display: Display) -> Grey:
    """Stored values in the modality's own unit, e.g. HU (PS3.3 C.11.1)."""
    values = pixels.astype(np.float32)
    if display.modality_lut is not None:
        return _look_up(values, display.modality_lut)
    if (display.slope, display.intercept) == (1.0, 0.0):
        return values
    return values * np.float32(display.slope) + np.float32(display.intercept)


def _rescale(dataset: Dataset, frame: int) -> tuple[float, float]:
    for holder in _holders(dataset, frame, "PixelValueTransformationSequence"):
        slope, intercept = _number(holder, "RescaleSlope"), _number(holder, "RescaleIntercept")
        if slope is not None and intercept is not None and slope != 0:
            return slope, intercept
    return 1.0, 0.0


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
    return next(iter(_numbers(dataset, keyword)), None)


def _finite(value: object) -> float | None:
    try:
        number = float(value) if value is not None else float("nan")  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def _guess_window(values: Grey, padding: NDArray[np.bool_] | None) -> Window:
    """From where the pixels are; padding around the picture says nothing of it."""
    shown = values[~padding] if padding is not None else values
    if shown.size == 0 or not np.isfinite(shown).any():
        return Window(0.5, 1, WindowFunction.LINEAR_EXACT)
    low, high = np.nanpercentile(shown, (TAIL_PERCENT, 100 - TAIL_PERCENT))
    if low == high:
        low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
    if low == high:
        high = low + 1
    return Window((low + high) / 2, high - low, WindowFunction.LINEAR_EXACT)


def _padding_values(dataset: Dataset) -> tuple[int, int] | None:
    value = dataset.get("PixelPaddingValue")
    if not isinstance(value, int):
        return None
    limit = dataset.get("PixelPaddingRangeLimit")
    other = limit if isinstance(limit, int) else value
    return min(value, other), max(value, other)


def _padding(pixels: NDArray[Any], display: Display) -> NDArray[np.bool_] | None:
    """Pixels that are no part of the picture (PS3.3 C.7.5.1.1.2); None when there are none."""
    if display.padding is None or pixels.dtype.kind not in "iu":
        return None
    low, high = display.padding
    found: NDArray[np.bool_] = (pixels >= low) & (pixels <= high)
    return found if found.any() else None


def _lut(dataset: Dataset, keyword: str) -> Lut | None:
    """The first item of a LUT sequence (PS3.3 C.11.1.1)."""
    items: Any = dataset.get(keyword) or ()
    try:
        descriptor, data = items[0].LUTDescriptor, items[0].LUTData
        first = int(descriptor[1])
        entries = np.frombuffer(data, "<u2") if isinstance(data, bytes) else np.array(data)
        entries = entries[: int(descriptor[0]) or 65536].astype(np.float32)
    except (AttributeError, IndexError, TypeError, ValueError):
        return None
    return Lut(first, entries) if entries.size else None


def _look_up(values: Grey, table: Lut) -> Grey:
    index = np.clip(np.rint(values) - table.first, 0, table.entries.size - 1).astype(np.int64)
    found: Grey = table.entries[index]
    return found


def _is_inverse(dataset: Dataset) -> bool:
    """A presentation LUT shape, where given, goes before the photometric interpretation."""
    shape = str(dataset.get("PresentationLUTShape") or "")
    if shape:
        return shape == "INVERSE"
    return bool(dataset.get("PhotometricInterpretation") == "MONOCHROME1")
