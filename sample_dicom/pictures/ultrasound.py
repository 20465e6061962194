"""Ultrasound: a sector of speckle with liver, kidney and gall bladder, and a flow box in colour."""

import math

import numpy as np
from numpy.typing import NDArray

from sample_dicom.pictures.canvas import Pixels, Point, Sheet, blur, clouds, grain

Colours = NDArray[np.uint8]
APEX: Point = (50, -8)


def _fan(sheet: Sheet, near: float, far: float) -> Pixels:
    def arc(radius: float, order: range) -> list[Point]:
        return [
            (
                APEX[0] + radius * math.sin(math.radians(a)),
                APEX[1] + radius * math.cos(math.radians(a)),
            )
            for a in order
        ]

    return sheet.polygon(arc(far, range(-38, 39, 2)) + arc(near, range(38, -39, -2)))


def liver_and_kidney(width: int, height: int, breath: float, seed: int) -> Sheet:
    """Grey values 0..255; `breath` moves the organs a little, for a cine loop."""
    sheet = Sheet(width, height, 0)
    fan = _fan(sheet, 14, 80)
    tissue = Sheet(width, height, 84)
    move = 2.0 * math.sin(math.tau * breath)
    liver = tissue.ellipse((44, 30 + move), (34, 24), angle=12, soft=2)
    tissue.paint(liver, 104)
    for points in ([(30, 26), (40, 30), (50, 26)], [(44, 36), (52, 32), (60, 30)]):
        moved = [(x, y + move) for x, y in points]
        tissue.paint(tissue.stroke(moved, 2.4, soft=1), 150)
        tissue.paint(tissue.stroke(moved, 1.3, soft=1), 22)
    tissue.paint(tissue.ellipse((66, 26 + move), (5, 8), angle=30, soft=1), 6)  # gall bladder
    tissue.paint(tissue.ellipse((54, 50 + move), (15, 8), angle=18, soft=1), 62)  # kidney
    tissue.paint(tissue.ellipse((54, 50 + move), (8, 3), angle=18, soft=1), 168)
    diaphragm = [(16, 40), (24, 54), (38, 64), (54, 67)]
    tissue.paint(tissue.stroke([(x, y + move) for x, y in diaphragm], 1.3, soft=1), 225)
    shape = (height, width)
    speckle = 1 + 0.24 * clouds(shape, seed, 1) + 0.1 * grain(shape, seed + 1)
    depth = 1.1 - 0.45 * np.arange(height, dtype=np.float64).reshape(-1, 1) / height
    sheet.pixels = (tissue.pixels * speckle * depth).clip(0, 255) * fan
    for number in range(8):
        sheet.write("-", (95, 6 + 8 * number), 190)
    return sheet


def in_grey(sheet: Sheet) -> Colours:
    grey = sheet.pixels.clip(0, 255).round().astype(np.uint8)
    return np.stack([grey, grey, grey], axis=-1)


def with_flow(sheet: Sheet, beat: float) -> Colours:
    """Red towards the probe, blue away from it, inside a green box, with its colour scale."""
    picture = in_grey(sheet)
    flow = Sheet(sheet.width, sheet.height)
    strength = 0.65 + 0.35 * math.sin(math.tau * beat)
    towards = flow.stroke([(33, 34), (42, 31), (52, 27)], 2.8, soft=1) * strength
    away = flow.stroke([(36, 40), (48, 38), (58, 33)], 2.2, soft=1) * strength
    texture = 0.8 + 0.2 * blur(grain((sheet.height, sheet.width), 77), 1)
    for mask, channels in ((towards, (255, 70, 20)), (away, (20, 90, 255))):
        shown = (mask > 0.3) * 1.0
        for channel, value in enumerate(channels):
            layer = picture[..., channel].astype(np.float64)
            layer += (value * texture - layer) * shown
            picture[..., channel] = layer.clip(0, 255).round().astype(np.uint8)
    box = flow.stroke([(28, 20), (64, 20), (64, 46), (28, 46), (28, 20)], 0.5) > 0.4
    picture[box] = (60, 220, 90)
    steps = sheet.height // 4
    column = slice(round(sheet.width * 0.02), round(sheet.width * 0.045))
    for step in range(steps):
        share = 1 - 2 * step / steps
        colour = (255 * max(0.0, share), 40, 255 * max(0.0, -share))
        picture[sheet.height // 8 + step, column] = [round(value) for value in colour]
    return picture
