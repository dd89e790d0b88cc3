"""Dining and desk chairs, stools, benches and a rocking chair, in centimetres."""

from shop.demo.pictures.canvas import Canvas, Tone, curve, oval
from shop.demo.pictures.seating import Thing, ground


def chair(canvas: Canvas, thing: Thing) -> None:  # noqa: PLR0912 (a branch for each kind of leg and back)
    """A dining or desk chair; `back` says which."""
    look, w, h, seat, main, wood = thing.look, thing.width, thing.height, thing.seat, thing.main, thing.wood
    half, back = w / 2, look["back"]
    frame = Tone.of("3d3d40") if look["leg"] in {"metal", "star"} else wood
    ground(canvas, w, lift=16)
    if look["leg"] == "star":
        canvas.bar((0, seat - 4), (0, 9), 5, frame.lit(1.3))
        for x in (-half, -half * 0.45, half * 0.45, half):
            canvas.bar((0, 11), (x, 5), 4, frame, thin=2.4)
            canvas.fill(oval(x, 3, 3, 3), frame.lit(0.6))
    else:
        thick = 1.7 if look["leg"] == "metal" else 3.4
        for side in (-1, 1):
            canvas.bar(
                (side * (half - 8), seat), (side * (half - 5), 2.5), thick, frame.lit(0.64), thin=thick * 0.8
            )
        if look["leg"] == "fold":
            canvas.bar((-half + 4, 0), (half - 8, seat), 2.6, frame.lit(0.75))
            canvas.bar((half - 4, 0), (-half + 8, seat), 2.6, frame.lit(0.85))
    if back == "spindle":
        for number in range(5):
            x = (number - 2) * half * 0.36
            canvas.bar((x * 0.9, seat), (x * 1.08, h - 5), 1.9, wood, thin=1.5)
        canvas.fill(
            curve(
                (-half + 3, h - 7),
                (-half + 3, h - 1),
                (0, h + 1),
                (half - 3, h - 1),
                (half - 3, h - 7),
                (0, h - 6),
            ),
            main.on("wood"),
        )
    elif back == "shell":
        tone = main if main.weave != "wood" else main.on("wood")
        canvas.fill(
            curve(
                (-half * 0.7, seat + 6),
                (-half * 0.86, h - 12),
                (-half * 0.55, h),
                (half * 0.55, h),
                (half * 0.86, h - 12),
                (half * 0.7, seat + 6),
            ),
            tone,
            soft=4,
        )
        if look["leg"] != "star":
            canvas.box(-9, h - 13, 9, h - 9, Tone.of("efebe4"), r=2, top=0.95, foot=0.9)
    elif back == "upholstered":
        for side in (-1, 1):
            canvas.bar((side * (half - 7), seat - 4), (side * (half - 5), h - 6), 3.2, wood)
        canvas.box(-half + 3, seat + 8, half - 3, h, main, r=8, soft=5)
    else:
        for side in (-1, 1):
            canvas.bar((side * (half - 5), seat - 2), (side * (half - 4), h - 2), 3.2, wood)
        top = curve(
            (-half + 2, h - 11), (-half + 2, h - 1), (0, h), (half - 2, h - 1), (half - 2, h - 11), (0, h - 9)
        )
        canvas.fill(top, (main if main.weave == "wood" else wood).on("wood"))
        if look.get("arm"):
            for side in (-1, 1):
                canvas.box(side * (half - 6), seat + 19, side * half, seat + 23, wood.on("wood"), r=2)
    tall = 6.0 if main.weave not in {"wood", "plain"} else 3.4
    if look.get("seat") == "cord":
        canvas.box(-half + 1, seat - 3, half - 1, seat + 2.4, Tone.of("d9c39a", "cord"), r=1.5, soft=1)
    else:
        surface = main if main.weave != "wood" else main.on("wood")
        canvas.box(-half + 0.5, seat - tall + 1, half - 0.5, seat + 1.6, surface, r=2.6, soft=1.6, top=1.14)
    if look["leg"] not in {"star", "fold"}:
        thick = 1.8 if look["leg"] == "metal" else 3.8
        for side in (-1, 1):
            canvas.bar(
                (side * (half - 4), seat - tall + 1), (side * (half - 0.5), 0), thick, frame, thin=thick * 0.7
            )
            if look.get("arm"):
                canvas.bar((side * (half - 2), seat - 2), (side * (half - 2), seat + 20), 3, wood)


def stool(canvas: Canvas, thing: Thing) -> None:
    """A round seat on three or four legs."""
    half, h, wood = thing.width / 2, thing.height, thing.main.on("upright")
    ground(canvas, thing.width, lift=14)
    canvas.bar((0, h - 3), (1, 2), 3.4, wood.lit(0.64), thin=2.6)
    for side in (-1, 1):
        canvas.bar((side * half * 0.62, h - 3), (side * half * 0.98, 0), 3.8, wood, thin=2.8)
    if thing.look.get("tall"):
        canvas.box(-half * 0.86, 21, half * 0.86, 23.6, thing.main.on("wood").lit(0.9))
        canvas.box(-half * 0.6, 23.4, half * 0.6, 24.2, Tone.of("c19a52"))
    canvas.fill(oval(0, h - 1.4, half, 3.6), thing.main.on("wood").lit(0.78))
    canvas.fill(oval(0, h + 0.6, half, 3.4), thing.main.on("wood"), top=1.1, foot=1.0)


def bench(canvas: Canvas, thing: Thing) -> None:
    """A bench; with a rail it has a back and arms, with fabric a pad."""
    look, half, h, seat = thing.look, thing.width / 2, thing.height, thing.seat
    wood = thing.main if thing.main.weave == "wood" else thing.frame
    upright = wood.on("upright")
    ground(canvas, thing.width, lift=20)
    for side in (-1, 1):
        canvas.bar((side * (half - 12), seat), (side * (half - 10), 3), 4, upright.lit(0.64))
    if look["arm"] == "rail":
        count = int(thing.width // 9)
        for number in range(count + 1):
            x = -half + 6 + number * (2 * half - 12) / count
            canvas.bar((x, seat), (x, h - 4), 2.0, upright.lit(0.97))
        canvas.box(-half + 1, h - 6, half - 1, h, wood, r=2)
    canvas.box(-half, seat - 5, half, seat, wood, r=1)
    if thing.main.weave != "wood":
        canvas.box(-half + 4, seat - 1, half - 4, seat + 6, thing.main, r=3, soft=2.5, top=1.12)
    for side in (-1, 1):
        canvas.bar((side * (half - 5), seat - 4), (side * (half - 3), 0), 5, upright, thin=4)
        if look["arm"] == "rail":
            canvas.bar((side * (half - 3), seat - 2), (side * (half - 3), seat + 22), 4, upright)
            canvas.box(side * (half - 7), seat + 20, side * half, seat + 24, wood, r=2)


def rocker(canvas: Canvas, thing: Thing) -> None:
    """A rocking chair from the side, so that one sees it rock."""
    h, wood, grain = thing.height, thing.main.on("upright"), thing.main.on("wood")
    canvas.shadow(oval(0, -1, 46, 3), blur=5, dark=0.3)
    canvas.line(curve((-48, 7), (-26, 2), (0, 0.5), (28, 2), (52, 9), closed=False), 3, grain)
    for a, b in (((-18, 42), (-24, 3)), ((22, 42), (26, 3))):
        canvas.bar(a, b, 4.2, wood, thin=3)
    canvas.bar((-20, 18), (24, 18), 2, grain.lit(0.85))
    for offset, tone in ((5, 0.72), (0, 1.0)):
        canvas.bar((22 - offset, 42), (40 - offset, h - offset), 3.6, wood.lit(tone), thin=2.4)
    for step in range(4):
        canvas.bar((18 - step * 0.6 + step, 46), (34 + step, h - 6), 1.2, wood.lit(0.9))
    canvas.box(33, h - 9, 45, h + 2, grain, r=4)
    canvas.fill(curve((-26, 44), (-22, 47), (0, 43), (24, 46), (26, 42), (0, 39), (-22, 40)), grain, soft=1.5)
    canvas.bar((-18, 44), (-20, 64), 3, wood)
    canvas.fill(curve((-27, 64), (-24, 67), (30, 69), (30, 65), (-22, 62)), grain)
