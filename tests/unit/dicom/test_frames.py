"""Frames against pydicom's own decoding, over all the files pydicom ships."""

import contextlib
import io
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest

from imaging_cloud.dicom.codecs import codestream_size
from imaging_cloud.dicom.frames import decoded_frame, stored_frame
from imaging_cloud.dicom.pixel_format import pixel_format
from imaging_cloud.dicom.render import JPEG, PNG, Rendering, Viewport, render_frame
from imaging_cloud.dicom.stored import StoredInstance, read_stored
from imaging_cloud.domain.errors import NotFound, NotSupported
from tests.makers import make_instance

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
PART10 = [path for path in sorted(SHIPPED.glob("*.dcm")) if path.read_bytes()[128:132] == b"DICM"]


def stored_of(path: Path) -> StoredInstance:
    return read_stored(io.BytesIO(path.read_bytes()))


def pydicoms_frames(path: Path) -> np.ndarray | None:
    """All frames with the frame axis first; None where pydicom has no decoder or no picture."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = pydicom.dcmread(path)
            pixels = dataset.pixel_array
            frames = int(dataset.get("NumberOfFrames") or 1)
        except Exception:  # noqa: BLE001 - whatever it is, there is nothing to compare with
            return None
    return pixels if frames > 1 else pixels[np.newaxis]


@pytest.mark.parametrize("path", PART10, ids=lambda path: path.name)
def test_every_shipped_file_is_decoded_as_pydicom_does_or_refused_clearly(path: Path) -> None:
    expected = pydicoms_frames(path)
    try:
        stored = stored_of(path)
        frames = pixel_format(stored.dataset).frames
        ours = [decoded_frame(stored, number) for number in range(1, frames + 1)]
        picture = render_frame(stored, Rendering(viewport=Viewport(width=64, height=64)))
    except NotSupported:
        assert expected is None
        return

    assert picture.startswith(b"\xff\xd8")
    if expected is not None:
        assert len(ours) == len(expected)
        for mine, theirs in zip(ours, expected, strict=True):
            assert np.array_equal(mine, theirs)


def test_enough_of_them_are_compared() -> None:
    compared = [path for path in PART10 if pydicoms_frames(path) is not None]

    assert len(compared) >= 50


@pytest.mark.parametrize(
    "name", ["JPGExtended.dcm", "MR_small_jpeg_ls_lossless.dcm", "SC_rgb_jpeg_gdcm.dcm"]
)
def test_codecs_that_pydicom_lacks_here_agree_with_the_uncompressed_twin(name: str) -> None:
    twins = {
        "MR_small_jpeg_ls_lossless.dcm": "MR_small.dcm",
        "SC_rgb_jpeg_gdcm.dcm": "SC_rgb_rle.dcm",
    }
    ours = decoded_frame(stored_of(SHIPPED / name), 1)
    if name not in twins:
        assert ours.dtype.itemsize == 2
        assert int(ours.max()) > 255  # 12 bits are kept
        return

    assert np.array_equal(ours, decoded_frame(stored_of(SHIPPED / twins[name]), 1))


def test_a_frame_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    stored = stored_of(make_instance(tmp_path / "a.dcm"))
    for number in (0, 2):
        with pytest.raises(NotFound):
            decoded_frame(stored, number)


def test_a_header_that_promises_more_pixels_than_there_are_is_refused(tmp_path: Path) -> None:
    stored = stored_of(make_instance(tmp_path / "a.dcm", Rows=4000))

    with pytest.raises(NotSupported):
        stored_frame(stored, 1)


def test_a_frame_too_large_to_believe_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    stored = stored_of(make_instance(tmp_path / "a.dcm", Rows=65535, Columns=65535))

    with pytest.raises(NotSupported, match="too large"):
        decoded_frame(stored, 1)


def test_a_codestream_of_another_size_than_the_header_is_never_decoded() -> None:
    data = (SHIPPED / "JPEG2000.dcm").read_bytes()
    begin = data.find(b"\xff\x4f\xff\x51")
    size = codestream_size(data[begin:])
    assert size == (1024, 256)
    # Xsiz stands 8 bytes into the codestream: a bomb claims 2^31 columns.
    bomb = data[: begin + 8] + (2**31).to_bytes(4, "big") + data[begin + 12 :]

    with pytest.raises(NotSupported, match="size"):
        decoded_frame(read_stored(io.BytesIO(bomb)), 1)


@pytest.mark.parametrize("seed", range(20))
def test_damaged_codestreams_are_refused_or_shown_but_never_break(seed: int) -> None:
    """A random byte of each compressed file is turned over."""
    random = np.random.default_rng(seed)
    for name in ("SC_rgb_jpeg_dcmtk.dcm", "MR_small_RLE.dcm", "JPEG2000.dcm"):
        data = bytearray((SHIPPED / name).read_bytes())
        at = int(random.integers(len(data) * 2 // 3, len(data)))
        data[at] ^= 0xFF
        with contextlib.suppress(NotSupported, NotFound):
            render_frame(read_stored(io.BytesIO(bytes(data))), Rendering())


def test_a_png_is_a_png_and_the_viewport_is_filled(tmp_path: Path) -> None:
    stored = stored_of(make_instance(tmp_path / "a.dcm"))

    png = render_frame(stored, Rendering(media_type=PNG, viewport=Viewport(width=100, height=50)))
    jpeg = render_frame(stored, Rendering(media_type=JPEG))

    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 50
    assert jpeg.startswith(b"\xff\xd8")
