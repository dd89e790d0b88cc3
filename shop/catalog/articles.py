"""Articles as somebody looks them up who stands before them: by words, by SKU, or by what a scanner reads.

A shopper is shown products and chooses a variant; a clerk has the variant in her hand. Both read the same listings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson
from django.db import connection

from shop.catalog import rules
from shop.catalog.queries import Among
from shop.catalog.wording import gtin_of
from shop.pricing.queries import MarketContext

_FOUND: Final = """
    SELECT listing.slug, listing.card, listing.detail,
        offers.skus, offers.minors, offers.tax_classes, stock.skus, stock.gtins
    FROM (SELECT product_ref, score, rank FROM ({wanted}) wanted ORDER BY score DESC, rank, product_ref LIMIT %(limit)s)
        wanted
    JOIN shop_showing showing
        ON showing.product_ref = wanted.product_ref AND showing.channel = %(channel)s AND NOT showing.withdrawn
    JOIN shop_listing listing
        ON listing.product_ref = wanted.product_ref
        AND listing.content_scope = %(scope)s AND listing.locale = %(locale)s
    LEFT JOIN LATERAL (
        SELECT array_agg(sku) AS skus, array_agg(minor) AS minors, array_agg(tax_class) AS tax_classes
        FROM shop_offer WHERE product_ref = listing.product_ref AND price_list = %(price_list)s
    ) offers ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(sku) AS skus, array_agg(gtin) AS gtins
        FROM shop_availability WHERE product_ref = listing.product_ref AND channel = %(channel)s
    ) stock ON true
    ORDER BY wanted.score DESC, wanted.rank, wanted.product_ref
"""
_BY_SKU: Final = """
    SELECT DISTINCT product_ref, 1::real AS score, 0 AS rank FROM shop_offer
    WHERE lower(sku) = lower(%(sku)s) AND price_list = %(price_list)s
"""
_BY_GTIN: Final = """
    SELECT DISTINCT product_ref, 1::real AS score, 0 AS rank FROM shop_availability
    WHERE gtin = %(gtin)s AND gtin <> '' AND channel = %(channel)s
"""


@dataclass(frozen=True, kw_only=True)
class Article:
    """A variant as it hangs on a rail: its options in the reader's language, its own picture if it has one.

    `price` is one unit's as the API tells it, null where it has none; `gtin` has 14 digits, or is empty.
    """

    sku: str
    gtin: str
    options: tuple[tuple[str, str], ...]
    picture: str | None
    price: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Found:
    """A product with its articles in the order in which the PIM has them."""

    slug: str
    name: str
    picture: str | None
    articles: tuple[Article, ...]


def list_by_words(*, context: MarketContext, among: Among, limit: int) -> list[Found]:
    """Those products that fit the words best, `limit` at most."""
    return _list(context, among.sql, among.parameters, limit)


def find_by_sku(*, context: MarketContext, sku: str) -> Found | None:
    """The product that has a priced variant of this SKU, whatever its case."""
    return next(iter(_list(context, _BY_SKU, {"sku": sku}, 1)), None)


def list_by_gtin(*, context: MarketContext, gtin: str) -> list[Found]:
    """The products on whose packing this GTIN stands; it should be one, but nobody prevents two."""
    return _list(context, _BY_GTIN, {"gtin": gtin_of(gtin)}, 10)


def _list(context: MarketContext, wanted: str, parameters: Mapping[str, Any], limit: int) -> list[Found]:
    known: dict[str, Any] = {
        "channel": context.channel,
        "scope": context.content_scope,
        "locale": context.locale,
        "price_list": context.price_list,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FOUND.format(wanted=wanted), {**known, **parameters})
        rows = cursor.fetchall()
    return [_found(context, _Row(*row)) for row in rows]


class _Row(NamedTuple):
    slug: str
    card: Any
    detail: Any
    priced: Sequence[str] | None
    minors: Sequence[int] | None
    tax_classes: Sequence[str] | None
    stocked: Sequence[str] | None
    gtins: Sequence[str] | None


def _found(context: MarketContext, row: _Row) -> Found:
    said = orjson.loads(rules.without_marks(bytes(row.detail)))
    prices = {
        sku: rules.price_json(
            minor, context.prices_are_gross, context.tax_rates.get(tax_class), context.currency
        )
        for sku, minor, tax_class in zip(
            row.priced or (), row.minors or (), row.tax_classes or (), strict=True
        )
    }
    scanned = dict(zip(row.stocked or (), row.gtins or (), strict=True))
    return Found(
        slug=row.slug,
        name=said["name"],
        picture=orjson.loads(rules.without_marks(bytes(row.card)))["image"],
        articles=tuple(
            Article(
                sku=variant["sku"],
                gtin=scanned.get(variant["sku"], ""),
                options=tuple((option["label"], option["value"]) for option in variant["options"]),
                picture=variant["media"][0]["url"] if variant["media"] else None,
                price=orjson.loads(prices.get(variant["sku"], b"null")),
            )
            for variant in said["variants"]
        ),
    )
