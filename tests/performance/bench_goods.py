"""The bench's catalogue: any number of products of three variants in two languages, as the renderer leaves them.

A hundred products come in by the PIM's door and are rendered and indexed as any others. The rest are copies of their
rows under other ids, names, SKUs, ranks and prices (`bench_copies.py`). Of the copies the PIM knows nothing.
"""

import argparse
from datetime import UTC, datetime
from typing import Any, Final

CHANNEL: Final = "bench"
KEY: Final = "pk_bench"
HOST: Final = "bench.localhost"
PRICE_LIST: Final = "bench-consumer"
LOCALES: Final = ("fi", "en")
RENDERED: Final = 100  # so many are rendered, and copied
VARIANTS: Final = 3

# Each is what every twentieth product is. (fi, en)
NOUNS: Final = (
    *(("sohva", "sofa"), ("tuoli", "chair"), ("pöytä", "table"), ("lamppu", "lamp"), ("matto", "rug")),
    *(("hylly", "shelf"), ("sänky", "bed"), ("peili", "mirror"), ("verho", "curtain"), ("tyyny", "cushion")),
    *(("lipasto", "drawer"), ("penkki", "bench"), ("kaappi", "cupboard"), ("kori", "basket")),
    *(("maljakko", "vase"), ("peitto", "blanket"), ("naulakko", "rack"), ("kello", "clock")),
    *(("tarjotin", "tray"), ("jakkara", "stool")),
)
_SERIES: Final = ("Aava", "Kaisla", "Laituri", "Saari", "Utu")
_COLOURS: Final = (
    *(("sand", "hiekka"), ("moss", "sammal"), ("cloud", "pilvi")),
    *(("night", "yö"), ("rust", "ruoste"), ("snow", "lumi")),
)
_MATERIALS: Final = (
    *(("birch", "koivu"), ("oak", "tammi"), ("wool", "villa")),
    *(("linen", "pellava"), ("steel", "teräs")),
)
_BRANDS: Final = ("Polku", "Metsola", "Norrvik", "Havu", "Tuuli")
# Two departments of twenty-four shelves each; a product stands on two of these.
_DEPARTMENTS: Final = ("dept-a", "dept-b")
SHELVES: Final = tuple(f"shelf-{number:02d}" for number in range(48))
CATEGORIES: Final = (*_DEPARTMENTS, *SHELVES)
# Lists of which there is a twentieth page even among a thousand products.
LONG_LISTS: Final = ("", *_DEPARTMENTS)


def seed(*, products: int, rendered: int = RENDERED, now: datetime) -> None:
    """Fill an empty, migrated database; `products` is a multiple of `rendered`."""
    from config.kernel.actors import system
    from config.kernel.db import open_transaction
    from config.kernel.dispatcher import run_pending
    from pim.api import publish, save_product
    from shop.catalog.models import Listing
    from shop.search.services import index_products
    from tests.performance.bench_copies import copy_products

    by = system("bench")
    with open_transaction():
        _define(rendered, by, now)
        drafts = [_draft(number) for number in range(rendered)]
        ids = [save_product(draft=draft, now=now).product_id for draft in drafts]
        for product_id in ids:
            publish(product_id=product_id, channel=CHANNEL, by=by, now=now)
    run_pending(now=now)
    if (listed := Listing.objects.filter(product_ref__in=ids).count()) != rendered * len(LOCALES):
        raise RuntimeError(f"only {listed} listings of {rendered} products; what failed stands in the log")
    index_products(content_scope=CHANNEL, product_refs=ids, by=by, now=now)
    with open_transaction():
        copy_products(rendered=rendered, products=products)


def inflect(*, now: datetime) -> None:
    """Let the words be found in every inflection, as a worker does afterwards."""
    from config.kernel.actors import system
    from shop.search.services import inflect_terms

    for locale in LOCALES:
        inflect_terms(language=locale, by=system("bench"), now=now)


def _define(rendered: int, by: Any, now: datetime) -> None:
    from orders.api import LocationCard, create_location, receive_stock
    from pim.api import AttributeDraft, OptionDraft, define_attribute, define_category, define_channel
    from shop.pricing.queries import forget_configuration
    from shop.pricing.services import (
        MarketDraft,
        define_market,
        define_price_list,
        define_tax_rates,
        set_price,
    )

    define_category(code="root", parent=None, position=0, labels={}, now=now)
    for position, code in enumerate(_DEPARTMENTS):
        labels = {"fi": f"Osasto {code[-1].upper()}", "en": f"Department {code[-1].upper()}"}
        define_category(code=code, parent="root", position=position, labels=labels, now=now)
    for position, code in enumerate(SHELVES):
        labels = {"fi": f"Valikoima {position}", "en": f"Range {position}"}
        define_category(
            code=code, parent=_DEPARTMENTS[position // 24], position=position, labels=labels, now=now
        )
    define_channel(code=CHANNEL, kind="web", locales=LOCALES, tree="root", labels={"en": "Bench"}, now=now)
    options = {"colour": _COLOURS, "material": _MATERIALS}
    for position, (code, type_, fi, more) in enumerate(
        (
            ("name", "text", "Nimi", {"localisable": True}),
            ("summary", "text", "Lyhyesti", {"localisable": True}),
            ("description", "textarea", "Kuvaus", {"localisable": True}),
            ("picture", "image", "Kuva", {}),
            ("colour", "select", "Väri", {"filterable": True}),
            ("material", "select", "Materiaali", {"filterable": True}),
            ("brand", "text", "Merkki", {}),
            ("width", "number", "Leveys", {"unit": "cm"}),
            ("washable", "boolean", "Pestävä", {"filterable": True}),
        )
    ):
        define_attribute(
            draft=AttributeDraft(
                code=code,
                type=type_,
                labels={"fi": fi, "en": code.title()},
                position=position,
                options=tuple(
                    OptionDraft(code=option, labels={"fi": said.title(), "en": option.title()})
                    for option, said in options.get(code, ())
                ),
                **more,  # type: ignore[arg-type]
            ),
            now=now,
        )
    define_tax_rates()
    define_price_list(code=PRICE_LIST, currency="EUR", gross=True)
    define_market(
        draft=MarketDraft(
            code=CHANNEL,
            price_list=PRICE_LIST,
            country="FI",
            time_zone="Europe/Helsinki",
            delivery_countries=["FI"],
            hosts=[HOST],
            keys=[KEY],
        )
    )
    skus = [sku for number in range(rendered) for sku in _skus(number)]
    for place, sku in enumerate(skus):
        set_price(price_list=PRICE_LIST, sku=sku, minor=1_990 + 100 * place, by=by, now=now)
    for priority, (code, kind, ships) in enumerate(
        (("BENCH-1", "warehouse", True), ("BENCH-2", "store", False))
    ):
        create_location(
            location=LocationCard(
                code=code,
                kind=kind,
                name=code,
                street="Kuja 1",
                postcode="00100",
                city="Helsinki",
                country="FI",
                time_zone="Europe/Helsinki",
                ships=ships,
                priority=priority + 50,
            )
        )
        units = {sku: place % 9 for place, sku in enumerate(skus)}
        receive_stock(location=code, units={sku: n for sku, n in units.items() if n}, by=by, now=now)
    forget_configuration()


def _skus(number: int) -> list[str]:
    return [f"B{number:06d}-{variant}" for variant in range(VARIANTS)]


def _draft(number: int) -> Any:
    from pim.api import ProductDraft, VariantDraft

    fi, en = NOUNS[number % len(NOUNS)]
    series = _SERIES[number // len(NOUNS) % len(_SERIES)]
    about = "Kestää arjen ja vuodet. " * 8, "Made for every day and for many years. " * 6
    colours = [_COLOURS[(number + variant) % len(_COLOURS)][0] for variant in range(VARIANTS)]
    return ProductDraft(
        code=f"b{number:06d}",
        values={
            "name": _said(f"{fi.title()} {series} {number:06d}", f"{series} {en} {number:06d}"),
            "summary": _said("Hyvin tehty ja helppo hoitaa.", "Well made and easy to care for."),
            "description": _said(*about),
            "picture": _fact(f"bench/{number:06d}.webp"),
            "material": _fact(_MATERIALS[number % len(_MATERIALS)][0]),
            "brand": _fact(_BRANDS[number % len(_BRANDS)]),
            "width": _fact(str(40 + number)),
            "washable": _fact(number % 2 == 0),
        },
        axes=("colour",),
        categories={
            SHELVES[number % len(SHELVES)]: number,
            SHELVES[(number * 5 + 11) % len(SHELVES)]: number,
        },
        variants=tuple(
            VariantDraft(sku=sku, values={"colour": _fact(colour)})
            for sku, colour in zip(_skus(number), colours, strict=True)
        ),
    )


def _said(fi: str, en: str) -> dict[str, Any]:
    return {"*": {"fi": fi, "en": en}}


def _fact(value: Any) -> dict[str, Any]:
    return {"*": {"*": value}}


def main() -> None:
    """Fill the database that `DATABASE_URL` names."""
    import django

    django.setup()
    parser = argparse.ArgumentParser(prog="python -m tests.performance.bench_goods", description=__doc__)
    parser.add_argument("products", type=int)
    now = datetime.now(UTC)
    seed(products=parser.parse_args().products, now=now)
    inflect(now=now)


if __name__ == "__main__":
    main()
