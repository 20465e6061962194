"""Cross sections in Hounsfield units; image left is the patient's right.

`level` runs from 0 (the top of the stack) to 1 (its bottom).
"""

import math

from sample_dicom.pictures.canvas import Pixels, Point, Sheet

AIR, LUNG, FAT, WATER, MUSCLE, BONE = -1000.0, -860.0, -100.0, 5.0, 50.0, 420.0
WORDS = 900.0


def _trunk(sheet: Sheet, radii: Point) -> None:
    """Skin, fat, muscle wall and the table the patient lies on."""
    sheet.paint(sheet.stroke([(14, 91), (30, 94.5), (50, 95.5), (70, 94.5), (86, 91)], 1.2), 60)
    sheet.paint(sheet.ellipse((50, 54), radii), FAT)
    muscle = sheet.ellipse((50, 54), (radii[0] - 3.5, radii[1] - 3))
    sheet.paint(muscle, MUSCLE)
    sheet.marble(muscle, 14, 5, 2)


def _spine(sheet: Sheet, y: float, *, size: float = 1.0) -> None:
    body = sheet.ellipse((50, y), (7 * size, 5.4 * size))
    sheet.paint(body, BONE)
    sheet.paint(sheet.ellipse((50, y), (5.8 * size, 4.2 * size)), 210)
    for side in (-1, 1):
        arch = [(50 + side * 4 * size, y + 4), (50 + side * 10 * size, y + 6.5 * size)]
        sheet.paint(sheet.stroke(arch, 2.2 * size), BONE)
        lamina = [(50 + side * 4.4 * size, y + 5), (50, y + 11 * size)]
        sheet.paint(sheet.stroke(lamina, 1.8 * size), BONE)
    sheet.paint(sheet.stroke([(50, y + 10.5 * size), (50, y + 15 * size)], 1.8), BONE)
    sheet.paint(sheet.ellipse((50, y + 6.6 * size), (3 * size, 2.6 * size)), 25)


def _ribs(sheet: Sheet, radii: Point, phase: float, count: int = 9) -> None:
    for side in (-1, 1):
        for number in range(count):
            around = math.radians(-62 + 148 * (number + phase) / count)
            x = 50 + side * radii[0] * math.cos(around)
            y = 54 + radii[1] * math.sin(around)
            along = math.degrees(
                math.atan2(radii[1] * math.cos(around), -radii[0] * math.sin(around))
            )
            rib = sheet.ellipse((x, y), (3.6, 1.1), angle=along if side > 0 else -along)
            sheet.paint(rib, BONE + 120)


def chest(size: int, level: float, *, nodule: bool = True, contrast: bool = False) -> Sheet:
    """Lungs with vessels, heart and great vessels, ribs, spine; a nodule in the right lung."""
    sheet = Sheet(size, size, AIR)
    blood = 240.0 if contrast else 42.0
    _trunk(sheet, (45, 34))
    grow = 0.62 + 0.38 * math.sin(math.pi * min(1.0, 0.12 + level * 0.85))
    lungs = []
    for side in (-1, 1):
        outline = [
            (50 + side * 7, 54 - 21 * grow), (50 + side * 20 * grow + side * 3, 54 - 23 * grow),
            (50 + side * 35 * grow, 54 - 6), (50 + side * 35 * grow, 62),
            (50 + side * 25 * grow, 54 + 24 * grow), (50 + side * 10, 54 + 20 * grow),
            (50 + side * 8, 55),
        ]  # fmt: skip
        lung = sheet.organ(outline)
        sheet.paint(lung, LUNG)
        lungs.append(lung)
        _lung_vessels(sheet, side, grow, level)
    _mediastinum(sheet, level, blood)
    if level > 0.72:
        dome = (level - 0.72) / 0.28
        sheet.paint(sheet.ellipse((32, 52), (6 + 17 * dome, 5 + 15 * dome)), 62)
        sheet.paint(sheet.ellipse((71, 56), (3 + 10 * dome, 3 + 10 * dome)), 50)
    if nodule and 0.4 < level < 0.5:
        sheet.paint(sheet.ellipse((29, 44), (2.2, 2.0)), 35)
    _ribs(sheet, (39.5, 28.5), (level * 5) % 1)
    if level < 0.5:
        for side in (-1, 1):
            blade = [(50 + side * 25, 78), (50 + side * 32, 76), (50 + side * 40, 68)]
            sheet.paint(sheet.stroke(blade, 1.5), BONE + 100)
    _spine(sheet, 72)
    sheet.paint(sheet.ellipse((50, 25.5), (6, 1.8)), BONE)
    sheet.sprinkle(9, round(level * 1000) + 11)
    return sheet


def _lung_vessels(sheet: Sheet, side: int, grow: float, level: float) -> None:
    """Branches from the hilum outwards; cut across, most vessels are dots."""
    for number in range(15):
        around = math.radians(-70 + 140 * ((number * 0.382 + level * 3) % 1))
        far = 9 + 19 * ((number * 0.618 + level) % 1)
        x = 50 + side * (6 + far * grow * math.cos(around))
        y = 54 + far * grow * 0.85 * math.sin(around)
        thick = 0.45 + 0.7 * (1 - far / 30)
        if number % 3 == 0:
            near = (x - side * 4 * math.cos(around), y - 3.5 * math.sin(around))
            sheet.paint(sheet.stroke([near, (x, y)], thick), -120)
        else:
            sheet.paint(sheet.ellipse((x, y), (thick, thick)), -60)


def _mediastinum(sheet: Sheet, level: float, blood: float) -> None:
    middle = [(43, 33), (57, 33), (59, 48), (57, 68), (43, 68), (42, 48)]
    sheet.paint(sheet.organ(middle), 5)
    sheet.paint(sheet.ellipse((57, 65), (3.4, 3.4)), blood + 5)  # descending aorta
    if level < 0.42:
        sheet.paint(sheet.ellipse((50, 50), (2.6, 2.3)), AIR)  # trachea
        for x in (44.5, 49.5, 55):
            sheet.paint(sheet.ellipse((x, 42), (2, 2)), blood)
        if level > 0.22:
            arch = [(47, 39), (52, 42), (57, 50), (57, 64)]
            sheet.paint(sheet.stroke(arch, 5.5), blood)
    elif level < 0.55:
        for x in (44, 57):
            sheet.paint(sheet.ellipse((x, 52), (2.5, 1.8)), AIR)  # main bronchi
        sheet.paint(sheet.ellipse((47, 40), (4.4, 4.4)), blood)
        sheet.paint(sheet.stroke([(52, 40), (56, 45), (61, 49)], 5.2), blood)
    else:
        swell = math.sin(math.pi * min(1.0, (level - 0.45) / 0.6))
        heart = [(44, 36), (56, 32), (67, 40), (70, 50), (62, 57), (48, 58), (41, 48)]
        grown = [(54 + (x - 54) * (0.6 + 0.45 * swell), 46 + (y - 46) * (0.6 + 0.45 * swell))
                 for x, y in heart]  # fmt: skip
        sheet.paint(sheet.organ(grown), 45)
        for place, radii in (((60, 45), (5, 6)), ((50, 44), (4, 5)), ((52, 53), (5, 3))):
            sheet.paint(sheet.ellipse(place, radii, angle=-25), blood)


def abdomen(size: int, level: float) -> Sheet:
    """Portal venous phase: liver, spleen, kidneys, stomach, then bowel, iliac bones and bladder."""
    sheet = Sheet(size, size, AIR)
    _trunk(sheet, (44, 33))
    sheet.paint(sheet.ellipse((50, 52), (37, 26)), FAT + 5)
    if level < 0.6:
        _upper_abdomen(sheet, level)
    else:
        _pelvis(sheet, (level - 0.6) / 0.4)
    sheet.paint(sheet.ellipse((53, 61), (3, 3)), 230 if level < 0.6 else FAT)
    sheet.paint(sheet.ellipse((45, 60.5), (3.6, 2.8)), 165 if level < 0.6 else FAT)
    _spine(sheet, 70, size=1.1)
    if level < 0.45:
        _ribs(sheet, (38.5, 27.5), (level * 4) % 1, 7)
    sheet.sprinkle(10, round(level * 1000) + 71)
    return sheet


def _upper_abdomen(sheet: Sheet, level: float) -> None:
    shrink = 1 - 0.55 * level
    liver = [(16, 48), (24, 33), (40, 29), (56, 34), (50, 44), (42, 52), (30, 68), (19, 62)]
    body = sheet.organ([(16 + (x - 16) * shrink, 50 + (y - 50) * shrink) for x, y in liver])
    sheet.paint(body, 112)
    sheet.marble(body, 7, 31, 3)
    for branch in ([(42, 46), (32, 48), (24, 44)], [(38, 47), (32, 56)], [(36, 46), (34, 38)]):
        sheet.paint(sheet.stroke(branch, 1.3) * body, 165)
    sheet.paint(sheet.ellipse((27, 52), (1.8, 1.8)) * body, 20)  # a cyst
    sheet.paint(sheet.organ([(79, 42), (85, 50), (82, 62), (75, 66), (76, 54)]), 125)  # spleen
    stomach = sheet.organ([(58, 33), (72, 32), (79, 40), (72, 50), (63, 46), (54, 42)])
    sheet.paint(stomach, 25)
    sheet.paint(sheet.ellipse((69, 36), (7, 3.4)), AIR)
    sheet.paint(sheet.stroke([(45, 52), (55, 50), (66, 54)], 4), 95)  # pancreas
    if level > 0.2:
        for x in (31, 69):
            sheet.paint(sheet.ellipse((x, 65), (6, 7), angle=15 if x < 50 else -15), 190)
            sheet.paint(sheet.ellipse((x + (2.5 if x < 50 else -2.5), 65), (2.6, 3.4)), 60)


def _pelvis(sheet: Sheet, level: float) -> None:
    for number in range(9):
        x, y = 28 + 11 * (number % 5), 38 + 9 * (number // 5) + 3 * (number % 2)
        sheet.paint(sheet.ellipse((x, y), (5, 4.2)), 70)
        sheet.paint(sheet.ellipse((x, y), (3.6, 2.8)), 15 if number % 3 else -700)
    for side in (-1, 1):
        wing = [(50 + side * 33, 46), (50 + side * 27, 62), (50 + side * 13, 74)]
        sheet.paint(sheet.stroke(wing, 4.2), BONE + 60)
        sheet.paint(sheet.stroke(wing, 2), 230)
        sheet.paint(sheet.ellipse((50 + side * 14, 58), (2, 2)), 210)
    if level > 0.4:
        sheet.paint(sheet.ellipse((50, 51), (11, 8)), MUSCLE)
        sheet.paint(sheet.ellipse((50, 51), (9.6, 6.6)), WATER)


def head(size: int, level: float, *, contrast: bool = False, stroke: bool = True) -> Sheet:
    """Skull, grey and white matter, ventricles, falx; an old infarct on the patient's right."""
    sheet = Sheet(size, size, AIR)
    wide = 0.84 + 0.16 * math.sin(math.pi * (0.25 + 0.6 * level))
    sheet.paint(sheet.ellipse((50, 50), (36 * wide, 44 * wide)), 20)
    sheet.paint(sheet.ellipse((50, 50), (34.5 * wide, 42.5 * wide)), 1150)
    brain = sheet.ellipse((50, 50), (31.5 * wide, 39.5 * wide))
    sheet.paint(brain, 39)
    for side in (-1, 1):
        white = sheet.ellipse((50 + side * 14 * wide, 50), (11 * wide, 29 * wide), soft=size // 90)
        sheet.paint(white, 28)
        for number in range(10):
            around = math.radians(-80 + 160 * number / 9)
            edge = (50 + side * 31 * wide * math.cos(around), 50 + 39 * wide * math.sin(around))
            deep = (50 + side * 25 * wide * math.cos(around), 50 + 32 * wide * math.sin(around))
            sheet.paint(sheet.stroke([edge, deep], 0.8) * brain, 12)
        basal = sheet.ellipse((50 + side * 12, 50), (4, 8), angle=-side * 15)
        sheet.paint(basal, 40)
        front = [(50 + side * 2, 46), (50 + side * 4, 36), (50 + side * 8, 33), (50 + side * 5, 42)]
        rear = [(50 + side * 3, 54), (50 + side * 9, 62), (50 + side * 10, 70), (50 + side * 6, 63)]
        sheet.paint(sheet.organ(front), WATER)
        sheet.paint(sheet.organ(rear), WATER)
    sheet.paint(sheet.ellipse((50, 51), (1.2, 4)), WATER)
    sheet.paint(sheet.stroke([(50, 50 - 39 * wide), (50, 32)], 0.7), 62)
    sheet.paint(sheet.stroke([(50, 70), (50, 50 + 39 * wide)], 0.7), 62)
    if stroke:
        sheet.paint(sheet.ellipse((28, 54), (5, 9), soft=1), 16)
    if contrast:
        _circle_of_willis(sheet)
    sheet.sprinkle(3, round(level * 1000) + 171)
    return sheet


def _circle_of_willis(sheet: Sheet) -> None:
    sheet.paint(sheet.stroke([(50, 58), (50, 52)], 1.8), 380)
    for side in (-1, 1):
        ring = [(50, 52), (50 + side * 6, 50), (50 + side * 7, 44), (50 + side * 2, 41), (50, 30)]
        sheet.paint(sheet.stroke(ring, 1.3), 380)
        middle = [(50 + side * 7, 44), (50 + side * 16, 43), (50 + side * 24, 46)]
        sheet.paint(sheet.stroke(middle, 1.3), 370)


def neck(size: int, level: float) -> Sheet:
    """Neck with filled carotid and vertebral arteries; a plaque narrows the left carotid."""
    sheet = Sheet(size, size, AIR)
    sheet.paint(sheet.ellipse((50, 54), (31, 29)), FAT)
    muscle = sheet.ellipse((50, 55), (28, 26))
    sheet.paint(muscle, 55)
    sheet.marble(muscle, 25, 9, 3)
    sheet.paint(sheet.ellipse((50, 40), (8, 7)), 110)
    sheet.paint(sheet.ellipse((50, 40), (4.6, 4.2)), AIR)
    _spine(sheet, 57, size=1.0)
    for side in (-1, 1):
        narrow = 0.55 if side > 0 and 0.3 < level < 0.7 else 1.0
        place = (50 + side * 15, 46)
        sheet.paint(sheet.ellipse(place, (3, 3)), 60)
        sheet.paint(sheet.ellipse(place, (2.7 * narrow, 2.7 * narrow)), 390)
        if narrow < 1:
            sheet.paint(sheet.ellipse((place[0] + 2, 45), (0.9, 1.4)), 900)
        sheet.paint(sheet.ellipse((50 + side * 20, 49), (4, 3)), 130)
        sheet.paint(sheet.ellipse((50 + side * 11, 60), (1.4, 1.4)), 370)
    sheet.sprinkle(9, round(level * 1000) + 271)
    return sheet


def outside_circle(size: int) -> Pixels:
    """Where a scanner writes its padding value: outside the reconstructed circle."""
    circle = Sheet(size, size)
    return 1.0 - circle.ellipse((50, 50), (49.8, 49.8))
