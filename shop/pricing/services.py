"""Setting prices and markets. Everything here can be repeated: codes are the keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import lock, transaction, transaction_required
from config.kernel.errors import NotFound
from config.kernel.events import emit
from config.kernel.money import CurrencyMismatch
from pim.api import find_publication
from shop.events import PriceSet
from shop.pricing import rules
from shop.pricing.models import Market, MarketHost, Price, PriceList, PublishableKey, TaxRate
from shop.pricing.queries import forget_configuration, list_prices


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
    # The open row stays the same row for ever, so that whoever waited for its lock still finds it; history is added
    # as closed rows. Of two first prices set at once one is inserted, and the other waits here and changes it.
    open_price = Price.objects.filter(price_list=owner, sku=sku, valid_until=None)
    held = lock(open_price)
    if is_first := not held:
        first = Price(price_list=owner, sku=sku, minor=minor, valid_from=now)
        Price.objects.bulk_create([first], ignore_conflicts=True)
        held = lock(open_price)
    current = held[0]
    if current.minor != minor:
        starts = max(now, current.valid_from)
        Price.objects.create(
            price_list=owner, sku=sku, minor=current.minor, valid_from=current.valid_from, valid_until=starts
        )
        open_price.update(minor=minor, valid_from=starts)
    if changed := is_first or current.minor != minor:
        emit(PriceSet(price_list=owner.code, sku=sku), by=by, now=now)
    return PriceNow(price_list=owner.code, sku=sku, minor=minor, changed=changed)


@transaction_required
def take_prices(*, product_ref: UUID, channel: str, by: Actor, now: datetime) -> None:
    """Set the prices that the publication which holds says, if the channel's market is fed by the PIM.

    What it says nothing of keeps its price. Locks prices that differ; emits PriceSet for each.
    """
    fed = Market.objects.select_related("price_list").filter(code=channel).exclude(price_attribute="").first()
    publication = find_publication(product_ref=product_ref, channel=channel) if fed else None
    if fed is None or publication is None or publication.withdrawn:
        return
    said = rules.prices_in(
        document=publication.document, attribute=fed.price_attribute, currency=fed.price_currency
    )
    held = list_prices(skus=said)
    for sku, minor in sorted(said.items()):
        if held.get((fed.price_list.code, sku)) != minor:
            set_price(price_list=fed.price_list.code, sku=sku, minor=minor, by=by, now=now)


def _price_list(code: str) -> PriceList:
    found = PriceList.objects.filter(code=code).first()
    if found is None:
        raise NotFound(f"There is no price list {code}.")
    return found
