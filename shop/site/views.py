"""The storefront's pages: front, category, search, product. Rendered on the server, readable without JavaScript."""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from csp.middleware import CSPMiddleware
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.decorators import decorator_from_middleware
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from config.kernel.errors import InvalidInput, NotFound
from config.kernel.rest import problems
from orders.api import list_locations
from shop.catalog.facets import Facet, list_facets, list_slugs
from shop.catalog.queries import RELEVANCE, get_detail, get_menu, list_cards
from shop.pricing.queries import MarketContext, get_context, get_market, resolve_market
from shop.pricing.rules import negotiate_locale
from shop.rest.product_filters import PREFIX, FilterQuery, narrow
from shop.search.queries import find_matches
from shop.site.language import code_of, gettext_language, locale_of
from shop.site.product import ProductView, product_view
from shop.site.reading import Reader, cards_view

PAGE_SIZE: Final = 24
FRESH_FOR_S: Final = 5
SORTS: Final = ("rank", "price", "-price", "newest")
_FRONT_SHELF: Final = 8

Page = Callable[..., HttpResponse]
Answer = Callable[..., HttpResponseBase]
_with_policy = decorator_from_middleware(CSPMiddleware)


class _Shop:
    """The market and the language of one request, and what every page shows round its own part."""

    def __init__(self, *, context: MarketContext, code: str) -> None:
        self.context = context
        self.reader = Reader(code=code, locale=context.locale)
        self.menu = get_menu(context=context)

    def departments(self) -> list[dict[str, Any]]:
        """The first level that is worth a choice: below a menu's only root."""
        return self.menu[0]["children"] if len(self.menu) == 1 else self.menu

    def chrome(self, *, request: HttpRequest, paths: Mapping[str, str]) -> dict[str, Any]:
        """The header's and footer's words. `paths` is where this page is in each language."""
        return {
            "reader": self.reader,
            "departments_menu": [
                {**entry, "href": self.reader.path("c", entry["code"])} for entry in self.departments()
            ],
            "languages": [
                {
                    "code": code_of(locale),
                    "locale": locale,
                    "name": _LANGUAGES.get(code_of(locale), locale),
                    "href": paths.get(locale, f"/{code_of(locale)}/"),
                    "current": locale == self.context.locale,
                }
                for locale in self.context.locales
            ],
            "stores": [place.name for place in list_locations() if place.kind == "store"],
            "q": request.GET.get("q", ""),
        }


_LANGUAGES: Final = {"fi": "Suomi", "sv": "Svenska", "en": "English"}


def page(view: Page) -> Answer:
    """A GET page in the language of its address; 404 where the market does not speak it."""

    @require_safe
    @_with_policy
    def shown(request: HttpRequest, shop: _Shop, **parts: str) -> HttpResponse:
        response = view(request, shop, **parts)
        response["Content-Language"] = shop.context.locale
        response["Cache-Control"] = f"public, max-age={FRESH_FOR_S}"
        patch_vary_headers(response, ("HX-Request",))
        return response

    @wraps(view)
    def answer(request: HttpRequest, lang: str, **parts: str) -> HttpResponseBase:
        context = _context(request, lang)
        if context is None:
            raise Http404
        with translation.override(gettext_language(lang)):
            return shown(request, _Shop(context=context, code=lang), **parts)

    return answer


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404: a page below one of our languages, and the house's own answer everywhere else."""
    lang = request.path_info.split("/", 2)[1]
    context = _context(request, lang) if request.path_info.count("/") > 1 else None
    if context is None:
        return problems.not_found(request, exception)
    with translation.override(gettext_language(lang)):
        return _lost(request, _Shop(context=context, code=lang))


@_with_policy
def _lost(request: HttpRequest, shop: _Shop) -> HttpResponse:
    return _render(request, shop, "site/lost.html", {}, paths={}, status=404)


def _context(request: HttpRequest, lang: str) -> MarketContext | None:
    """The context of a reader in that language; None where the host names no market, or it does not speak it."""
    try:
        channel = _channel(request)
    except Http404:
        return None
    locale = locale_of(code=lang, offered=get_market(channel).locales)
    return None if locale is None else get_context(channel=channel, locale=locale, now=timezone.now())


@require_safe
def choose_language(request: HttpRequest) -> HttpResponse:
    """`/`: to the front page in the language the browser asks for, else the market's first."""
    locales = get_market(_channel(request)).locales
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    wanted = negotiate_locale(wanted=[tag for tag, _ in accepted], offered=locales)
    response = HttpResponseRedirect(f"/{code_of(wanted or locales[0])}/")
    patch_vary_headers(response, ("Accept-Language",))
    return response


@page
def front(request: HttpRequest, shop: _Shop) -> HttpResponse:
    """What the shop is proud of, and the way to everything else."""
    departments = shop.departments()
    heroes = _cards(shop, category="sofas", sort="rank", limit=4)
    fresh = _cards(shop, category="", sort="newest", limit=_FRONT_SHELF)
    shelves = [
        {
            "name": department["name"],
            "href": shop.reader.path("c", department["code"]),
            "total": department["total"],
            "cards": _cards(shop, category=department["code"], sort="rank", limit=1),
        }
        for department in departments
    ]
    return _render(
        request,
        shop,
        "site/front.html",
        {"heroes": heroes, "fresh": fresh, "departments": [each for each in shelves if each["cards"]]},
        paths={locale: f"/{code_of(locale)}/" for locale in shop.context.locales},
    )


@page
def category(request: HttpRequest, shop: _Shop, code: str) -> HttpResponse:
    """A category's products, narrowed and sorted; a fragment when only the list is asked for."""
    entry, path = _entry(shop.menu, code)
    if entry is None:
        raise Http404
    listing = _listing(request, shop, category=entry["code"], default_sort="rank")
    return _render(
        request,
        shop,
        "site/category.html#results" if request.headers.get("HX-Request") else "site/category.html",
        {
            "entry": entry,
            "path": [(each["name"], shop.reader.path("c", each["code"])) for each in path],
            "facets": _facets(list_facets(context=shop.context, category=entry["code"]), listing["chosen"]),
            "here": shop.reader.path("c", entry["code"]),
            **listing,
        },
        paths={locale: f"/{code_of(locale)}/c/{entry['code']}" for locale in shop.context.locales},
    )


@page
def search(request: HttpRequest, shop: _Shop) -> HttpResponse:
    """What was asked for, by relevance; as one types, only the list."""
    listing = _listing(request, shop, category="", default_sort=RELEVANCE)
    return _render(
        request,
        shop,
        "site/search.html#results" if request.headers.get("HX-Request") else "site/search.html",
        {"here": shop.reader.path("search"), **listing},
        paths={
            locale: f"/{code_of(locale)}/search?{urlencode({'q': request.GET.get('q', '')})}"
            for locale in shop.context.locales
        },
    )


@page
def product(request: HttpRequest, shop: _Shop, slug: str) -> HttpResponse:
    """A product with one of its variants chosen by `?sku=`."""
    context = shop.context
    try:
        detail = get_detail(context=context, slug=slug)
    except NotFound:
        raise Http404
    shown = product_view(detail=detail, sku=request.GET.get("sku") or None, reader=shop.reader)
    if shown is None:
        raise Http404
    slugs = list_slugs(content_scope=context.content_scope, locale=context.locale, slug=slug)
    sku = f"?{urlencode({'sku': shown.variant.sku})}" if request.GET.get("sku") else ""
    return _render(
        request,
        shop,
        "site/product.html#choice" if request.headers.get("HX-Request") else "site/product.html",
        {"product": shown, "variant": shown.variant, "structured": _structured(shown, request)},
        paths={locale: f"/{code_of(locale)}/p/{of}{sku}" for locale, of in slugs.items()},
    )


def _channel(request: HttpRequest) -> str:
    try:
        return resolve_market(key=None, host=split_domain_port(request.get_host())[0])
    except InvalidInput:
        raise Http404


def _render(
    request: HttpRequest,
    shop: _Shop,
    template: str,
    values: Mapping[str, Any],
    *,
    paths: Mapping[str, str],
    status: int = 200,
) -> HttpResponse:
    return render(request, template, {**shop.chrome(request=request, paths=paths), **values}, status=status)


def _cards(shop: _Shop, *, category: str, sort: str, limit: int) -> list[Any]:
    found = list_cards(context=shop.context, category=category, sort=sort, page=1, limit=limit)
    return cards_view(cards=found.cards, reader=shop.reader)


def _listing(request: HttpRequest, shop: _Shop, *, category: str, default_sort: str) -> dict[str, Any]:
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
