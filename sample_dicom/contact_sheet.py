"""One picture of the whole set, to see at a glance whether it looks right.

python -m sample_dicom.contact_sheet OUT.png [--folder FOLDER]
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pydicom import dcmread
from pydicom.dataset import Dataset

from sample_dicom.decoding import decode
from sample_dicom.make_samples import HERE
from sample_dicom.manifest import Manifest, read_manifest

CELL = 172
LABEL = 13
COLUMNS = 8
GREYS, STEPS = 80, 5  # the palette: many greys and a coarse cube of colours; keeps the file small


def displayed(dataset: Dataset) -> NDArray[np.uint8]:
    """Give the middle frame as a viewer shows it: rescale, window, inversion."""
    pixels = decode(dataset)
    if "NumberOfFrames" in dataset:
        pixels = pixels[len(pixels) // 2]
    if pixels.ndim == 3:
        return pixels.astype(np.uint8)
    slope, intercept = dataset.get("RescaleSlope", 1), dataset.get("RescaleIntercept", 0)
    values: NDArray[Any] = pixels * float(slope) + float(intercept)
    centre, width = (_first(dataset[name].value) for name in ("WindowCenter", "WindowWidth"))
    grey = ((values - centre) / width + 0.5).clip(0, 1) * 255
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        grey = 255 - grey
    return grey.astype(np.uint8)


def _first(value: Any) -> float:  # noqa: ANN401 -- one number or several
    return float(value if isinstance(value, int | float) else value[0])


def draw_sheet(manifest: Manifest) -> Image.Image:
    cells = []
    for row in manifest.rows:
        series: dict[str, list[Dataset]] = {}
        for path in manifest.files(row):
            dataset = dcmread(path)
            if "PixelData" in dataset:
                key = f"{dataset.SeriesInstanceUID}{dataset.get('ImageLaterality', '')}"
                series.setdefault(key, []).append(dataset)
        cells += [
            (row.slug, Image.fromarray(displayed(items[len(items) // 2])))
            for items in series.values()
        ]
    lines = -(-len(cells) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * CELL, lines * (CELL + LABEL)), (24, 24, 28))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default_imagefont()
    for number, (slug, picture) in enumerate(cells):
        x, y = number % COLUMNS * CELL, number // COLUMNS * (CELL + LABEL)
        picture.thumbnail((CELL - 4, CELL - 4))
        sheet.paste(picture, (x + (CELL - picture.width) // 2, y + LABEL))
        draw.text((x + 3, y + 1), slug[:28], fill=(230, 230, 180), font=font)
    return sheet


def _palette() -> Image.Image:
    greys = [[round(255 * step / (GREYS - 1))] * 3 for step in range(GREYS)]
    levels = [round(255 * step / (STEPS - 1)) for step in range(STEPS)]
    cube = [[red, green, blue] for red in levels for green in levels for blue in levels]
    palette = Image.new("P", (1, 1))
    palette.putpalette([value for colour in greys + cube for value in colour])
    return palette


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--folder", type=Path, default=HERE)
    asked = parser.parse_args()
    sheet = draw_sheet(read_manifest(asked.folder))
    sheet.quantize(palette=_palette(), dither=Image.Dither.NONE).save(asked.out, optimize=True)


if __name__ == "__main__":
    main()
