"""Inflating deflated data sets (PS3.5 A.5) without falling for a bomb."""

import zlib

from imaging_cloud.domain.errors import InvalidInstance

# Below this anything may inflate as it likes; above, a hundredfold is no image any more.
_FREE_BYTES = 64 * 1024**2
_MAX_RATIO = 100
_MAX_BYTES = 512 * 1024**2


def inflate(data: bytes | memoryview) -> bytes:
    """The inflated data set. Raises InvalidInstance (deflate-bomb, truncated, unreadable)."""
    allowed = min(_MAX_BYTES, max(_FREE_BYTES, _MAX_RATIO * len(data)))
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        out = engine.decompress(data, allowed + 1)
    except zlib.error as error:
        raise InvalidInstance(
            "the deflated data set cannot be inflated", cause="unreadable"
        ) from error
    if len(out) > allowed:
        raise InvalidInstance(
            f"the deflated data set grows past {allowed} bytes", cause="deflate-bomb"
        )
    if not engine.eof:
        raise InvalidInstance("the deflated data set ends too early", cause="truncated")
    return out
