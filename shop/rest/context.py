"""From a request to the market it shops in and the language it reads; nothing else looks at key, host and language.

The market is named by the publishable key, else by the host, so that a browser needs no key on the shop's own address.
The language is `?locale=`, which can be cached and linked, else `Accept-Language`.
"""

from collections.abc import Sequence

from django.http.request import split_domain_port
from django.utils import timezone
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework.request import Request

from config.kernel.errors import InvalidInput, invalid
from shop.pricing.queries import MarketContext, get_context, get_market, list_locales, resolve_market
from shop.pricing.rules import negotiate_locale


def resolve_context(request: Request) -> MarketContext:
    """The price context and language of a request.

    Errors: InvalidInput with `unknown_market` or `unknown_locale`.
    """
    channel = _market_of(request)
    locale = _wanted_locale(request, get_market(channel).locales)
    return get_context(channel=channel, locale=locale, now=timezone.now())


def resolve_locale(request: Request) -> str:
    """The language that the request asks for, of those that its market or, if it names none, any market speaks.

    Empty when it does not ask, or for none that we speak. Errors: InvalidInput with `unknown_locale`.
    """
    try:
        offered: Sequence[str] = get_market(_market_of(request)).locales
    except InvalidInput:
        offered = list_locales()
    return _wanted_locale(request, offered) or ""


def find_market_of(request: Request) -> str:
    """The market that the request names, by key or host; empty when it names none."""
    try:
        return _market_of(request)
    except InvalidInput:
        return ""


def _market_of(request: Request) -> str:
    key = request.META.get("HTTP_X_API_KEY")
    host = "" if key is not None else split_domain_port(request.get_host())[0]
    return resolve_market(key=key, host=host)


def _wanted_locale(request: Request, offered: Sequence[str]) -> str | None:
    named = request.query_params.get("locale")
    if named is None:
        accepted = parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        return negotiate_locale(wanted=[tag for tag, _ in accepted], offered=offered)
    for locale in offered:
        if locale.lower() == named.lower():
            return locale
    raise invalid(
        "?locale", "unknown_locale", f"The locale must be one of {', '.join(offered)}.", choices=list(offered)
    )
