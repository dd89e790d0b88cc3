"""Beds, mattresses and folded cloth, in centimetres."""

from shop.demo.pictures.canvas import Canvas, Tone, curve, oval, rounded
from shop.demo.pictures.seating import Thing, ground


def daybed(canvas: Canvas, thing: Thing) -> None:
    """A mattress on a frame, with a neck roll."""
    half, seat, main, wood = thing.width / 2, thing.seat, thing.main, thing.frame
    ground(canvas, thing.width, lift=18)
    for side in (-1, 1):
        canvas.bar((side * (half - 16), seat - 12), (side * (half - 15), 3), 4, thing.wood.lit(0.64))
        canvas.bar((side * (half - 8), seat - 12), (side * (half - 6), 0), 5, thing.wood, thin=4)
    canvas.box(-half, seat - 17, half, seat - 10, wood, r=1.5)
    canvas.box(-half + 3, seat - 11, half - 3, seat + 3, main, r=5, soft=4, top=1.14)
    canvas.box(-half + 4, seat + 2, -half + 34, seat + 20, main.lit(0.97), r=9, soft=5)
    canvas.bar((-half + 16, seat + 20), (-half + 2, seat - 8), 2, Tone.of("7a5636", "leather"))


def bed(canvas: Canvas, thing: Thing) -> None:
    """A made bed from its foot; `head` says what stands behind the pillows."""
    look, half, h = thing.look, thing.width / 2, thing.height
    wooden = thing.main.weave == "wood"
    wood = thing.main if wooden else thing.frame
    ground(canvas, thing.width, lift=10)
    if look["head"] == "house":
        for x in (-half + 4, half - 4):
            canvas.bar((x, 0), (x, h * 0.68), 5, wood.on("upright").lit(0.9))
            canvas.bar((x * 1.06, h * 0.66), (0, h), 4.6, wood.lit(0.95))
    elif look["head"] == "slats":
        for number in range(9):
            x = -half + 6 + number * (2 * half - 12) / 8
            canvas.bar((x, 30), (x, h - 4), 3.4, wood.on("upright").lit(0.95))
        canvas.box(-half, h - 7, half, h, wood, r=2)
    elif look["head"] == "upholstered":
        canvas.box(-half - 2, 10, half + 2, h, thing.main, r=9, soft=7)
        for x in (-half / 3, half / 3):
            canvas.stroke([(x, 45), (x, h - 6)], 0.5, thing.main.lit(0.75))
    linen = Tone.of("f3f0ea", "linen")
    for x in (-half * 0.48, half * 0.48) if half > 60 else (0.0,):
        canvas.box(x - 30 if half > 60 else -26, 48, x + 30 if half > 60 else 26, 66, linen, r=8, soft=5)
    canvas.fill(
        curve(
            (-half + 3, 22),
            (-half + 8, 52),
            (-half * 0.4, 55),
            (half * 0.3, 53),
            (half - 8, 52),
            (half - 3, 22),
            (0, 20),
            steps=14,
        ),
        Tone.of("e7e1d6", "linen"),
        soft=6,
        top=1.1,
    )
    canvas.fill(
        curve((-half + 2, 20), (-half + 4, 40), (0, 37), (half - 4, 40), (half - 2, 20), (0, 17)),
        Tone.of("b8bfb6", "wool"),
        soft=4,
    )
    rail = wood if wooden else thing.main
    canvas.box(
        -half - (6 if look["head"] == "none" else 1),
        12,
        half + (6 if look["head"] == "none" else 1),
        26,
        rail,
        r=2,
        soft=1.5 if not wooden else 0,
    )
    for side in (-1, 1):
        canvas.box(side * (half - 3), 0, side * (half - 9), 14, wood.on("upright").lit(0.9))


def cot(canvas: Canvas, thing: Thing) -> None:
    """A cot: bars all round."""
    wood, h = thing.main, thing.height
    half = thing.depth / 2
    ground(canvas, 2 * half, lift=10)
    canvas.box(-half + 4, 34, half - 4, 46, Tone.of("f3f0ea", "linen"), r=4, soft=3)
    for number in range(17):
        x = -half + 6 + number * (2 * half - 12) / 16
        canvas.bar((x, 28), (x, h - 4), 1.7, wood.on("upright"))
    canvas.box(-half, h - 6, half, h, wood, r=2)
    canvas.box(-half + 2, 26, half - 2, 33, wood, r=1)
    for side in (-1, 1):
        canvas.bar((side * (half - 3), h - 2), (side * (half - 3), 0), 5, wood.on("upright"))


def throw(canvas: Canvas, thing: Thing) -> None:
    """Folded cloth in a pile."""
    look, main = thing.look, thing.main
    ground(canvas, 62)
    pattern = look["pattern"]
    tone = main.on("canvas" if pattern in {"folded", "waffle"} else "wool")
    layers = 3
    for number in range(layers):
        low = number * 8
        canvas.box(
            -30 + number * 0.5,
            low,
            30 - number * 0.4,
            low + 9,
            tone.lit(1.0 - 0.04 * (layers - 1 - number)),
            r=4.2,
            soft=2.4,
            top=1.12,
        )
        canvas.stroke([(-27, low + 4.6), (26, low + 4.4)], 0.25, tone.lit(0.8))
    front = rounded(-14, -0.6, 17, 27, 2.2)
    canvas.shadow(front, blur=1.6, dark=0.2)
    canvas.fill(front, tone.lit(1.03), soft=2.5, top=1.1)
    if pattern == "check":
        for at in range(-10, 16, 7):
            canvas.line([(at, 25), (at + 0.6, 0.4)], 1.8, main.lit(0.55), opacity=0.6)
        for low in range(2, 26, 7):
            canvas.line([(-13.6, low), (17, low)], 1.8, main.lit(0.55), opacity=0.6)
    elif pattern == "waffle":
        for at in range(-13, 18, 2):
            canvas.stroke([(at, 25), (at, 0)], 0.25, main.lit(0.84))
        for low in range(0, 26, 2):
            canvas.stroke([(-14, low), (17, low)], 0.25, main.lit(0.84))
    elif pattern == "folded":
        canvas.box(-5, 10, 7, 15, Tone.of("efe9dd", "linen"), r=0.6)
    if pattern in {"check", "plain"}:
        for number in range(24):
            left = -13 + number * 1.28
            canvas.stroke([(left, 0), (left + (number % 3 - 1) * 0.5, -4.2)], 0.4, main.lit(0.9))


def mattress(canvas: Canvas, thing: Thing) -> None:
    """A mattress, a topper or a quilt, with its near side towards us."""
    look = thing.look
    half = thing.width / 2
    tall = thing.height * (1.0 if not look.get("thin") and not look.get("quilt") else 1.6)
    cover, side = Tone.of("f1ede5", "linen"), Tone.of("ddd6c8", "canvas")
    ground(canvas, thing.width)
    rise = thing.width * 0.22
    canvas.fill(
        [(-half, tall), (half, tall), (half * 0.86, tall + rise), (-half * 0.86, tall + rise)],
        cover,
        top=1.1,
        foot=1.0,
    )
    for row in range(1, 6):
        t = row / 6
        wide = half * (1 - 0.14 * t)
        if look.get("quilt"):
            canvas.stroke(
                curve(
                    (-wide, tall + rise * t),
                    (0, tall + rise * (t - 0.09)),
                    (wide, tall + rise * t),
                    closed=False,
                ),
                0.6,
                cover.lit(0.88),
            )
        else:
            for column in range(1, 9):
                x = -wide + column * 2 * wide / 9
                canvas.fill(oval(x, tall + rise * t, 1.2, 0.7), cover.lit(0.82))
    canvas.box(-half, 0, half, tall, side, r=min(5, tall / 2), soft=min(4, tall / 3))
    canvas.stroke([(-half + 2, tall - 1), (half - 2, tall - 1)], 0.8, cover.lit(0.85))
    canvas.stroke([(-half + 2, 1.2), (half - 2, 1.2)], 0.8, cover.lit(0.85))
    if not look.get("quilt"):
        for x in (-half * 0.5, half * 0.5):
            canvas.box(x - 8, tall * 0.36, x + 8, tall * 0.56, Tone.of("9a8a72", "canvas"), r=1)
