"""What emits: whole-body bone scan, PET slices. Counts or relative uptake."""

from collections.abc import Sequence

import numpy as np

from sample_dicom.pictures.canvas import Point, Sheet, blur


def bone_scan(width: int, height: int, view: str) -> Sheet:
    """Whole-body skeleton from the front or from behind, with one hot rib lesion."""
    sheet = Sheet(width, height, 0)
    back = view == "POST"
    bones: list[tuple[Sequence[Point], float, float]] = [
        ([(50, 34), (50, 140)], 7 if back else 5, 60 if back else 34),
        ([(34, 134), (42, 146), (50, 142), (58, 146), (66, 134)], 9, 52),
        ([(32, 40), (50, 42), (68, 40)], 3, 32),
    ]
    for side in (-1, 1):
        bones += [
            ([(50 + side * 19, 42), (50 + side * 25, 84), (50 + side * 29, 128)], 4.5, 26),
            ([(50 + side * 29, 128), (50 + side * 30, 146)], 5, 18),
            ([(50 + side * 13, 150), (50 + side * 11, 212)], 6, 30),
            ([(50 + side * 11, 216), (50 + side * 9, 276)], 5, 24),
            ([(50 + side * 9, 278), (50 + side * 12, 288)], 5, 18),
        ]
        for number in range(8):
            top = 46 + 6.6 * number
            rib = [(50 + side * 3, top), (50 + side * 15, top + 1), (50 + side * 18, top + 8)]
            bones.append((rib, 2.2, 20))
        for joint, spread in (((19, 42), 5.0), ((13, 148), 6.0), ((10, 214), 6.5), ((9, 277), 4.5)):
            place = (50 + side * joint[0], float(joint[1]))
            sheet.add(sheet.ellipse(place, (spread, spread)), 34)
    for points, thick, amount in bones:
        sheet.add(sheet.stroke(points, thick), amount)
    sheet.add(sheet.ellipse((50, 17), (11, 14)), 34)
    sheet.add(sheet.ellipse((50, 30), (7, 5)), 20)
    sheet.add(sheet.ellipse((50, 152), (6, 5)), 120 if not back else 60)
    if back:
        for side in (-1, 1):
            sheet.add(sheet.ellipse((50 + side * 11, 108), (4.5, 7)), 34)
    sheet.add(sheet.ellipse((66 if not back else 34, 80), (3.4, 2.8)), 150)
    body = Sheet(width, height)
    outline = [(50, 2), (64, 20), (60, 34), (80, 44), (82, 140), (70, 150), (64, 294),
               (36, 294), (30, 150), (18, 140), (20, 44), (40, 34), (36, 20)]  # fmt: skip
    body.add(body.organ(outline), 7)
    sheet.pixels = blur(sheet.pixels + body.pixels, 1)
    root = np.sqrt(sheet.pixels.clip(0))  # counting noise
    noise = Sheet(width, height)
    noise.sprinkle(1, 601 + back)
    sheet.pixels = (sheet.pixels + root * noise.pixels).clip(0)
    return sheet


def uptake(size: int, part: str, level: float) -> Sheet:
    """One axial PET slice of a body part in units of uptake (SUV)."""
    sheet = Sheet(size, size, 0)
    sheet.add(sheet.ellipse((50, 54), (30, 36) if part == "head" else (44, 33)), 0.7)
    if part == "head":
        sheet.add(sheet.ellipse((50, 50), (26, 33)), 6.0)
        sheet.add(sheet.ellipse((50, 50), (13, 20), soft=2), -2.6)
    elif part == "chest":
        for x in (31, 69):
            sheet.add(sheet.ellipse((x, 54), (13, 19)), -0.4)
        sheet.add(sheet.ellipse((50, 48), (8, 14)), 0.9)
        if level > 0.5:
            ring = sheet.ellipse((60, 46), (9, 8)) - sheet.ellipse((60, 46), (5, 4.5))
            sheet.add(ring, 4.2)
        sheet.add(sheet.ellipse((29, 44), (3.2, 3.0)), 9.5)  # the tumour
    elif part == "abdomen":
        sheet.add(sheet.organ([(16, 48), (24, 33), (40, 29), (52, 36), (42, 52), (30, 68)]), 1.7)
        sheet.add(sheet.ellipse((80, 54), (5, 10)), 1.2)
        for x in (31, 69):
            sheet.add(sheet.ellipse((x, 65), (4, 5)), 5.0)
    else:
        sheet.add(sheet.ellipse((50, 51), (9, 7)), 14.0)
    sheet.pixels = blur(sheet.pixels, 1)
    noise = Sheet(size, size)
    noise.sprinkle(0.09, round(level * 100) + len(part))
    sheet.pixels = (sheet.pixels + noise.pixels).clip(0)
    return sheet
