"""When something arrives: working days from the day it leaves, opening days of the store where it is fetched."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from orders.locations.rules import WeekHours, can_be_ready

_SATURDAY: Final = 5
PICKING_TAKES: Final = timedelta(hours=2)  # from the order to the shelf behind the store's desk
WEIGHT_UNKNOWN_G: Final = (
    5_000  # a unit's weight where nobody has said it: the class of a small piece of furniture
)
_FARTHEST_OPENING: Final = 60  # days; a store that is closed longer promises nothing
_REMEMBERED: Final = 1024  # promises of the last seconds, one for each way, place and moment


class DeliveryKind(StrEnum):
    """How goods reach the buyer."""

    HOME = "home"  # to her door
    PICKUP_POINT = "pickup_point"  # to the carrier's pick-up point nearest to her address
    STORE = "store"  # she fetches them in one of our stores


@dataclass(frozen=True, kw_only=True)
class Promise:
    """The first and the last day on which the goods are there."""

    earliest_on: date
    latest_on: date


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """The SKUs that leave from one location together."""

    location: str
    skus: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OfferedDelivery:
    """A way of delivery with its price and the days between which it is promised. `labels` is per locale.

    `store` is the code of the store in which goods are fetched, else empty. `reason` says in a word why it cannot be
    chosen, and is empty when it can; then there is a price, a promise, and from where it is sent.
    """

    code: str
    kind: DeliveryKind
    store: str
    labels: Mapping[str, str]
    gross_minor: int | None
    currency: str
    tax_class: str
    promise: Promise | None
    shipments: tuple[Shipment, ...]
    reason: str = ""

    @property
    def available(self) -> bool:
        """Whether it can be chosen."""
        return not self.reason


@cache
def public_holidays(*, country: str, year: int) -> frozenset[date]:
    """The public holidays of a country in a year; none are known of countries that nobody has written down.

    The library is opened when the first promise is made, once per process: it takes a fifth of a second or more.
    """
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


def is_working_day(*, day: date, country: str) -> bool:
    """Monday to Friday but public holidays: nothing is dispatched or delivered at weekends."""
    return day.weekday() < _SATURDAY and day not in public_holidays(country=country, year=day.year)


def add_working_days(*, day: date, count: int, country: str) -> date:
    """The working day that comes `count` working days after `day`; with 0, `day` itself or the next one."""
    while not is_working_day(day=day, country=country):
        day += timedelta(days=1)
    for _ in range(count):
        day += timedelta(days=1)
        while not is_working_day(day=day, country=country):
            day += timedelta(days=1)
    return day


def leaves_on(*, ordered_at: datetime, cut_off: time, time_zone: str, country: str) -> date:
    """The day the goods leave: the same working day when ordered before the cut-off, else the next working day."""
    local = ordered_at.astimezone(ZoneInfo(time_zone))
    today = local.date()
    if is_working_day(day=today, country=country) and local.time() >= cut_off:
        today += timedelta(days=1)
    return add_working_days(day=today, count=0, country=country)


@dataclass(frozen=True, kw_only=True)
class Journey:
    """How long a way of delivery takes from a warehouse in `country`."""

    cut_off: time
    time_zone: str
    earliest_days: int
    latest_days: int
    country: str


@lru_cache(maxsize=_REMEMBERED)
def parcel_promise(*, journey: Journey, ordered_at: datetime) -> Promise:
    """When a parcel is there that is ordered at that moment."""
    country = journey.country
    leaves = leaves_on(
        ordered_at=ordered_at, cut_off=journey.cut_off, time_zone=journey.time_zone, country=country
    )
    return Promise(
        earliest_on=add_working_days(day=leaves, count=journey.earliest_days, country=country),
        latest_on=add_working_days(day=leaves, count=journey.latest_days, country=country),
    )


@dataclass(frozen=True, kw_only=True)
class Counter:
    """Where goods are fetched: when it is open, in which zone and by which country's holidays."""

    hours: WeekHours
    time_zone: str
    country: str


@lru_cache(maxsize=_REMEMBERED)
def shelf_promise(*, counter: Counter, ordered_at: datetime) -> Promise | None:
    """When goods that stand in the store can be fetched there; None when it does not open for two months."""
    local = ordered_at.astimezone(ZoneInfo(counter.time_zone)).replace(tzinfo=None)
    ready = _first_opening(counter, local, PICKING_TAKES)
    return Promise(earliest_on=ready, latest_on=ready) if ready else None


@lru_cache(maxsize=_REMEMBERED)
def transfer_promise(*, counter: Counter, journey: Journey, ordered_at: datetime) -> Promise | None:
    """When goods that come from a warehouse can be fetched: on the day they arrive, or when the store opens next."""
    arrives = parcel_promise(journey=journey, ordered_at=ordered_at)
    earliest, latest = (
        _first_opening(counter, datetime.combine(day, time()), timedelta())
        for day in (arrives.earliest_on, arrives.latest_on)
    )
    return Promise(earliest_on=earliest, latest_on=latest) if earliest and latest else None


def _first_opening(counter: Counter, local: datetime, takes: timedelta) -> date | None:
    for ahead in range(_FARTHEST_OPENING):
        day = local.date() + timedelta(days=ahead)
        if day in public_holidays(country=counter.country, year=day.year):
            continue
        if can_be_ready(hours=counter.hours, on=day, from_moment=local, takes=takes):
            return day
    return None


def later_of(*, promises: Collection[Promise]) -> Promise:
    """The promise for goods that come in several ways: when the last of them is there."""
    return Promise(
        earliest_on=max(promise.earliest_on for promise in promises),
        latest_on=max(promise.latest_on for promise in promises),
    )


def rate_for(*, rates: Sequence[tuple[str, int, int]], zone: str, weight_g: int) -> tuple[int | None, str]:
    """The price to a zone by weight out of (zone, at most so many grams, price), or None and why there is none."""
    here = sorted((up_to_g, minor) for of_zone, up_to_g, minor in rates if of_zone == zone)
    if not here:
        return None, "zone_not_served"
    price = next((minor for up_to_g, minor in here if weight_g <= up_to_g), None)
    return price, "" if price is not None else "too_heavy"
