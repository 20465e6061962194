"""MR: axial brain in four weightings, sagittal brain, sagittal lumbar spine. Arbitrary units."""

import math
from dataclasses import dataclass

from sample_dicom.pictures.canvas import Point, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighting:
    """How bright each tissue is in one kind of sequence."""

    scalp: float
    bone: float
    grey: float
    white: float
    fluid: float
    lesion: float
    noise: float


T1 = Weighting(scalp=1500, bone=120, grey=620, white=860, fluid=200, lesion=480, noise=22)
T2 = Weighting(scalp=1150, bone=90, grey=760, white=560, fluid=1500, lesion=1250, noise=22)
FLAIR = Weighting(scalp=800, bone=80, grey=720, white=580, fluid=130, lesion=1350, noise=20)
DIFFUSION = Weighting(scalp=150, bone=40, grey=560, white=480, fluid=130, lesion=1500, noise=34)


def brain(size: int, level: float, weighting: Weighting) -> Sheet:
    """Axial slice, from below (0) to the vertex (1), with a small lesion on the patient's left."""
    sheet = Sheet(size, size, 12)
    wide = 0.72 + 0.28 * math.sin(math.pi * (0.28 + 0.5 * level))
    tall = 44 * wide
    for shrink, value in ((1.0, weighting.scalp), (0.95, weighting.bone), (0.9, weighting.fluid)):
        sheet.paint(sheet.ellipse((50, 50), (37 * wide * shrink, tall * shrink)), value)
    cortex = sheet.ellipse((50, 50), (32 * wide, 38.5 * wide))
    sheet.paint(cortex, weighting.grey)
    for side in (-1, 1):
        core = sheet.ellipse((50 + side * 14 * wide, 50), (12.5 * wide, 31 * wide), soft=1)
        sheet.paint(core, weighting.white)
        for number in range(13):
            around = math.radians(-82 + 164 * number / 12)
            outer = (50 + side * 33 * wide * math.cos(around), 50 + 39 * wide * math.sin(around))
            inner = (50 + side * 25 * wide * math.cos(around), 50 + 31 * wide * math.sin(around))
            sheet.paint(sheet.stroke([outer, inner], 1.0, soft=1) * cortex, weighting.fluid)
            turn = around + math.radians(6)
            finger = (50 + side * 28 * wide * math.cos(turn), 50 + 34 * wide * math.sin(turn))
            base = (50 + side * 19 * wide * math.cos(turn), 50 + 24 * wide * math.sin(turn))
            sheet.paint(sheet.stroke([base, finger], 2.2, soft=1) * cortex, weighting.white)
        sheet.paint(sheet.ellipse((50 + side * 12, 50), (4, 8), angle=-side * 15), weighting.grey)
        if level < 0.8:
            horn = [(50 + side * 2, 47), (50 + side * 3, 36), (50 + side * 8, 32),
                    (50 + side * 5, 43), (50 + side * 9, 62), (50 + side * 10, 71),
                    (50 + side * 6, 64)]  # fmt: skip
            sheet.paint(sheet.organ(horn), weighting.fluid)
    sheet.paint(sheet.stroke([(50, 50 - tall + 5), (50, 33)], 0.8), weighting.fluid)
    sheet.paint(sheet.stroke([(50, 66), (50, 45 + tall)], 0.8), weighting.fluid)
    sheet.paint(sheet.ellipse((69, 44), (3.2, 2.6), soft=1), weighting.lesion)
    sheet.sprinkle(weighting.noise, round(100 * level) + round(weighting.grey))
    return sheet


def brain_from_the_side(size: int, offset: float, weighting: Weighting) -> Sheet:
    """Sagittal slice: face to the image's left, corpus callosum, brain stem, cerebellum."""
    sheet = Sheet(size, size, 12)
    near = 1 - 0.12 * abs(offset)
    profile = [(14, 40), (20, 18), (48, 5), (78, 14), (90, 42), (84, 66), (70, 80), (68, 105),
               (36, 105), (30, 92), (18, 88), (17, 76), (11, 66), (17, 56)]  # fmt: skip
    sheet.paint(sheet.organ(profile), weighting.scalp * 0.62)
    skull = sheet.organ(
        [(19, 40), (25, 20), (50, 9), (76, 18), (86, 42), (79, 64), (60, 68), (32, 60)]
    )
    sheet.paint(skull, weighting.bone)
    inner = sheet.ellipse((52, 39), (31 * near, 27 * near))
    sheet.paint(inner, weighting.fluid)
    sheet.paint(sheet.ellipse((52, 38), (29.5 * near, 25.5 * near)), weighting.grey)
    for number in range(15):
        around = math.radians(150 + 240 * number / 14)
        outer = (52 + 30 * near * math.cos(around), 38 + 26 * near * math.sin(around))
        deep = (52 + 21 * near * math.cos(around + 0.1), 38 + 17 * near * math.sin(around + 0.1))
        sheet.paint(sheet.stroke([outer, deep], 0.9, soft=1), weighting.fluid)
    callosum = [(38, 44), (37, 37), (46, 31), (58, 31), (67, 37), (67, 43)]
    sheet.paint(sheet.stroke(callosum, 3.6, soft=1), weighting.white)
    sheet.paint(sheet.stroke([(41, 42), (52, 36), (62, 41)], 2.4, soft=1), weighting.fluid)
    stem = [(51, 48), (56, 49), (58, 60), (59, 82), (59, 105)]
    sheet.paint(sheet.stroke(stem, 9, soft=1), weighting.fluid)
    sheet.paint(sheet.stroke(stem, 5, soft=1), weighting.white)
    sheet.paint(sheet.ellipse((55, 57), (5, 5.5)), weighting.white)
    cerebellum = sheet.ellipse((70, 59), (9, 8))
    sheet.paint(cerebellum, weighting.grey)
    for number in range(5):
        leaf = [(63, 58), (77, 52 + 3.6 * number)]
        sheet.paint(sheet.stroke(leaf, 0.8) * cerebellum, weighting.fluid)
    for number in range(3):
        sheet.paint(sheet.ellipse((51, 76 + 10 * number), (4.4, 4)), weighting.white * 0.8)
    sheet.sprinkle(weighting.noise, round(10 * offset) + 400)
    return sheet


def lumbar_spine(size: int, offset: float, *, bright_fluid: bool) -> Sheet:
    """Sagittal lumbar spine with a protruding L4/5 disc; T2 when fluid is bright, else T1."""
    sheet = Sheet(size, size, 15)
    fluid, marrow, fat = (1450.0, 560.0, 1050.0) if bright_fluid else (220.0, 760.0, 1500.0)
    sheet.paint(sheet.polygon([(12, 0), (88, 0), (90, 100), (10, 100)], soft=2), 330)
    sheet.marble(sheet.polygon([(12, 0), (40, 0), (38, 100), (10, 100)]), 130, 3, 4)
    sheet.paint(sheet.organ([(80, -5), (86, 40), (82, 70), (90, 105), (96, 105), (96, -5)]), fat)

    def at(y: float, shift: float) -> Point:
        return (44 + shift + 7 * math.sin(math.pi * (y - 4) / 100) * -1, y)

    canal = [at(y, 15.5) for y in range(-4, 106, 10)]
    sheet.paint(sheet.stroke(canal, 9, soft=1), fluid * (1 - 0.25 * abs(offset)))
    sheet.paint(sheet.stroke([at(y, 15) for y in (-4, 10, 22, 32)], 3.6, soft=1), 640)
    for strand in (14, 16.5):
        sheet.paint(sheet.stroke([at(y, strand) for y in range(30, 96, 8)], 0.7), 620)
    for number in range(6):
        top = -4 + 17.0 * number
        corners = [at(top + 1, -10), at(top + 1, 10), at(top + 12, 10), at(top + 12, -10)]
        body = sheet.polygon(corners, soft=1)
        sheet.paint(body, marrow)
        sheet.marble(body, 40, number + 7, 2)
        worn = number == 4
        bulge = 4.5 if worn else 0.6
        height = 1.5 if worn else 2.1
        middle = at(top + 14.5, bulge / 2)
        disc = sheet.ellipse(middle, (10.4 + bulge / 2, height))
        sheet.paint(disc, 180 if worn else 300)
        if not worn:
            core = sheet.ellipse(middle, (6.5, height * 0.6), soft=1)
            sheet.paint(core, 1150 if bright_fluid else 420)
        spine = [at(top + 8, 21), (at(top + 8, 31)[0], top + 13)]
        sheet.paint(sheet.stroke(spine, 5, soft=1), marrow * 0.9)
    sheet.sprinkle(24, round(10 * offset) + 500)
    return sheet
