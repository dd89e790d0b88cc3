"""Paper and brush: shapes in centimetres, filled with a tone, shaded as if light came from the upper left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import cos, pi, sin
from random import Random
from typing import Final, Self

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps, ImageStat

PIXELS: Final = 640
_FINE: Final = 3  # outlines are drawn at three times the size and reduced, so that edges are smooth

Point = tuple[float, float]
Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Tone:
    """A colour and the surface it is on."""

    rgb: Rgb
    weave: str = "plain"

    @classmethod
    def of(cls, code: str, weave: str = "plain") -> Self:
        """From six hexadecimal digits."""
        return cls((int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)), weave)

    def lit(self, factor: float) -> Self:
        """Lighter above 1, darker below."""
        if factor <= 1:
            red, green, blue = (round(part * factor) for part in self.rgb)
        else:
            red, green, blue = (round(part + (255 - part) * (factor - 1)) for part in self.rgb)
        return replace(self, rgb=(red, green, blue))

    def on(self, weave: str) -> Self:
        """The same colour on another surface."""
        return replace(self, weave=weave)


def _noise(columns: int, rows: int, seed: int) -> Image.Image:
    return Image.frombytes("L", (columns, rows), Random(seed).randbytes(columns * rows))  # noqa: S311 (a texture)


# How each surface looks: its grain as columns and rows of noise per tile, and how strongly it shows.
_TILE: Final = 512
_GRAINS: Final[dict[str, tuple[tuple[int, int, float], ...]]] = {
    "plain": (),
    "linen": ((512, 64, 0.13), (64, 512, 0.13), (256, 256, 0.05)),
    "canvas": ((256, 128, 0.08), (128, 256, 0.08)),
    "wool": ((300, 300, 0.16), (120, 120, 0.10)),
    "boucle": ((110, 110, 0.15), (60, 60, 0.08)),
    "velvet": ((10, 8, 0.16), (300, 150, 0.04)),
    "corduroy": ((12, 8, 0.06),),
    "leather": ((14, 14, 0.13), (180, 180, 0.08)),
    "wood": ((7, 120, 0.15), (24, 400, 0.10)),
    "upright": ((120, 7, 0.15), (400, 24, 0.10)),
    "pile": ((150, 170, 0.20), (40, 40, 0.08)),
    "stone": ((9, 9, 0.16), (60, 60, 0.10), (300, 300, 0.06)),
    "straw": ((60, 220, 0.24), (220, 60, 0.2)),
    "cord": ((30, 128, 0.16), (256, 128, 0.12)),
}


@lru_cache(maxsize=32)
def grain(weave: str) -> Image.Image:
    """The surface as a tile of greys to multiply with; almost white where it is even."""
    tile = Image.new("L", (_TILE, _TILE), 255)
    for number, (columns, rows, strength) in enumerate(_GRAINS[weave]):
        layer = _noise(columns, rows, number + 7).resize((_TILE, _TILE), Image.Resampling.BICUBIC)
        tile = ImageChops.multiply(tile, layer.point([round(255 - strength * (255 - v)) for v in range(256)]))
    if weave == "corduroy":
        ribs = Image.new("L", (16, 1))
        ribs.putdata([round(255 - 62 * abs(sin(pi * at / 16)) ** 6) for at in range(16)])
        for left in range(0, _TILE, 16):
            strip = ImageChops.multiply(
                tile.crop((left, 0, left + 16, _TILE)), ribs.resize((16, _TILE), Image.Resampling.NEAREST)
            )
            tile.paste(strip, (left, 0))
    return tile.reduce(2)


@lru_cache(maxsize=32)
def _evenly(weave: str) -> float:
    """How much lighter a colour must be, so that its grain leaves it as it was."""
    return min(1.35, 255 / (ImageStat.Stat(grain(weave)).mean[0]))


@lru_cache(maxsize=256)
def _covering(weave: str, width: int, height: int) -> Image.Image:
    cover = Image.new("L", (width, height))
    tile = grain(weave)
    for top in range(0, height, tile.height):
        for left in range(0, width, tile.width):
            turned = ImageOps.mirror(tile) if left // tile.width % 2 else tile  # so that no seam shows
            cover.paste(ImageOps.flip(turned) if top // tile.height % 2 else turned, (left, top))
    return cover


def oval(x: float, y: float, rx: float, ry: float, *, start: float = 0, end: float = 360) -> list[Point]:
    """Points of an ellipse, or of a part of it (degrees, counter-clockwise from the right)."""
    steps = 48
    angles = (start + (end - start) * step / steps for step in range(steps + 1))
    return [(x + rx * cos(angle * pi / 180), y + ry * sin(angle * pi / 180)) for angle in angles]


def rounded(x0: float, y0: float, x1: float, y1: float, r: float) -> list[Point]:
    """Points of a rectangle with round corners."""
    r = min(r, (x1 - x0) / 2, (y1 - y0) / 2)
    corners = ((x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180), (x1 - r, y0 + r, 270))
    return [
        (x + r * cos((turn + step * 9) * pi / 180), y + r * sin((turn + step * 9) * pi / 180))
        for x, y, turn in corners
        for step in range(11)
    ]


def curve(*points: Point, closed: bool = True, steps: int = 10) -> list[Point]:
    """A smooth line through the points (Catmull-Rom)."""
    count, smooth = len(points), []
    for at in range(count if closed else count - 1):
        a, b, c, d = (
            points[(at + k) % count] if closed else points[max(0, min(count - 1, at + k))]
            for k in (-1, 0, 1, 2)
        )
        for step in range(steps):
            t = step / steps
            smooth.append(
                (
                    _between(a[0], b[0], c[0], d[0], t),
                    _between(a[1], b[1], c[1], d[1], t),
                )
            )
    return smooth if closed else [*smooth, points[-1]]


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


class Canvas:
    """A square picture. `x` grows to the right from the middle, `y` upwards from the floor, both in centimetres."""

    def __init__(self, *, scale: float, floor: float, middle: float = 0.5, paper: Image.Image) -> None:
        """`scale`: part of the width per centimetre; `floor` and `middle`: where 0 is, as parts from top and left."""
        self._image = paper.resize((PIXELS, PIXELS), Image.Resampling.BILINEAR)
        self._scale, self._left, self._top = scale * PIXELS, middle * PIXELS, floor * PIXELS

    def finished(self) -> Image.Image:
        """The picture."""
        return self._image

    def _at(self, points: Sequence[Point]) -> list[Point]:
        return [(self._left + x * self._scale, self._top - y * self._scale) for x, y in points]

    @staticmethod
    def _frame(placed: Sequence[Point], margin: float) -> tuple[int, int, int, int] | None:
        """The part of the picture that the points and a margin around them take, if any."""
        x0 = max(0, int(min(x for x, _ in placed) - margin))
        y0 = max(0, int(min(y for _, y in placed) - margin))
        x1 = min(PIXELS, int(max(x for x, _ in placed) + margin) + 2)
        y1 = min(PIXELS, int(max(y for _, y in placed) + margin) + 2)
        return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None

    def fill(
        self,
        points: Sequence[Point],
        tone: Tone,
        *,
        top: float = 1.06,
        foot: float = 0.90,
        soft: float = 0.0,
        opacity: float = 1.0,
    ) -> None:
        """Fill the outline: `top` and `foot` say how light it is above and below, `soft` how far (cm) it bulges."""
        placed = self._at(points)
        if (frame := self._frame(placed, 1)) is None:
            return
        x0, y0, x1, y1 = frame
        large = Image.new("L", ((x1 - x0) * _FINE, (y1 - y0) * _FINE))
        outline = [((x - x0) * _FINE, (y - y0) * _FINE) for x, y in placed]
        ImageDraw.Draw(large).polygon(outline, fill=round(255 * opacity))
        mask = large.reduce(_FINE)
        ramp = Image.linear_gradient("L").resize(mask.size)
        if tone.weave in {"wood", "upright"} and min(tone.rgb) > 190:
            tone = tone.on("plain")  # white paint hides the grain
        if tone.weave != "plain":
            even = min(_evenly(tone.weave), 255 / max(tone.rgb))
            tone = replace(tone, rgb=tuple(min(255, round(part * even)) for part in tone.rgb))  # type: ignore[arg-type]
        body = Image.composite(
            Image.new("RGB", mask.size, tone.lit(foot).rgb),
            Image.new("RGB", mask.size, tone.lit(top).rgb),
            ramp,
        )
        shade = _covering(tone.weave, -(-mask.width // 64) * 64, -(-mask.height // 64) * 64)
        shade = shade.crop((0, 0, *mask.size))
        if soft:
            shade = ImageChops.multiply(shade, self._bulge(mask, soft))
        if soft or tone.weave != "plain":
            body = ImageChops.multiply(body, Image.merge("RGB", (shade, shade, shade)))
        self._image.paste(body, (x0, y0), mask)

    def _bulge(self, mask: Image.Image, soft: float) -> Image.Image:
        """Darker towards the edges, most at the lower right, as something padded is."""
        less = 4
        reach = max(1.0, soft * self._scale / less)
        small = (max(1, mask.width // less), max(1, mask.height // less))
        border = round(reach) + 2
        framed = Image.new("L", (small[0] + 2 * border, small[1] + 2 * border))
        framed.paste(mask.resize(small), (border, border))
        blurred = framed.filter(ImageFilter.GaussianBlur(reach))
        shift = round(reach * 0.45)
        middle = blurred.crop(
            (border + shift, border + shift, border + shift + small[0], border + shift + small[1])
        )
        return middle.point(_PADDED).resize(mask.size, Image.Resampling.BICUBIC)

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        tone: Tone,
        *,
        r: float = 0.6,
        soft: float = 0.0,
        top: float = 1.06,
        foot: float = 0.90,
        opacity: float = 1.0,
    ) -> None:
        """A rectangle with corners of radius `r`."""
        self.fill(
            rounded(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1), r),
            tone,
            soft=soft,
            top=top,
            foot=foot,
            opacity=opacity,
        )

    def bar(self, a: Point, b: Point, thick: float, tone: Tone, *, thin: float | None = None) -> None:
        """A straight bar from `a` (where it is `thick`) to `b` (where it may be thinner)."""
        end = thick if thin is None else thin
        dx, dy = b[0] - a[0], b[1] - a[1]
        length = max((dx * dx + dy * dy) ** 0.5, 0.01)
        nx, ny = -dy / length / 2, dx / length / 2
        outline = [
            (a[0] + nx * thick, a[1] + ny * thick),
            (b[0] + nx * end, b[1] + ny * end),
            (b[0] - nx * end, b[1] - ny * end),
            (a[0] - nx * thick, a[1] - ny * thick),
        ]
        self.fill(outline, tone, top=1.04, foot=0.86)

    def line(self, points: Sequence[Point], thick: float, tone: Tone, *, opacity: float = 1.0) -> None:
        """A line of even thickness along the points."""
        placed = self._at(points)
        wide = max(1.0, thick * self._scale)
        if (frame := self._frame(placed, wide)) is None:
            return
        x0, y0, x1, y1 = frame
        large = Image.new("L", ((x1 - x0) * _FINE, (y1 - y0) * _FINE))
        ImageDraw.Draw(large).line(
            [((x - x0) * _FINE, (y - y0) * _FINE) for x, y in placed],
            fill=round(255 * opacity),
            width=max(1, round(wide * _FINE)),
            joint="curve",
        )
        self._image.paste(tone.rgb, (x0, y0), large.reduce(_FINE))

    def stroke(self, points: Sequence[Point], thick: float, tone: Tone) -> None:
        """A thin line: cables, seams and strings."""
        self.line(points, thick, tone)

    def shadow(self, points: Sequence[Point], *, blur: float, dark: float = 0.30) -> None:
        """A soft shadow of that outline on whatever is there already; `blur` in centimetres."""
        less = 4
        reach = max(0.8, blur * self._scale / less)
        placed = self._at(points)
        if (frame := self._frame(placed, reach * less * 3)) is None:
            return
        x0, y0, x1, y1 = frame
        mask = Image.new("L", (-(-(x1 - x0) // less), -(-(y1 - y0) // less)))
        ImageDraw.Draw(mask).polygon([((x - x0) / less, (y - y0) / less) for x, y in placed], fill=255)
        mask = mask.filter(ImageFilter.GaussianBlur(reach))
        shade = mask.point([255 - round(v * dark) for v in range(256)])
        shade = shade.resize((x1 - x0, y1 - y0), Image.Resampling.BILINEAR)
        below = self._image.crop(frame)
        self._image.paste(ImageChops.multiply(below, Image.merge("RGB", (shade, shade, shade))), (x0, y0))

    def glow(self, x: float, y: float, radius: float, *, strength: float = 0.5) -> None:
        """Warm light around a point."""
        less = 8
        ring = self._at(oval(x, y, radius * 0.6, radius * 0.6))
        reach = max(1.0, radius * 0.35 * self._scale / less)
        if (frame := self._frame(ring, reach * less * 3)) is None:
            return
        x0, y0, x1, y1 = frame
        mask = Image.new("L", (-(-(x1 - x0) // less), -(-(y1 - y0) // less)))
        ImageDraw.Draw(mask).polygon([((px - x0) / less, (py - y0) / less) for px, py in ring], fill=255)
        mask = mask.filter(ImageFilter.GaussianBlur(reach))
        light = mask.point([round(v * strength) for v in range(256)])
        self._image.paste((255, 240, 205), frame, light.resize((x1 - x0, y1 - y0), Image.Resampling.BILINEAR))


_PADDED: Final = [min(255, 172 + round(v * 0.38)) for v in range(256)]
