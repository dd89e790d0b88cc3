"""A product's page: the variants as something to choose from, facts as a table, links as shelves.

The variant stands in the address (`?sku=`), so that a chosen fabric can be linked, and is there without JavaScript.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.utils.translation import gettext as _

from orders.api import list_locations
from shop.site.reading import CardView, Reader, band_label, card_view

# Said above the table of facts, in words of their own.
_TOLD_ELSEWHERE: Final = frozenset({"name", "summary", "description"})
_LONG: Final = 90  # characters from which a fact is a paragraph and no line of a table


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture and what it shows, for who cannot see it."""

    url: str
    alt: str


@dataclass(frozen=True, kw_only=True)
class StoreStock:
    """How much of a variant stands in a store."""

    name: str
    band: str
    label: str


@dataclass(frozen=True, kw_only=True)
class VariantView:
    """A variant: what it is called among its siblings, its price, where it is, and its pictures."""

    sku: str
    href: str
    label: str
    chosen: Mapping[str, str]
    price: str
    net: str
    tax_rate: str
    amount: str
    currency: str
    stock: str
    stock_label: str
    stores: Sequence[StoreStock]
    pictures: Sequence[Picture]


@dataclass(frozen=True, kw_only=True)
class OptionView:
    """One option of an axis: where choosing it leads, and whether it is the one that is shown."""

    code: str
    label: str
    swatch: str | None
    href: str
    sku: str
    chosen: bool
    stock: str
    number: int


@dataclass(frozen=True, kw_only=True)
class AxisView:
    """What is to be chosen, and from what."""

    code: str
    label: str
    options: Sequence[OptionView]
    chosen_label: str


@dataclass(frozen=True, kw_only=True)
class FactView:
    """A fact with its label; `language` where it is in another than the page's."""

    code: str
    label: str
    value: str
    language: str | None


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Products that this one points to, under what they are to it."""

    label: str
    cards: Sequence[CardView]


@dataclass(frozen=True, kw_only=True)
class ProductView:
    """Everything on a product's page."""

    id: str
    slug: str
    name: str
    name_language: str | None
    summary: str
    description: str
    description_language: str | None
    path: Sequence[tuple[str, str]]
    axes: Sequence[AxisView]
    variants: Sequence[VariantView]
    variant: VariantView
    pictures: Sequence[Picture]
    facts: Sequence[FactView]
    stories: Sequence[FactView]
    shelves: Sequence[Shelf]


def product_view(*, detail: bytes, sku: str | None, reader: Reader) -> ProductView | None:
    """The page of a product with one of its variants chosen: `sku`, else the first that can be had.

    None when it has no variant of that SKU, or none at all.
    """
    said = orjson.loads(detail)
    names = {location.code: location.name for location in list_locations()}
    variants = [_variant(each, said, reader, names) for each in said["variants"]]
    chosen = _chosen(variants, sku)
    if chosen is None:
        return None
    facts = [
        _fact(fact, reader)
        for fact in (*said["attributes"], *_facts_of_variant(said, chosen.sku))
        if fact["code"] not in _TOLD_ELSEWHERE
    ]
    place = said["categories"][0] if said["categories"] else None
    return ProductView(
        id=said["id"],
        slug=said["slug"],
        name=said["name"],
        name_language=_other(said["sources"].get("name"), reader),
        summary=said["summary"] or "",
        description=said["description"] or "",
        description_language=_other(said["sources"].get("description"), reader),
        path=[(each["name"], reader.path("c", each["code"])) for each in (*place["path"], place)]
        if place
        else [],
        axes=[_axis(axis, variants, chosen, reader) for axis in said["axes"]],
        variants=variants,
        variant=chosen,
        pictures=chosen.pictures or [_picture(each, said["name"]) for each in said["media"]],
        facts=[fact for fact in facts if len(fact.value) <= _LONG],
        stories=[fact for fact in facts if len(fact.value) > _LONG],
        shelves=_shelves(said["links"], chosen, reader),
    )


def _variant(
    variant: Mapping[str, Any], said: Mapping[str, Any], reader: Reader, names: Mapping[str, str]
) -> VariantView:
    price = variant["price"]
    label = ", ".join(option["value"] for option in variant["options"])
    own = [_picture(each, f"{said['name']}, {label}") for each in variant["media"]]
    return VariantView(
        sku=variant["sku"],
        href=f"{reader.path('p', said['slug'])}?sku={variant['sku']}",
        label=label,
        chosen={option["attribute"]: option["option"] for option in variant["options"]},
        price=reader.money(price["gross"]) if price else "",
        net=reader.money(price["net"]) if price else "",
        tax_rate=f"{float(price['tax_rate']) * 100:.3g}".replace(".", "," if reader.code != "en" else ".")
        if price
        else "",
        amount=price["gross"]["amount"] if price else "",
        currency=price["gross"]["currency"] if price else "",
        stock=variant["availability"],
        stock_label=band_label(variant["availability"]),
        stores=[
            StoreStock(name=names.get(code, code), band=band, label=band_label(band))
            for code, band in sorted(variant["stores"].items())
        ],
        pictures=[*own, *(_picture(each, said["name"]) for each in said["media"])],
    )


def _chosen(variants: Sequence[VariantView], sku: str | None) -> VariantView | None:
    if sku is not None:
        return next((each for each in variants if each.sku.lower() == sku.lower()), None)
    on_sale = [each for each in variants if each.price]
    return next((each for each in on_sale if each.stock != "sold_out"), next(iter(on_sale or variants), None))


def _axis(
    axis: Mapping[str, Any], variants: Sequence[VariantView], chosen: VariantView, reader: Reader
) -> AxisView:
    options = []
    for number, option in enumerate(axis["options"]):
        leads_to = _nearest(variants, {**chosen.chosen, axis["code"]: option["code"]}, axis["code"])
        if leads_to is not None:
            options.append(
                OptionView(
                    code=option["code"],
                    label=option["label"],
                    swatch=option["swatch"],
                    href=leads_to.href,
                    sku=leads_to.sku,
                    chosen=chosen.chosen.get(axis["code"]) == option["code"],
                    stock=leads_to.stock,
                    number=number,
                )
            )
    label = next((option.label for option in options if option.chosen), "")
    return AxisView(code=axis["code"], label=axis["label"], options=options, chosen_label=label)


def _nearest(variants: Sequence[VariantView], wanted: Mapping[str, str], axis: str) -> VariantView | None:
    """The variant with that option of the axis that keeps most of what else is chosen."""
    fitting = [each for each in variants if each.chosen.get(axis) == wanted[axis]]
    return max(
        fitting, key=lambda each: sum(each.chosen.get(k) == v for k, v in wanted.items()), default=None
    )


def _facts_of_variant(said: Mapping[str, Any], sku: str) -> Sequence[Mapping[str, Any]]:
    return next((each["attributes"] for each in said["variants"] if each["sku"] == sku), ())


def _fact(fact: Mapping[str, Any], reader: Reader) -> FactView:
    return FactView(
        code=fact["code"],
        label=fact["label"],
        value=_value(fact["value"], fact["unit"], reader),
        language=_other(fact["locale"], reader),
    )


def _value(value: Any, unit: str | None, reader: Reader) -> str:
    match value:
        case bool():
            return _("Yes") if value else _("No")
        case list():
            return ", ".join(_value(each, None, reader) for each in value)
        case int() | float():
            text = f"{value:g}"
        case _:
            text = str(value)
    if unit and reader.code != "en":
        text = text.replace(".", ",")
    return f"{text}\N{NO-BREAK SPACE}{unit}" if unit else text


def _picture(media: Mapping[str, str], alt: str) -> Picture:
    return Picture(url=media["url"], alt=alt)


def _shelves(links: Sequence[Mapping[str, Any]], chosen: VariantView, reader: Reader) -> list[Shelf]:
    """By kind, in the order in which they come; what suits another option than the chosen one is left out."""
    shelves: dict[str, list[CardView]] = {}
    for link in links:
        suits = link["suits"]
        if suits and chosen.chosen.get(suits["attribute"]) not in {None, suits["option"]}:
            continue
        cards = shelves.setdefault(link.get("label") or link["kind"], [])
        card = card_view(card=link["product"], reader=reader)
        if all(card.slug != each.slug for each in cards):
            cards.append(card)
    return [Shelf(label=label, cards=cards) for label, cards in shelves.items()]


def _other(locale: str | None, reader: Reader) -> str | None:
    return locale if locale and locale != reader.locale else None
