"""A thing alone on a light ground, and its surface from near by."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from PIL import Image, ImageChops

from shop.demo.pictures import beds, cabinetry, chairs, lights, seating, textiles, things
from shop.demo.pictures.canvas import PIXELS, Canvas, Tone, curve, rounded
from shop.demo.pictures.seating import Thing

_SIDE: Final = PIXELS

DRAWERS: Final[dict[str, Callable[[Canvas, Thing], None]]] = {
    **{
        draw.__name__: draw
        for draw in (
            seating.sofa,
            seating.corner,
            seating.module,
            seating.armchair,
            seating.lounge,
            seating.sling,
            chairs.chair,
            chairs.stool,
            chairs.bench,
            beds.daybed,
            chairs.rocker,
            seating.pouf,
            beds.bed,
            beds.cot,
            cabinetry.table,
            cabinetry.stone,
            cabinetry.desk,
            cabinetry.nightstand,
            cabinetry.drawers,
            cabinetry.sideboard,
            cabinetry.shelf,
            cabinetry.coatrack,
            cabinetry.hooks,
            cabinetry.wallshelf,
            cabinetry.mirror,
            cabinetry.basket,
            lights.floorlamp,
            lights.tablelamp,
            lights.pendant,
            lights.desklamp,
            lights.walllamp,
            lights.lantern,
            lights.bulb,
            lights.shade,
            textiles.rug,
            textiles.cushion,
            beds.throw,
            textiles.curtain,
            textiles.canopy,
            textiles.hammock,
            beds.mattress,
            things.bottle,
            things.tin,
            things.brush,
            things.box,
            things.legs,
            things.pads,
            things.hardware,
            things.slats,
            things.pot,
            things.firebowl,
            things.toy,
        )
    }
}

# How much room a drawing takes (width, height, in centimetres) where that is not the thing's own size.
_EXTENTS: Final[dict[str, tuple[float, float]]] = {
    "throw": (76, 44),
    "basket": (64, 46),
    "curtain": (210, 250),
    "canopy": (150, 236),
    "hammock": (350, 210),
    "bottle": (16, 22),
    "tin": (18, 12),
    "brush": (24, 9),
    "box": (28, 15),
    "legs": (34, 17),
    "pads": (18, 18),
    "hardware": (24, 16),
    "bulb": (14, 13),
    "shade": (50, 30),
    "toy": (72, 74),
    "rocker": (110, 100),
    "firebowl": (72, 62),
    "desklamp": (58, 60),
    "floorlamp": (110, 176),
    "coatrack": (100, 172),
    "cot": (130, 90),
}
HANGING: Final = frozenset({"pendant", "hooks", "wallshelf", "mirror", "walllamp"})
SMALL: Final = frozenset(
    {
        "bottle",
        "tin",
        "brush",
        "box",
        "legs",
        "pads",
        "hardware",
        "bulb",
        "shade",
        "lantern",
        "tablelamp",
        "desklamp",
        "basket",
        "slats",
    }
)


def extent_of(thing: Thing) -> tuple[float, float]:
    """How wide and how high the drawing of the thing is, in centimetres."""
    kind = thing.look["kind"]
    if kind == "rug":
        return max(thing.width, thing.depth) + 6, min(thing.width, thing.depth) + 6
    if kind == "cushion":
        return thing.width * 1.25, max(thing.width * 0.9, thing.height)
    if kind == "mattress":
        return thing.width, thing.height + thing.width * 0.24
    if kind == "slats":
        return thing.width, 96
    if kind == "pot":
        return thing.width * 1.3, thing.height * 2
    if kind == "corner":
        return thing.width, thing.height + 14
    if kind == "pendant":
        return thing.width * 1.1, thing.width * 1.5
    if kind in {"walllamp", "hooks", "wallshelf"}:
        return thing.width * 1.1, max(thing.height, 34)
    if kind == "slats":
        return thing.width, 95
    return _EXTENTS.get(kind, (thing.width, thing.height))


@lru_cache(maxsize=8)
def plain_paper(warm: int = 0) -> Image.Image:
    """A light backdrop without a horizon: brighter in the middle, a little darker where the floor comes forward."""
    side = 160
    light = (
        Image.radial_gradient("L")
        .resize((side * 2, side * 2))
        .crop((side // 2, side // 4, side // 2 + side, side // 4 + side))
    )
    ramp = Image.linear_gradient("L").resize((side, side))
    shade = ImageChops.add(light.point(lambda v: v // 3), ramp.point(lambda v: max(0, v - 150) // 4))
    return Image.composite(
        Image.new("RGB", (side, side), (219, 212, 201)),
        Image.new("RGB", (side, side), (248, 246, 242)),
        shade,
    )


def alone(thing: Thing) -> Image.Image:
    """The thing itself on a light ground."""
    wide, high = extent_of(thing)
    scale = min(0.82 / wide, 0.68 / high)
    kind = thing.look["kind"]
    middle = kind in HANGING or kind == "rug"
    canvas = Canvas(scale=scale, floor=0.5 if middle else 0.52 + high * scale / 2, paper=plain_paper())
    if kind == "wallshelf":
        canvas = Canvas(scale=scale, floor=0.53, paper=plain_paper())
    DRAWERS[kind](canvas, thing)
    return canvas.finished()


def near(thing: Thing) -> Image.Image:
    """The surface: a swatch of the fabric or the wood, or else a part of the thing, enlarged."""
    if thing.main.weave in {"plain"} or thing.look["kind"] in SMALL | {"rug", "toy", "pendant", "throw"}:
        wide, high = extent_of(thing)
        scale = min(0.82 / wide, 0.68 / high) * 2.1
        middle = thing.look["kind"] in HANGING or thing.look["kind"] == "rug"
        canvas = Canvas(
            scale=scale,
            floor=0.62 if middle else 0.42 + high * scale / 2,
            middle=0.7 if middle else 0.36,
            paper=plain_paper(),
        )
        DRAWERS[thing.look["kind"]](canvas, thing)
        return canvas.finished()
    canvas = Canvas(scale=0.025, floor=1.0, paper=plain_paper())
    if thing.main.weave == "wood":
        for number, light in enumerate((1.02, 0.96, 1.05)):
            low = 26 - number * 13.4
            canvas.box(-21, low, 21, low + 13.2, thing.main.lit(light), r=0.3, top=1.05, foot=0.95)
        canvas.fill([(-21, 3), (21, 9), (21, -1), (-21, -1)], thing.main.lit(0.62), top=1.0, foot=0.8)
        return canvas.finished()
    cloth = thing.main
    canvas.fill([(-21, 41), (21, 41), (21, -1), (-21, -1)], cloth, top=1.05, foot=0.95)
    for bend, (a, b) in enumerate((((-21, 34), (21, 22)), ((-21, 16), (21, 6)))):
        fold = curve(
            (a[0], a[1]),
            (0, (a[1] + b[1]) / 2 + 2.5),
            (b[0], b[1]),
            (21, b[1] - 5),
            (0, (a[1] + b[1]) / 2 - 3),
            (-21, a[1] - 4),
        )
        canvas.shadow(fold, blur=2.2, dark=0.34 - 0.06 * bend)
        canvas.fill(
            [(x, y + 3) for x, y in fold], cloth.lit(1.05), soft=1.4, top=1.12, foot=0.98, opacity=0.75
        )
    canvas.shadow(rounded(9, 3, 16, 7.6, 0.3), blur=0.5, dark=0.3)
    canvas.box(9, 3.2, 16, 7.8, Tone.of("f1ebdf", "linen"), r=0.2)
    canvas.line(
        curve((10.4, 4.6), (12, 6.2), (13.2, 4.8), (14.6, 6.4), closed=False), 0.28, Tone.of("3f4a42")
    )
    return canvas.finished()
