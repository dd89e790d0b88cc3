"""A thing where it might stand: in a room, on the floor, on a table."""

from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from shop.demo.pictures import cabinetry, chairs
from shop.demo.pictures.canvas import PIXELS as _SIDE
from shop.demo.pictures.canvas import Canvas, Tone, curve, oval, rounded
from shop.demo.pictures.scenes import DRAWERS, HANGING, SMALL, extent_of, plain_paper
from shop.demo.pictures.seating import Thing


@lru_cache(maxsize=16)
def _room_paper(wall: str, floor: str, horizon: float) -> Image.Image:
    """A wall with light from a window on it, and floorboards."""
    canvas = Canvas(scale=0.01, floor=1.0, paper=Image.new("RGB", (8, 8), Tone.of(wall).rgb))
    low = 100 * (1 - horizon)
    canvas.fill([(-50, 100), (50, 100), (50, low), (-50, low)], Tone.of(wall), top=1.12, foot=0.97)
    canvas.fill([(-50, low), (50, low), (50, 0), (-50, 0)], Tone.of(floor, "wood"), top=0.97, foot=1.08)
    for number in range(-9, 10):
        canvas.stroke([(number * 5.2, low), (number * 13, 0)], 0.16, Tone.of(floor).lit(0.84))
    canvas.box(-50, low - 0.3, 50, low + 2.4, Tone.of("f4f1ea"), r=0, top=1.0, foot=0.94)
    beam = Image.new("L", (80, 80))
    pencil = ImageDraw.Draw(beam)
    for left in (20, 33):
        pencil.polygon([(left, 10), (left + 11, 13), (left + 5, 44), (left - 6, 41)], fill=74)
    beam = beam.filter(ImageFilter.GaussianBlur(1.6)).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    paper = canvas.finished()
    paper.paste(Image.new("RGB", paper.size, (255, 249, 232)), (0, 0), beam)
    return paper


_WALLS: Final = ("e3e0d8", "d9ddd6", "e6dcd0", "d5dade", "e4dfd9", "e2ddd2")


def in_a_room(thing: Thing, number: int) -> Image.Image:
    """The thing where it might stand; `number` chooses the wall and what else is there."""
    kind = thing.look["kind"]
    wide, high = extent_of(thing)
    wall = _WALLS[number % len(_WALLS)]
    floor = ("cbb08a", "bda07c", "d6c3a3")[number % 3]
    if kind == "rug":
        return _on_the_floor(thing, floor)
    if kind not in HANGING and (
        kind in SMALL or (kind == "cushion" and thing.look["shape"] == "seatpad") or max(wide, high) < 60
    ):
        return _on_a_table(thing, wall)
    horizon = 0.74
    if kind in HANGING:
        scale = min(0.46 / wide, 0.34 / high)
        paper = _room_paper(wall, floor, horizon)
        canvas = Canvas(scale=0.0034, floor=0.84, paper=paper)
        _below(canvas, kind, number)
        again = Canvas(scale=scale, floor=0.34, paper=canvas.finished())
        DRAWERS[kind](again, thing)
        return again.finished()
    scale = min(0.60 / wide, 0.52 / high, 0.0058)
    canvas = Canvas(scale=scale, floor=0.83, paper=_room_paper(wall, floor, horizon))
    span = 0.5 / scale
    canvas.fill(
        oval(0, -0.03 / scale, span * 0.82, 0.055 / scale),
        Tone.of("e9e2d4" if number % 2 else "b9beb4", "pile"),
        top=1.0,
        foot=0.96,
    )
    _company(canvas, span=span, number=number, above=high)
    DRAWERS[kind](canvas, thing)
    return canvas.finished()


def _company(canvas: Canvas, *, span: float, number: int, above: float) -> None:
    """A frame on the wall, and a plant, a lamp or a pile of books at one side."""
    side = -1 if number % 2 else 1
    unit = span / 100
    x = -side * span * 0.42
    y = max(above + 22 * unit, 92 * unit)
    if y + 40 * unit < 160 * unit:
        canvas.shadow(
            rounded(x - 17 * unit, y - 2 * unit, x + 19 * unit, y + 42 * unit, 1), blur=3 * unit, dark=0.22
        )
        canvas.box(x - 18 * unit, y, x + 18 * unit, y + 44 * unit, Tone.of("c9a877", "wood"), r=0.4)
        canvas.box(x - 16 * unit, y + 2 * unit, x + 16 * unit, y + 42 * unit, Tone.of("f5f1e8"), r=0.2)
        hill = Tone.of(("7f9384", "b5704f", "6b8299")[number % 3])
        canvas.fill(
            oval(x + 4 * unit, y + 28 * unit, 6 * unit, 6 * unit), Tone.of("e4b765"), top=1.0, foot=1.0
        )
        canvas.fill(
            curve(
                (x - 14 * unit, y + 6 * unit),
                (x - 8 * unit, y + 20 * unit),
                (x, y + 13 * unit),
                (x + 8 * unit, y + 22 * unit),
                (x + 14 * unit, y + 6 * unit),
                closed=False,
            ),
            hill,
        )
    px = side * span * 0.84
    if number % 3 == 2:
        canvas.shadow(oval(px, -unit, 12 * unit, 2 * unit), blur=3 * unit, dark=0.3)
        canvas.glow(px, 92 * unit, 34 * unit, strength=0.35)
        canvas.bar((px, 86 * unit), (px, 2 * unit), 2 * unit, Tone.of("4a4440"))
        canvas.fill(oval(px, 2 * unit, 9 * unit, 1.6 * unit), Tone.of("4a4440"))
        canvas.fill(
            [
                (px - 7 * unit, 104 * unit),
                (px + 7 * unit, 104 * unit),
                (px + 12 * unit, 84 * unit),
                (px - 12 * unit, 84 * unit),
            ],
            Tone.of("efe6d2", "linen"),
            top=1.2,
            foot=1.05,
        )
        return
    leaf = Tone.of(("6f8a62", "5f7f6b")[number % 2])
    canvas.shadow(oval(px, -unit, 14 * unit, 2 * unit), blur=3 * unit, dark=0.3)
    for leaf_number in range(9):
        lean = (leaf_number - 4) * 6.4 * unit
        tip = (px + lean * 1.15, (58 + (leaf_number * 17 % 23)) * unit)
        middle = (px + lean * 0.8, 40 * unit)
        canvas.fill(
            curve(
                (px, 18 * unit),
                (middle[0] - 3.6 * unit, middle[1]),
                tip,
                (middle[0] + 3.6 * unit, middle[1]),
                steps=6,
            ),
            leaf.lit(0.84 + (leaf_number % 4) * 0.09),
        )
    canvas.fill(
        [(px - 11 * unit, 22 * unit), (px + 11 * unit, 22 * unit), (px + 8 * unit, 0), (px - 8 * unit, 0)],
        Tone.of(("c98a66", "e6dfd2")[number % 2], "stone"),
        soft=3 * unit,
    )


def _below(canvas: Canvas, kind: str, number: int) -> None:
    """What stands under something that hangs: a table under a lamp, a bench under hooks."""
    wood = Tone.of("d8c09a", "wood")
    if kind == "pendant":
        table = Thing(look={"leg": "wood"}, width=170, depth=90, height=74, seat=0, main=wood, frame=wood)
        for x in (-62.0, 62.0):
            canvas.box(x - 18, 26, x + 18, 84, wood.on("upright").lit(0.78), r=4)
        cabinetry.table(canvas, table)
        canvas.fill(oval(10, 84, 16, 5), Tone.of("f3efe6", "stone"), soft=2)
        canvas.fill(
            [*oval(-24, 79, 5, 2, start=180, end=360), (-19, 88), (-29, 88)], Tone.of("9db9cc"), soft=1
        )
        return
    bench = Thing(
        look={"seats": 3, "arm": "none", "leg": "wood"},
        width=150,
        depth=36,
        height=45,
        seat=45,
        main=wood,
        frame=wood,
    )
    chairs.bench(canvas, bench)
    canvas.box(-58, 45, -30, 58, Tone.of("8b8f7c", "wool"), r=5, soft=3)
    _company(canvas, span=147, number=number % 2, above=400)


def _on_the_floor(thing: Thing, floor: str) -> Image.Image:
    """A rug on boards, from above, with the corner of a sofa and a low table."""
    wide, high = extent_of(thing)
    scale = min(0.74 / wide, 0.6 / high)
    canvas = Canvas(scale=scale, floor=0.53, paper=plain_paper())
    reach = 0.5 / scale
    boards = 11
    for number in range(boards):
        low = -reach * 1.1 + number * reach * 2.2 / boards
        canvas.box(
            -reach * 1.1,
            low,
            reach * 1.1,
            low + reach * 2.2 / boards - reach * 0.008,
            Tone.of(floor, "wood").lit((1.0, 0.96, 1.04, 0.98)[number % 4]),
            r=0,
            top=1.02,
            foot=0.98,
        )
    DRAWERS["rug"](canvas, thing)
    seat = Tone.of("cfc6b6", "linen")
    canvas.shadow(
        rounded(-reach * 0.7, reach * 0.68, reach * 0.74, reach * 1.3, 4), blur=reach * 0.04, dark=0.34
    )
    canvas.box(
        -reach * 0.72, reach * 0.72, reach * 0.72, reach * 1.3, seat, r=reach * 0.05, soft=reach * 0.05
    )
    for left in (-0.62, 0.02):
        canvas.box(
            left * reach,
            reach * 0.7,
            (left + 0.6) * reach,
            reach * 0.98,
            seat.lit(1.1),
            r=reach * 0.04,
            soft=reach * 0.04,
        )
    x, y, size = reach * 0.42, reach * 0.02, reach * 0.17
    canvas.shadow(oval(x + size * 0.12, y - size * 0.2, size, size), blur=size * 0.2, dark=0.36)
    canvas.fill(oval(x, y, size, size), Tone.of("d8c09a", "wood"), top=1.06, foot=0.98)
    canvas.fill(oval(x - size * 0.3, y + size * 0.2, size * 0.24, size * 0.24), Tone.of("f4f0e8"))
    canvas.fill(oval(x - size * 0.3, y + size * 0.2, size * 0.18, size * 0.18), Tone.of("5b3d2a"))
    return canvas.finished()


def _on_a_table(thing: Thing, wall: str) -> Image.Image:
    """A small thing on a wooden table, with a bowl and a twig beside it."""
    wide, high = extent_of(thing)
    scale = min(0.42 / wide, 0.46 / high)
    canvas = Canvas(scale=scale, floor=0.76, paper=_room_paper(wall, "cdb28c", 0.66))
    reach = 0.5 / scale
    x = -reach * 0.66
    canvas.shadow(oval(x, 0, reach * 0.17, reach * 0.03), blur=reach * 0.04, dark=0.3)
    for twig in range(5):
        lean = (twig - 2) * reach * 0.09
        canvas.stroke(
            curve(
                (x, reach * 0.3),
                (x + lean * 0.6, reach * 0.62),
                (x + lean * 1.5, reach * (0.86 + 0.06 * (twig % 2))),
                closed=False,
            ),
            reach * 0.012,
            Tone.of("75604a"),
        )
        for leaf in range(4):
            t = 0.5 + leaf * 0.14
            canvas.fill(
                oval(
                    x + lean * 1.5 * t + reach * 0.03, reach * (0.3 + 0.56 * t), reach * 0.034, reach * 0.02
                ),
                Tone.of("7f9a68"),
            )
    canvas.fill(
        curve(
            (x - reach * 0.05, reach * 0.36),
            (x - reach * 0.05, reach * 0.28),
            (x - reach * 0.13, reach * 0.12),
            (x - reach * 0.08, 0),
            (x + reach * 0.08, 0),
            (x + reach * 0.13, reach * 0.12),
            (x + reach * 0.05, reach * 0.28),
            (x + reach * 0.05, reach * 0.36),
            steps=6,
        ),
        Tone.of("dfe3de"),
        soft=reach * 0.04,
        top=1.2,
    )
    x = reach * 0.66
    canvas.shadow(oval(x, 0, reach * 0.2, reach * 0.03), blur=reach * 0.04, dark=0.3)
    canvas.box(
        x - reach * 0.24, 0, x + reach * 0.22, reach * 0.06, Tone.of("b5704f", "linen"), r=reach * 0.01
    )
    canvas.box(
        x - reach * 0.2,
        reach * 0.06,
        x + reach * 0.24,
        reach * 0.11,
        Tone.of("e9e2d3", "canvas"),
        r=reach * 0.01,
    )
    DRAWERS[thing.look["kind"]](canvas, thing)
    return canvas.finished()
