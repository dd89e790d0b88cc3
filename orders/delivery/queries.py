"""Which deliveries there are for some goods, an address and a moment: before any cart, in it, and when it is placed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from config.kernel.kept import Kept
from orders.delivery import rules
from orders.delivery.models import DeliveryOption
from orders.delivery.rules import DeliveryKind, Journey, OfferedDelivery, Promise, Shipment
from orders.delivery.zones import zone_of
from orders.locations.queries import LocationCard, list_locations
from orders.stock.rules import plan_sources


@dataclass(frozen=True, kw_only=True)
class Consignment:
    """What is to be delivered: units per SKU, what they weigh in all, and where how many of them stand.

    `available` is `{sku: {location: units}}` (`orders.stock.queries.get_available_units`): a look, not a promise.
    """

    wanted: Mapping[str, int] = field(default_factory=dict)
    weight_g: int = 0
    available: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Terms:
    """An option as it is kept, with its rates as (zone, at most so many grams, price)."""

    option: DeliveryOption
    rates: tuple[tuple[str, int, int], ...]

    def journey(self, country: str) -> Journey:
        """How long it takes from a warehouse in that country."""
        return Journey(
            cut_off=self.option.cut_off,
            time_zone=self.option.time_zone,
            earliest_days=self.option.earliest_days,
            latest_days=self.option.latest_days,
            country=country,
        )


def _read() -> tuple[_Terms, ...]:
    options = DeliveryOption.objects.prefetch_related("rates").order_by("position", "code")
    return tuple(
        _Terms(
            option=option,
            rates=tuple((rate.zone, rate.up_to_g, rate.gross_minor) for rate in option.rates.all()),
        )
        for option in options
    )


_kept: Final = Kept(_read)


def forget_delivery_options() -> None:
    """Read the options anew: for whoever has just changed one in this process."""
    _kept.forget()


def list_delivery_options(
    *, country: str, postcode: str, goods: Consignment, now: datetime
) -> tuple[OfferedDelivery, ...]:
    """The deliveries to that address, each with its price and promise or the reason why it cannot be chosen.

    What the shopper is shown before she has a cart, in the cart, and what `place` promises all come from here.
    """
    now = now.replace(microsecond=0)  # who asks within the same second is promised the same, worked out once
    offers: list[OfferedDelivery] = []
    for terms in _kept.get():
        if country not in terms.option.countries:
            continue
        if terms.option.kind == DeliveryKind.STORE:
            counters = [card for card in list_locations() if card.hands_over and card.country == country]
            offers += [_offer_in_store(terms, store, goods, now) for store in counters]
        else:
            offers.append(_offer_parcel(terms, country, postcode, goods, now))
    return tuple(offers)


def find_promise(*, option: str, store: str, places: Collection[str], now: datetime) -> Promise | None:
    """When goods are there that leave from these locations now; None for an option that is no longer there."""
    terms = next((terms for terms in _kept.get() if terms.option.code == option), None)
    if terms is None:
        return None
    cards, now = {card.code: card for card in list_locations()}, now.replace(microsecond=0)
    if store:
        return _promise_in_store(terms, cards[store], places, now)
    return _promise_of_parcels(terms, [cards[code].country for code in places], now)


def _offer_parcel(
    terms: _Terms, country: str, postcode: str, goods: Consignment, now: datetime
) -> OfferedDelivery:
    minor, reason = _price(terms, country, postcode, goods.weight_g)
    plan = _plan(goods, [card.code for card in list_locations() if card.ships])
    if not plan and goods.wanted:
        reason = reason or "out_of_stock"
    cards = {card.code: card for card in list_locations()}
    countries = [cards[code].country for code in plan] or [country]
    promise = None if reason else _promise_of_parcels(terms, countries, now)
    return _offer(terms, "", _Found(minor=minor, promise=promise, plan=plan, reason=reason))


def _offer_in_store(terms: _Terms, store: LocationCard, goods: Consignment, now: datetime) -> OfferedDelivery:
    others = [card.code for card in list_locations() if card.ships and card.code != store.code]
    plan = _plan(goods, [store.code, *others])
    promise, reason = None, ""
    if not plan and goods.wanted:
        reason = "out_of_stock"
    else:
        promise = _promise_in_store(terms, store, plan or [store.code], now)
        reason = "" if promise else "closed"
    return _offer(
        terms,
        store.code,
        _Found(minor=terms.option.gross_minor or 0, promise=promise, plan=plan, reason=reason),
    )


def _price(terms: _Terms, country: str, postcode: str, weight_g: int) -> tuple[int | None, str]:
    """The price to that address, or None and why there is none. An address may still become a good one."""
    zone = zone_of(country=country, postcode=postcode)
    if zone is None and postcode:
        return None, "postcode_not_valid"
    if terms.option.gross_minor is not None:
        return terms.option.gross_minor, ""
    if zone is None:
        return None, "postcode_missing"
    return rules.rate_for(rates=terms.rates, zone=zone, weight_g=weight_g)


def _plan(goods: Consignment, places: Collection[str]) -> dict[str, dict[str, int]]:
    """`{location: {sku: units}}` as `place` would reserve them if nobody else bought anything meanwhile."""
    standing = {
        place: {
            sku: by_place[place] for sku, by_place in goods.available.items() if by_place.get(place, 0) > 0
        }
        for place in places
    }
    return plan_sources(wanted=goods.wanted, sources=tuple(standing.items()))


def _promise_of_parcels(terms: _Terms, countries: Collection[str], now: datetime) -> Promise:
    return rules.later_of(
        promises=[
            rules.parcel_promise(journey=terms.journey(country), ordered_at=now)
            for country in sorted(set(countries))
        ]
    )


def _promise_in_store(
    terms: _Terms, store: LocationCard, places: Collection[str], now: datetime
) -> Promise | None:
    counter = rules.Counter(hours=store.opening_hours, time_zone=store.time_zone, country=store.country)
    promises: list[Promise | None] = []
    if store.code in places:
        promises.append(rules.shelf_promise(counter=counter, ordered_at=now))
    if set(places) - {store.code}:
        promises.append(
            rules.transfer_promise(counter=counter, journey=terms.journey(store.country), ordered_at=now)
        )
    kept = [promise for promise in promises if promise is not None]
    return rules.later_of(promises=kept) if len(kept) == len(promises) else None


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What was found out about one way of delivery."""

    minor: int | None
    promise: Promise | None
    plan: Mapping[str, Mapping[str, int]]
    reason: str


def _offer(terms: _Terms, store: str, found: _Found) -> OfferedDelivery:
    option = terms.option
    return OfferedDelivery(
        code=option.code,
        kind=DeliveryKind(option.kind),
        store=store,
        labels=option.labels,
        gross_minor=found.minor,
        currency=option.currency,
        tax_class=option.tax_class,
        promise=found.promise,
        shipments=tuple(Shipment(location=place, skus=tuple(skus)) for place, skus in found.plan.items()),
        reason=found.reason,
    )
