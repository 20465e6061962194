"""derive_frames: one frame in the form that viewers like best, decoded in the jail."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging_cloud.dicom.frames import FrameSource, decode_source
from imaging_cloud.dicom.htj2k import MAX_BITS, MAX_PIXELS
from imaging_cloud.dicom.pixel_format import PixelFormat
from imaging_cloud.dicom.render import JPEG, Look, Rendering, Viewport, render_pixels
from imaging_cloud.domain.errors import NotSupported
from imaging_cloud.ports.jail import Jail

# How the document names the forms (docs/http.md).
HTJ2K, RAW, RENDERED, NONE = "htj2k", "raw", "rendered", "none"
_PREVIEW = Rendering(media_type=JPEG, quality=70, viewport=Viewport(width=256, height=256))


@dataclass(frozen=True, slots=True)
class DerivedFrame:
    """`ends` are empty but for HTJ2K; `preview` is a JPEG where there is no codestream.

    `facts` are what the pixels themselves say (their range), or why there is no picture.
    """

    form: str
    data: bytes
    ends: tuple[int, ...]
    preview: bytes
    facts: dict[str, Any]


def form_of(layout: PixelFormat, *, is_real: bool) -> str:
    """`is_real`: floating point samples."""
    if layout.samples > 1 or layout.photometric == "PALETTE COLOR":
        return RENDERED
    if is_real or layout.bits_allocated > MAX_BITS or layout.rows * layout.columns > MAX_PIXELS:
        return RAW
    return HTJ2K


def decode_frame(source: FrameSource, jail: Jail) -> NDArray[Any]:
    """Decoded pixels; compressed ones are opened in the jail. Raises NotSupported."""
    if not source.compressed:
        return decode_source(source)
    answer = jail.run("decode", source)
    shape = tuple(int(side) for side in answer.head["shape"])
    return np.frombuffer(answer.body, np.dtype(str(answer.head["dtype"]))).reshape(shape)


def derive_frame(source: FrameSource, look: Look, jail: Jail) -> DerivedFrame:
    """Never raises NotSupported: what cannot be shown says so in its facts."""
    form = form_of(source.layout, is_real=source.is_real)
    if form == HTJ2K:
        try:
            return derive_htj2k(source, jail)
        except NotSupported as error:
            return DerivedFrame(NONE, b"", (), b"", {"error": str(error)})
    try:
        pixels = decode_frame(source, jail)
        preview = render_pixels(pixels, _square(look), _PREVIEW)
    except NotSupported as error:
        return DerivedFrame(NONE, b"", (), b"", {"error": str(error)})
    return DerivedFrame(form, b"", (), preview, {})


def derive_htj2k(source: FrameSource, jail: Jail) -> DerivedFrame:
    """Raises NotSupported for a frame that cannot be decoded, or not coded exactly."""
    answer = jail.run("derive", source)
    ends = tuple(int(end) for end in answer.head["ends"])
    low, high = answer.head["range"]
    facts = {"range": [low, high], "bulk": answer.head["bulk"]}
    return DerivedFrame(HTJ2K, answer.body, ends, b"", facts)


def _square(look: Look) -> Look:
    """Previews keep the frame's own pixels; who shows them stretches them."""
    return Look(display=look.display, bits=look.bits, palette=look.palette)
