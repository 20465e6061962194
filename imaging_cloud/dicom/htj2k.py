"""Grey frames as lossless HTJ2K whose beginning is a smaller picture (PS3.5 A.4.11, T.814).

RPCL progression, TLM marker, one tile-part for each resolution: the transfer syntax
1.2.840.10008.1.2.4.202. The first `ends[r]` bytes decode to resolution r.
"""

import struct
from dataclasses import dataclass
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from imaging_cloud.domain.errors import NotSupported

HTJ2K_LOSSLESS_RPCL = "1.2.840.10008.1.2.4.202"
# Changes whenever the bytes would: derived objects of another version are made again.
DERIVATION = f"1-{imagecodecs.__version__}"
# The smallest resolution has at most this many pixels a side (PS3.5 A.4.11 asks for 64).
_SMALLEST_SIDE = 32
# More are neither coded exactly by every decoder nor decoded by browsers.
MAX_BITS = 16
MAX_PIXELS = 2**26
_SOT, _SOT_BYTES = 0xFF90, 12


@dataclass(frozen=True, slots=True)
class Codestream:
    """`ends[r]`: bytes from the start that hold resolution r, r = 0 the smallest."""

    data: bytes
    ends: tuple[int, ...]


def decomposition_levels(rows: int, columns: int) -> int:
    """How often the picture is halved, until its longer side is at most 32 pixels; at least once.

    The encoder takes 0 as "not said".
    """
    levels, side = 1, (max(rows, columns) + 1) // 2
    while side > _SMALLEST_SIDE:
        levels, side = levels + 1, (side + 1) // 2
    return levels


def resolution_size(rows: int, columns: int, reduction: int) -> tuple[int, int]:
    """(rows, columns) after `reduction` halvings (T.800 B.5)."""
    return -(-rows >> reduction), -(-columns >> reduction)


def encode_grey(pixels: NDArray[Any]) -> Codestream:
    """Encode (rows, columns) integers of at most 16 bits, and read them back to be sure.

    Raises NotSupported where they would not come back bit for bit.
    """
    if pixels.ndim != 2 or pixels.dtype.kind not in "iu" or pixels.dtype.itemsize > MAX_BITS // 8:  # noqa: PLR2004
        raise NotSupported("only grey frames of at most 16 bits have an HTJ2K form")
    if pixels.size > MAX_PIXELS:
        raise NotSupported("this frame is too large for an HTJ2K form")
    pixels = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("="))
    data = bytes(
        imagecodecs.htj2k_encode(
            pixels,
            reversible=True,
            tlm=True,
            tilepart=imagecodecs.HTJ2K.TILEPART.RESOLUTIONS,
            resolutions=decomposition_levels(*pixels.shape),
        )
    )
    back = imagecodecs.htj2k_decode(data)
    if back.dtype != pixels.dtype or not np.array_equal(back, pixels):
        raise NotSupported("this frame has no exact HTJ2K form")
    return Codestream(data, tile_part_ends(data))


def decode_prefix(prefix: bytes, reduction: int) -> NDArray[Any]:
    """The picture halved `reduction` times, out of the codestream's first bytes."""
    try:
        found: NDArray[Any] = imagecodecs.htj2k_decode(prefix, skipres=reduction, resilient=True)
    except Exception as error:
        raise NotSupported("this frame is damaged: it cannot be decoded") from error
    return found


def tile_part_ends(data: bytes) -> tuple[int, ...]:
    """Where each tile-part ends (T.800 A.4.2); the last one is the codestream's end."""
    at = 2
    while at + 4 <= len(data) and int.from_bytes(data[at : at + 2], "big") != _SOT:
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    ends: list[int] = []
    while at + _SOT_BYTES <= len(data) and int.from_bytes(data[at : at + 2], "big") == _SOT:
        (length,) = struct.unpack_from(">I", data, at + 6)
        at = at + length if length else len(data)
        ends.append(min(at, len(data)))
    return (*ends[:-1], len(data))
