"""Where a page of a list begins and what it is taken from, as pieces of SQL with named parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from shop.catalog.models import Placement

# Each sort has an index of `Placement`; the product's id makes the order total.
SORTS: Final[Mapping[str, str]] = {
    "rank": "{0}rank, {0}product_ref",
    "price": "{0}price_minor ASC NULLS LAST, {0}product_ref",
    "-price": "{0}price_minor DESC NULLS LAST, {0}product_ref",
    "newest": "{0}listed_at DESC, {0}product_ref",
}

_COLUMNS: Final = ("product_ref", "rank", "listed_at", "price_minor", "prices_differ", "band")
_KEYS: Final[Mapping[str, str]] = {
    "rank": "rank",
    "price": "price_minor",
    "-price": "price_minor",
    "newest": "listed_at",
}
_AFTER: Final[Mapping[str, str]] = {
    "rank": "(rank, product_ref) > (%(after_key)s, %(after_ref)s)",
    "price": "(price_minor > %(after_key)s OR price_minor IS NULL"
    " OR (price_minor = %(after_key)s AND product_ref > %(after_ref)s))",
    "-price": "(price_minor < %(after_key)s OR price_minor IS NULL"
    " OR (price_minor = %(after_key)s AND product_ref > %(after_ref)s))",
    "newest": "(listed_at < %(after_key)s OR (listed_at = %(after_key)s AND product_ref > %(after_ref)s))",
}
_PRICELESS: Final = "(price_minor IS NULL AND product_ref > %(after_ref)s)"


# The left join keeps the total where the page is empty.
_PAGE: Final = """
    SELECT shelf.total, listing.card, page.price_minor, page.prices_differ, page.band, page.product_ref, page.{key}
    FROM (
        SELECT coalesce(
            (SELECT total FROM shop_shelf WHERE channel = %(channel)s AND category = %(category)s), 0
        ) AS total
    ) shelf
    LEFT JOIN ({page}) page ON true
    LEFT JOIN shop_listing listing
        ON listing.product_ref = page.product_ref
        AND listing.content_scope = %(scope)s AND listing.locale = %(locale)s
    ORDER BY {outer}
"""
_NEAR: Final = """
        SELECT product_ref, rank, listed_at, price_minor, prices_differ, band
        FROM shop_placement
        WHERE channel = %(channel)s AND category = %(category)s AND {after}
        ORDER BY {inner} LIMIT %(limit)s OFFSET %(offset)s
"""
# What is leafed past is counted in the sort's index alone; looking the page's own rows up again costs less than
# fetching all those before them, from about a hundred on.
_FAR: Final = """
        SELECT place.product_ref, place.rank, place.listed_at, place.price_minor, place.prices_differ, place.band
        FROM (
            SELECT product_ref FROM shop_placement
            WHERE channel = %(channel)s AND category = %(category)s AND {after}
            ORDER BY {inner} LIMIT %(limit)s OFFSET %(offset)s
        ) far
        JOIN shop_placement place
            ON place.product_ref = far.product_ref
            AND place.channel = %(channel)s AND place.category = %(category)s
"""
_FAR_AWAY: Final = 100

# Nothing counts beforehand how many products have a word, so all that have it are gathered first. The best of them
# are known without their placements, which are then looked up for one page only; any other order needs them all.
PAGE_OF_BEST: Final = """
    WITH hit AS MATERIALIZED ({among})
    SELECT counted.total, listing.card, place.price_minor, place.prices_differ, place.band
    FROM (SELECT count(*) AS total FROM hit) counted
    LEFT JOIN (
        SELECT * FROM hit ORDER BY score DESC, rank, product_ref LIMIT %(limit)s OFFSET %(offset)s
    ) page ON true
    LEFT JOIN shop_placement place
        ON place.product_ref = page.product_ref
        AND place.channel = %(channel)s AND place.category = %(category)s
    LEFT JOIN shop_listing listing
        ON listing.product_ref = place.product_ref
        AND listing.content_scope = %(scope)s AND listing.locale = %(locale)s
    ORDER BY page.score DESC, page.rank, page.product_ref
"""

PAGE_FOUND: Final = """
    WITH found AS MATERIALIZED ({found})
    SELECT counted.total, listing.card, page.price_minor, page.prices_differ, page.band, page.product_ref, page.{key}
    FROM (SELECT count(*) AS total FROM found) counted
    LEFT JOIN (
        SELECT * FROM found WHERE {after} ORDER BY {inner} LIMIT %(limit)s OFFSET %(offset)s
    ) page ON true
    LEFT JOIN shop_listing listing
        ON listing.product_ref = page.product_ref
        AND listing.content_scope = %(scope)s AND listing.locale = %(locale)s
    ORDER BY {outer}
"""
PLACES: Final = """
    SELECT product_ref, rank, listed_at, price_minor, prices_differ, band
    FROM shop_placement WHERE channel = %(channel)s AND category = %(category)s
"""
PLACES_AMONG: Final = """
    SELECT place.*, hit.score FROM ({among}) hit JOIN ({places}) place ON place.product_ref = hit.product_ref
"""
BY_RELEVANCE: Final = "{0}score DESC, {0}rank, {0}product_ref"


@dataclass(frozen=True, kw_only=True)
class Position:
    """A product's place in a list of some order: the value that it is sorted by, and its id."""

    key: int | datetime | None
    product_ref: UUID

    def __str__(self) -> str:
        key = self.key.isoformat() if isinstance(self.key, datetime) else self.key
        return f"{'' if key is None else key} {self.product_ref}"


def position_of(*, text: str, sort: str) -> Position:
    """The position that was written so in a list of that order. Errors: ValueError."""
    key, _, ref = text.partition(" ")
    if not key:
        return Position(key=None, product_ref=UUID(ref))
    return Position(key=datetime.fromisoformat(key) if sort == "newest" else int(key), product_ref=UUID(ref))


def page_of_shelf(*, sort: str, behind: str, offset: int) -> str:
    """The statement of a page of everything in a category, `behind` a condition, after `offset` products of that."""
    order = SORTS[sort]
    page = (_FAR if offset >= _FAR_AWAY else _NEAR).format(after=behind, inner=order.format(""))
    return _PAGE.format(key=key_of(sort), page=page, outer=order.format("page."))


def key_of(sort: str) -> str:
    """The column of `Placement` that an order goes by."""
    return _KEYS[sort]


def condition_after(*, position: Position | None, sort: str) -> tuple[str, dict[str, Any]]:
    """What holds for everything behind the position, and its parameters."""
    if position is None:
        return "true", {}
    parameters = {"after_key": position.key, "after_ref": position.product_ref}
    return (_PRICELESS if position.key is None else _AFTER[sort]), parameters


def named_sql(*, placements: QuerySet[Placement]) -> tuple[str, dict[str, Any]]:
    """A subselect of these placements, and its parameters, whose names begin with `filter_`."""
    sql, values = placements.values(*_COLUMNS).query.sql_with_params()
    numbers = count()
    named = re.sub(
        r"%(.)",
        lambda found: f"%(filter_{next(numbers)})s" if found[1] == "s" else found[0],
        sql,
    )
    return named, {f"filter_{number}": value for number, value in enumerate(values)}
