"""Projections: chest, knee and breast films, barium stomach, coronary angiogram.

Values are attenuation: more is denser. A viewer shows them white on black (MONOCHROME2).
"""

import math
from collections.abc import Sequence

from sample_dicom.pictures.canvas import Pixels, Point, Sheet, rounded


def chest_film(width: int, height: int, seed: int) -> Sheet:
    """Draw a postero-anterior chest: dark lungs, heart to the image's right, ribs, clavicles."""
    sheet = Sheet(width, height, 150)
    body = [(12, 22), (36, 12), (42, 2), (58, 2), (64, 12), (88, 22), (95, 50), (92, 100),
            (8, 100), (5, 50)]  # fmt: skip
    sheet.add(sheet.organ(body, soft=3), 1450)
    for side in (-1, 1):
        lower = 80 if side < 0 else 84
        lung = [(50 + side * 6, 20), (50 + side * 15, 14), (50 + side * 26, 24),
                (50 + side * 36, 50), (50 + side * 39, lower + 2), (50 + side * 24, lower - 7),
                (50 + side * 8, lower - 2)]  # fmt: skip
        air = sheet.organ(lung, soft=2)
        sheet.add(air, -950)
        sheet.marble(air, 22, seed + side, 2)
        _markings(sheet, side)
        _film_ribs(sheet, side)
        collar = [(50 + side * 4, 20), (50 + side * 16, 15.5), (50 + side * 34, 14)]
        sheet.add(sheet.stroke(collar, 2.6, soft=1), 330)
        blade = [(50 + side * 34, 20), (50 + side * 42, 28), (50 + side * 38, 50)]
        sheet.add(sheet.polygon(blade, soft=2), 150)
    heart = [(45, 38), (55, 34), (63, 44), (72, 60), (74, 74), (62, 81), (44, 79), (41, 62)]
    sheet.add(sheet.organ(heart, soft=4), 500)
    sheet.add(sheet.ellipse((57, 34), (5, 5), soft=3), 320)
    sheet.add(sheet.ellipse((50, 50), (6, 50), soft=4), 240)
    for number in range(14):
        sheet.add(sheet.ellipse((50, 8 + 6.4 * number), (3.8, 2.5), soft=1), 130)
    sheet.add(sheet.stroke([(50, 4), (50, 34)], 2.6, soft=2), -260)
    sheet.sprinkle(13, seed)
    return sheet


def _markings(sheet: Sheet, side: int) -> None:
    for number in range(9):
        around = math.radians(-55 + 125 * number / 8)
        points = [
            (50 + side * (8 + far * math.cos(around)), 48 + far * math.sin(around) + 0.03 * far**2)
            for far in (0, 6, 13, 20)
        ]
        sheet.add(sheet.stroke(points[1:], 1.2, soft=1), 85)
        sheet.add(sheet.stroke(points[:2], 2.2, soft=2), 38)


def _film_ribs(sheet: Sheet, side: int) -> None:
    for number in range(9):
        top = 16 + 7.4 * number
        reach = 20 + 22 * math.sin(math.radians(22 + 13 * number))
        back = [(50 + side * 5, top), (50 + side * reach * 0.6, top + 1),
                (50 + side * reach, top + 8)]  # fmt: skip
        front = [(50 + side * reach, top + 8), (50 + side * reach * 0.7, top + 17),
                 (50 + side * reach * 0.45, top + 20)]  # fmt: skip
        for points, amount in ((back, 135), (front, 70)):
            sheet.add(sheet.stroke(_bow(points), 2.1, soft=1), amount)


def _bow(points: Sequence[Point]) -> list[Point]:
    (x0, y0), (x1, y1), (x2, y2) = points
    return [
        (
            (1 - t) ** 2 * x0 + 2 * t * (1 - t) * x1 + t * t * x2,
            (1 - t) ** 2 * y0 + 2 * t * (1 - t) * y1 + t * t * y2,
        )
        for t in (step / 12 for step in range(13))
    ]


def knee_film(width: int, height: int, side: str, seed: int) -> Sheet:
    """Antero-posterior knee with its marker; the fibula lies on the outer side."""
    outer = 1 if side == "L" else -1

    def at(x: float, y: float) -> Point:
        return (50 + outer * x, y)

    sheet = Sheet(width, height, 120)
    low = 100 * height / width
    leg = [at(-27, -5), at(27, -5), at(30, 45), at(27, 75), at(24, low + 5), at(-22, low + 5),
           at(-27, 70), at(-30, 45)]  # fmt: skip
    sheet.add(sheet.organ(leg, soft=3), 800)
    femur = [at(-9, -5), at(9, -5), at(10, 25), at(22, 42), at(22, 54), at(13, 59), at(3, 55),
             at(0, 51), at(-3, 55), at(-13, 59), at(-22, 54), at(-21, 42), at(-10, 25)]  # fmt: skip
    tibia = [at(-22, 63), at(-4, 63), at(0, 60), at(4, 63), at(22, 63), at(20, 72), at(10, 86),
             at(8, low + 5), at(-9, low + 5), at(-11, 86), at(-20, 72)]  # fmt: skip
    for bone in (femur, tibia):
        whole = sheet.organ(bone, soft=1)
        sheet.add(whole, 760)
        sheet.marble(whole, 30, seed, 1)
    for points in ([at(-5, -5), at(-5, 28)], [at(5, -5), at(5, 28)]):
        sheet.add(sheet.stroke(points, 3.5, soft=2), -60)
    sheet.add(sheet.stroke([at(-0.5, 0), at(-0.5, 26)], 5, soft=3), -190)
    sheet.add(sheet.stroke([at(0, 84), at(-0.5, low)], 5, soft=3), -190)
    sheet.add(sheet.ellipse(at(0, 43), (11, 12), soft=2), 240)  # patella seen through the femur
    fibula = [at(21, 74), at(19.5, 84), at(19, low + 4)]
    sheet.add(sheet.stroke(fibula, 5, soft=1), 430)
    sheet.add(sheet.ellipse(at(21, 73), (4.4, 4.6), soft=1), 180)
    sheet.sprinkle(12, seed)
    sheet.write(side, (8 if side == "R" else 85, 6), 2900, scale=max(2, width // 90))
    return sheet


def breast_film(width: int, height: int, side: str, view: str, seed: int) -> Sheet:
    """One view of a screening mammogram; the left breast has its chest wall at the image's left."""
    low = 100 * height / width
    reach = 66 if view == "CC" else 70

    def at(x: float, y: float) -> Point:
        return (x if side == "L" else 100 - x, y)

    sheet = Sheet(width, height, 30)
    middle = low * (0.5 if view == "CC" else 0.56)
    outline = [at(-20, middle - 52), at(20, middle - 47), at(reach - 12, middle - 24),
               at(reach, middle), at(reach - 10, middle + 26), at(22, middle + 46),
               at(-20, middle + 50)]  # fmt: skip
    breast = sheet.organ(outline, soft=2)
    sheet.add(breast, 620)
    gland = [at(10, middle - 24), at(34, middle - 26), at(reach - 8, middle - 3),
             at(reach - 10, middle + 5), at(36, middle + 22), at(12, middle + 18)]  # fmt: skip
    tissue = sheet.organ(gland, soft=9) * breast
    sheet.add(tissue, 420)
    sheet.marble(tissue, 150, seed, 8)
    sheet.marble(breast, 32, seed + 1, 4)
    for number in range(7):
        spread = (number - 3) * 5.5
        duct = [at(reach - 3, middle), at(44, middle + spread * 0.7), at(20, middle + spread * 1.7)]
        sheet.add(sheet.stroke(_bow(duct), 0.9, soft=2) * breast, 170)
    sheet.add(sheet.ellipse(at(reach, middle), (2.6, 3), soft=1), 420)
    if view == "MLO":
        muscle = [at(-5, -5), at(36, -5), at(20, low * 0.35), at(-5, low * 0.62)]
        sheet.add(sheet.organ(muscle, soft=3), 620)
    if side == "L":
        for number in range(7):
            x, y = 38 + (number * 5) % 7, middle - 10 + (number * 3) % 8
            sheet.add(sheet.ellipse((x, y), (0.35, 0.35)), 900)  # microcalcifications
    sheet.sprinkle(10, seed)
    words = f"{side} {view}"
    place = (70 if side == "L" else 6, 6)
    sheet.write(words, place, 2600, scale=max(1, width // 120))
    return sheet


def barium_stomach(size: int, filled: float, seed: int) -> Sheet:
    """Upper GI series: the J of the stomach fills with barium, then bulb and duodenum."""
    sheet = Sheet(size, size, 70)
    sheet.add(sheet.ellipse((50, 55), (52, 62), soft=6), 45)
    for number in range(6):
        sheet.add(sheet.ellipse((42, 8 + 17 * number), (8, 7), soft=2), 22)
        for side in (-1, 1):
            rib = [(42 + side * 8, 12 + 12 * number), (42 + side * 34, 4 + 12 * number),
                   (42 + side * 48, 26 + 12 * number)]  # fmt: skip
            sheet.add(sheet.stroke(_bow(rib), 3, soft=2), 9)
    fundus = [(58, 20), (70, 15), (78, 25), (74, 40), (68, 56), (64, 70), (50, 80), (37, 74),
              (36, 67), (46, 68), (55, 58), (56, 42), (54, 30)]  # fmt: skip
    stomach = sheet.organ(fundus, soft=1)
    level = sheet.polygon([(0, 100 - 78 * filled), (100, 100 - 78 * filled), (100, 101), (0, 101)])
    sheet.add(stomach * level, 120)
    sheet.add(stomach * (1 - level), -28)  # gas above the barium
    for number in range(4):
        fold = [(59 + 4 * number, 30), (60 + 3 * number, 48), (55 + 3 * number, 66)]
        sheet.add(sheet.stroke(fold, 0.9, soft=1) * stomach, -26)
    sheet.add(sheet.stroke([(53, 0), (54, 14), (60, 22)], 3, soft=1), 95)
    if filled > 0.6:
        sheet.add(sheet.organ([(35, 66), (29, 62), (26, 68), (33, 73)], soft=1), 115)
        loop = [(28, 66), (22, 72), (22, 84), (32, 91), (52, 90)]
        sheet.add(sheet.stroke(loop, 4.2, soft=1), 85)
    sheet.sprinkle(3.5, seed)
    return sheet


# Thickness, the share of the run at which contrast enters, and the course of each branch.
_TREE: tuple[tuple[float, float, list[Point]], ...] = (
    (3.0, 0.0, [(30, 18), (36, 24), (42, 26)]),
    (2.6, 0.08, [(42, 26), (50, 30), (55, 40), (58, 54), (62, 68), (68, 80)]),
    (2.3, 0.08, [(42, 26), (40, 38), (33, 50), (30, 62), (34, 74)]),
    (1.6, 0.2, [(53, 34), (64, 38), (74, 48), (80, 60)]),
    (1.4, 0.27, [(57, 48), (68, 54), (76, 68)]),
    (1.2, 0.23, [(55, 42), (48, 52), (47, 64)]),
    (1.3, 0.25, [(33, 50), (22, 58), (18, 70)]),
    (1.0, 0.35, [(60, 60), (52, 70), (52, 80)]),
)


def coronary_frame(size: int, moment: float, seed: int) -> Sheet:
    """One moment of a left coronary run: contrast runs down the tree, then washes out."""
    sheet = Sheet(size, size, 175)
    sheet.add(sheet.ellipse((56, 56), (36, 38), soft=8), -32)
    for number in range(7):
        rib = [(0, 6 + 16 * number), (50, 2 + 16 * number), (100, 16 + 16 * number)]
        sheet.add(sheet.stroke(_bow(rib), 4, soft=4), -12)
    sheet.add(
        sheet.organ([(0, 84), (30, 76), (70, 82), (100, 94), (100, 110), (0, 110)], soft=4), -26
    )
    sheet.add(sheet.stroke([(24, 0), (23, 10), (30, 18)], 1.8), -70)
    beat = 1.2 * math.sin(math.tau * moment * 2)
    strength = -95 * min(1.0, 1.9 * (1 - moment) + 0.15)
    filled: Pixels = sheet.ellipse((30, 18 + beat), (1, 1))
    for width, enters, points in _TREE:
        if moment <= enters:
            continue
        moved = rounded([(x + 0.4 * beat, y + beat) for x, y in points], closed=False)
        length = max(2, round(len(moved) * min(1.0, (moment - enters) * 4)))
        branch = sheet.stroke(moved[:length], width, soft=1)
        filled = filled + (1 - filled) * branch
    plaque = sheet.ellipse((56.5 + 0.4 * beat, 47 + beat), (1.1, 2.6), angle=-15, soft=1)
    sheet.add(filled * (1 - 0.8 * plaque), strength if moment > 0.05 else 0.0)
    sheet.sprinkle(3, seed)
    return sheet
