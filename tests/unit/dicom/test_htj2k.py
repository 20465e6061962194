"""Every kind of grey pixel comes back bit for bit, from the whole and from each prefix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imaging_cloud.dicom.htj2k import (
    decode_prefix,
    decomposition_levels,
    encode_grey,
    resolution_size,
)
from imaging_cloud.domain.errors import NotSupported

TYPES = (np.uint8, np.int8, np.uint16, np.int16)


@given(
    dtype=st.sampled_from(TYPES),
    rows=st.integers(1, 150),
    columns=st.integers(1, 150),
    seed=st.integers(0, 2**32 - 1),
    spread=st.integers(1, 16),
)
@settings(max_examples=60, deadline=None)
def test_any_frame_and_each_of_its_resolutions_is_exact(
    dtype: type, rows: int, columns: int, seed: int, spread: int
) -> None:
    limits = np.iinfo(dtype)
    chance = np.random.default_rng(seed)
    pixels = chance.integers(limits.min, limits.max, (rows, columns), dtype, endpoint=True)
    pixels >>= max(limits.bits - spread, 0)

    coded = encode_grey(pixels)

    levels = decomposition_levels(rows, columns)
    assert len(coded.ends) == levels + 1
    assert list(coded.ends) == sorted(coded.ends)
    assert coded.ends[-1] == len(coded.data)
    back = decode_prefix(coded.data, 0)
    assert (back.dtype, back.shape) == (pixels.dtype, pixels.shape)
    assert np.array_equal(back, pixels)
    for reduction in range(1, levels + 1):
        small = decode_prefix(coded.data[: coded.ends[levels - reduction]], reduction)
        assert small.shape == resolution_size(rows, columns, reduction)
        assert np.array_equal(small, decode_prefix(coded.data, reduction))


def test_the_codestream_is_the_one_that_the_transfer_syntax_names() -> None:
    data = encode_grey(np.arange(512 * 300, dtype=np.uint16).reshape(512, 300)).data

    cod = data.index(b"\xff\x52")
    assert data[cod + 5] == 2  # RPCL, T.800 A.6.1
    assert data[cod + 13] == 1  # the reversible 5/3 wavelet
    assert b"\xff\x55" in data[:400]  # TLM
    assert b"\xff\x50" in data[:400]  # CAP: high throughput


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.int32),
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4, 3), np.uint8),
    ],
)
def test_what_has_no_exact_form_is_refused(pixels: np.ndarray) -> None:
    with pytest.raises(NotSupported):
        encode_grey(pixels)


def test_a_damaged_codestream_is_refused() -> None:
    with pytest.raises(NotSupported):
        decode_prefix(b"\xff\x4f\xff\x51 nothing", 0)
