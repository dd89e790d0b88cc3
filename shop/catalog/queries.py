"""What shoppers read: one query for a list, one for a product."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import orjson
from django.db import connection
from django.db.models import QuerySet

from config.kernel.errors import NotFound
from config.kernel.prepared import Prepared, fetch_all
from orders.api import get_available_units, list_locations
from pim.api import list_categories
from shop.catalog import rules, wording
from shop.catalog.models import Placement, Shelf
from shop.catalog.paging import (
    BY_RELEVANCE,
    PAGE_FOUND,
    PAGE_OF_BEST,
    PLACES,
    PLACES_AMONG,
    SORTS,
    Position,
    condition_after,
    key_of,
    named_sql,
    page_of_shelf,
)
from shop.pricing.queries import MarketContext, get_context
from shop.pricing.rules import unit_price

RELEVANCE: Final = "relevance"  # an order of what was searched for, and of nothing else

_PRODUCT: Final = """
    SELECT listing.detail, listing.links::text, offers.skus, offers.minors, stock.skus, stock.bands, stock.stores,
        linked.refs, linked.cards, linked.minors, linked.differ, linked.bands, offers.tax_classes
    FROM shop_listing listing
    JOIN shop_showing showing
        ON showing.product_ref = listing.product_ref AND showing.channel = %(channel)s AND NOT showing.withdrawn
    LEFT JOIN LATERAL (
        SELECT array_agg(sku) AS skus, array_agg(minor) AS minors, array_agg(tax_class) AS tax_classes
        FROM shop_offer WHERE product_ref = listing.product_ref AND price_list = %(price_list)s
    ) offers ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(sku) AS skus, array_agg(band) AS bands, array_agg(stores::text) AS stores
        FROM shop_availability WHERE product_ref = listing.product_ref AND channel = %(channel)s
    ) stock ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(target.product_ref::text) AS refs, array_agg(target.card) AS cards,
            array_agg(place.price_minor) AS minors, array_agg(place.prices_differ) AS differ,
            array_agg(place.band) AS bands
        FROM shop_listing target
        JOIN shop_placement place
            ON place.product_ref = target.product_ref AND place.channel = %(channel)s AND place.category = ''
        WHERE target.content_scope = %(scope)s AND target.locale = %(locale)s
            AND target.product_ref IN (SELECT (link->>'product')::uuid FROM jsonb_array_elements(listing.links) link)
    ) linked ON true
    WHERE listing.content_scope = %(scope)s AND listing.locale = %(locale)s AND listing.slug = %(slug)s
"""

# Each is looked up by itself (OFFSET 0 forbids a join): as long as PostgreSQL has no statistics of the tables, it reads
# all that a channel has in stock to find three.
_SELLABLES: Final = Prepared(
    """
    SELECT wanted.sku, offer.sku, offer.minor, offer.tax_class, listing.slug, (listing.lines->offer.sku)::text
    FROM unnest(%(skus)s::text[]) wanted(sku)
    CROSS JOIN LATERAL (
        SELECT sku, minor, tax_class, product_ref FROM shop_offer
        WHERE lower(shop_offer.sku) = lower(wanted.sku) AND price_list = %(price_list)s OFFSET 0
    ) offer
    CROSS JOIN LATERAL (
        SELECT FROM shop_availability WHERE sku = offer.sku AND channel = %(channel)s OFFSET 0
    ) stock
    CROSS JOIN LATERAL (
        SELECT slug, lines FROM shop_listing
        WHERE product_ref = offer.product_ref AND content_scope = %(scope)s AND locale = %(locale)s OFFSET 0
    ) listing
    """
)


@dataclass(frozen=True, kw_only=True)
class Sellable:
    """A variant as the shop sells it now in one channel: its words, and the price of one unit.

    `options` are (label, value) in the reader's language. `weight_g` is what one unit weighs, where somebody says it.
    `withdrawal_excluded` is why it cannot be sent back, as a code; empty: it can. `image` is a picture's address.
    """

    sku: str
    product_slug: str
    name: str
    options: tuple[tuple[str, str], ...]
    unit_gross_minor: int
    currency: str
    tax_class: str
    tax_rate: Decimal
    price_list: str
    weight_g: int | None
    withdrawal_excluded: str = ""
    image: str = ""


@dataclass(frozen=True, kw_only=True)
class Among:
    """Only these products: a subselect of (product_ref, score, rank), best is the highest score, and its parameters.

    It knows the channel and the category that are asked for. The parameters' names begin with `among_`, so that they
    meet no others.
    """

    sql: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Units:
    """How many of a SKU there are. `sendable` is the most that one sending location has: a parcel leaves from one."""

    sendable: int
    stores: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some cards of a list, each finished JSON, and how many there are in all.

    `last` is where the list goes on behind; None at its end.
    """

    cards: tuple[bytes, ...]
    total: int
    last: Position | None = None


def list_cards(
    *,
    context: MarketContext,
    category: str,
    sort: str,
    page: int,
    limit: int,
    among: Among | None = None,
    narrowed: QuerySet[Placement] | None = None,
    after: Position | None = None,
) -> Page:
    """A page of a category's products ("" is the whole shop), in one query.

    Only of those `among` which it is to be, and of the `narrowed` placements where there are any. With `after` it
    begins behind that position, whatever `page` is; RELEVANCE knows no positions.
    """
    wanted = {
        **_place(context),
        "category": category,
        "limit": limit + 1,
        "offset": 0 if after else (page - 1) * limit,
        **(among.parameters if among else {}),
    }
    if among is not None and narrowed is None and sort == RELEVANCE:
        statement = PAGE_OF_BEST.format(among=among.sql)
    else:
        order = BY_RELEVANCE if sort == RELEVANCE else SORTS[sort]
        key = "rank" if sort == RELEVANCE else key_of(sort)
        behind, parameters = condition_after(position=after, sort=sort)
        wanted |= parameters
        places = PLACES
        if narrowed is not None:
            here = narrowed.filter(channel=context.channel, category=category)
            places, parameters = named_sql(placements=here)
            wanted |= parameters
        if among is not None:
            places = PLACES_AMONG.format(among=among.sql, places=places)
        if among is None and narrowed is None:
            statement = page_of_shelf(sort=sort, behind=behind, offset=wanted["offset"])
        else:
            statement = PAGE_FOUND.format(
                key=key, after=behind, found=places, inner=order.format(""), outer=order.format("page.")
            )
    rows = (
        fetch_all(statement=statement, parameters=wanted)
        if narrowed is None
        else _fetch_narrowed(statement, wanted)
    )
    shown = [row for row in rows[:limit] if row[1] is not None]
    goes_on = len(rows) > limit and sort != RELEVANCE
    return Page(
        cards=tuple(_card(context, card, minor, differ, band) for _, card, minor, differ, band, *_ in shown),
        total=rows[0][0],
        last=Position(key=rows[limit - 1][6], product_ref=rows[limit - 1][5]) if goes_on else None,
    )


def _fetch_narrowed(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What is filtered by is another statement each time, and its plan depends on the values."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def get_detail(*, context: MarketContext, slug: str) -> bytes:
    """A product with its variants, prices, availability and what it points to, as JSON, in one query.

    Errors: NotFound when the channel shows no such product.
    """
    rows = fetch_all(statement=_PRODUCT, parameters={**_place(context), "slug": slug})
    if not rows:
        raise NotFound
    detail, links, *columns = rows[0]
    priced, stocked, linked = (
        _by_first(columns[0], columns[1], columns[10]),
        _by_first(*columns[2:5]),
        columns[5:10],
    )
    cards = {
        ref: _card(context, card, minor, differ, band)
        for ref, card, minor, differ, band in zip(*(column or () for column in linked), strict=True)
    }

    def fill_in(mark: str) -> bytes:
        if mark == "links":
            return b",".join(
                b'%b,"product":%b}'
                % (orjson.dumps({name: said for name, said in link.items() if name != "product"})[:-1], card)
                for link in orjson.loads(links)
                if (card := cards.get(link["product"])) is not None
            )
        sku = mark.removeprefix("variant:")
        minor, tax_class = priced.get(sku, (None, ""))
        band, stores = stocked.get(sku, ("sold_out", "{}"))
        return b'"price":%b,"availability":%b,"stores":%b' % (
            _price(context, minor, tax_class),
            orjson.dumps(band),
            stores.encode(),
        )

    return rules.fill(bytes(detail), fill_in)


def get_menu(*, context: MarketContext) -> list[dict[str, Any]]:
    """The channel's categories that something stands in, as a tree in the reader's language."""
    totals = dict(Shelf.objects.filter(channel=context.channel, total__gt=0).values_list("category", "total"))
    return wording.menu(
        categories=list_categories(channel=context.channel), totals=totals, reads=context.fallbacks
    )


def get_sellables(
    *, channel: str, skus: Collection[str], locale: str, now: datetime, country: str | None = None
) -> dict[str, Sellable]:
    """What the channel sells of these SKUs, by SKU as it was asked for; what it does not list or price is missing.

    SKUs are one whatever their case; `Sellable.sku` is the right one. Tax is that of the country of delivery, the
    market's own unless another is named. Errors: NotFound for the channel.
    """
    context = get_context(channel=channel, locale=locale, country=country, now=now)
    rows = _SELLABLES.fetch_all({**_place(context), "skus": list(skus)})
    found = {}
    for asked, sku, minor, tax_class, slug, line in rows:
        rate, words = context.tax_rates.get(tax_class), orjson.loads(line or "null")
        if rate is None or words is None:
            continue
        price = unit_price(minor=minor, is_gross=context.prices_are_gross, tax_rate=rate)
        found[asked] = Sellable(
            sku=sku,
            product_slug=slug,
            name=words["name"],
            options=tuple((label, value) for label, value in words["options"]),
            unit_gross_minor=price.gross_minor,
            currency=context.currency,
            tax_class=tax_class,
            tax_rate=rate,
            price_list=context.price_list,
            weight_g=words.get("weight_g"),
            withdrawal_excluded=words.get("withdrawal_excluded") or "",
            image=words.get("image") or "",
        )
    return found


def get_units(*, skus: Collection[str]) -> dict[str, Units]:
    """`{sku: units}` as stock has them now; SKUs that stand nowhere are missing."""
    locations = list_locations()
    sending = {location.code for location in locations if location.ships}
    stores = {location.code for location in locations if location.kind == "store"}
    return {
        sku: Units(
            sendable=max((count for code, count in by_location.items() if code in sending), default=0),
            stores={code: count for code, count in sorted(by_location.items()) if code in stores},
        )
        for sku, by_location in get_available_units(skus=skus).items()
    }


def _place(context: MarketContext) -> dict[str, Any]:
    return {
        "channel": context.channel,
        "scope": context.content_scope,
        "locale": context.locale,
        "price_list": context.price_list,
    }


def _by_first(
    keys: list[str] | None, firsts: list[Any] | None, seconds: list[Any] | None
) -> dict[str, tuple[Any, Any]]:
    return {
        key: (first, second)
        for key, first, second in zip(keys or (), firsts or (), seconds or (), strict=True)
    }


def _card(context: MarketContext, card: Any, minor: int | None, differ: bool, band: str) -> bytes:
    return rules.fill(
        bytes(card),
        lambda mark: (
            b'"price":%b,"prices_differ":%b,"availability":%b'
            % (
                _price(context, minor, mark.removeprefix("card:")),
                b"true" if differ else b"false",
                orjson.dumps(band),
            )
        ),
    )


def _price(context: MarketContext, minor: int | None, tax_class: str) -> bytes:
    return rules.price_json(
        minor, context.prices_are_gross, context.tax_rates.get(tax_class), context.currency
    )


def list_miscounted_shelves() -> tuple[str, ...]:
    """The shelves whose total is not what stands on them, as `channel/category`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT channel || '/' || category
            FROM (SELECT channel, category, count(*) AS total FROM shop_placement GROUP BY 1, 2) counted
            FULL JOIN shop_shelf shelf USING (channel, category)
            WHERE coalesce(counted.total, 0) <> coalesce(shelf.total, 0)
            ORDER BY 1
            """
        )
        return tuple(name for (name,) in cursor.fetchall())
