"""Windows and lookup tables (PS3.3 C.11): values from the standard's own formulas."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from imaging_cloud.dicom.grey import Window, WindowFunction, apply_window, brightness, header_window


def dataset(**attributes: object) -> Dataset:
    made = Dataset()
    made.PhotometricInterpretation = "MONOCHROME2"
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def linear(value: float, center: float, width: float) -> float:
    """The formula of PS3.3 C.11.2.1.2.1, literally."""
    if value <= center - 0.5 - (width - 1) / 2:
        return 0
    if value > center - 0.5 + (width - 1) / 2:
        return 255
    return ((value - (center - 0.5)) / (width - 1) + 0.5) * 255


@pytest.mark.parametrize(("center", "width"), [(40, 400), (-600, 1500), (0.5, 1), (128, 256)])
def test_the_linear_window_is_that_of_the_standard(center: float, width: float) -> None:
    values = np.linspace(-2000, 2000, 801, dtype=np.float32)

    shown = apply_window(values, Window(center, width))

    expected = [linear(float(value), center, width) for value in values]
    assert np.allclose(shown, expected, atol=0.01)


def test_the_exact_linear_window_and_the_sigmoid_meet_in_the_middle() -> None:
    values = np.array([-100, 0, 100], dtype=np.float32)

    exact = apply_window(values, Window(0, 200, WindowFunction.LINEAR_EXACT))
    curved = apply_window(values, Window(0, 200, WindowFunction.SIGMOID))

    assert exact.tolist() == [0, 127.5, 255]
    assert curved.tolist() == pytest.approx([30.4, 127.5, 224.6], abs=0.1)


def test_the_modality_lut_comes_before_the_window() -> None:
    header = dataset(RescaleSlope=2, RescaleIntercept=-1024, WindowCenter=0.5, WindowWidth=2)
    pixels = np.array([[511, 512, 513]], dtype=np.int16)

    assert brightness(pixels, header, 1, None).tolist() == [[0, 128, 255]]


def test_monochrome1_is_turned_over_unless_the_presentation_says_otherwise() -> None:
    pixels = np.array([[0, 255]], dtype=np.uint8)
    window = Window(128, 256)

    def shown(**attributes: object) -> list[list[int]]:
        found: list[list[int]] = brightness(pixels, dataset(**attributes), 1, window).tolist()
        return found

    assert shown() == [[0, 255]]
    assert shown(PhotometricInterpretation="MONOCHROME1") == [[255, 0]]
    assert shown(PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="IDENTITY") == [
        [0, 255]
    ]


def test_without_a_window_the_pixels_themselves_tell_and_padding_does_not() -> None:
    pixels = np.full((10, 10), -2000, dtype=np.int16)
    pixels[5:, :] = np.arange(50).reshape(5, 10)

    shown = brightness(pixels, dataset(PixelPaddingValue=-2000), 1, None)

    assert shown[0].tolist() == [0] * 10
    assert shown[5, 0] < 5
    assert shown[9, 9] > 250


def test_a_flat_picture_without_window_is_no_error() -> None:
    shown = brightness(np.zeros((4, 4), np.uint16), dataset(), 1, None)

    assert shown.shape == (4, 4)


@pytest.mark.parametrize(
    "attributes",
    [
        {"WindowCenter": 40, "WindowWidth": 0},
        {"WindowCenter": 40},
        {"WindowCenter": None, "WindowWidth": None},
    ],
)
def test_a_useless_window_in_the_header_is_left_aside(attributes: dict[str, object]) -> None:
    assert header_window(dataset(**attributes), 1) is None


def test_of_several_windows_the_first_is_taken() -> None:
    header = dataset(WindowCenter=[40, -600], WindowWidth=[400, 1500])

    assert header_window(header, 1) == Window(40, 400)


def test_a_frames_own_window_goes_before_the_shared_one() -> None:
    def group(center: float) -> Dataset:
        return dataset(FrameVOILUTSequence=Sequence([dataset(WindowCenter=center, WindowWidth=10)]))

    header = dataset(
        PerFrameFunctionalGroupsSequence=Sequence([group(1), group(2)]),
        SharedFunctionalGroupsSequence=Sequence([group(3)]),
    )

    assert header_window(header, 2) == Window(2, 10)
    assert header_window(header, 3) == Window(3, 10)


def test_a_voi_lut_is_looked_up() -> None:
    item = Dataset()
    item.LUTDescriptor = [3, 10, 8]
    item.LUTData = [0, 255, 51]
    header = dataset(VOILUTSequence=Sequence([item]))

    shown = brightness(np.array([[0, 10, 11, 12, 99]], np.uint8), header, 1, None)

    assert shown.tolist() == [[0, 0, 255, 51, 51]]
