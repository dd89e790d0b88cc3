"""Tables, shelves, chests and what hangs in the hall, seen from the front, in centimetres."""

from shop.demo.pictures.canvas import Canvas, Tone, curve, oval
from shop.demo.pictures.seating import Thing, ground

_DARK = Tone.of("3b3b3e")


def table(canvas: Canvas, thing: Thing) -> None:  # noqa: PLR0912 (a branch for each kind of leg)
    """A table top on legs, trestles, blocks or one foot."""
    look, half, h, main = thing.look, thing.width / 2, thing.height, thing.main
    upright = main.on("upright") if main.weave == "wood" else main
    style = look["leg"]
    ground(canvas, thing.width * (0.7 if style == "pedestal" else 1), lift=20)
    if style == "trestle":
        for side in (-1, 1):
            middle = side * half * 0.62
            canvas.bar((middle, h - 4), (middle - 17, 0), 5, upright.lit(0.95))
            canvas.bar((middle, h - 4), (middle + 17, 0), 5, upright)
            canvas.box(middle - 11, h * 0.36, middle + 11, h * 0.41, main.lit(0.85))
        canvas.box(-half * 0.62, h * 0.4, half * 0.62, h * 0.44, main.lit(0.8))
    elif style == "pedestal":
        spread = min(half * 0.62, 34)
        foot = _DARK if look.get("tall") else upright
        if look.get("tall"):
            canvas.bar((0, h), (0, 2), 5, foot)
            canvas.fill(oval(0, 2.4, spread, 2.6), foot)
        else:
            for side in (-1, 1):
                canvas.line(
                    curve(
                        (side * spread, 0.8),
                        (side * spread * 0.35, h * 0.28),
                        (side * 3, h * 0.6),
                        (side * spread * 0.6, h - 3),
                        closed=False,
                    ),
                    4.5,
                    foot.lit(0.96),
                )
            canvas.line(curve((2, 0.6), (1, h * 0.3), (0, h - 4), closed=False), 4.5, foot.lit(0.78))
    elif style == "tray":
        wire = main.lit(0.8)
        for x, lean in ((-half * 0.6, -6), (half * 0.6, 6), (0, 0)):
            canvas.bar((x, h - 2), (x + lean, 0), 1.5, wire.lit(0.75 if not lean else 1))
    elif style == "block":
        for side in (-1, 1):
            canvas.box(side * (half - 1), 0, side * (half - 11), h - 4, upright, r=1)
        canvas.box(-half + 6, h * 0.34, half - 6, h * 0.42, main.lit(0.84), r=0.5)
        canvas.box(-half * 0.5, h * 0.42, -half * 0.1, h * 0.50, Tone.of("d8d2c6"), r=0.4)
    else:
        for side in (-1, 1):
            canvas.bar((side * half * 0.76, h - 4), (side * half * 0.8, 3), 3.6, upright.lit(0.64))
            canvas.bar(
                (side * half * 0.86, h - 3), (side * half * 0.95, 0), 5 if h > 60 else 4, upright, thin=3
            )
        if not look.get("round"):
            canvas.box(-half * 0.84, h - 9, half * 0.84, h - 3, main.lit(0.82))
    if look.get("round"):
        thick = 1.0 if style == "tray" else 2.2
        tilt = max(2.4, half * 0.075)
        canvas.fill(oval(0, h - thick, half, tilt), main.lit(0.76))
        canvas.fill(oval(0, h, half, tilt), main, top=1.1, foot=1.02)
        if style == "tray":
            canvas.fill(oval(0, h - 0.2, half * 0.95, tilt * 0.86), main.lit(0.93), top=1.0, foot=1.05)
    else:
        thick = 3.6 if h > 60 else 4.4
        depth = 5.0
        canvas.fill(
            [(-half + 5, h + depth), (half - 5, h + depth), (half, h), (-half, h)], main, top=1.16, foot=1.1
        )
        canvas.box(-half, h - thick, half, h, main, r=0.8, top=1.0, foot=0.86)


def stone(canvas: Canvas, thing: Thing) -> None:
    """A pebble of a table."""
    half, h, main = thing.width / 2, thing.height, thing.main.on("stone")
    ground(canvas, thing.width * 0.8, lift=6)
    canvas.fill(
        [*oval(0, 5, half * 0.42, 5, start=180, end=360), (half * 0.5, h - 6), (-half * 0.5, h - 6)],
        main.lit(0.66),
        soft=4,
    )
    canvas.fill(
        curve(
            (-half, h - 7),
            (-half * 0.5, h - 13),
            (half * 0.4, h - 13),
            (half, h - 6),
            (half * 0.6, h),
            (-half * 0.6, h + 0.5),
        ),
        main.lit(0.86),
        soft=3,
    )
    canvas.fill(
        curve(
            (-half, h - 6),
            (-half * 0.4, h - 10),
            (half * 0.5, h - 9.5),
            (half, h - 5),
            (half * 0.55, h + 1),
            (-half * 0.6, h + 1),
        ),
        main,
        top=1.12,
        foot=1.0,
    )


def desk(canvas: Canvas, thing: Thing) -> None:
    """A desk with two drawers."""
    half, h, main = thing.width / 2, thing.height, thing.main
    ground(canvas, thing.width, lift=22)
    for side in (-1, 1):
        canvas.bar((side * (half - 12), h - 8), (side * (half - 9), 4), 3.4, main.on("upright").lit(0.64))
        canvas.bar((side * (half - 4), h - 5), (side * (half - 1), 0), 4.6, main.on("upright"), thin=3)
    canvas.box(-half + 3, h - 15, half - 3, h - 3, main.lit(0.9))
    for left in (-half + 7, 3.0):
        canvas.box(left, h - 14, left + half - 10, h - 4, main, r=0.8)
        middle = left + (half - 10) / 2
        canvas.fill(oval(middle, h - 9, 1.5, 1.5), Tone.of("b9924f"))
    canvas.fill(
        [(-half + 5, h + 4), (half - 5, h + 4), (half, h), (-half, h)], Tone.of("5d6b64"), top=1.1, foot=1.0
    )
    canvas.box(-half, h - 2.6, half, h, main, r=0.6)


def nightstand(canvas: Canvas, thing: Thing) -> None:
    """A bedside table: a drawer above a shelf."""
    half, h, main = thing.width / 2, thing.height, thing.main
    ground(canvas, thing.width, lift=8)
    for side in (-1, 1):
        canvas.bar((side * (half - 3), 14), (side * (half - 2), 0), 3, main.on("upright"), thin=2.2)
    canvas.box(-half, 12, half, h, main.lit(0.94), r=1)
    canvas.box(-half + 2, 15, half - 2, h - 19, main.lit(0.55), r=0.5, top=0.8, foot=1.0)
    canvas.box(-14, 15, 8, 18, Tone.of("9a4b3f"), r=0.3)
    canvas.box(-12, 18, 9, 20.4, Tone.of("e3ddd0"), r=0.3)
    canvas.box(-half + 2, h - 17, half - 2, h - 3, main, r=0.8)
    canvas.fill(oval(0, h - 10, 1.5, 1.5), main.lit(0.5))


def drawers(canvas: Canvas, thing: Thing) -> None:
    """A chest of drawers with a curved grip in each."""
    half, h, main, rows = thing.width / 2, thing.height, thing.main, thing.look["rows"]
    ground(canvas, thing.width, lift=8)
    for side in (-1, 1):
        canvas.bar((side * (half - 6), 15), (side * (half - 4), 0), 5, main.on("upright"), thin=3)
    canvas.box(-half, 13, half, h, main.lit(0.92), r=1)
    each = (h - 17) / rows
    for row in range(rows):
        low = 15 + row * each
        canvas.box(-half + 2.5, low, half - 2.5, low + each - 1.6, main, r=0.8, top=1.08, foot=0.95)
        canvas.fill([*oval(0, low + each - 1.6, 10, 3.4, start=180, end=360)], main.lit(0.5))
    canvas.fill([(-half + 3, h + 3), (half - 3, h + 3), (half, h), (-half, h)], main, top=1.16, foot=1.1)


def sideboard(canvas: Canvas, thing: Thing) -> None:
    """A long low cupboard with woven doors."""
    half, h, main = thing.width / 2, thing.height, thing.main
    ground(canvas, thing.width, lift=14)
    for side in (-1, 1):
        canvas.bar((side * (half - 14), 18), (side * (half - 10), 0), 4.4, main.on("upright"), thin=2.8)
    canvas.box(-half, 16, half, h, main.lit(0.93), r=1.4)
    third = (2 * half - 8) / 3
    for number in range(3):
        left = -half + 4 + number * third
        canvas.box(left, 19.5, left + third - 1.5, h - 3.5, main, r=0.8)
        if number != 1:
            canvas.box(
                left + 4,
                23,
                left + third - 5.5,
                h - 7,
                Tone.of("cfae78", "straw"),
                r=0.8,
                top=1.05,
                foot=0.95,
            )
        else:
            canvas.stroke([(left + 2, 44), (left + third - 3, 44)], 0.5, main.lit(0.55))
            canvas.fill(oval(left + third / 2, 57, 1.6, 1.6), main.lit(0.45))
            canvas.fill(oval(left + third / 2, 34, 1.6, 1.6), main.lit(0.45))
    canvas.fill([(-half + 4, h + 3.4), (half - 4, h + 3.4), (half, h), (-half, h)], main, top=1.16, foot=1.1)


def _books(canvas: Canvas, left: float, low: float, count: int, seed: int) -> None:
    colours = ("8f4a3c", "d9c7a6", "4c5f6e", "7d8668", "e8e0d0", "31373f", "b98a4a")
    x = left
    for number in range(count):
        high = 17 + (number * 7 + seed * 5) % 8
        wide = 2.4 + (number * 3 + seed) % 3 * 0.7
        canvas.box(x, low, x + wide, low + high, Tone.of(colours[(number + seed * 3) % len(colours)]), r=0.3)
        x += wide + 0.15


def shelf(canvas: Canvas, thing: Thing) -> None:
    """Open shelves between ladders, or steps with picture books."""
    look, half, h, main, rows = thing.look, thing.width / 2, thing.height, thing.main, thing.look["rows"]
    ground(canvas, thing.width, lift=4)
    if look["leg"] == "display":
        canvas.box(-half, 0, half, h, main.lit(0.9), r=2)
        for row in range(rows):
            low = 5 + row * (h - 10) / rows
            canvas.box(-half + 3, low, half - 3, low + (h - 16) / rows, main.lit(0.7), r=0.5)
            for number, code in enumerate(("c9694f", "7f9bb0", "dcae4a")):
                left = -half + 7 + number * (2 * half - 12) / 3
                canvas.box(
                    left,
                    low + 4,
                    left + 18,
                    low + 26 - number * 2,
                    Tone.of(code if row % 2 else ("86966b", "d9b3a8", "4f5d78")[number]),
                    r=0.5,
                )
                canvas.fill(oval(left + 9, low + 15, 4.2, 4.2), Tone.of("f1ead9"))
            canvas.box(-half + 1, low, half - 1, low + 7, main, r=0.6)
        return
    for side in (-1, 1):
        canvas.bar((side * (half - 1.6), h), (side * (half - 1.6), 0), 3.2, main.on("upright"))
        canvas.bar((side * (half - 6), h - 2), (side * (half - 6), 3), 2.4, main.on("upright").lit(0.7))
    for row in range(rows):
        low = 12 + row * (h - 24) / (rows - 1)
        canvas.box(-half + 1, low - 1.4, half - 1, low + 1.2, main, r=0.4)
        if row == rows - 1:
            canvas.fill(
                curve(
                    (-20, low + 1),
                    (-25, low + 9),
                    (-20, low + 18),
                    (-14, low + 18),
                    (-9, low + 9),
                    (-14, low + 1),
                ),
                Tone.of("c8b9a4", "stone"),
                soft=2,
            )
        else:
            _books(canvas, -half + 8 + (row * 11) % 26, low + 1.2, 9 + row * 2, row)


def coatrack(canvas: Canvas, thing: Thing) -> None:
    """A rail for clothes, with a shelf for hats and two things on it."""
    half, h, main = thing.width / 2, thing.height, thing.main
    ground(canvas, thing.width, lift=8)
    for side in (-1, 1):
        canvas.bar((side * (half - 6), h), (side * half, 0), 3.4, main.on("upright"))
        canvas.bar((side * (half - 10), h - 4), (side * (half - 15), 3), 3, main.on("upright").lit(0.7))
    for low in (16, 20, h - 20):
        canvas.box(-half + 5, low, half - 5, low + 2.4, main.lit(0.92))
    canvas.box(-half + 3, h - 4, half - 3, h - 1, main)
    coat = Tone.of("8b8f7c", "wool")
    canvas.fill(
        curve((-24, h - 22), (-32, h - 32), (-33, 70), (-10, 68), (-9, h - 32), (-17, h - 22)), coat, soft=4
    )
    canvas.fill(
        curve((14, h - 22), (6, h - 34), (5, 88), (27, 86), (27, h - 34), (20, h - 22)),
        Tone.of("d7cdbb", "linen"),
        soft=4,
    )
    canvas.box(-26, 22, -8, 28, Tone.of("5f4634", "leather"), r=2.6, soft=1)


def hooks(canvas: Canvas, thing: Thing) -> None:
    """A board of pegs on a wall."""
    half, main = thing.width / 2, thing.main
    canvas.shadow(oval(2, 0, half, 7), blur=3, dark=0.22)
    canvas.box(-half, -4, half, 6, main, r=3, soft=0.6)
    for number in range(5):
        x = (number - 2) * half * 0.4
        long = number % 2 == 0
        canvas.shadow(oval(x + 1, -3, 3, 4), blur=1.6, dark=0.3)
        canvas.bar((x, 1), (x, -4 if long else -1), 2.6, Tone.of("a9834a"))
        canvas.fill(oval(x, 1, 2.8, 2.8), Tone.of("c39d58"), top=1.3, foot=0.8)


def wallshelf(canvas: Canvas, thing: Thing) -> None:
    """A board on two folded brackets, with a rod beneath."""
    half, main = thing.width / 2, thing.main
    canvas.shadow([(-half, -10), (half + 3, -10), (half + 3, 4), (-half, 4)], blur=4, dark=0.2)
    _books(canvas, -half + 10, 2, 8, 2)
    canvas.fill(
        curve((14, 2), (11, 10), (16, 17), (22, 17), (27, 10), (24, 2)), Tone.of("d8cfc0", "stone"), soft=2
    )
    for side in (-1, 1):
        canvas.box(side * (half - 3), -12, side * (half - 5), 16, _DARK, r=0.3)
    canvas.box(-half, -1, half, 2, main, r=0.4)
    canvas.bar((-half + 4, -10), (half - 4, -10), 1.1, _DARK)
    canvas.fill(
        curve((-16, -10), (-19, -20), (-13, -26), (-8, -19), (-12, -10)), Tone.of("7b8a5e", "straw"), soft=1
    )


def mirror(canvas: Canvas, thing: Thing) -> None:
    """A mirror with the outline of a puddle."""
    x, y = thing.width / 2, thing.height / 2
    outline = (
        (-x, -y * 0.2),
        (-x * 0.7, -y * 0.85),
        (0, -y),
        (x * 0.8, -y * 0.7),
        (x, 0),
        (x * 0.62, y * 0.55),
        (x * 0.7, y * 0.9),
        (-x * 0.1, y),
        (-x * 0.8, y * 0.6),
    )
    canvas.shadow(curve(*((px + 2, py - 3) for px, py in outline)), blur=4, dark=0.3)
    canvas.fill(curve(*outline), thing.main, soft=1)
    canvas.fill(
        curve(*((px * 0.93, py * 0.945) for px, py in outline)), Tone.of("d9e0e0"), top=1.35, foot=0.86
    )
    canvas.fill(
        [(-x * 0.3, -y * 0.7), (x * 0.1, -y * 0.8), (x * 0.5, y * 0.4), (x * 0.2, y * 0.6)],
        Tone.of("ffffff"),
        opacity=0.28,
    )


def basket(canvas: Canvas, thing: Thing) -> None:
    """A basket of splints."""
    half, h, main = thing.width / 2, thing.height * 0.72, thing.main.on("straw")
    ground(canvas, thing.width * 0.8)
    canvas.line(
        curve(
            (-half * 0.9, h),
            (-half * 0.7, h * 1.45),
            (0, h * 1.62),
            (half * 0.7, h * 1.45),
            (half * 0.9, h),
            closed=False,
        ),
        1.8,
        main.lit(0.8),
    )
    canvas.fill(oval(0, h, half, 4), main.lit(0.5))
    canvas.fill([(-half, h), (half, h), (half * 0.78, 1), (0, 0), (-half * 0.78, 1)], main, soft=5)
    for row in range(5):
        for column in range(9):
            if (row + column) % 2:
                width = 2 * half * (0.8 + 0.04 * row) / 9
                left = -half * (0.8 + 0.04 * row) + column * width
                canvas.box(
                    left, 2 + row * h / 5.4, left + width, 1 + (row + 0.8) * h / 5.4, main.lit(1.12), r=0.3
                )
    canvas.box(-half - 0.6, h - 2, half + 0.6, h + 1, main.lit(0.85), r=1.4)
