"""What was rendered, for whoever makes more of it: search reads texts and places of many products at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from config.kernel.prepared import fetch_all
from shop.catalog import rules

# Each product is looked up by itself (OFFSET 0 forbids a join): while a catalogue comes in, PostgreSQL does not know
# yet how large the tables have become, and would read all of a content scope for a hundred of its products.
_RENDERED: Final = """
    SELECT listing.product_ref, listing.locale, listing.detail
    FROM unnest(%s::uuid[]) AS wanted (product_ref)
    CROSS JOIN LATERAL (
        SELECT product_ref, locale, detail FROM shop_listing
        WHERE product_ref = wanted.product_ref AND content_scope = %s OFFSET 0
    ) listing
    ORDER BY 1, 2
"""

_PLACES: Final = """
    SELECT wanted.product_ref, place.channel || '/' || place.category, place.rank
    FROM unnest(%s::uuid[]) AS wanted (product_ref)
    CROSS JOIN LATERAL (
        SELECT channel FROM shop_showing
        WHERE product_ref = wanted.product_ref AND content_scope = %s OFFSET 0
    ) showing
    CROSS JOIN LATERAL (
        SELECT channel, category, rank FROM shop_placement WHERE product_ref = wanted.product_ref OFFSET 0
    ) place
    WHERE place.channel = showing.channel
    ORDER BY 1, 2
"""


@dataclass(frozen=True, kw_only=True)
class RenderedListing:
    """A listing as its texts were rendered; `detail` lacks what changes more often than texts do."""

    product_ref: UUID
    content_scope: str
    locale: str
    detail: Mapping[str, Any]


def list_rendered(*, content_scope: str, product_refs: Collection[UUID]) -> list[RenderedListing]:
    """The listings of these products in every locale of the content scope."""
    rows = fetch_all(
        statement=_RENDERED, parameters=[sorted(set(product_refs)), content_scope], keeps_plan=False
    )
    return [
        RenderedListing(
            product_ref=product_ref,
            content_scope=content_scope,
            locale=locale,
            detail=orjson.loads(rules.without_marks(bytes(detail))),
        )
        for product_ref, locale, detail in rows
    ]


def list_places(*, content_scope: str, product_refs: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """`{product: {"channel/category": rank}}` in the channels of the content scope; "" is a channel's whole shop."""
    places: dict[UUID, dict[str, int]] = {}
    for product_ref, place, rank in fetch_all(
        statement=_PLACES, parameters=[sorted(set(product_refs)), content_scope], keeps_plan=False
    ):
        places.setdefault(product_ref, {})[place] = rank
    return places
