"""What a category's products differ in: the filters that a page of it can offer, with the options that occur."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from config.kernel.prepared import Prepared
from pim.api import get_vocabulary
from shop.pricing.queries import MarketContext
from shop.pricing.rules import label_in

_FACTS: Final = """
    SELECT fact, count(DISTINCT stock.product_ref)
    FROM shop_placement place
    JOIN shop_availability stock ON stock.product_ref = place.product_ref AND stock.channel = place.channel
    CROSS JOIN LATERAL unnest(stock.facts) fact
    WHERE place.channel = %s AND place.category = %s
    GROUP BY fact
"""
_SLUGS: Final = Prepared(
    """
    SELECT other.locale, other.slug
    FROM shop_listing listing
    JOIN shop_listing other USING (product_ref, content_scope)
    WHERE listing.content_scope = %s AND listing.locale = %s AND listing.slug = %s
    """
)
_CHOSEN_FROM: Final = frozenset({"select", "multiselect", "boolean"})


@dataclass(frozen=True, kw_only=True)
class FacetOption:
    """An option that occurs, and how many products of the category have it."""

    code: str
    label: str
    swatch: str
    products: int


@dataclass(frozen=True, kw_only=True)
class Facet:
    """An attribute that lists can be narrowed by, with the options that occur in the category."""

    code: str
    label: str
    options: Sequence[FacetOption]


def list_facets(*, context: MarketContext, category: str) -> list[Facet]:
    """The filters of a category, in the order of their attributes; those that leave no choice are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [context.channel, category])
        counted = {tuple(fact.split("=", 1)): count for fact, count in cursor.fetchall()}
    words = get_vocabulary(attributes={code for code, _ in counted}, options=set(counted))
    facets = []
    for code, attribute in sorted(words.attributes.items(), key=lambda item: (item[1].position, item[0])):
        if attribute.type not in _CHOSEN_FROM:
            continue
        options = [
            FacetOption(
                code=option,
                label=label_in(
                    labels=words.options[code, option].labels, reads=context.fallbacks, otherwise=option
                ),
                swatch=words.options[code, option].swatch,
                products=count,
            )
            for (of, option), count in counted.items()
            if of == code and (of, option) in words.options
        ]
        if len(options) > 1:
            label = label_in(labels=attribute.labels, reads=context.fallbacks, otherwise=code)
            facets.append(Facet(code=code, label=label, options=sorted(options, key=lambda each: each.label)))
    return facets


def list_slugs(*, content_scope: str, locale: str, slug: str) -> dict[str, str]:
    """`{locale: slug}` of the product that has this slug in this locale; empty when there is none."""
    return dict(_SLUGS.fetch_all((content_scope, locale, slug)))
