"""The tablet's screens: words and empty forms, the same for everybody. What goes on them the API tells to clerks alone.

So a screen can be kept by the browser, opens on a slow network, and shows nothing when the tablet is locked or lost.
"""

from collections.abc import Callable
from typing import Final

from csp.middleware import CSPMiddleware
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.decorators import decorator_from_middleware
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from shop.pricing.queries import MarketTerms, get_market
from shop.pricing.rules import negotiate_locale
from shop.site.framing import channel_of
from shop.site.language import code_of, gettext_language, locale_of

_KEPT_FOR_S: Final = 300
_LANGUAGES: Final = {"fi": "Suomi", "sv": "Svenska", "en": "English"}

_with_policy = decorator_from_middleware(CSPMiddleware)


@require_safe
def choose_language(request: HttpRequest) -> HttpResponse:
    """`/tablet/`: to the first screen in the language that the tablet is set to, else the market's first."""
    locales = get_market(channel_of(request)).locales
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    wanted = negotiate_locale(wanted=[tag for tag, _ in accepted], offered=locales)
    response = HttpResponseRedirect(reverse("tablet:find", kwargs={"lang": code_of(wanted or locales[0])}))
    patch_vary_headers(response, ("Accept-Language",))
    return response


def _screen(name: str, *, tab: str) -> Callable[..., HttpResponseBase]:
    """The screen of that template; 404 in a language that the market does not speak."""

    @require_safe
    @_with_policy
    def shown(request: HttpRequest, market: MarketTerms, locale: str) -> HttpResponse:
        response = render(
            request,
            f"tablet/{name}.html",
            {
                "locale": locale,
                "lang": code_of(locale),
                "tab": tab,
                "currency": market.currency,
                "languages": [
                    {
                        "code": code_of(each),
                        "locale": each,
                        "name": _LANGUAGES.get(code_of(each), each),
                        "current": each == locale,
                    }
                    for each in market.locales
                ],
            },
        )
        response["Content-Language"] = locale
        response["Cache-Control"] = f"private, max-age={_KEPT_FOR_S}"
        response["X-Robots-Tag"] = "noindex"
        return response

    def answer(request: HttpRequest, lang: str, **parts: object) -> HttpResponseBase:
        market = get_market(channel_of(request))
        locale = locale_of(code=lang, offered=market.locales)
        if locale is None:
            raise Http404
        with translation.override(gettext_language(lang)):
            return shown(request, market, locale)

    return answer


find = _screen("find", tab="find")
carts = _screen("carts", tab="carts")
cart = _screen("cart", tab="carts")
pick_ups = _screen("pick_ups", tab="pick-ups")
returns = _screen("returns", tab="returns")
