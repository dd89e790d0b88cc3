"""/staff/v1/products: what a clerk finds by words, by SKU or with a scanner, and where it stands."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.errors import invalid
from config.kernel.rest import inputs
from config.kernel.rest.access import StaffView, caller_of
from config.kernel.rest.headers import ACCEPT_LANGUAGE, API_KEY
from orders.api import LocationCard, find_places, get_available_units, list_locations
from shop.catalog.articles import Article, Found, find_by_sku, list_by_gtin, list_by_words
from shop.pricing.queries import MarketContext
from shop.rest.cart_bodies import OptionBody
from shop.rest.context import resolve_context
from shop.rest.products import PriceBody
from shop.search.queries import find_matches

MOST_PRODUCTS: Final = 20


class HereBody(serializers.Serializer[Any]):
    """What can be had where the clerk works, and where it stands: aisle, shelf. `place` is null where nobody said."""

    units = serializers.IntegerField()
    place = serializers.CharField(allow_null=True)


class ElsewhereBody(serializers.Serializer[Any]):
    """What can be had in another store or warehouse."""

    location = serializers.CharField()
    kind = serializers.CharField(help_text="store or warehouse")
    name = serializers.CharField()
    units = serializers.IntegerField()


class ArticleBody(serializers.Serializer[Any]):
    """A variant: what is put into a cart. `asked` is true where the SKU or the GTIN was its own."""

    sku = serializers.CharField()
    gtin = serializers.CharField(allow_null=True, help_text="In 14 digits.")
    options = OptionBody(many=True)
    picture = serializers.CharField(allow_null=True)
    price = PriceBody(allow_null=True)
    here = HereBody()
    elsewhere = ElsewhereBody(many=True)
    asked = serializers.BooleanField()


class FoundProductBody(serializers.Serializer[Any]):
    """A product with all its variants, so that another fabric is a look away."""

    product = serializers.CharField()
    name = serializers.CharField()
    picture = serializers.CharField(allow_null=True)
    variants = ArticleBody(many=True)


class FoundBody(serializers.Serializer[Any]):
    """What was found, what fits best first."""

    items = FoundProductBody(many=True)


class Products(StaffView):
    """Look articles up."""

    request_headers = (API_KEY, ACCEPT_LANGUAGE)

    class Query(inputs.Query):
        """One of the three: words as a shopper would type them (or a SKU), a SKU, or what the scanner reads."""

        q = inputs.TextField(max_length=200, required=False)
        sku = inputs.CodeField(max_length=100, required=False)
        gtin = inputs.CodeField(max_length=14, required=False)
        locale = inputs.CodeField(max_length=20, required=False)

    @extend_schema(parameters=[Query], responses=FoundBody)
    def get(self, request: Request) -> Response:
        """Products with price, stock here and elsewhere, and the aisle: twenty at most."""
        wanted = self.Query.of(request)
        ways = [name for name in ("q", "sku", "gtin") if name in wanted]
        if len(ways) != 1:
            raise invalid(
                "?q", "unknown_filter", "Name one of q, sku and gtin.", choices=["q", "sku", "gtin"]
            )
        context = resolve_context(request)
        found = _found(context, **{ways[0]: wanted[ways[0]]})
        skus = {article.sku for product in found for article in product.articles}
        caller = caller_of(request)
        units = get_available_units(skus=skus) if skus else {}
        places = find_places(by=caller.actor, skus=skus) if skus else {}
        asked = _asked(wanted)
        return Response(
            {
                "items": [
                    {
                        "product": product.slug,
                        "name": product.name,
                        "picture": product.picture,
                        "variants": [
                            _article_body(
                                article,
                                here=caller.store,
                                units=units.get(article.sku, {}),
                                place=places.get(article.sku.lower()),
                                asked=not asked.isdisjoint({article.sku.lower(), article.gtin}),
                            )
                            for article in product.articles
                        ],
                    }
                    for product in found
                ]
            },
            headers={"Content-Language": context.locale, "Cache-Control": "no-store"},
        )


def _found(context: MarketContext, *, q: str = "", sku: str = "", gtin: str = "") -> Collection[Found]:
    """By words: the article whose SKU they are, or else the products that have them."""
    if gtin:
        return list_by_gtin(context=context, gtin=gtin) if gtin.isascii() and gtin.isdigit() else ()
    exact = find_by_sku(context=context, sku=sku or q)
    if exact is not None:
        return (exact,)
    if sku:
        return ()
    among = find_matches(context=context, text=q, category="")
    return list_by_words(context=context, among=among, limit=MOST_PRODUCTS)


def _asked(wanted: Mapping[str, str]) -> set[str]:
    """What an article is called that was asked for by name; not the empty GTIN of those that have none."""
    gtin = wanted.get("gtin", "")
    return {wanted.get("sku", wanted.get("q", "")).lower(), gtin.zfill(14) if gtin else ""} - {""}


def _article_body(
    article: Article, *, here: str, units: Mapping[str, int], place: str | None, asked: bool
) -> dict[str, Any]:
    return {
        "sku": article.sku,
        "gtin": article.gtin or None,
        "options": [{"label": label, "value": value} for label, value in article.options],
        "picture": article.picture,
        "price": article.price,
        "here": {"units": units.get(here, 0), "place": place},
        "elsewhere": [
            _elsewhere(location, units[location.code])
            for location in list_locations()
            if location.code != here and units.get(location.code, 0) > 0
        ],
        "asked": asked,
    }


def _elsewhere(location: LocationCard, units: int) -> dict[str, Any]:
    return {"location": location.code, "kind": location.kind, "name": location.name, "units": units}
