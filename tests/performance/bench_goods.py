"""The bench's catalogue: any number of products of three variants in two languages, as the renderer leaves them.

A hundred products come in by the PIM's door and are rendered and indexed as any others. The rest are copies of their
rows under other ids, names, SKUs, ranks and prices: `copy_products` writes into the read model what rendering them
would write, and a test compares the two. Of the copies the PIM knows nothing.
"""

import argparse
import hashlib
import re
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

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

_IDENTITY: Final = re.compile(
    r"(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|(?<![0-9a-f])(?P<number>[0-9]{6})(?![0-9a-f])"
)


def seed(*, products: int, rendered: int = RENDERED, now: datetime) -> None:
    """Fill an empty, migrated database; `products` is a multiple of `rendered`."""
    from config.kernel.actors import system
    from config.kernel.db import open_transaction
    from config.kernel.dispatcher import run_pending
    from pim.api import publish, save_product
    from shop.catalog.models import Listing
    from shop.search.services import index_products

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


def copied_id(identity: str, copy: int) -> UUID:
    """The id of something in the so-manieth copy."""
    return UUID(hashlib.md5(f"{identity}/{copy}".encode(), usedforsecurity=False).hexdigest())


def copy_products(*, rendered: int, products: int) -> None:
    """Add copies of what was rendered until there are so many, and let the planner know. In the caller's transaction.

    A copy's number is its original's plus a multiple of `rendered`; its price is that of its original and some more.
    """
    from django.db import connection

    copies = products // rendered
    with connection.cursor() as cursor:
        _copy_listings(cursor, rendered, copies)
        for statement in _COPIES:
            cursor.execute(statement, {"channel": CHANNEL, "rendered": rendered, "copies": copies})
        for table in _TABLES:
            cursor.execute(f"ANALYZE {table}")


def _copy_listings(cursor: Any, rendered: int, copies: int) -> None:
    """Listings are bytes with NUL in them, which SQL cannot look into."""
    columns = (
        "product_ref",
        "content_scope",
        "locale",
        "slug",
        "card",
        "detail",
        "lines",
        "links",
        "published_at",
    )
    cursor.execute(
        f"SELECT product_ref::text, content_scope, locale, slug, card, detail, lines::text, links::text, "
        f"published_at FROM shop_listing WHERE content_scope = '{CHANNEL}'"
    )
    rows = [
        (
            ref,
            scope,
            locale,
            published_at,
            [_Template(text if isinstance(text, str) else bytes(text).decode("latin-1")) for text in texts],
        )
        for ref, scope, locale, *texts, published_at in cursor.fetchall()
    ]
    with cursor.copy(f"COPY shop_listing ({', '.join(columns)}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(["uuid", "text", "text", "text", "bytea", "bytea", "jsonb", "jsonb", "timestamptz"])
        for number in range(1, copies):
            for ref, scope, locale, published_at, (slug, card, detail, lines, links) in rows:
                copy.write_row(
                    (
                        copied_id(ref, number),
                        scope,
                        locale,
                        slug.copy(number, rendered),
                        card.copy(number, rendered).encode("latin-1"),
                        detail.copy(number, rendered).encode("latin-1"),
                        _Json(lines.copy(number, rendered)),
                        _Json(links.copy(number, rendered)),
                        published_at,
                    )
                )


class _Template:
    """A text, taken apart where it names a product or a variant."""

    def __init__(self, text: str) -> None:
        self._parts: list[str] = []
        self._names: list[tuple[str, str]] = []  # (kind, name) behind each part but the last
        end = 0
        for found in _IDENTITY.finditer(text):
            self._parts.append(text[end : found.start()])
            self._names.append((found.lastgroup or "", found[0]))
            end = found.end()
        self._parts.append(text[end:])

    def copy(self, number: int, rendered: int) -> str:
        """The text as the so-manieth copy has it."""
        pieces: list[str] = []
        for part, (kind, name) in zip(self._parts, self._names, strict=False):
            pieces.append(part)
            pieces.append(
                str(copied_id(name, number)) if kind == "id" else f"{int(name) + number * rendered:06d}"
            )
        return "".join((*pieces, self._parts[-1]))


def _Json(text: str) -> Any:  # noqa: N802 - stands for a type
    from psycopg.types.json import Jsonb

    return Jsonb(text, dumps=lambda said: said)


_TABLES: Final = (
    "shop_listing",
    "shop_showing",
    "shop_placement",
    "shop_shelf",
    "shop_offer",
    "shop_availability",
    "shop_document",
    "shop_term",
    "shop_wordform",
)
_REF: Final = "md5({0}.product_ref::text || '/' || copy)::uuid"
_SHIFT: Final = "((rank + copy * %(rendered)s) * 7919 %% 500) * 100"
_SKU: Final = (
    "overlay({0}.sku placing lpad((substr({0}.sku, 2, 6)::int + copy * %(rendered)s)::text, 6, '0') from 2)"
)
_EACH: Final = "CROSS JOIN generate_series(1, %(copies)s - 1) copy"
_RANK: Final = """
    JOIN shop_placement place ON place.product_ref = {0}.product_ref AND place.channel = %(channel)s AND category = ''
"""
_COPIES: Final = tuple(
    " ".join(statement.split())
    for statement in (
        f"""
        INSERT INTO shop_showing
            (product_ref, channel, content_scope, number, withdrawn, tax_class, listed_at, words)
        SELECT {_REF.format("showing")}, channel, content_scope, number, withdrawn, tax_class,
            listed_at + copy * interval '1 minute', words
        FROM shop_showing showing {_EACH} WHERE channel = %(channel)s
        """,
        f"""
        INSERT INTO shop_offer (sku, price_list, product_ref, tax_class, minor)
        SELECT {_SKU.format("offer")}, price_list, {_REF.format("offer")}, tax_class, minor + {_SHIFT}
        FROM shop_offer offer {_RANK.format("offer")} {_EACH} WHERE price_list = '{PRICE_LIST}'
        """,
        f"""
        INSERT INTO shop_availability (sku, channel, product_ref, band, stores, facts)
        SELECT {_SKU.format("stock")}, channel, {_REF.format("stock")}, band, stores, facts
        FROM shop_availability stock {_EACH} WHERE channel = %(channel)s
        """,
        f"""
        INSERT INTO shop_document (product_ref, content_scope, locale, rank, terms)
        SELECT {_REF.format("document")}, content_scope, locale, rank + copy * %(rendered)s,
            replace(terms::text, lpad(rank::text, 6, '0'), lpad((rank + copy * %(rendered)s)::text, 6, '0'))::tsvector
        FROM shop_document document {_EACH} WHERE content_scope = %(channel)s
        """,
        f"""
        INSERT INTO shop_placement
            (channel, category, product_ref, rank, price_minor, prices_differ, band, listed_at)
        SELECT channel, category, {_REF.format("place")}, rank + copy * %(rendered)s, price_minor + {_SHIFT},
            prices_differ, band, listed_at + copy * interval '1 minute'
        FROM shop_placement place {_EACH} WHERE channel = %(channel)s
        """,
        "UPDATE shop_shelf SET total = total * %(copies)s WHERE channel = %(channel)s",
    )
)


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
