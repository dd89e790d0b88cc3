"""Rugs, cushions, throws and other cloth. Rugs are seen from above; 0 is their middle."""

from collections.abc import Callable
from math import cos, sin

from shop.demo.pictures.canvas import Canvas, Tone, curve, oval, rounded
from shop.demo.pictures.seating import Thing, ground


def rug(canvas: Canvas, thing: Thing) -> None:
    """A rug from above; a long one lies across."""
    look, main = thing.look, thing.main.on("pile")
    x, y = thing.width / 2, thing.depth / 2
    if y > x:
        x, y = y, x
    if look.get("round"):
        canvas.shadow(oval(1.5, -2.5, x, x), blur=4, dark=0.3)
        canvas.fill(oval(0, 0, x, x), main, top=1.04, foot=0.96)
        (_pond if look["pattern"] == "pond" else _coil)(canvas, x, main)
        return
    canvas.shadow(rounded(-x + 1.5, -y - 2.5, x + 1.5, y - 2.5, 2), blur=4, dark=0.3)
    canvas.box(-x, -y, x, y, main, r=1.5, top=1.04, foot=0.96)
    _PATTERNS[look["pattern"]](canvas, x, y, main)


def _border(canvas: Canvas, x: float, y: float, main: Tone) -> None:
    canvas.box(-x + 12, -y + 12, x - 12, y - 12, main.lit(0.86), r=16, top=1.0, foot=1.0)
    canvas.box(-x + 15, -y + 15, x - 15, y - 15, main.lit(1.06), r=14, top=1.02, foot=0.98)


def _stripes(canvas: Canvas, x: float, y: float, main: Tone) -> None:
    tones = (
        main.lit(1.45),
        main.lit(0.8),
        Tone.of("ece3d2", "pile"),
        main.lit(1.2),
        Tone.of("4a5058", "pile"),
    )
    wide = 2 * x / 34
    for number in range(34):
        pick = (number * 7 + number * number) % 9
        if pick < 5:
            left = -x + number * wide
            canvas.box(
                left, -y, left + wide * (0.4 + (number % 3) * 0.3), y, tones[pick], r=0.1, top=1, foot=1
            )
    for side in (-1, 1):
        for number in range(24):
            at = -y + (number + 0.5) * 2 * y / 24
            canvas.stroke([(side * x, at), (side * (x + 5), at - 0.6)], 0.5, Tone.of("e4dac6"))


def _moss(canvas: Canvas, x: float, y: float, main: Tone) -> None:
    for number in range(60):
        at = ((number * 47 % 100) / 50 - 1, (number * 71 % 100) / 50 - 1)
        size = 6 + number * 13 % 10
        spot = curve(
            *(
                (at[0] * (x - size) + size * cos(k), at[1] * (y - size) + size * 0.8 * sin(k * 1.0))
                for k in (0.0, 1.1, 2.2, 3.3, 4.6, 5.5)
            )
        )
        canvas.fill(spot, main.lit((0.88, 1.14, 0.94, 1.07)[number % 4]), top=1.02, foot=0.98, opacity=0.6)


def _grid(canvas: Canvas, x: float, y: float, main: Tone) -> None:
    dark = main.lit(0.62) if sum(main.rgb) > 300 else main.lit(1.6)
    columns, rows = max(4, round(x / 11)), max(4, round(y / 11))
    for number in range(1, columns):
        at = -x + number * 2 * x / columns
        canvas.stroke([(at, -y + 5), (at, y - 5)], 1.2, dark)
    for number in range(1, rows):
        at = -y + number * 2 * y / rows
        canvas.stroke([(-x + 5, at), (x - 5, at)], 1.2, dark)


def _herring(canvas: Canvas, x: float, y: float, main: Tone) -> None:
    pale = main.lit(1.5)
    columns = max(6, round(x / 7))
    wide = 2 * x / columns
    for column in range(columns):
        left = -x + column * wide
        up = wide * (0.7 if column % 2 else -0.7)
        count = round(2 * y / 7)
        for row in range(count):
            low = -y + 4 + row * (2 * y - 8) / count
            canvas.stroke([(left, max(-y, min(y, low))), (left + wide, max(-y, min(y, low + up)))], 1.5, pale)


def _path(canvas: Canvas, x: float, y: float, main: Tone) -> None:
    points = [(-x + 6 + number * (2 * x - 12) / 40, sin(number * 0.62) * y * 0.42) for number in range(41)]
    canvas.line(points, y * 0.5, main.lit(1.42))
    canvas.stroke(points, 0.8, main.lit(0.8))


def _mesh(canvas: Canvas, x: float, y: float, main: Tone) -> None:
    for number in range(1, 40):
        at = -x + number * 2 * x / 40
        canvas.stroke([(at, -y), (at, y)], 0.8, main.lit(0.72))
    for number in range(1, 28):
        at = -y + number * 2 * y / 28
        canvas.stroke([(-x, at), (x, at)], 0.8, main.lit(0.72))


def _coil(canvas: Canvas, x: float, main: Tone) -> None:
    rings = 16
    for number in range(rings, 0, -1):
        size = x * number / rings
        canvas.fill(oval(0, 0, size, size), main.lit((0.9, 1.08, 1.0)[number % 3]), top=1.03, foot=0.97)


def _pond(canvas: Canvas, x: float, main: Tone) -> None:
    for number in range(4, 0, -1):
        canvas.fill(
            oval(x * 0.16, -x * 0.1, x * number / 5, x * number / 5),
            main.lit(1.0 + 0.1 * (5 - number)),
            top=1.0,
            foot=1.0,
        )
    for at, (px, py) in enumerate(((-0.52, 0.42), (0.5, 0.5), (-0.4, -0.5), (0.62, -0.32), (-0.06, 0.08))):
        size = x * (0.15 + at % 3 * 0.03)
        leaf = oval(px * x, py * x, size, size, start=20 + at * 50, end=350 + at * 50)
        canvas.fill(
            [(px * x, py * x), *leaf], Tone.of("6f8a5c" if main.rgb[2] > main.rgb[1] else "4f6b52", "pile")
        )
    canvas.fill(oval(x * 0.5, x * 0.54, x * 0.05, x * 0.05), Tone.of("f4e7e0"))
    canvas.fill(oval(-x * 0.42, -x * 0.47, x * 0.035, x * 0.028), Tone.of("3f5b36"))


_PATTERNS: dict[str, Callable[[Canvas, float, float, Tone], None]] = {
    "border": _border,
    "stripes": _stripes,
    "moss": _moss,
    "grid": _grid,
    "herring": _herring,
    "path": _path,
    "mesh": _mesh,
}


def cushion(canvas: Canvas, thing: Thing) -> None:
    """A cushion, standing or lying."""
    shape, half, main = thing.look["shape"], thing.width / 2, thing.main
    h = (
        max(thing.height, thing.depth)
        if shape in {"square", "pebble", "inner", "pillow", "stripe"}
        else thing.height
    )
    ground(canvas, thing.width * 0.9)
    if shape == "bolster":
        canvas.box(-half, 0, half, h, main, r=h / 2.3, soft=5)
        canvas.fill(oval(half - 3, h / 2, 4.5, h / 2.1), main.lit(0.86), soft=2)
        canvas.fill(oval(half - 2.4, h / 2, 1, 1.6), Tone.of("b98f5c", "wood"))
        canvas.line(
            curve((half - 1, h * 0.55), (half + 6, h * 0.75), (half + 3, h * 0.3), closed=False),
            1,
            Tone.of("7a5636"),
        )
    elif shape == "pebble":
        canvas.fill(
            curve(
                (-half, h * 0.3),
                (-half * 0.5, 0.5),
                (half * 0.5, 0.5),
                (half, h * 0.34),
                (half * 0.6, h * 0.72),
                (-half * 0.3, h * 0.8),
            ),
            main,
            soft=8,
            top=1.12,
        )
        canvas.stroke(
            curve((-half * 0.7, h * 0.1), (0, h * 0.4), (half * 0.2, h * 0.79), closed=False),
            0.25,
            main.lit(0.78),
        )
    elif shape == "seatpad":
        tall = max(3.0, thing.height)
        for number in range(2, -1, -1):
            canvas.box(
                -half,
                number * tall,
                half,
                (number + 1) * tall,
                main.lit(1.0 - 0.05 * number),
                r=tall * 0.42,
                soft=1.6,
            )
        canvas.fill(
            [
                (-half + 2, 3 * tall - 0.6),
                (half - 2, 3 * tall - 0.6),
                (half - 6, 3 * tall + 4),
                (-half + 6, 3 * tall + 4),
            ],
            main,
            top=1.14,
            foot=1.08,
        )
    else:
        low = h * 0.74 if shape == "pillow" else h * 0.96
        pull = h * 0.028
        outline = curve(
            (-half, low),
            (0, low - pull * 0.4),
            (half, low),
            (half - pull, low / 2),
            (half, 1),
            (0, pull * 0.5),
            (-half, 1),
            (-half + pull, low / 2),
            steps=14,
        )
        canvas.fill(outline, main, soft=h * 0.16, top=1.12)
        if shape == "stripe":
            for number in range(-4, 5):
                x = number * half * 0.2
                canvas.line(
                    curve(
                        (x * 1.04, low * 0.97),
                        (x * 0.94, low / 2),
                        (x * 1.04, low * 0.04),
                        closed=False,
                        steps=4,
                    ),
                    1.2,
                    Tone.of("6d7f8c", "linen"),
                )
        else:
            canvas.stroke([*outline, outline[0]], h * 0.012, main.lit(0.82))
        for x in (-half * 0.3, half * 0.24):
            canvas.stroke(
                curve((x, low * 0.9), (x * 1.2, low * 0.74), (x * 1.1, low * 0.62), closed=False),
                h * 0.008,
                main.lit(0.86),
            )


def curtain(canvas: Canvas, thing: Thing) -> None:
    """Two curtains at a bright window."""
    h, main = 250, thing.main.on("linen")
    canvas.box(-76, 40, 76, h - 14, Tone.of("f6f4ee"), r=1, top=1.2, foot=1.0)
    for x in (0, -38, 38):
        canvas.bar((x, h - 14), (x, 40), 2, Tone.of("e2ddd3"))
    canvas.bar((-100, h), (100, h), 2.2, Tone.of("4b443d"))
    for side in (-1, 1):
        for number in range(6):
            near, far = side * (44 + number * 8.4), side * (54 + number * 8.4)
            canvas.fill(
                curve(
                    (near, h - 1),
                    (far, h - 1),
                    (far + side * 1.5, 120),
                    (far - side, 2),
                    (near - side * 2, 2),
                    (near + side, 120),
                    steps=6,
                ),
                main.lit(0.98 - 0.05 * (number % 2)),
                soft=2.4,
                opacity=0.96,
            )


def canopy(canvas: Canvas, thing: Thing) -> None:
    """Gauze that hangs from a hoop."""
    h, main = thing.height, thing.main.on("linen")
    canvas.stroke([(0, h), (0, h + 60)], 0.5, Tone.of("6d6258"))
    ground(canvas, 110)
    for number in range(9):
        a, b = -1 + number * 2 / 9, -1 + (number + 1) * 2 / 9
        if number in {4}:
            continue
        canvas.fill(
            curve(
                (a * 6, h - 4),
                (b * 6, h - 4),
                (b * 30, h - 36),
                (b * 42, 90),
                (b * 58, 1),
                (a * 58, 1),
                (a * 42, 90),
                (a * 30, h - 36),
                steps=6,
            ),
            main.lit(0.93 + 0.06 * (number % 2)),
            soft=4,
            opacity=0.95,
        )
    canvas.box(-24, 0, 24, 12, Tone.of("cbb893", "linen"), r=6, soft=3)


def hammock(canvas: Canvas, thing: Thing) -> None:
    """A hammock between two trunks."""
    main = thing.main.on("canvas")
    for side in (-1, 1):
        canvas.box(side * 150, -10, side * 168, 210, Tone.of("8a6f57", "upright"), r=2, soft=4)
    canvas.shadow(oval(0, -4, 110, 6), blur=10, dark=0.22)
    for side in (-1, 1):
        for number in range(6):
            canvas.stroke([(side * 150, 118), (side * 100, 76 - number * 5)], 0.6, Tone.of("d8cdb8"))
    canvas.fill(
        curve(
            (-100, 80),
            (-60, 58),
            (0, 48),
            (60, 58),
            (100, 80),
            (92, 52),
            (50, 26),
            (0, 18),
            (-50, 26),
            (-92, 52),
        ),
        main,
        soft=8,
        top=1.14,
    )
    for number in range(-4, 5):
        x = number * 20
        dip = 48 + abs(number) ** 1.7 * 2.2
        canvas.line(
            curve(
                (x, dip),
                (x * 0.99, dip - 16),
                (x * 0.96, 20 + abs(number) ** 1.7 * 2.4),
                closed=False,
                steps=4,
            ),
            3,
            Tone.of("f0e9da", "canvas"),
            opacity=0.75,
        )
