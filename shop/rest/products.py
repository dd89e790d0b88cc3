"""/store/v1/products: the shop window. Finished JSON from the read model, one query each."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from config.kernel.errors import NotFound, invalid
from config.kernel.rest import inputs
from config.kernel.rest.access import StoreView
from config.kernel.rest.bodies import MoneyBody
from config.kernel.rest.headers import ACCEPT_LANGUAGE, API_KEY, IF_NONE_MATCH
from config.kernel.rest.pagination import PageQuery, SortField, TokenField, open_cursor, seal_cursor
from config.kernel.rest.preconditions import etag_of_bytes, not_modified
from shop.catalog.models import Band
from shop.catalog.paging import SORTS, Position, position_of
from shop.catalog.queries import RELEVANCE, Among, get_detail, get_menu, list_cards
from shop.pricing.queries import MarketContext
from shop.rest.cart_bodies import OptionBody
from shop.rest.context import resolve_context
from shop.rest.product_filters import PREFIX, FilterQuery, narrow
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
    """A product in a list. `price` is its lowest, and null where it has none. `locale` is its name's language."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    summary = serializers.CharField(allow_null=True)
    options = ChoiceBody(many=True)
    variant_count = serializers.IntegerField()
    locale = serializers.CharField(allow_null=True)
    image = serializers.CharField(allow_null=True)
    price = PriceBody(allow_null=True)
    prices_differ = serializers.BooleanField()
    availability = serializers.ChoiceField(choices=Band.choices)


class ListBody(serializers.Serializer[Any]):
    """A page of cards. `context` names the prices: what is cached under one may not be shown under another.

    `next_after` goes on behind the page's last card, wherever it then stands; null at the end, and by relevance.
    """

    items = CardBody(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()
    next_after = serializers.CharField(allow_null=True)
    context = serializers.CharField()  # type: ignore[assignment]


class FactBody(serializers.Serializer[Any]):
    """Something that is said of the product: a text, a list of texts, true or false, or a number with its unit.

    `locale` is the language in which it was said, another than asked for where nobody said it there; null where it is
    the same in every one. `label_locale` is there where the label is not in the language asked for: its own, or null
    where it is only the code, as nobody has named it. `value_locales` says the same of the labels of options in
    `value`, by label. Symbols of units are the same in every language.
    """

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    label_locale = serializers.CharField(allow_null=True, required=False)
    value = serializers.JSONField()
    value_locales = serializers.DictField(child=serializers.CharField(allow_null=True), required=False)
    unit = serializers.CharField(allow_null=True)
    locale = serializers.CharField(allow_null=True)


class MediaBody(serializers.Serializer[Any]):
    """A picture, and the attribute that it is said in."""

    attribute = serializers.CharField()
    url = serializers.CharField()


class NamedCode(serializers.Serializer[Any]):
    """A code and its name. `locale` is the name's language; null where it is only the code, as nobody has named it."""

    code = serializers.CharField()
    name = serializers.CharField()
    locale = serializers.CharField(allow_null=True)


class PlaceBody(NamedCode):
    """A category the product stands in, and the categories above it."""

    path = NamedCode(many=True)


class ChosenBody(OptionBody):
    """An option of a variant, by label and by code.

    `label_locale` and `value_locale` are there where the label, or the value's, is not in the language asked for; null
    where it is only the code, as nobody has named it.
    """

    attribute = serializers.CharField()
    label_locale = serializers.CharField(allow_null=True, required=False)
    option = serializers.CharField()
    value_locale = serializers.CharField(allow_null=True, required=False)


class AxisOptionBody(serializers.Serializer[Any]):
    """One of the options of an axis.

    `locale` is there where the label is not in the language asked for; null where it is only the code.
    """

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    locale = serializers.CharField(allow_null=True, required=False)


class SwatchBody(AxisOptionBody):
    """An option and how it is shown: a colour, `#c8b79e`, or where its picture is."""

    swatch = serializers.CharField(allow_null=True)


class AxisBody(AxisOptionBody):
    """What is to be chosen."""

    options = SwatchBody(many=True)


class VariantBody(serializers.Serializer[Any]):
    """What is put into a cart, by its SKU. `stores` says for each store how much of it stands there."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    options = ChosenBody(many=True)
    attributes = FactBody(many=True)
    media = MediaBody(many=True)
    price = PriceBody(allow_null=True)
    availability = serializers.ChoiceField(choices=Band.choices)
    stores = serializers.DictField(child=serializers.ChoiceField(choices=Band.choices))


class LinkBody(serializers.Serializer[Any]):
    """Another product and what it is to this one; `suits` names the option that it is meant for.

    `label` says the kind in the reader's language, `locale` in which it is said; null where it is only the code.
    """

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    locale = serializers.CharField(allow_null=True)
    suits = ChosenBody(allow_null=True)
    product = CardBody()


class ProductBody(serializers.Serializer[Any]):
    """A product with everything a shopper wants to know.

    `sources` says of name, summary and description in which language they are: another than `locale` where nobody has
    said them in it.
    """

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    summary = serializers.CharField(allow_null=True)
    description = serializers.CharField(allow_null=True)
    locale = serializers.CharField()
    sources = serializers.DictField(child=serializers.CharField())
    media = MediaBody(many=True)
    categories = PlaceBody(many=True)
    attributes = FactBody(many=True)
    axes = AxisBody(many=True)
    variants = VariantBody(many=True)
    links = LinkBody(many=True)
    context = serializers.CharField()  # type: ignore[assignment]


class MenuEntry(NamedCode):
    """A category with how many products stand in it, and the categories below it, each one like this."""

    total = serializers.IntegerField()
    children = serializers.ListField(child=serializers.DictField())


class MenuBody(serializers.Serializer[Any]):
    """The categories that something stands in, as a tree."""

    items = MenuEntry(many=True)


class LocaleQuery(inputs.Query):
    """`?locale=sv-FI`: the language, before what `Accept-Language` says."""

    locale = inputs.CodeField(max_length=20, required=False)


class Categories(StoreView):
    """What the shop is sorted into."""

    request_headers = HEADERS

    @extend_schema(parameters=[LocaleQuery], responses=MenuBody)
    def get(self, request: Request) -> HttpResponse:
        """The menu, in the reader's language; what is empty is left out."""
        LocaleQuery.of(request)
        context = resolve_context(request)
        return answer(
            request=request, context=context, body=orjson.dumps({"items": get_menu(context=context)})
        )


class Products(StoreView):
    """What the shop sells."""

    request_headers = HEADERS

    class Query(FilterQuery, PageQuery, LocaleQuery):
        """A category, what to narrow it by, a page and an order. Without a category it is the whole shop."""

        category = inputs.CodeField(max_length=100, required=False, default="")
        q = inputs.TextField(max_length=200, required=False)
        sort = SortField(choices=(*SORTS, RELEVANCE), required=False)
        after = TokenField(required=False)

    @extend_schema(
        parameters=[
            Query,
            OpenApiParameter(
                name=f"{PREFIX}{{code}}",
                description="Codes of options, or other values of a filterable attribute, one of which a variant has.",
            ),
            OpenApiParameter(
                name=f"{PREFIX}{{code}}.min",
                description="The least amount, in the attribute's usual unit, or the first day that a variant has.",
            ),
            OpenApiParameter(
                name=f"{PREFIX}{{code}}.max", description="The greatest amount, or the last day."
            ),
        ],
        responses=ListBody,
    )
    def get(self, request: Request) -> HttpResponse:
        """A page of cards. `sort` is the house's own order, the price up or down, or what is newest.

        With `q` it is of the products that have all of its words, in any inflection, in their name, brand, options,
        categories or attributes; `relevance` puts those first that it fits best, and is the order if none is named.

        Filters by attribute and availability ask for one variant that has all of it. `after` is an answer's
        `next_after`, for the same list; then `page` does not count.
        """
        wanted = self.Query.of(request)
        context = resolve_context(request)
        page, limit = wanted["page"], wanted["limit"]
        category = wanted["category"]
        among = find_matches(context=context, text=wanted["q"], category=category) if "q" in wanted else None
        sort = _sort_of(wanted.get("sort"), among)
        scope = _scope_of(context, wanted, sort)
        found = list_cards(
            context=context,
            category=category,
            sort=sort,
            page=page,
            limit=limit,
            among=among,
            narrowed=narrow(wanted=wanted, context=context),
            after=_position(wanted.get("after"), scope, sort),
        )
        body = b'{"items":[%b],"total":%d,"page":%d,"limit":%d,"next_after":%b,"context":"%b"}' % (
            b",".join(found.cards),
            found.total,
            page,
            limit,
            b'"%b"' % seal_cursor(scope=scope, position=found.last).encode() if found.last else b"null",
            context.hash.encode(),
        )
        return answer(request=request, context=context, body=body)


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
        return answer(
            request=request,
            context=context,
            body=b'%b,"context":"%b"}' % (detail[:-1], context.hash.encode()),
        )


def _scope_of(context: MarketContext, wanted: Mapping[str, Any], sort: str) -> str:
    """The list that a cursor belongs to: everything that decides what is in it and in which order."""
    same = {
        name: wanted[name] for name in sorted(wanted.keys() - {"page", "limit", "after", "locale", "sort"})
    }
    return f"store.products:{context.channel}:{sort}:{orjson.dumps(same).decode()}"


def _position(cursor: str | None, scope: str, sort: str) -> Position | None:
    """Where to go on. Errors: InvalidInput with `invalid_page`."""
    if cursor is None:
        return None
    if sort == RELEVANCE:
        raise invalid("?after", "invalid_page", "By relevance a list goes on by pages only.")
    return position_of(text=open_cursor(scope=scope, cursor=cursor), sort=sort)


def _sort_of(named: str | None, among: Among | None) -> str:
    """The order that was named, else the usual one. Errors: InvalidInput for `relevance` to nothing."""
    if named == RELEVANCE and among is None:
        raise invalid(
            "?sort", "unknown_filter", "sort: relevance is an order of what `q` finds.", choices=list(SORTS)
        )
    return named or ("rank" if among is None else RELEVANCE)


def answer(*, request: Request, context: MarketContext, body: bytes) -> HttpResponse:
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
