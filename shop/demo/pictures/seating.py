"""Sofas, chairs, stools and beds, seen from the front, in centimetres."""

from dataclasses import dataclass
from typing import Any

from shop.demo.pictures.canvas import Canvas, Point, Tone, curve, oval, rounded


@dataclass(frozen=True)
class Thing:
    """What is drawn: its look, its size (cm), and its tones: `main` differs by variant, `frame` holds it up."""

    look: dict[str, Any]
    width: float
    depth: float
    height: float
    seat: float
    main: Tone
    frame: Tone

    @property
    def wood(self) -> Tone:
        """The frame with its grain upright, as legs have it."""
        return self.frame.on("upright" if self.frame.weave == "wood" else self.frame.weave)


def ground(canvas: Canvas, width: float, *, lift: float = 0.0) -> None:
    """The shadow of something `width` wide that stands `lift` above the floor."""
    canvas.shadow(oval(width * 0.03, -1 - lift * 0.1, width * 0.54, 3 + lift * 0.1), blur=6, dark=0.30)
    canvas.shadow(oval(0, 0, width * 0.47, 1.2), blur=1.6, dark=0.34)


def legs(canvas: Canvas, thing: Thing, *, inset: float, height: float) -> None:
    """Four legs: the rear pair a little higher and darker."""
    style, wood = thing.look.get("leg", "wood"), thing.wood
    reach = thing.width / 2 - inset
    if style == "hidden":
        canvas.box(-reach, 0, reach, height + 2, thing.main.lit(0.45))
        return
    for side in (-1, 1):
        back = reach * 0.86
        canvas.bar((side * back, height), (side * back, 2.5), 3, wood.lit(0.62), thin=2)
        foot: Point = (side * (reach + (2.5 if style in {"wood", "turned"} else 0)), 0)
        if style == "metal":
            canvas.bar((side * reach, height + 1), foot, 1.7, Tone.of("3a3a3c"))
        elif style == "block":
            canvas.box(side * reach - 4, 0, side * reach + 4, height + 1, wood)
        elif style == "turned":
            canvas.bar((side * reach, height + 1), foot, 5.5, wood, thin=2.4)
            canvas.box(side * reach - 2.8, height * 0.6, side * reach + 3.6, height * 0.68, wood.lit(0.8))
        else:
            canvas.bar((side * reach, height + 1), foot, 4.4, wood, thin=2.8)


def sofa(canvas: Canvas, thing: Thing) -> None:
    """A sofa with seat and back cushions; `arm` says what its ends are like."""
    look, w, h, seat, main = thing.look, thing.width, thing.height, thing.seat, thing.main
    arm = {"slim": 9.0, "box": 17.0, "round": 17.0, "wrap": 14.0, "none": 0.0}[look.get("arm", "slim")]
    small = min(1.0, w / 150)
    arm *= small
    foot = {"hidden": 3.0, "metal": 15.0, "peg": 12.0}.get(look["leg"], 13.0) * (seat / 42)
    ground(canvas, w, lift=foot)
    legs(canvas, thing, inset=arm * 0.6 + 5 * small, height=foot)
    half, r = w / 2, 5 * small
    inner = half - arm
    arms = h * (0.78 if look["arm"] != "wrap" else 0.92)
    if look["arm"] == "wrap":
        back = oval(0, h - 22, half, 22, start=0, end=180)
        canvas.fill(
            [*back, (-half, foot + 3), (-half + 3, foot), (half - 3, foot), (half, foot + 3)],
            main.lit(0.92),
            soft=6,
        )
    else:
        canvas.box(-inner, foot, inner, h - 3, main.lit(0.86), r=r, soft=3)
    count = look["seats"]
    each = 2 * inner / count
    for number in range(count):
        left = -inner + number * each
        canvas.box(left + 0.5, seat - 3, left + each - 0.5, h, main.lit(1.02), r=8 * small, soft=5 * small)
        if look.get("back") == "high":
            canvas.stroke(
                curve(
                    (left + 6, seat + 14),
                    (left + each / 2, seat + 12),
                    (left + each - 6, seat + 14),
                    closed=False,
                ),
                0.4,
                main.lit(0.7),
            )
    canvas.shadow(rounded(-inner, seat - 2, inner, seat + 5, 2), blur=2.5, dark=0.28)
    canvas.box(-inner, foot, inner, seat - 12 * small, main.lit(0.9), r=2, soft=2)
    for number in range(count):
        left = -inner + number * each
        canvas.box(
            left + 0.3,
            seat - 14 * small,
            left + each - 0.3,
            seat + 2,
            main,
            r=5 * small,
            soft=4 * small,
            top=1.14,
            foot=0.92,
        )
        canvas.stroke(
            [(left + 3, seat - 6 * small), (left + each - 3, seat - 6 * small)], 0.25, main.lit(0.8)
        )
    if arm:
        radius = {"round": 9.0, "wrap": 7.0, "box": 3.5}.get(look["arm"], 3.0) * small
        for side in (-1, 1):
            top = arms if look["arm"] != "wrap" else seat + 8
            canvas.box(
                side * inner, foot - 0.5, side * half, top, main.lit(1.0), r=radius, soft=4 * small, top=1.10
            )


def corner(canvas: Canvas, thing: Thing) -> None:
    """A corner sofa: the chaise comes towards us at the right."""
    sofa(canvas, thing)
    half, seat, main = thing.width / 2, thing.seat, thing.main
    left = half - 92
    canvas.shadow(oval(half - 46, -13, 52, 5), blur=5, dark=0.32)
    canvas.box(left + 4, -13, left + 9, 2, thing.wood.lit(0.9))
    canvas.box(half - 9, -13, half - 4, 2, thing.wood.lit(0.9))
    canvas.box(left, -2, half, 14, main.lit(0.9), r=3, soft=3)
    canvas.fill(
        [(left, 12), (half, 12), (half - 3, seat + 4), (left + 5, seat + 4)],
        main,
        top=1.12,
        foot=1.04,
        soft=4,
    )
    canvas.box(left, 8, half, 21, main, r=5, soft=4, top=1.05, foot=0.9)


def module(canvas: Canvas, thing: Thing) -> None:
    """Two soft blocks, strapped together."""
    w, h, seat, main = thing.width, thing.height, thing.seat, thing.main
    ground(canvas, w)
    for left in (-w / 2, 0.0):
        canvas.box(left + 0.6, 14, left + w / 2 - 0.6, h, main.lit(0.95), r=9, soft=7)
    canvas.shadow(rounded(-w / 2, seat - 2, w / 2, seat + 5, 2), blur=3, dark=0.3)
    for left in (-w / 2, 0.0):
        canvas.box(left + 0.4, 0.5, left + w / 2 - 0.4, seat, main, r=8, soft=6, top=1.14)
    canvas.box(-5, 12, 5, 16, Tone.of("8a6a48", "leather"), r=1)


def armchair(canvas: Canvas, thing: Thing) -> None:
    """An upholstered chair: `wing` with ears, `tub` round, `box` square."""
    look, w, h, seat, main = thing.look, thing.width, thing.height, thing.seat, thing.main
    half = w / 2
    foot = 8 if look["leg"] == "block" else 17
    ground(canvas, w, lift=foot)
    legs(canvas, thing, inset=12, height=foot)
    if look["arm"] == "wing":
        canvas.fill(
            curve(
                (-half + 8, seat),
                (-half + 5, h - 22),
                (-half + 9, h - 4),
                (0, h),
                (half - 9, h - 4),
                (half - 5, h - 22),
                (half - 8, seat),
            ),
            main.lit(0.9),
            soft=6,
        )
        canvas.fill(
            curve((-22, seat - 4), (-25, h - 20), (-14, h - 6), (14, h - 6), (25, h - 20), (22, seat - 4)),
            main,
            soft=6,
        )
        for side in (-1, 1):
            canvas.fill(
                curve(
                    (side * 25, h - 30),
                    (side * 26, h - 7),
                    (side * (half - 3), h - 8),
                    (side * (half - 1), h - 26),
                    (side * (half - 7), h - 36),
                ),
                main.lit(1.03),
                soft=4,
            )
    elif look["arm"] == "tub":
        canvas.fill(
            curve(
                (-half, foot + 14),
                (-half + 1, h - 20),
                (-half + 16, h - 3),
                (0, h),
                (half - 16, h - 3),
                (half - 1, h - 20),
                (half, foot + 14),
                (half - 8, foot),
                (-half + 8, foot),
            ),
            main.lit(0.94),
            soft=7,
        )
        canvas.fill(
            curve(
                (-half + 13, seat - 2),
                (-half + 15, h - 16),
                (0, h - 7),
                (half - 15, h - 16),
                (half - 13, seat - 2),
            ),
            main.lit(0.84),
            soft=6,
        )
    else:
        canvas.box(-half + 14, foot, half - 14, h, main.lit(0.98), r=7, soft=6)
    canvas.shadow(rounded(-half + 14, seat - 2, half - 14, seat + 5, 2), blur=2.5, dark=0.28)
    canvas.box(-half + 12, foot, half - 12, seat - 10, main.lit(0.9), r=3, soft=3)
    canvas.box(-half + 13, seat - 12, half - 13, seat + 3, main, r=6, soft=4, top=1.14)
    for side in (-1, 1):
        top = {"wing": seat + 18, "box": seat + 16}.get(look["arm"], seat + 9)
        inner = {"wing": half - 14, "box": half - 17}.get(look["arm"], half - 14)
        radius = 4 if look["arm"] == "box" else 8
        canvas.box(side * inner, foot - 1, side * half, top, main.lit(1.0), r=radius, soft=4, top=1.1)


def lounge(canvas: Canvas, thing: Thing) -> None:
    """An open frame with two cushions."""
    look, w, h, seat, main, wood = thing.look, thing.width, thing.height, thing.seat, thing.main, thing.wood
    half = w / 2
    frame = Tone.of("39393b") if look["leg"] == "metal" else wood
    thick = 1.8 if look["leg"] == "metal" else 4.0
    ground(canvas, w, lift=18)
    for side in (-1, 1):
        canvas.bar((side * (half - 9), seat + 4), (side * (half - 6), 2.5), thick, frame.lit(0.66))
    canvas.box(-half + 9, seat - 4, half - 9, h, main.lit(0.98), r=6, soft=6)
    canvas.shadow(rounded(-half + 9, seat, half - 9, seat + 6, 2), blur=2.5, dark=0.26)
    canvas.box(
        -half + 6, seat - 15, half - 6, seat - 10, frame.on("wood") if frame.weave != "plain" else frame
    )
    canvas.box(-half + 7, seat - 11, half - 7, seat + 2, main, r=5, soft=4, top=1.14)
    for side in (-1, 1):
        canvas.bar((side * (half - 3), seat + 19), (side * (half - 1), 0), thick + 0.8, frame, thin=thick)
        if look["arm"] == "open":
            canvas.box(side * (half - 9), seat + 17, side * half, seat + 21, wood.on("wood"), r=2)


def sling(canvas: Canvas, thing: Thing) -> None:
    """Leather hung in a bent tube."""
    half, h, tube = thing.width / 2, thing.height, Tone.of("404044")
    ground(canvas, thing.width, lift=16)
    for side in (-1, 1):
        canvas.line(
            curve(
                (side * (half - 14), 3), (side * (half - 9), h - 10), (side * (half - 16), h), closed=False
            ),
            1.8,
            tube.lit(0.8),
        )
    canvas.fill(
        curve(
            (-half + 12, h - 1),
            (-half + 14, 46),
            (-half + 7, 36),
            (0, 30),
            (half - 7, 36),
            (half - 14, 46),
            (half - 12, h - 1),
            (0, h - 4),
        ),
        thing.main,
        soft=7,
        top=1.12,
        foot=0.84,
    )
    for side in (-1, 1):
        canvas.line(
            curve(
                (side * (half - 6), 40),
                (side * half, 30),
                (side * (half - 2), 4),
                (side * (half - 8), 0),
                closed=False,
            ),
            1.9,
            tube,
        )
    canvas.box(-half + 8, -0.6, half - 8, 1.2, tube, r=0.6)


def pouf(canvas: Canvas, thing: Thing) -> None:
    """A drum or a cube to put one's feet on."""
    half, h, main = thing.width / 2, thing.height, thing.main
    ground(canvas, thing.width)
    if thing.look["shape"] == "cube":
        canvas.box(-half, 0.5, half, h - 6, main, r=8, soft=6)
        canvas.fill(
            [
                (-half + 3, h - 9),
                (-half + 11, h + 3),
                (-half + 15, h + 4),
                (half - 15, h + 4),
                (half - 11, h + 3),
                (half - 3, h - 9),
            ],
            main,
            soft=3,
            top=1.14,
            foot=1.04,
        )
        return
    canvas.fill(
        [*oval(0, 6, half, 6, start=180, end=360), *oval(0, h - 4, half, 7, start=0, end=180)],
        main.lit(0.95),
        soft=6,
    )
    for number in range(-3, 4):
        canvas.stroke([(number * half * 0.27, 3), (number * half * 0.27, h - 8)], 0.25, main.lit(0.75))
    canvas.fill(oval(0, h - 3, half, 7), main, soft=3, top=1.12, foot=1.02)
    canvas.fill(oval(0, h - 3, 1.6, 0.9), main.lit(0.6))
