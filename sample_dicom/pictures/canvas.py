"""A sheet to draw phantoms on: shapes as soft masks, grain and burned-in words.

Only integer drawing and plain arithmetic are used, no random generator and no transcendental
function of numpy: the same picture must come out on every processor, to the last bit.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Pixels = NDArray[np.float64]
Point = tuple[float, float]

OVERSAMPLE = 2  # edges are drawn at twice the size and averaged, so that they are not jagged
GRAIN_SPREAD = 209.0  # standard deviation of a sum of eight random bytes
_FONT = ImageFont.load_default_imagefont()  # the bitmap font: no FreeType, the same everywhere


def grain(shape: tuple[int, int], seed: int) -> Pixels:
    """Noise of mean 0 and deviation 1 from a counter (splitmix64), not from a library's stream."""
    start = (seed * 0x9E3779B97F4A7C15 + 0x1234567) % (1 << 64)
    value = np.arange(shape[0] * shape[1], dtype=np.uint64) * np.uint64(0xD1342543DE82EF95)
    value += np.uint64(start)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    value ^= value >> np.uint64(31)
    eight = value.astype("<u8").view(np.uint8).reshape(*shape, 8)
    result: Pixels = (eight.sum(axis=2, dtype=np.int64) - 1020) / GRAIN_SPREAD
    return result


def blur(pixels: Pixels, radius: int) -> Pixels:
    """Three box averages along both axes: close to a Gaussian, exact in its arithmetic."""
    width = 2 * radius + 1
    for _ in range(3):
        for axis in (0, 1):
            pad = [(0, 0), (0, 0)]
            pad[axis] = (radius + 1, radius)
            sums = np.cumsum(np.pad(pixels, pad, mode="edge"), axis=axis)
            if axis == 0:
                pixels = (sums[width:] - sums[:-width]) / width
            else:
                pixels = (sums[:, width:] - sums[:, :-width]) / width
    return pixels


def clouds(shape: tuple[int, int], seed: int, radius: int) -> Pixels:
    """Soft patches of mean 0 and deviation near 1: the marbling of tissue."""
    soft = blur(grain(shape, seed), radius)
    return soft / float(np.sqrt((soft * soft).mean()))


def rounded(points: Sequence[Point], *, closed: bool = True, steps: int = 8) -> list[Point]:
    """Draw a smooth line through the points (Catmull-Rom): organs have no corners."""
    count = len(points)
    result: list[Point] = []
    for index in range(count if closed else count - 1):
        p0, p1, p2, p3 = (
            points[place % count] if closed else points[min(max(place, 0), count - 1)]
            for place in range(index - 1, index + 3)
        )
        for step in range(steps):
            t = step / steps
            result.append(
                (_between(t, p0[0], p1[0], p2[0], p3[0]), _between(t, p0[1], p1[1], p2[1], p3[1]))
            )
    return result if closed else [*result, points[-1]]


def _between(t: float, a: float, b: float, c: float, d: float) -> float:
    return 0.5 * (
        2 * b
        + (c - a) * t
        + (2 * a - 5 * b + 4 * c - d) * t * t
        + (3 * (b - c) + d - a) * t * t * t
    )


class Sheet:
    """A picture in physical values. Places and sizes are in hundredths of the width."""

    def __init__(self, width: int, height: int, background: float = 0.0) -> None:
        self.width, self.height = width, height
        self.pixels: Pixels = np.full((height, width), background, dtype=np.float64)
        self._unit = width / 100

    def ellipse(self, centre: Point, radii: Point, *, angle: float = 0, soft: int = 0) -> Pixels:
        turn = math.radians(angle)
        cos, sin = math.cos(turn), math.sin(turn)
        points = []
        for step in range(72):
            around = math.tau * step / 72
            x, y = radii[0] * math.cos(around), radii[1] * math.sin(around)
            points.append((centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos))
        return self.polygon(points, soft=soft)

    def polygon(self, points: Sequence[Point], *, soft: int = 0) -> Pixels:
        image, draw = self._blank()
        draw.polygon(self._places(points), fill=255)
        return self._mask(image, soft)

    def organ(self, points: Sequence[Point], *, soft: int = 0) -> Pixels:
        return self.polygon(rounded(points), soft=soft)

    def stroke(self, points: Sequence[Point], width: float, *, soft: int = 0) -> Pixels:
        """Mask a line with round joints and ends; `width` in the same hundredths."""
        image, draw = self._blank()
        places = self._places(points)
        thick = max(1, round(width * self._unit * OVERSAMPLE))
        draw.line(places, fill=255, width=thick)
        half = thick / 2
        for x, y in places:
            draw.ellipse((x - half, y - half, x + half, y + half), fill=255)
        return self._mask(image, soft)

    def paint(self, mask: Pixels, value: float) -> None:
        """Cover what lies below: for slices."""
        self.pixels += (value - self.pixels) * mask

    def add(self, mask: Pixels, amount: float) -> None:
        """Lay over what lies below: for projections, where attenuation adds up."""
        self.pixels += amount * mask

    def sprinkle(self, amount: float, seed: int) -> None:
        self.pixels += amount * grain((self.height, self.width), seed)

    def marble(self, mask: Pixels, amount: float, seed: int, radius: int = 3) -> None:
        self.pixels += mask * amount * clouds((self.height, self.width), seed, radius)

    def write(self, words: str, place: Point, value: float, *, scale: int = 1) -> None:
        """Burn words in, as many devices do."""
        box = _FONT.getbbox(words)
        label = Image.new("L", (int(box[2]) + 1, int(box[3]) + 1), 0)
        ImageDraw.Draw(label).text((0, 0), words, fill=255, font=_FONT)
        label = label.resize((label.width * scale, label.height * scale), Image.Resampling.NEAREST)
        x, y = round(place[0] * self._unit), round(place[1] * self._unit)
        area = self.pixels[y : y + label.height, x : x + label.width]
        mask = np.asarray(label)[: area.shape[0], : area.shape[1]] > 127
        area[mask] = value

    def _blank(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        image = Image.new("L", (self.width * OVERSAMPLE, self.height * OVERSAMPLE), 0)
        return image, ImageDraw.Draw(image)

    def _places(self, points: Sequence[Point]) -> list[Point]:
        # Whole pixels: a difference in the last bit of a cosine must not move an edge.
        factor = self._unit * OVERSAMPLE
        return [(round(x * factor, 3) // 1, round(y * factor, 3) // 1) for x, y in points]

    def _mask(self, image: Image.Image, soft: int) -> Pixels:
        small = image.reduce(OVERSAMPLE)
        if soft:
            small = small.filter(ImageFilter.GaussianBlur(soft))
        return np.asarray(small) / 255.0
