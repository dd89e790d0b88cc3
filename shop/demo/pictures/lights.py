"""Lamps, lit, in centimetres."""

from shop.demo.pictures.canvas import Canvas, Tone, curve, oval
from shop.demo.pictures.seating import Thing, ground

_LIGHT = Tone.of("fff3d4")
_CORD = Tone.of("55504a")


def floorlamp(canvas: Canvas, thing: Thing) -> None:
    """A lamp on a tall stem, straight or arched."""
    h, main = thing.height, thing.main
    if thing.look["stem"] == "arc":
        canvas.shadow(oval(-30, -1, 18, 2.4), blur=4, dark=0.32)
        canvas.glow(34, h - 52, 62, strength=0.45)
        stem = curve(
            (-30, 3), (-31, h * 0.55), (-18, h - 12), (8, h - 2), (34, h - 22), closed=False, steps=16
        )
        canvas.line(stem, 2.0, main.lit(0.86))
        canvas.fill(oval(-30, 2.4, 15, 2.8), main.lit(0.9))
        canvas.fill(oval(34, h - 42, 15, 2.6), _LIGHT)
        canvas.fill([*oval(34, h - 42, 17, 19, start=0, end=180)], main, soft=3, top=1.15)
        return
    canvas.shadow(oval(0, -1, 20, 2.6), blur=4, dark=0.32)
    canvas.glow(0, h - 20, 60, strength=0.45)
    canvas.bar((0, h - 20), (0, 2), 3.2, thing.wood)
    canvas.fill(oval(0, 2.2, 16, 2.8), thing.frame)
    canvas.fill(
        [(-12, h), (12, h), (21, h - 30), (-21, h - 30)], main.on("linen"), soft=3, top=1.2, foot=1.08
    )
    canvas.fill(oval(0, h - 30, 21, 2.2), _LIGHT)


def tablelamp(canvas: Canvas, thing: Thing) -> None:
    """A mushroom, or a shade on a turned foot."""
    half, h, main = thing.width / 2, thing.height, thing.main
    ground(canvas, thing.width * 0.6)
    canvas.glow(0, h * 0.55, h * 0.95, strength=0.4)
    if thing.look["shade"] == "mushroom":
        canvas.fill(
            curve(
                (-half * 0.42, h * 0.6),
                (-half * 0.36, h * 0.3),
                (-half * 0.62, 0.4),
                (half * 0.62, 0.4),
                (half * 0.36, h * 0.3),
                (half * 0.42, h * 0.6),
            ),
            main.lit(1.1),
            soft=2,
        )
        canvas.fill(oval(0, h * 0.56, half * 0.92, h * 0.06), _LIGHT)
        canvas.fill([*oval(0, h * 0.55, half, h * 0.46, start=0, end=180)], main, soft=3, top=1.16)
        return
    for low, wide in ((0, 9), (3, 6), (6, 8), (11, 9.5), (16, 7), (20, 4)):
        canvas.box(-wide, low, wide, low + 5, main.on("wood"), r=2.4, soft=1.2)
    canvas.fill(
        [(-half * 0.72, h), (half * 0.72, h), (half, h - 27), (-half, h - 27)],
        Tone.of("eee4cf", "linen"),
        soft=3,
        top=1.2,
        foot=1.08,
    )
    canvas.fill(oval(0, h - 27, half, 2), _LIGHT)


def pendant(canvas: Canvas, thing: Thing) -> None:
    """A lamp that hangs: a globe, a drop, a star. 0 is the middle of the shade."""
    style, half, main = thing.look["shade"], thing.width / 2, thing.main
    canvas.stroke([(0, half), (0, half * 8)], max(0.3, half * 0.025), _CORD)
    canvas.glow(0, 0, half * 2.6, strength=0.5)
    if style == "globe":
        canvas.fill(oval(0, 0, half, half), main.on("plain"), soft=half * 0.25, top=1.3, foot=1.0)
        for number in range(-7, 8):
            y = number / 8 * half
            wide = (half * half - y * y) ** 0.5
            canvas.stroke(
                curve((-wide, y), (0, y - half * 0.06), (wide, y), closed=False), half * 0.006, main.lit(0.9)
            )
        canvas.box(-half * 0.12, half * 0.94, half * 0.12, half * 1.06, _CORD)
    elif style == "drop":
        canvas.fill(
            curve(
                (0, half * 1.5),
                (-half * 0.3, half),
                (-half, -half * 0.4),
                (0, -half * 1.3),
                (half, -half * 0.4),
                (half * 0.3, half),
            ),
            main,
            opacity=0.72,
            soft=3,
            top=1.2,
        )
        canvas.fill(oval(0, -half * 0.1, half * 0.34, half * 0.42), _LIGHT, top=1.0, foot=1.0)
        canvas.fill(
            curve(
                (-half * 0.62, -half * 0.5),
                (-half * 0.6, half * 0.3),
                (-half * 0.4, half * 0.7),
                (-half * 0.5, 0),
            ),
            Tone.of("ffffff"),
            opacity=0.5,
        )
        canvas.box(-half * 0.2, half * 1.3, half * 0.2, half * 1.7, Tone.of("b9924f"))
    else:
        from math import cos, pi, sin

        for number in range(12):
            turn = number * pi / 6 + 0.26
            tip = (cos(turn) * half, sin(turn) * half)
            for spread in (-0.2, 0.2):
                near = (cos(turn + spread) * half * 0.42, sin(turn + spread) * half * 0.42)
                canvas.bar(near, tip, half * 0.05, main.lit(0.95), thin=half * 0.02)
        canvas.fill(oval(0, 0, half * 0.16, half * 0.16), _LIGHT, top=1.0, foot=1.0)


def desklamp(canvas: Canvas, thing: Thing) -> None:
    """A lamp on a jointed arm."""
    main = thing.main
    canvas.shadow(oval(-12, -0.6, 11, 1.6), blur=2.5, dark=0.32)
    canvas.glow(20, 30, 30, strength=0.4)
    canvas.fill(oval(-12, 1.6, 10, 2.0), main)
    canvas.bar((-12, 2), (-18, 32), 1.6, main.lit(0.9))
    canvas.bar((-18, 32), (10, 52), 1.6, main.lit(0.9))
    canvas.fill(oval(-18, 32, 1.8, 1.8), Tone.of("b9924f"))
    canvas.fill(oval(10, 52, 1.6, 1.6), Tone.of("b9924f"))
    canvas.fill(curve((8, 55), (15, 53), (28, 37), (10, 38), (4, 46)), main, soft=2, top=1.15)
    canvas.fill(oval(19, 38, 9.6, 2.0), _LIGHT)


def walllamp(canvas: Canvas, thing: Thing) -> None:
    """Veneers spread like a fan on the wall."""
    half, main = thing.width / 2, thing.main
    canvas.glow(0, 4, 42, strength=0.6)
    for number in range(7):
        lean = (number - 3) * half * 0.27
        canvas.fill(
            curve((-1.4, -10), (lean - 3.4, 9), (lean, 12.5), (lean + 3.4, 9), (1.4, -10)),
            main.on("upright").lit(0.9 + 0.04 * (number % 3)),
            soft=0.8,
        )
    canvas.box(-4, -13, 4, -8, main.lit(0.8), r=1)


def lantern(canvas: Canvas, thing: Thing) -> None:
    """A lantern with a loop to hang it from."""
    half, h, main = thing.width / 2, thing.height, thing.main
    ground(canvas, thing.width)
    canvas.glow(0, h * 0.4, h, strength=0.5)
    canvas.line(
        curve(
            (-half * 0.5, h * 0.74),
            (-half * 0.4, h * 0.96),
            (0, h),
            (half * 0.4, h * 0.96),
            (half * 0.5, h * 0.74),
            closed=False,
        ),
        0.9,
        main,
    )
    canvas.box(-half * 0.72, h * 0.15, half * 0.72, h * 0.66, _LIGHT, r=2, top=1.0, foot=0.97)
    for x in (-0.6, 0.0, 0.6):
        canvas.bar((x * half, h * 0.66), (x * half, h * 0.15), 0.6, main)
    canvas.box(-half * 0.86, 0, half * 0.86, h * 0.18, main, r=1.6, soft=0.8)
    canvas.box(-half * 0.82, h * 0.64, half * 0.82, h * 0.76, main, r=2, soft=0.8)


def bulb(canvas: Canvas, thing: Thing) -> None:
    """A light bulb, lying in its own light."""
    canvas.glow(0, 7, 13, strength=0.55)
    ground(canvas, 5)
    canvas.fill(
        curve((-1.4, 4), (-3, 7), (-2.4, 10.2), (0, 11.2), (2.4, 10.2), (3, 7), (1.4, 4)),
        Tone.of("fbf3e0"),
        soft=0.8,
        top=1.2,
    )
    canvas.box(-1.4, 1, 1.4, 4.2, Tone.of("a8a9aa"), r=0.2)
    for low in (1.6, 2.4, 3.2):
        canvas.stroke([(-1.4, low), (1.4, low + 0.2)], 0.12, Tone.of("77787a"))
    canvas.box(-0.7, 0, 0.7, 1, Tone.of("4a4a4a"), r=0.3)


def shade(canvas: Canvas, thing: Thing) -> None:
    """A lamp shade on its own."""
    ground(canvas, 42)
    canvas.fill(oval(0, 27, 14, 2.6), thing.main.lit(0.7))
    canvas.fill(
        [(-14, 27), (14, 27), (21, 1), (0, -0.6), (-21, 1)],
        thing.main.on("linen"),
        soft=4,
        top=1.12,
        foot=0.96,
    )
