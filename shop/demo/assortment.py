"""The whole demonstration shop as drafts: today's three products and everything that shop/demo/texts says.

A text file is a department. Every product there names its shelf, its sizes and prices in euros with tax, what it is
made of and what it goes with; what it is offered in (`fabric`, `finish`, `colour`, `sizes`) makes its variants. What
fabrics and colours are called, and how they are cared for, stands once, in texts/palette.toml.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from orders.api import LocationCard
from pim.api import AttributeDraft, LinkDraft, OptionDraft, ProductDraft
from shop.demo import goods, places
from shop.demo.drafts import Draft, fact, said_of, variant_fabric
from shop.demo.goods import said
from shop.demo.packing import EAN, packed
from shop.demo.pictures.specs import Spec, name_of

TEXTS: Final = Path(__file__).resolve().parent / "texts"
Labels = Mapping[str, str]

# The order of the departments is the order of the shop.
DEPARTMENTS: Final = (
    "sofas", "armchairs", "textiles", "rugs", "lamps", "chairs", "tables", "beds", "storage", "children", "outdoor",
    "care", "spares",
)  # fmt: skip
_PICTURES: Final = (
    AttributeDraft(code="picture", type="image", position=50, labels=said("Kuva", "Bild", "Picture")),
    AttributeDraft(
        code="pictures",
        type="gallery",
        position=51,
        labels=said("Lisää kuvia", "Fler bilder", "More pictures"),
    ),
)
_SPARE_PART: Final = ("spare_part", said("Varaosat", "Reservdelar", "Spare parts"))


@dataclass(frozen=True, kw_only=True)
class Assortment:
    """Everything a shop is opened with. Prices are cents with tax; stock is `{location: {sku: units}}`."""

    categories: Sequence[tuple[str, str | None, Labels]]
    attributes: Sequence[AttributeDraft]
    products: Sequence[ProductDraft]
    link_types: Sequence[tuple[str, Labels]]
    links: Mapping[str, Sequence[LinkDraft]]
    prices: Mapping[str, int]
    stock: Mapping[str, Mapping[str, int]]
    locations: Sequence[LocationCard]
    pictures: Sequence[Spec] = ()


@cache
def small() -> Assortment:
    """Three products, one warehouse, two stores: for tests that start a shop of their own. Only the sofa is drawn."""
    sofa, pictures = _picture_today(goods.SOFA)
    return Assortment(
        categories=goods.CATEGORIES,
        attributes=(*goods.ATTRIBUTES, *_PICTURES),
        products=tuple(sofa if each is goods.SOFA else each for each in goods.PRODUCTS),
        link_types=goods.LINK_TYPES,
        links=goods.LINKS,
        prices=goods.PRICES,
        stock=goods.STOCK,
        locations=places.LOCATIONS,
        pictures=pictures,
    )


@cache
def whole() -> Assortment:
    """The small one, and everything in texts/."""
    palette, items = _read("palette"), [*_items()]
    drafts = [Draft(item, palette, rank=rank * 10 + 20) for rank, item in enumerate(items)]
    prices = dict(goods.PRICES)
    for draft in drafts:
        prices |= draft.prices()
    stock = {code: dict(units) for code, units in goods.STOCK.items()}
    for draft in drafts:
        for sku in draft.prices():
            for location, units in _stocked(sku, large=draft.is_large()).items():
                stock.setdefault(location, {})[sku] = units
    pictured = [_picture_today(each) for each in goods.PRODUCTS]
    return Assortment(
        categories=(*goods.CATEGORIES, *_shelves(palette)),
        attributes=(*_attributes(palette, items), EAN),
        products=tuple(
            packed(each) for each in (*(each for each, _ in pictured), *(draft.product() for draft in drafts))
        ),
        link_types=(*goods.LINK_TYPES, _SPARE_PART),
        links=_links(items),
        prices=prices,
        stock=stock,
        locations=(*places.LOCATIONS, *places.MORE_LOCATIONS),
        pictures=(
            *(spec for _, specs in pictured for spec in specs),
            *(s for d in drafts for s in d.pictures()),
        ),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((TEXTS / f"{name}.toml").read_text(encoding="utf-8"))


def _items() -> Iterator[dict[str, Any]]:
    for department in DEPARTMENTS:
        yield from _read(department)["product"]


def _shelves(palette: Mapping[str, Any]) -> list[tuple[str, str | None, Labels]]:
    return [(code, parent, said_of(words)) for code, (parent, *words) in palette["shelves"].items()]


def _attributes(palette: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> list[AttributeDraft]:
    named = {
        "fabric": {code: fabric["label"] for code, fabric in palette["fabric"].items() if "label" in fabric},
        "finish": {code: finish["label"] for code, finish in palette["finish"].items()},
        "colour": {code: colour["label"] for code, colour in palette["colour"].items()},
        "size": _sizes(palette, items),
        "material": palette["material"],
    }

    def options(code: str) -> tuple[OptionDraft, ...]:
        shown = palette.get(code, {})
        return tuple(
            OptionDraft(
                code=option,
                labels=said_of(words),
                swatch=f"#{shown[option]['hex']}" if "hex" in shown.get(option, ()) else "",
            )
            for option, words in named[code].items()
        )

    known = [
        replace(each, filterable=True, options=(*each.options, *options("fabric")))
        if each.code == "fabric"
        else each
        for each in goods.ATTRIBUTES
    ]
    choices = (
        ("finish", "select", 13, said("Pinta", "Yta", "Finish")),
        ("colour", "select", 14, said("Väri", "Färg", "Colour")),
        ("size", "select", 15, said("Koko", "Storlek", "Size")),
        ("material", "multiselect", 16, said("Materiaali", "Material", "Material")),
    )
    return [
        *known,
        *(
            AttributeDraft(
                code=code, type=kind, position=position, labels=labels, filterable=True, options=options(code)
            )
            for code, kind, position, labels in choices
        ),
        AttributeDraft(
            code="news",
            type="textarea",
            localisable=True,
            position=3,
            labels=said("Uutta", "Nytt", "What is new"),
        ),
        AttributeDraft(
            code="withdrawal_exclusion",
            type="select",
            position=40,
            labels=said("Peruuttamisoikeus", "Ångerrätt", "Right of withdrawal"),
            options=(
                OptionDraft(
                    code="custom_made",
                    labels=said(
                        "Ei ole: tehdään tilauksesi mukaan",
                        "Ingen: görs efter din beställning",
                        "None: made to your order",
                    ),
                ),
            ),
        ),
        *_PICTURES,
    ]


def _sizes(palette: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[str]]:
    """Sizes in the order of their codes' numbers; most are written as their code."""
    codes = {code for item in items for code in item.get("sizes", ())}
    named: dict[str, Sequence[str]] = {}
    for code in sorted(
        codes,
        key=lambda code: [int("".join(c for c in part if c.isdigit()) or 0) for part in code.split("x")],
    ):
        written = code.replace("x", " × ")
        if code.endswith("ml"):
            written = f"{code[:-2]} ml"
        elif code.startswith("o"):
            written = f"Ø {code[1:]} cm"
        else:
            written = f"{written} cm"
        named[code] = palette["size"].get(code, (written,) * 3)
    return named


def _links(items: Sequence[Mapping[str, Any]]) -> dict[str, list[LinkDraft]]:
    """What goes with what, which product cares for which fabric or finish, and which spare parts belong where."""
    links = {code: list(drafts) for code, drafts in goods.LINKS.items()}
    for item in items:
        mine = links.setdefault(item["code"], [])
        mine += [LinkDraft(kind="goes_with", target=target) for target in item.get("goes", ())]
    today = {"code": goods.SOFA.code, "fabric": [variant_fabric(v) for v in goods.SOFA.variants]}
    foam = {"code": goods.CARE.code, "suits": {"fabric": ["pilvi", "kanerva", "sammal", "meri", "hiili"]}}
    cared = [today, *items]
    for carer in [foam, *(item for item in items if "suits" in item)]:
        for axis, options in carer["suits"].items():
            for item in cared:
                links[item["code"]] += [
                    LinkDraft(kind="care_for", target=carer["code"], suits=(axis, option))
                    for option in item.get(axis, ())
                    if option in options
                ]
    for item in items:
        for target in item.get("part_of", ()):
            links.setdefault(target, []).append(LinkDraft(kind="spare_part", target=item["code"]))
    return {code: list(dict.fromkeys(drafts)) for code, drafts in links.items() if drafts}


_TODAY: Final[Mapping[str, Mapping[str, Any]]] = {
    goods.SOFA.code: {"kind": "sofa", "seats": 3, "arm": "slim", "leg": "peg", "low": True},
    goods.CUSHION.code: {"kind": "cushion", "shape": "stripe"},
    goods.CARE.code: {"kind": "bottle", "pump": True},
}


def _picture_today(draft: ProductDraft) -> tuple[ProductDraft, list[Spec]]:
    """One of today's three products, with pictures of it."""

    def size(name: str, otherwise: float) -> float:
        return float(draft.values[name]["*"]["*"]) if name in draft.values else otherwise

    palette = _read("palette")["fabric"]
    base = Spec(
        subject=draft.code,
        look=tuple(_TODAY[draft.code].items()),
        size=(size("width", 8), size("depth", 12), size("height", 20)),
        seat=size("seat_height", 0),
        main=palette["kaura"]["hex"],
        weave="linen" if draft is goods.CUSHION else "plain",
        frame="e2c79c",
    )
    specs, variants = [], []
    for variant in draft.variants:
        spec = base
        if "fabric" in variant.values:
            fabric = palette[variant_fabric(variant)]
            spec = replace(base, main=fabric["hex"], weave=fabric["weave"])
        specs.append(spec)
        variants.append(replace(variant, values={**variant.values, "picture": fact(name_of(spec))}))
    more = [replace(specs[0], view=view) for view in ("near", "room")]
    values = {**draft.values, "pictures": fact([name_of(spec) for spec in more])}
    return replace(draft, values=values, variants=tuple(variants)), [*specs, *more]


def _stocked(sku: str, *, large: bool) -> dict[str, int]:
    """How many units stand where. Drawn from the SKU, so that every seeding stocks the same; some are sold out."""
    lot = hashlib.sha256(sku.encode()).digest()
    if lot[0] < 10:
        return {}
    most = (9, 5, 2) if large else (90, 40, 14)
    stock = {"LAHTI": lot[1] % (most[0] + 1), "TURKU": lot[2] % (most[1] + 1)}
    for number, store in enumerate(("HELSINKI", "TAMPERE", "OULU")):
        if lot[3 + number] % 3:
            stock[store] = lot[6 + number] % (most[2] + 1)
    return {place: units for place, units in stock.items() if units}
