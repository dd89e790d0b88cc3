"""Looking round the shop: front, category, search, product. Rendered on the server, readable without JavaScript."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from config.kernel.errors import InvalidInput, NotFound
from orders.api import list_locations
from shop.catalog.facets import Facet, list_facets, list_slugs
from shop.catalog.queries import RELEVANCE, get_detail, get_menu, list_cards
from shop.checkout.promises import list_promises
from shop.pricing.queries import get_market
from shop.pricing.rules import negotiate_locale
from shop.rest.product_filters import PREFIX, FilterQuery, narrow
from shop.rest.promises import PromiseQuery
from shop.search.queries import find_matches
from shop.site.framing import Shop, channel_of, is_part, page, render
from shop.site.language import code_of
from shop.site.product import ProductView, product_view
from shop.site.reading import CardView, cards_view

PAGE_SIZE: Final = 24
SORTS: Final = ("rank", "price", "-price", "newest")
_FRONT_SHELF: Final = 8


@require_safe
def choose_language(request: HttpRequest) -> HttpResponse:
    """`/`: to the front page in the language the browser asks for, else the market's first."""
    locales = get_market(channel_of(request)).locales
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    wanted = negotiate_locale(wanted=[tag for tag, _ in accepted], offered=locales)
    response = HttpResponseRedirect(f"/{code_of(wanted or locales[0])}/")
    patch_vary_headers(response, ("Accept-Language",))
    return response


@page
def front(request: HttpRequest, shop: Shop) -> HttpResponse:
    """What the shop is proud of, and the way to everything else."""
    shelf, heroes = _first_shelf(shop, shop.frame.departments)
    fresh = _cards(shop, category="", sort="newest", limit=_FRONT_SHELF)
    shelves = [
        {
            "name": department["name"],
            "href": department["href"],
            "total": department["total"],
            "cards": _cards(shop, category=department["code"], sort="rank", limit=1),
        }
        for department in shop.frame.departments
    ]
    return render(
        request,
        shop,
        "site/front.html",
        {
            "shelf": shelf,
            "heroes": heroes,
            "fresh": fresh,
            "departments": [each for each in shelves if each["cards"]],
        },
        paths=shop.paths(),
    )


def _first_shelf(
    shop: Shop, entries: Sequence[Mapping[str, Any]]
) -> tuple[Mapping[str, Any] | None, list[CardView]]:
    """The first category of the menu that has goods, as far down as it goes, with its cards; (None, []) without."""
    for entry in entries:
        shelf, cards = _first_shelf(shop, entry["children"])
        if shelf is not None:
            return shelf, cards
        if cards := _cards(shop, category=entry["code"], sort="rank", limit=4):
            return entry, cards
    return None, []


@page
def category(request: HttpRequest, shop: Shop, code: str) -> HttpResponse:
    """A category's products, narrowed and sorted; a fragment when only the list is asked for."""
    entry, path = _entry(get_menu(context=shop.context), code)
    if entry is None:
        raise Http404
    listing = _listing(request, shop, category=entry["code"], default_sort="rank")
    return render(
        request,
        shop,
        "site/category.html#results" if is_part(request) else "site/category.html",
        {
            "entry": entry,
            "path": [(each["name"], shop.reader.path("c", each["code"])) for each in path],
            "facets": _facets(list_facets(context=shop.context, category=entry["code"]), listing["chosen"]),
            "here": shop.reader.path("c", entry["code"]),
            **listing,
        },
        paths=shop.paths("c", entry["code"]),
    )


@page
def search(request: HttpRequest, shop: Shop) -> HttpResponse:
    """What was asked for, by relevance; as one types on whatever page, only what changes there."""
    listing = _listing(request, shop, category="", default_sort=RELEVANCE)
    return render(
        request,
        shop,
        "site/search.html#found" if is_part(request) else "site/search.html",
        {"here": shop.reader.path("search"), **listing},
        paths={
            locale: f"/{code_of(locale)}/search?{urlencode({'q': request.GET.get('q', '')})}"
            for locale in shop.context.locales
        },
    )


@page
def product(request: HttpRequest, shop: Shop, slug: str) -> HttpResponse:
    """A product with one of its variants chosen by `?sku=`."""
    context = shop.context
    try:
        detail = get_detail(context=context, slug=slug)
    except NotFound:
        raise Http404
    shown = product_view(detail=detail, sku=request.GET.get("sku") or None, reader=shop.reader)
    if shown is None:
        raise Http404
    postcode = request.GET.get("postal_code", "").strip()
    promises = _promises(shop, postcode, shown.variant.sku) if postcode else ()
    slugs = list_slugs(content_scope=context.content_scope, locale=context.locale, slug=slug)
    sku = f"?{urlencode({'sku': shown.variant.sku})}" if request.GET.get("sku") else ""
    return render(
        request,
        shop,
        _product_template(request),
        {
            "product": shown,
            "variant": shown.variant,
            "structured": _structured(shown, request),
            "postcode": postcode,
            "promises": promises,
            "promises_wrong": promises is None,
        },
        paths={locale: f"/{code_of(locale)}/p/{of}{sku}" for locale, of in slugs.items()},
    )


def _product_template(request: HttpRequest) -> str:
    """The page, or of it what hangs on the variant, or on the postcode."""
    if not is_part(request):
        return "site/product.html"
    return f"site/product.html#{'promises' if 'postal_code' in request.GET else 'chosen'}"


def _promises(shop: Shop, postcode: str, sku: str) -> list[dict[str, Any]] | None:
    """What the delivery there costs and when it is there; None for what is no postcode."""
    try:
        PromiseQuery.of_words({"postal_code": postcode})
    except InvalidInput:
        return None
    names = {location.code: location.name for location in list_locations()}
    try:
        promises = list_promises(context=shop.context, postcode=postcode, sku=sku, now=timezone.now())
    except NotFound:
        return []
    return [{**each, "store_name": names.get(each["store"] or "", "")} for each in promises]


def _cards(shop: Shop, *, category: str, sort: str, limit: int) -> list[CardView]:
    found = list_cards(context=shop.context, category=category, sort=sort, page=1, limit=limit)
    return cards_view(cards=found.cards, reader=shop.reader)


def _listing(request: HttpRequest, shop: Shop, *, category: str, default_sort: str) -> dict[str, Any]:
    """A page of cards by what the address says; what it says wrongly is as if it were not said."""
    chosen = _chosen(request.GET)
    text = request.GET.get("q", "").strip()[:200]
    sort = request.GET.get("sort", default_sort)
    sort = sort if sort in SORTS or (sort == RELEVANCE and text) else "rank"
    number = request.GET.get("page", "1")
    number_of_page = min(max(int(number), 1), 1000) if number.isascii() and number.isdigit() else 1
    if default_sort == RELEVANCE and not text:
        return {"cards": [], "total": 0, "chosen": chosen, "pages": None, "sort": sort, "sorts": []}
    found = list_cards(
        context=shop.context,
        category=category,
        sort=sort,
        page=number_of_page,
        limit=PAGE_SIZE,
        among=find_matches(context=shop.context, text=text, category=category) if text else None,
        narrowed=narrow(wanted=_wanted(chosen), context=shop.context),
    )
    return {
        "cards": cards_view(cards=found.cards, reader=shop.reader),
        "total": found.total,
        "chosen": chosen,
        "sort": sort,
        "sorts": _sorts(sort, with_relevance=bool(text)),
        "pages": _pages(request.GET, number=number_of_page, total=found.total),
    }


def _chosen(data: QueryDict) -> dict[str, list[str]]:
    """`{filter: values}` as boxes of a form send them: `attribute.fabric=sand&attribute.fabric=moss`."""
    names = {name for name in data if name.startswith(PREFIX)} | {
        "availability",
        "price_min",
        "price_max",
    } & set(data)
    return {name: [value for value in data.getlist(name) if value] for name in sorted(names)}


def _wanted(chosen: Mapping[str, list[str]]) -> dict[str, Any]:
    """The same as the API reads it; a filter that it would refuse is dropped, since an address can be old."""
    good: dict[str, str] = {}
    for name, values in chosen.items():
        said = {name: ",".join(values) if name.startswith(PREFIX) else values[0]} if values else {}
        try:
            FilterQuery.of_words(said)
        except InvalidInput:
            continue
        good |= said
    return FilterQuery.of_words(good)


def _facets(facets: list[Facet], chosen: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{PREFIX}{facet.code}",
            "label": facet.label,
            "is_open": bool(chosen.get(f"{PREFIX}{facet.code}")),
            "options": [
                {"option": option, "is_chosen": option.code in chosen.get(f"{PREFIX}{facet.code}", ())}
                for option in facet.options
            ],
        }
        for facet in facets
    ]


def _sorts(now: str, *, with_relevance: bool) -> list[dict[str, Any]]:
    labels = {
        RELEVANCE: _("Best match"),
        "rank": _("Our order"),
        "newest": _("Newest first"),
        "price": _("Price, lowest first"),
        "-price": _("Price, highest first"),
    }
    return [
        {"code": code, "label": label, "is_chosen": code == now}
        for code, label in labels.items()
        if code != RELEVANCE or with_relevance
    ]


def _pages(data: QueryDict, *, number: int, total: int) -> dict[str, Any]:
    count = -(-total // PAGE_SIZE)

    def address(of: int) -> str:
        words = data.copy()
        words["page"] = str(of)
        return f"?{words.urlencode()}"

    return {
        "number": number,
        "count": count,
        "previous": address(number - 1) if number > 1 else None,
        "next": address(number + 1) if number < count else None,
    }


def _entry(
    menu: list[dict[str, Any]], code: str, above: tuple[dict[str, Any], ...] = ()
) -> tuple[dict[str, Any] | None, tuple[dict[str, Any], ...]]:
    """The menu's entry of that code, whatever its case, and those above it."""
    for entry in menu:
        if entry["code"].lower() == code.lower():
            return entry, above
        found, path = _entry(entry["children"], code, (*above, entry))
        if found is not None:
            return found, path
    return None, ()


def _structured(shown: ProductView, request: HttpRequest) -> str:
    """schema.org's Product with its Offer, for search engines. `<` is escaped, so that no text ends the script."""
    variant = shown.variant
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": f"{shown.name}, {variant.label}" if variant.label else shown.name,
        "description": shown.summary or shown.description,
        "sku": variant.sku,
        "image": [request.build_absolute_uri(picture.url) for picture in shown.pictures],
    }
    if variant.price:
        said["offers"] = {
            "@type": "Offer",
            "url": request.build_absolute_uri(variant.href),
            "price": variant.amount,
            "priceCurrency": variant.currency,
            "availability": "https://schema.org/"
            + {"in_stock": "InStock", "low_stock": "LimitedAvailability"}.get(variant.stock, "SoldOut"),
        }
    text = json.dumps(said, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
