"""/store/v1/products: the shop window. Finished JSON from the read model, one query each."""

from typing import Any, Final

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from config.kernel.errors import NotFound, invalid
from config.kernel.rest import inputs
from config.kernel.rest.access import StoreView
from config.kernel.rest.bodies import MoneyBody
from config.kernel.rest.headers import ACCEPT_LANGUAGE, API_KEY, IF_NONE_MATCH
from config.kernel.rest.pagination import PageQuery, SortField
from config.kernel.rest.preconditions import etag_of_bytes, not_modified
from shop.catalog.models import Band
from shop.catalog.queries import RELEVANCE, SORTS, Among, get_detail, list_cards
from shop.pricing.queries import MarketContext
from shop.rest.cart_bodies import OptionBody
from shop.rest.context import resolve_context
from shop.search.queries import find_matches

# As old as the configuration may be; after that a cache asks again and mostly gets 304.
FRESH_FOR_S: Final = 5
HEADERS: Final = (API_KEY, ACCEPT_LANGUAGE, IF_NONE_MATCH)


class PriceBody(serializers.Serializer[Any]):
    """One unit's price with and without tax; `tax_rate` is a share: 0.255 for 25.5 %."""

    gross = MoneyBody()
    net = MoneyBody()
    tax_rate = serializers.CharField()


class ChoiceBody(serializers.Serializer[Any]):
    """What the variants differ in, and how: Fabric, with the names of the fabrics."""

    label = serializers.CharField()  # type: ignore[assignment]
    values = serializers.ListField(child=serializers.CharField())


class CardBody(serializers.Serializer[Any]):
    """A product in a list. `price` is its lowest, and null where it has none."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    summary = serializers.CharField(allow_null=True)
    options = ChoiceBody(many=True)
    variant_count = serializers.IntegerField()
    price = PriceBody(allow_null=True)
    prices_differ = serializers.BooleanField()
    availability = serializers.ChoiceField(choices=Band.choices)


class ListBody(serializers.Serializer[Any]):
    """A page of cards. `context` names the prices: what is cached under one may not be shown under another."""

    items = CardBody(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()
    context = serializers.CharField()  # type: ignore[assignment]


class FactBody(serializers.Serializer[Any]):
    """Something that is said of the product: a text, a list of texts, true or false, or a number with its unit."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.JSONField()
    unit = serializers.CharField(allow_null=True)


class NamedCode(serializers.Serializer[Any]):
    """A code and its name."""

    code = serializers.CharField()
    name = serializers.CharField()


class PlaceBody(NamedCode):
    """A category the product stands in, and the categories above it."""

    path = NamedCode(many=True)


class ChosenBody(OptionBody):
    """An option of a variant, by label and by code."""

    attribute = serializers.CharField()
    option = serializers.CharField()


class AxisOptionBody(serializers.Serializer[Any]):
    """One of the options of an axis."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class AxisBody(AxisOptionBody):
    """What is to be chosen."""

    options = AxisOptionBody(many=True)


class VariantBody(serializers.Serializer[Any]):
    """What is put into a cart, by its SKU. `stores` says for each store how much of it stands there."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    options = ChosenBody(many=True)
    attributes = FactBody(many=True)
    price = PriceBody(allow_null=True)
    availability = serializers.ChoiceField(choices=Band.choices)
    stores = serializers.DictField(child=serializers.ChoiceField(choices=Band.choices))


class LinkBody(serializers.Serializer[Any]):
    """Another product and what it is to this one; `suits` names the option that it is meant for."""

    kind = serializers.CharField()
    suits = ChosenBody(allow_null=True)
    product = CardBody()


class ProductBody(serializers.Serializer[Any]):
    """A product with everything a shopper wants to know."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    summary = serializers.CharField(allow_null=True)
    description = serializers.CharField(allow_null=True)
    locale = serializers.CharField()
    categories = PlaceBody(many=True)
    attributes = FactBody(many=True)
    axes = AxisBody(many=True)
    variants = VariantBody(many=True)
    links = LinkBody(many=True)
    context = serializers.CharField()  # type: ignore[assignment]


class LocaleQuery(inputs.Query):
    """`?locale=sv-FI`: the language, before what `Accept-Language` says."""

    locale = inputs.CodeField(max_length=20, required=False)


class Products(StoreView):
    """What the shop sells."""

    request_headers = HEADERS

    class Query(PageQuery, LocaleQuery):
        """A category, a page and an order. Without a category it is the whole shop."""

        category = inputs.CodeField(max_length=100, required=False, default="")
        q = inputs.TextField(max_length=200, required=False)
        sort = SortField(choices=(*SORTS, RELEVANCE), required=False)

    @extend_schema(parameters=[Query], responses=ListBody)
    def get(self, request: Request) -> HttpResponse:
        """A page of cards. `sort` is the house's own order, the price up or down, or what is newest.

        With `q` it is of the products that have all of its words, in any inflection, in their name, brand, options,
        categories or attributes; `relevance` puts those first that it fits best, and is the order if none is named.
        """
        wanted = self.Query.of(request)
        context = resolve_context(request)
        page, limit = wanted["page"], wanted["limit"]
        category = wanted["category"]
        among = find_matches(context=context, text=wanted["q"], category=category) if "q" in wanted else None
        found = list_cards(
            context=context,
            category=category,
            sort=_sort_of(wanted.get("sort"), among),
            page=page,
            limit=limit,
            among=among,
        )
        body = b'{"items":[%b],"total":%d,"page":%d,"limit":%d,"context":"%b"}' % (
            b",".join(found.cards),
            found.total,
            page,
            limit,
            context.hash.encode(),
        )
        return _answer(request, context, body)


class Product(StoreView):
    """One product."""

    request_headers = HEADERS
    refusals = (NotFound,)

    @extend_schema(parameters=[LocaleQuery], responses=ProductBody)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """A product with its variants, prices, availability, facts and what goes with it."""
        LocaleQuery.of(request)
        context = resolve_context(request)
        detail = get_detail(context=context, slug=slug)
        return _answer(request, context, b'%b,"context":"%b"}' % (detail[:-1], context.hash.encode()))


def _sort_of(named: str | None, among: Among | None) -> str:
    """The order that was named, else the usual one. Errors: InvalidInput for `relevance` to nothing."""
    if named == RELEVANCE and among is None:
        raise invalid(
            "?sort", "unknown_filter", "sort: relevance is an order of what `q` finds.", choices=list(SORTS)
        )
    return named or ("rank" if among is None else RELEVANCE)


def _answer(request: Request, context: MarketContext, body: bytes) -> HttpResponse:
    """The body with what caches must know, or 304 when the caller has it."""
    etag = etag_of_bytes(body)
    response = HttpResponse(status=304) if not_modified(request, etag) else HttpResponse(body)
    if response.status_code == 200:
        response["Content-Type"] = "application/json"
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={FRESH_FOR_S}"
    response["Content-Language"] = context.locale
    response["Vary"] = "Accept-Language, X-Api-Key"
    return response
