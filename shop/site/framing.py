"""Round every page: its language and market, the header's and footer's words, and how long it may be kept.

A public page is the same for everybody and may be kept for seconds; an own page shows what is hers, and is never kept.
What every page of a market and a language has round it is rendered once, and kept for as long.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from csp.middleware import CSPMiddleware
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.shortcuts import render as render_template
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.http import require_safe

from config.kernel.errors import InvalidInput
from config.kernel.kept import Kept
from config.kernel.rest import problems
from orders.api import list_locations
from shop.catalog.queries import get_menu
from shop.pricing.queries import MarketContext, get_context, get_market, resolve_market
from shop.site.asking import Refused
from shop.site.language import code_of, gettext_language, locale_of
from shop.site.reading import Reader

FRESH_FOR_S: Final = 5
_LANGUAGES: Final = {"fi": "Suomi", "sv": "Svenska", "en": "English"}

Page = Callable[..., HttpResponse]
Answer = Callable[..., HttpResponseBase]
_with_policy = decorator_from_middleware(CSPMiddleware)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What stands round every page of a market and a language: its departments, and finished pieces of HTML."""

    departments: Sequence[
        Mapping[str, Any]
    ]  # the first level that is worth a choice: below a menu's only root
    pieces: Mapping[str, str]  # the header's departments, the scripts' words, the footer


_PIECES: Final = ("departments", "words", "foot")
_frames: Final[Kept[dict[tuple[str, str], Frame]]] = Kept(dict)


class Shop:
    """The market and the language of one request, and what every page shows round its own part."""

    def __init__(self, *, context: MarketContext, code: str) -> None:
        self.context = context
        self.reader = Reader(code=code, locale=context.locale, time_zone=context.time_zone)

    @property
    def frame(self) -> Frame:
        """What is round every page, at most as old as the configuration. In the page's language."""
        frames, key = _frames.get(), (self.context.channel, self.context.locale)
        if (frame := frames.get(key)) is None:
            frame = frames[key] = self._make_frame()
        return frame

    def _make_frame(self) -> Frame:
        menu = get_menu(context=self.context)
        departments = [
            {**entry, "href": self.reader.path("c", entry["code"])}
            for entry in (menu[0]["children"] if len(menu) == 1 else menu)
        ]
        stores = [place.name for place in list_locations() if place.kind == "store"]
        shown = {"reader": self.reader, "departments": departments, "stores": stores}
        return Frame(
            departments=departments,
            pieces={name: render_to_string(f"site/frame/{name}.html", shown) for name in _PIECES},
        )

    def paths(self, *parts: str) -> dict[str, str]:
        """Where a page is in each language, when its address is the same in all of them."""
        readers = {
            locale: Reader(code=code_of(locale), locale=locale, time_zone=self.context.time_zone)
            for locale in self.context.locales
        }
        return {locale: reader.path(*parts) for locale, reader in readers.items()}

    def chrome(self, *, request: HttpRequest, paths: Mapping[str, str]) -> dict[str, Any]:
        """The header's and footer's words. `paths` is where this page is in each language."""
        return {
            "reader": self.reader,
            "frame": self.frame.pieces,
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
            "q": request.GET.get("q", ""),
        }


def page(view: Page) -> Answer:
    """A GET page in the language of its address; 404 where the market does not speak it."""
    return _answer(view, cache_control=f"public, max-age={FRESH_FOR_S}")


def own_page(view: Page) -> Answer:
    """The same for a page that shows what is hers: nobody keeps it, and no search engine lists it."""
    return _answer(view, cache_control="no-store")


def _answer(view: Page, *, cache_control: str) -> Answer:
    @require_safe
    @_with_policy
    def shown(request: HttpRequest, shop: Shop, **parts: Any) -> HttpResponse:
        try:
            response = view(request, shop, **parts)
        except Refused as refused:
            response = _refused(request, shop, refused)
        response["Content-Language"] = shop.context.locale
        response.setdefault("Cache-Control", cache_control)
        if "no-store" in response["Cache-Control"]:
            response["X-Robots-Tag"] = "noindex"
        patch_vary_headers(response, ("HX-Request",))
        return response

    @wraps(view)
    def answer(request: HttpRequest, lang: str, **parts: Any) -> HttpResponseBase:
        context = _context(request, lang)
        if context is None:
            raise Http404
        with translation.override(gettext_language(lang)):
            return shown(request, Shop(context=context, code=lang), **parts)

    return answer


def _refused(request: HttpRequest, shop: Shop, refused: Refused) -> HttpResponse:
    """The API would not tell: a page that says so, and when to come again."""
    response = render(
        request, shop, "site/refused.html", {"refused": refused}, paths={}, status=refused.status
    )
    response["Cache-Control"] = "no-store"
    if refused.retry_after:
        response["Retry-After"] = refused.retry_after
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404: a page below one of our languages, and the house's own answer everywhere else."""
    lang = request.path_info.split("/", 2)[1]
    is_ours = (
        len(lang) == 2 and request.path_info.count("/") > 1
    )  # a language's code: no other first part is as short
    context = _context(request, lang) if is_ours else None
    if context is None:
        return problems.not_found(request, exception)
    with translation.override(gettext_language(lang)):
        return _lost(request, Shop(context=context, code=lang))


@_with_policy
def _lost(request: HttpRequest, shop: Shop) -> HttpResponse:
    return render(request, shop, "site/lost.html", {}, paths={}, status=404)


def _context(request: HttpRequest, lang: str) -> MarketContext | None:
    """The context of a reader in that language; None where the host names no market, or it does not speak it."""
    try:
        channel = channel_of(request)
    except Http404:
        return None
    locale = locale_of(code=lang, offered=get_market(channel).locales)
    return None if locale is None else get_context(channel=channel, locale=locale, now=timezone.now())


def channel_of(request: HttpRequest) -> str:
    """The market that the host names. Errors: Http404."""
    try:
        return resolve_market(key=None, host=split_domain_port(request.get_host())[0])
    except InvalidInput:
        raise Http404


def render(
    request: HttpRequest,
    shop: Shop,
    template: str,
    values: Mapping[str, Any],
    *,
    paths: Mapping[str, str],
    status: int = 200,
) -> HttpResponse:
    """The template with the page's own values, and what is round it."""
    return render_template(
        request, template, {**shop.chrome(request=request, paths=paths), **values}, status=status
    )


def is_part(request: HttpRequest) -> bool:
    """Whether only the part of the page is asked for that depends on what has changed."""
    return "HX-Request" in request.headers
