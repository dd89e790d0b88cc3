"""Setting prices and markets. Everything here can be repeated: codes are the keys."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from config.kernel.actors import Actor
from config.kernel.db import lock, transaction, transaction_required
from config.kernel.errors import NotFound
from config.kernel.events import emit, emit_all
from config.kernel.money import CurrencyMismatch
from pim.api import PublicationValue, list_channels
from shop.events import PriceSet, PricesSet
from shop.pricing import rules
from shop.pricing.models import Market, MarketHost, Price, PriceList, PublishableKey, TaxRate
from shop.pricing.queries import forget_configuration, list_prices

SKUS_IN_AN_EVENT: Final = 500


@dataclass(frozen=True, kw_only=True)
class MarketDraft:
    """A market as it should be, under the code of its channel; its keys and hosts are added, never taken away."""

    code: str
    price_list: str
    country: str
    time_zone: str
    delivery_countries: Sequence[str]
    hosts: Sequence[str]
    keys: Sequence[str]
    content_scope: str = ""
    shows_gross: bool = True
    price_attribute: str = ""
    price_currency: str = ""


@dataclass(frozen=True, kw_only=True)
class PriceNow:
    """What a SKU costs in a list from now on; `changed` is false when it did already."""

    price_list: str
    sku: str
    minor: int
    changed: bool


@transaction_required
def define_price_list(*, code: str, currency: str, gross: bool) -> None:
    """Create the list. Its currency, and whether it is gross, are what its prices mean, so they stay."""
    PriceList.objects.get_or_create(code=code, defaults={"currency": currency, "gross": gross})


@transaction_required
def define_market(*, draft: MarketDraft) -> None:
    """Create the market, or make it as said. Errors: NotFound for the price list; CurrencyMismatch."""
    price_list = _price_list(draft.price_list)
    if draft.price_currency not in {"", price_list.currency}:
        raise CurrencyMismatch(f"{price_list.code} has prices in {price_list.currency}")
    market, _ = Market.objects.update_or_create(
        code=draft.code,
        defaults={
            "price_list": price_list,
            "content_scope": draft.content_scope or draft.code,
            "country": draft.country,
            "time_zone": draft.time_zone,
            "shows_gross": draft.shows_gross,
            "delivery_countries": list(draft.delivery_countries),
            "price_attribute": draft.price_attribute,
            "price_currency": draft.price_currency,
        },
    )
    for host in draft.hosts:
        MarketHost.objects.update_or_create(host=host.lower(), defaults={"market": market})
    for key in draft.keys:
        PublishableKey.objects.update_or_create(key=key, defaults={"market": market})
    forget_configuration()


@transaction_required
def define_tax_rates(*, rates: Sequence[rules.Rate] = rules.FINNISH_RATES) -> None:
    """Make sure that these dated rates stand in the table. By code and not by migration, so that it can be repeated."""
    for rate in rates:
        TaxRate.objects.update_or_create(
            tax_class=rate.tax_class,
            country=rate.country,
            valid_from=rate.valid_from,
            defaults={"rate": rate.rate},
        )
    forget_configuration()


@transaction
def change_price(*, price_list: str, sku: str, minor: int, by: Actor, now: datetime) -> PriceNow:
    """`set_price` as a use case of its own."""
    return set_price(price_list=price_list, sku=sku, minor=minor, by=by, now=now)


@transaction_required
def set_price(*, price_list: str, sku: str, minor: int, by: Actor, now: datetime) -> PriceNow:
    """From `now` on one unit of `sku` costs `minor` in the list; what it cost before stays in the history.

    Locks the price that holds; emits PriceSet. Errors: NotFound for the list; Busy.
    """
    owner = _price_list(price_list)
    changed = _write_prices(owner, {sku: minor}, now)
    if changed:
        emit(PriceSet(price_list=owner.code, sku=sku), by=by, now=now)
    return PriceNow(price_list=owner.code, sku=sku, minor=minor, changed=bool(changed))


@transaction_required
def set_prices(*, price_list: str, minors: Mapping[str, int], by: Actor, now: datetime) -> int:
    """The same for many, `{sku: minor units}`, in a constant number of statements; how many cost something else now.

    Locks the prices that hold; emits PricesSet. Errors: NotFound for the list; Busy.
    """
    owner = _price_list(price_list)
    changed = _write_prices(owner, minors, now)
    told = [
        PricesSet(price_list=owner.code, skus=tuple(changed[first : first + SKUS_IN_AN_EVENT]))
        for first in range(0, len(changed), SKUS_IN_AN_EVENT)
    ]
    emit_all(told, by=by, now=now)
    return len(changed)


def _write_prices(owner: PriceList, minors: Mapping[str, int], now: datetime) -> list[str]:
    """Write the prices that are others than those that hold; their SKUs.

    The open row stays the same row for ever, so that whoever waited for its lock still finds it; history is added as
    closed rows. Of two first prices set at once one is inserted, and the other waits here and changes it.
    """
    open_prices = Price.objects.filter(price_list=owner, sku__in=minors, valid_until=None)
    held = {price.sku: price for price in lock(open_prices)}
    missing = sorted(minors.keys() - held.keys())
    new: set[str] = set()
    if missing:
        with connection.cursor() as cursor:
            cursor.execute(_FIRST_PRICES, [owner.pk, now, missing, [minors[sku] for sku in missing]])
            new = {sku for (sku,) in cursor.fetchall()}
        held |= {price.sku: price for price in lock(open_prices.filter(sku__in=missing))}
    changed = [price for price in held.values() if price.minor != minors[price.sku]]
    if changed:
        history, starts = [], {}
        for price in changed:
            starts[price.sku] = max(now, price.valid_from)
            history.append(
                Price(
                    price_list=owner,
                    sku=price.sku,
                    minor=price.minor,
                    valid_from=price.valid_from,
                    valid_until=starts[price.sku],
                )
            )
            price.minor, price.valid_from = minors[price.sku], starts[price.sku]
        Price.objects.bulk_create(history)
        Price.objects.bulk_update(changed, ("minor", "valid_from"))
    return sorted(new | {price.sku for price in changed})


_FIRST_PRICES: Final = """
    INSERT INTO shop_price (price_list_id, sku, minor, valid_from)
    SELECT %s, sku, minor, moment
    FROM (SELECT %s::timestamptz AS moment) AS given, unnest(%s::text[], %s::bigint[]) AS said (sku, minor)
    ORDER BY sku
    ON CONFLICT DO NOTHING
    RETURNING sku
"""


@transaction_required
def take_prices(*, publications: Iterable[PublicationValue], by: Actor, now: datetime) -> None:
    """Set the prices that these publications say, in the channels whose markets are fed by the PIM.

    What they say nothing of keeps its price. Locks prices that differ; emits PricesSet.
    """
    said: dict[str, dict[str, int]] = {}
    fed = {
        market.code: market
        for market in Market.objects.select_related("price_list").exclude(price_attribute="")
    }
    for publication in publications:
        market = fed.get(publication.channel)
        if market is not None and not publication.withdrawn:
            said.setdefault(market.price_list.code, {}).update(
                rules.prices_in(
                    document=publication.document,
                    attribute=market.price_attribute,
                    currency=market.price_currency,
                )
            )
    for price_list, minors in sorted(said.items()):
        held = list_prices(skus=minors)
        differing = {sku: minor for sku, minor in minors.items() if held.get((price_list, sku)) != minor}
        if differing:
            set_prices(price_list=price_list, minors=differing, by=by, now=now)


def _price_list(code: str) -> PriceList:
    found = PriceList.objects.filter(code=code).first()
    if found is None:
        raise NotFound(f"There is no price list {code}.")
    return found


@transaction
def open_market(*, draft: MarketDraft, currency: str, by: Actor, now: datetime) -> None:
    """Let a channel sell: its market, its own gross price list in that currency, and the tax rates that are known.

    Errors: NotFound when the PIM has no such channel; CurrencyMismatch when the list has prices in another currency.
    """
    if draft.code not in {channel.code for channel in list_channels()}:
        raise NotFound(f"There is no channel {draft.code}.")
    define_tax_rates()
    define_price_list(code=draft.price_list, currency=currency, gross=True)
    if _price_list(draft.price_list).currency != currency:
        raise CurrencyMismatch(f"{draft.price_list} has prices in another currency")
    define_market(draft=draft)
