"""Small things: care products, spare parts, pots, a fire bowl, an elk."""

from shop.demo.pictures.canvas import Canvas, Tone, curve, oval
from shop.demo.pictures.seating import Thing, ground

_PAPER = Tone.of("f4efe4")
_INK = Tone.of("3f4a42")
_STEEL = Tone.of("a7a9ab")


def _label(canvas: Canvas, x: float, low: float, high: float, accent: Tone) -> None:
    canvas.box(-x, low, x, high, _PAPER, r=0.3, top=1.0, foot=0.95)
    middle = (low + high) / 2
    canvas.fill(oval(0, middle + (high - low) * 0.16, x * 0.34, x * 0.34), accent)
    for step in (0.12, 0.22):
        canvas.stroke(
            [(-x * 0.5, middle - (high - low) * step), (x * 0.5, middle - (high - low) * step)],
            x * 0.05,
            _INK,
        )


def bottle(canvas: Canvas, thing: Thing) -> None:
    """A bottle with a paper label; with `spray` or `pump` it has a head for that."""
    look, accent = thing.look, thing.main
    glass = Tone.of("7b5a36") if not look.get("pump") else Tone.of("dfe4dd")
    ground(canvas, 8)
    body = [*oval(0, 13, 4, 3.6, start=0, end=180), (-4, 1), (-3.4, 0.3), (3.4, 0.3), (4, 1)]
    canvas.box(-1.3, 15, 1.3, 17.4, glass, r=0.4)
    canvas.fill(body, glass, soft=1.2, top=1.2)
    canvas.fill([(-3.2, 2), (-2.4, 2), (-2.4, 14.6), (-3.2, 14)], Tone.of("ffffff"), opacity=0.22)
    _label(canvas, 3.4, 3.4, 12, accent)
    canvas.box(-1.3, 16.6, 1.3, 18.6, _INK, r=0.3)
    if look.get("spray") or look.get("pump"):
        canvas.box(-0.5, 18.4, 0.5, 20, _INK)
        canvas.box(-3.4 if look.get("spray") else -2.6, 19.6, 1.6, 21.4, _INK, r=0.6)


def tin(canvas: Canvas, thing: Thing) -> None:
    """A flat tin with its lid on."""
    ground(canvas, 13)
    canvas.fill([*oval(0, 1, 6.4, 1, start=180, end=360), (6.4, 8), (-6.4, 8)], thing.main, soft=1.6)
    _label(canvas, 5.2, 1.4, 6.6, thing.main.lit(0.7))
    canvas.box(-6.7, 7.4, 6.7, 9.4, _STEEL, r=0.6, soft=0.6)
    canvas.fill(oval(0, 9.4, 6.5, 0.9), _STEEL.lit(1.3))


def brush(canvas: Canvas, thing: Thing) -> None:
    """A clothes brush with its loop."""
    ground(canvas, 17)
    for number in range(44):
        x = -7.6 + number * 0.355
        canvas.stroke(
            [(x, 3.4), (x + (number % 5 - 2) * 0.08, 0.2)],
            0.22,
            Tone.of("5a4636" if number % 3 else "7b6350"),
        )
    canvas.fill(
        curve((-9, 4.6), (-8, 3), (8, 3), (9, 4.6), (6, 6.6), (-6, 6.6)), Tone.of("d2a873", "wood"), soft=0.8
    )
    canvas.line(curve((8.6, 4.8), (11, 6), (10.4, 3.6), (8.8, 4.4), closed=False), 0.4, Tone.of("7a5636"))


def box(canvas: Canvas, thing: Thing) -> None:
    """A box of six small bottles."""
    ground(canvas, 24)
    for number, code in enumerate(("8e2f35", "3d4166", "bd6e4c", "5f7a63", "d3a13b", "4a4c50")):
        x = -9.5 + number * 3.8
        canvas.box(x - 1.4, 4, x + 1.4, 12, Tone.of(code), r=0.8, soft=0.5, top=1.2)
        canvas.box(x - 0.7, 12, x + 0.7, 13.6, _INK, r=0.2)
    canvas.box(-12, 0, 12, 8.6, Tone.of("d8c29b", "canvas"), r=0.5, soft=0.8)
    _label(canvas, 6.5, 1.2, 7.4, Tone.of("8e2f35"))


def legs(canvas: Canvas, thing: Thing) -> None:
    """Four turned legs in a row."""
    canvas.shadow(oval(0, -0.4, 16, 0.8), blur=1.6, dark=0.32)
    for number in range(4):
        x = -11 + number * 7.4
        canvas.fill(
            [(x - 2.4, 13), (x + 2.4, 13), (x + 1.5, 0), (x - 1.5, 0)], thing.main.on("upright"), soft=0.6
        )
        canvas.box(x - 0.5, 13, x + 0.5, 15.4, _STEEL, r=0.1)


def pads(canvas: Canvas, thing: Thing) -> None:
    """Round felt pads, sixteen of them."""
    for row in range(4):
        for column in range(4):
            x, y = (column - 1.5) * 3.4, (row - 1.5) * 3.4 + 9
            canvas.shadow(oval(x + 0.15, y - 0.25, 1.3, 1.3), blur=0.4, dark=0.3)
            canvas.fill(oval(x, y, 1.3, 1.3), Tone.of("a39a8c", "wool"), soft=0.3)
            canvas.fill(oval(x, y, 0.22, 0.22), _STEEL)


def hardware(canvas: Canvas, thing: Thing) -> None:
    """A cloth bag, and bolts beside it."""
    ground(canvas, 18)
    canvas.fill(
        curve((-8, 1), (-7, 8), (-3.4, 11), (-4.4, 14), (0.6, 14), (-0.4, 11), (3, 8), (4, 1), (-2, 0.4)),
        Tone.of("d6c6a6", "linen"),
        soft=2,
    )
    canvas.line(curve((-4, 11), (-2, 10.6), (0, 11), closed=False), 0.7, Tone.of("8e2f35"))
    for number in range(3):
        x = 6 + number * 2.4
        canvas.box(x - 0.4, 0.2, x + 0.4, 5, _STEEL, r=0.1)
        canvas.box(x - 0.9, 5, x + 0.9, 5.9, _STEEL.lit(0.8), r=0.2)


def slats(canvas: Canvas, thing: Thing) -> None:
    """Slats on a webbing, from above."""
    half = thing.width / 2
    for side in (-1, 1):
        canvas.box(side * half * 0.7 - 2, 0, side * half * 0.7 + 2, 92, Tone.of("c9bda6", "canvas"))
    for number in range(12):
        low = 2 + number * 7.6
        canvas.shadow(
            [(-half, low - 1), (half + 1, low - 1), (half + 1, low + 3), (-half, low + 3)],
            blur=0.8,
            dark=0.12,
        ) if number % 4 == 0 else None
        canvas.box(-half, low, half, low + 5, Tone.of("e2c79c", "wood"), r=0.6)


def pot(canvas: Canvas, thing: Thing) -> None:
    """A pot with a geranium-ish plant in it."""
    half, h, main = thing.width / 2, thing.height, thing.main
    ground(canvas, thing.width * 0.8)
    leaf = Tone.of("6d8a5a")
    for number in range(11):
        x, y = (number * 37 % 22 - 11) / 11 * half * 1.0, h * (1.12 + (number * 29 % 13) / 13 * 0.75)
        canvas.stroke([(x * 0.3, h), (x, y)], half * 0.05, leaf.lit(0.75))
        canvas.fill(
            oval(x, y, half * 0.34, half * 0.27), leaf.lit(0.85 + (number % 4) * 0.09), soft=half * 0.06
        )
    canvas.fill(
        curve(
            (-half * 0.98, h * 0.96),
            (-half * 0.96, h * 0.6),
            (-half * 0.66, 0.4),
            (half * 0.66, 0.4),
            (half * 0.96, h * 0.6),
            (half * 0.98, h * 0.96),
            steps=6,
        ),
        main.on("stone"),
        soft=h * 0.12,
        top=1.1,
    )
    canvas.box(-half, h * 0.9, half, h, main.on("stone"), r=h * 0.03, soft=0.8)


def firebowl(canvas: Canvas, thing: Thing) -> None:
    """A bowl with embers and a small flame."""
    half, h, main = thing.width / 2, thing.height, thing.main
    ground(canvas, thing.width * 0.7)
    canvas.glow(0, h + 8, 46, strength=0.55)
    for x in (-half * 0.4, half * 0.4, 0):
        canvas.bar((x * 0.8, h * 0.5), (x * 1.2, 0), 2, main.lit(0.75))
    for tone, size in (("d9782f", 1.0), ("efae45", 0.7), ("fbe3a0", 0.4)):
        canvas.fill(
            curve(
                (-13 * size, h - 1),
                (-10 * size, h + 12 * size),
                (-3 * size, h + 9 * size),
                (2 * size, h + 27 * size),
                (7 * size, h + 10 * size),
                (12 * size, h + 13 * size),
                (13 * size, h - 1),
            ),
            Tone.of(tone),
            top=1.1,
            foot=1.0,
            opacity=0.9,
        )
    canvas.fill(oval(0, h, half, 4), main.lit(0.5))
    for number in range(5):
        canvas.bar((-18 + number * 6, h + 1), (-8 + number * 6, h + 4), 3, Tone.of("6a4a33", "wood"))
    canvas.fill([*oval(0, h, half, h * 0.72, start=180, end=360)], main.on("leather"), soft=5)
    canvas.box(-half - 1, h - 1.6, half + 1, h + 0.6, main.lit(1.1), r=1)


def toy(canvas: Canvas, thing: Thing) -> None:
    """A rocking elk, from the side."""
    coat, wood = thing.main.on("wool"), Tone.of("e2c79c", "wood")
    canvas.shadow(oval(0, -0.6, 28, 1.8), blur=3, dark=0.3)
    canvas.line(curve((-30, 6), (-16, 1.6), (0, 0.6), (16, 1.6), (31, 7), closed=False), 2.4, wood)
    for x, lean in ((-12, -4), (-7, -2), (9, 2), (14, 5)):
        canvas.bar((x, 24), (x + lean, 2), 3, wood.on("upright").lit(0.9 if abs(x) < 10 else 1.0))
    for side in (0.0, 5.0):
        canvas.line(
            curve((19 + side, 55), (15 + side * 1.5, 62), (22 + side * 2, 66), closed=False),
            2.2,
            wood.lit(0.9),
        )
        canvas.fill(
            curve(
                (18 + side * 1.6, 64),
                (26 + side * 1.6, 64),
                (30 + side, 70),
                (24 + side, 67),
                (22 + side, 72),
                (19 + side, 67),
                (14 + side, 71),
            ),
            wood,
        )
    canvas.fill(
        curve((-20, 30), (-17, 22), (0, 20), (15, 22), (20, 30), (15, 38), (-15, 38)), coat, soft=4, top=1.14
    )
    canvas.fill(curve((9, 34), (20, 28), (24, 44), (26, 54), (18, 56), (13, 46)), coat, soft=3)
    canvas.fill(curve((15, 57), (16, 48), (32, 40), (37, 43), (34, 49), (25, 57)), coat.lit(0.96), soft=3)
    canvas.fill(oval(25, 52, 0.9, 0.9), Tone.of("2a2624"))
    canvas.fill(oval(35, 45, 0.7, 0.6), Tone.of("2a2624"))
    canvas.fill(curve((15, 54), (9, 58), (12, 52)), coat.lit(0.85))
    canvas.box(-9, 36, 7, 39, Tone.of("8e2f35", "wool"), r=1.4, soft=0.8)
