"""Pictures of every kind look in the viewer as the server renders them, with WebGL and without.

That the server renders them rightly is tested against pydicom (protocol/dicomweb).
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.data import get_testdata_file

from tests.browser.pictures import table, write_colour, write_grey
from tests.browser.stage import enter, open_view, seen
from tests.makers import uid
from tests.protocol.dicomweb.deriving import derive_all
from tests.protocol.serving import Web, serving

SIZE = 64
# Levels of 255: two filters make a picture larger in slightly different ways.
NEAR = 3.0
BLOCK = 24


def ramp(least: int, most: int, kind: Any = np.int16, rows: int = SIZE) -> np.ndarray:
    """From left to right, and a step in the lower half: no two sides are alike."""
    line = np.linspace(least, most, SIZE)
    pixels = np.tile(line, (rows, 1))
    pixels[rows // 2 :, SIZE // 2 :] = least
    return pixels.astype(kind)


def coloured() -> np.ndarray:
    grey = ramp(0, 255, np.uint8)
    return np.stack([grey, grey[::-1], np.full_like(grey, 90)], axis=-1)


def written(root: Path) -> dict[str, Path]:
    """One file of every kind, by the name of its study."""
    lut = {"VOILUTSequence": [table(0, 65535 * np.linspace(0, 1, 1001) ** 2, "")]}
    modality = {"ModalityLUTSequence": [table(0, np.arange(1001) // 4, "US")]}
    plain = {"RescaleSlope": None, "RescaleIntercept": None}
    window = {"WindowCenter": 500, "WindowWidth": 800}
    grey: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
        "signed with padding": (ramp(-1000, 1000), {"PixelPaddingValue": -1000, **window}),
        "no window": (ramp(100, 900, np.uint16), {"Modality": "MR", **plain}),
        "unsigned above 32767": (
            ramp(20000, 60000, np.uint16),
            {"WindowCenter": 40000, "WindowWidth": 40000},
        ),
        "negative first": (
            ramp(0, 1000, np.uint16),
            {"PhotometricInterpretation": "MONOCHROME1", "Modality": "DX", **window},
        ),
        "eight bits": (ramp(0, 255, np.uint8), {"Modality": "US", **plain}),
        "slope": (
            ramp(0, 4000, np.uint16),
            {
                "RescaleSlope": 0.25,
                "RescaleIntercept": -100,
                "WindowCenter": 300,
                "WindowWidth": 600,
            },
        ),
        "exact": (
            ramp(0, 255, np.uint8),
            {"WindowCenter": 128, "WindowWidth": 20, "VOILUTFunction": "LINEAR_EXACT"},
        ),
        "sigmoid": (ramp(0, 1000, np.uint16), {"VOILUTFunction": "SIGMOID", **window}),
        "VOI table": (ramp(0, 1000, np.uint16), lut),
        "modality table": (ramp(0, 1000, np.uint16), modality | plain),
        "not square": (ramp(0, 1000, np.uint16, rows=32), {"PixelSpacing": [2, 1], **window}),
        "aspect": (ramp(0, 1000, np.uint16, rows=32), {"PixelAspectRatio": [2, 1], **window}),
        "loop": (
            np.stack([ramp(0, 100 + 50 * number, np.uint8) for number in range(4)]),
            {"Modality": "XA", "FrameTime": 66, **plain},
        ),
    }
    files = {
        name: write_grey(root / f"{name}.dcm", pixels, study=name, **more)
        for name, (pixels, more) in grey.items()
    }
    colours = np.stack([coloured(), coloured()[:, ::-1]])
    files["RGB"] = write_colour(root / "rgb.dcm", coloured(), study="RGB", Modality="XC")
    files["RGB loop"] = write_colour(root / "us.dcm", colours, study="RGB loop", Modality="US")
    return files


# Shipped with pydicom: a palette, YBR as it is and as JPEG.
SHIPPED = ("examples_palette.dcm", "SC_ybr_full_422_uncompressed.dcm", "examples_ybr_color.dcm")


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, dict[str, str]]]:
    root: Path = tmp_path_factory.mktemp("pictures")
    with serving(root / "home") as web:
        files = written(root)
        found = {name: uid(name) for name in files}
        web.keep(files.values())
        for name in SHIPPED:
            path = get_testdata_file(name)
            assert path, f"pydicom does not ship {name} any more"
            [receipt] = web.keep([Path(path)])
            found[name] = receipt.study_uid
        derive_all(web)
        yield web, found


def expected(web: Web, page: Any, like: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The server's rendering of the shown frame, laid onto the stage as `like` is.

    With it: which blocks lie in the picture, its edges left out.
    """
    address = page.evaluate(
        """() => { const pane = imagingCloudViewer.panes[0]; const { picture, series } = pane;
             return `/dicom-web/studies/${series.studyUid}/series/${series.seriesUid}` +
               `/instances/${picture.sopInstanceUid}/frames/${picture.frame}/rendered`; }"""
    )
    answer = web.get(address, web.token("admin"), headers={"Accept": "image/png"})
    picture = Image.open(io.BytesIO(answer.content)).convert("RGB")
    height, width, _ = like.shape
    spacing = page.evaluate("() => imagingCloudViewer.panes[0].picture.pixelSpacing")
    picture_of = "imagingCloudViewer.panes[0].picture"
    rows, columns = page.evaluate(f"() => [{picture_of}.rows, {picture_of}.columns]")
    wide, high = columns * spacing[1], rows * spacing[0]
    scale = min(width / wide, height / high)
    placed = (round(wide * scale), round(high * scale))
    left, top = (width - placed[0]) // 2, (height - placed[1]) // 2
    stage = Image.new("RGB", (width, height))
    stage.paste(picture.resize(placed, Image.Resampling.BILINEAR), (left, top))
    inside = np.zeros((height, width, 3))
    inside[top + 2 : top + placed[1] - 2, left + 2 : left + placed[0] - 2] = 1
    return np.asarray(stage, float), blocks(inside)[..., 0] == 1


def blocks(pixels: np.ndarray) -> np.ndarray:
    """Means of blocks, so that a sharp edge half a pixel away does not count."""
    height, width = (each // BLOCK * BLOCK for each in pixels.shape[:2])
    cut = pixels[:height, :width].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK, 3)
    return cut.mean(axis=(1, 3))


@pytest.mark.parametrize("renderer", ["", "2d"])
def test_every_kind_looks_as_the_server_renders_it(
    studies: tuple[Web, dict[str, str]], visit: Any, renderer: str
) -> None:
    web, found = studies
    phone = visit()
    enter(web, phone)
    wrong: dict[str, float] = {}
    for name, study in found.items():
        open_view(web, phone.page, study, f"?renderer={renderer}" if renderer else "")
        shown = seen(phone.page)
        wanted, inside = expected(web, phone.page, shown)
        difference = np.abs(blocks(shown) - blocks(wanted))[inside]
        # An edge inside a block is worth a few levels; a wrong table, turn or stretch is many.
        if shown.std() < 10 or np.percentile(difference, 95) > NEAR or difference.max() > 30:
            wrong[name] = round(float(np.percentile(difference, 95)), 1)
    assert wrong == {}


def test_a_loop_has_its_own_speed_and_a_single_picture_has_no_buttons_for_many(
    studies: tuple[Web, dict[str, str]], visit: Any
) -> None:
    web, found = studies
    phone = visit()
    enter(web, phone)
    page = phone.page
    open_view(web, page, found["loop"])
    page.get_by_role("button", name="播放").tap()
    page.wait_for_function("() => document.querySelector('.stage').dataset.index === '3'")
    assert page.evaluate("() => imagingCloudViewer.panes[0].picture.frameTime") == 66
    open_view(web, page, found["RGB"])
    for name in ("播放", "上一幅", "下一幅"):
        assert page.get_by_role("button", name=name).count() == 0
    assert not page.get_by_label("窗位").is_visible()  # colours have no window
