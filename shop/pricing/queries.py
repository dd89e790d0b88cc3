"""Markets as the running process knows them, the price context of a request, and the prices of today.

Markets, keys, hosts and tax rates are read once and kept in the process for at most five seconds: they change a few
times a year, and every request needs them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from config.kernel.errors import NotFound, invalid
from config.kernel.kept import Kept
from pim.api import FilterValue, list_channels, list_filterable
from shop.pricing import rules
from shop.pricing.models import Market, Price, TaxRate


@dataclass(frozen=True, kw_only=True)
class MarketContext:
    """Where, in which language and under which prices somebody shops; resolved once per request.

    `hash` names everything that decides a price. `fallbacks` are the locales in which texts are looked for.
    """

    channel: str
    currency: str
    country: str
    time_zone: str
    locales: tuple[str, ...]
    locale: str
    fallbacks: tuple[str, ...]
    content_scope: str
    price_list: str
    prices_are_gross: bool
    shows_gross: bool
    delivery_countries: tuple[str, ...]
    tax_rates: Mapping[str, Decimal]
    hash: str


@dataclass(frozen=True, kw_only=True)
class MarketTerms:
    """A market with its channel's languages, before anybody shops in it."""

    code: str
    currency: str
    country: str
    time_zone: str
    locales: tuple[str, ...]
    fallbacks: Mapping[str, tuple[str, ...]]
    content_scope: str
    price_list: str
    prices_are_gross: bool
    shows_gross: bool
    delivery_countries: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Configuration:
    markets: Mapping[str, MarketTerms]
    by_host: Mapping[str, str]
    by_key: Mapping[str, str]
    rates: tuple[rules.Rate, ...]
    filters: Mapping[str, FilterValue]
    # What was made of it, by market, locale, country and day: there are few of each.
    contexts: dict[tuple[str, str, str, date], "MarketContext"] = field(default_factory=dict)


def forget_configuration() -> None:
    """Read the configuration anew at the next request: for whoever has just changed it in this process."""
    _kept.forget()


def _read_configuration() -> _Configuration:
    channels = {channel.code: channel for channel in list_channels()}
    rows = Market.objects.select_related("price_list").prefetch_related("hosts", "keys")
    markets: dict[str, MarketTerms] = {}
    by_host: dict[str, str] = {}
    by_key: dict[str, str] = {}
    for row in rows:
        if (channel := channels.get(row.code)) is None:
            continue  # a market whose channel the PIM does not have sells nothing
        markets[row.code] = MarketTerms(
            code=row.code,
            currency=row.price_list.currency,
            country=row.country,
            time_zone=row.time_zone,
            locales=channel.locales,
            fallbacks=channel.fallbacks,
            content_scope=row.content_scope,
            price_list=row.price_list.code,
            prices_are_gross=row.price_list.gross,
            shows_gross=row.shows_gross,
            delivery_countries=tuple(row.delivery_countries),
        )
        by_host |= {host.host: row.code for host in row.hosts.all()}
        by_key |= {key.key: row.code for key in row.keys.all() if key.revoked_at is None}
    rates = tuple(
        rules.Rate(tax_class=row.tax_class, country=row.country, rate=row.rate, valid_from=row.valid_from)
        for row in TaxRate.objects.all()
    )
    return _Configuration(
        markets=markets,
        by_host=by_host,
        by_key=by_key,
        rates=rates,
        filters={each.code.lower(): each for each in list_filterable()},
    )


_kept: Final = Kept(_read_configuration)


def get_context(
    *, channel: str, locale: str | None = None, country: str | None = None, now: datetime
) -> MarketContext:
    """The price context of a market for a reader of `locale` (else its first one) and delivery to `country`.

    Errors: NotFound when there is no such market.
    """
    market = get_market(channel)
    country = country or market.country
    spoken = (
        rules.negotiate_locale(wanted=[locale] if locale else [], offered=market.locales) or market.locales[0]
    )
    on = now.astimezone(ZoneInfo(market.time_zone)).date()
    configuration = _kept.get()
    key = (market.code, spoken, country, on)
    if (made := configuration.contexts.get(key)) is None:
        made = configuration.contexts[key] = _context_of(market, spoken, country, configuration.rates, on)
    return made


def _context_of(
    market: MarketTerms, locale: str, country: str, rates: Sequence[rules.Rate], on: date
) -> MarketContext:
    return MarketContext(
        channel=market.code,
        currency=market.currency,
        country=country,
        time_zone=market.time_zone,
        locales=market.locales,
        locale=locale,
        fallbacks=market.fallbacks[locale],
        content_scope=market.content_scope,
        price_list=market.price_list,
        prices_are_gross=market.prices_are_gross,
        shows_gross=market.shows_gross,
        delivery_countries=market.delivery_countries,
        tax_rates=rules.rates_on(rates=rates, country=country, on=on),
        hash=rules.context_hash(market.code, market.currency, country, market.price_list),
    )


def find_market(channel: str) -> MarketTerms | None:
    """The market of that code; one that another process made a moment ago is found as well."""
    if channel not in _kept.get().markets:
        forget_configuration()
    return _kept.get().markets.get(channel)


def get_market(channel: str) -> MarketTerms:
    """The market of that code. Errors: NotFound."""
    market = find_market(channel)
    if market is None:
        raise NotFound(f"There is no market {channel}.")
    return market


def resolve_market(*, key: str | None, host: str) -> str:
    """The market that a publishable key names, or else the host.

    Errors: InvalidInput with `unknown_market`, the same for an unknown key, a revoked one and an unknown host.
    """
    configuration = _kept.get()
    found = configuration.by_key.get(key) if key is not None else configuration.by_host.get(host.lower())
    if found is None:
        pointer = "X-Api-Key" if key is not None else "Host"
        raise invalid(pointer, "unknown_market", "Neither the key nor the host names a market.")
    return found


def list_filters() -> Mapping[str, FilterValue]:
    """The attributes by which every market's lists can be narrowed, by lower-case code."""
    return _kept.get().filters


def list_locales() -> tuple[str, ...]:
    """Every locale that some market speaks."""
    return tuple(dict.fromkeys(code for market in _kept.get().markets.values() for code in market.locales))


def get_tax_rates(*, country: str, on: date) -> dict[str, Decimal]:
    """`{tax class: rate}` in the country on that day; 0.2550 is 25.5 %."""
    return rules.rates_on(rates=_kept.get().rates, country=country, on=on)


def list_prices(*, skus: Collection[str]) -> dict[tuple[str, str], int]:
    """`{(list, sku): minor units}` of the prices that hold, in every list; what has no price is missing."""
    rows = Price.objects.filter(sku__in=skus, valid_until=None)
    return {(code, sku): minor for code, sku, minor in rows.values_list("price_list__code", "sku", "minor")}
