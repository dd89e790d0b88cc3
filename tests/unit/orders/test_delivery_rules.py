"""The day goods leave, the days they arrive, and the days on which they can be fetched."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.delivery.rules import (
    Counter,
    Journey,
    Promise,
    add_working_days,
    is_working_day,
    later_of,
    leaves_on,
    parcel_promise,
    rate_for,
    shelf_promise,
    transfer_promise,
)
from orders.delivery.zones import zone_of

days = st.dates(min_value=date(2024, 1, 1), max_value=date(2030, 12, 31))
WEEKDAYS = tuple(((time(10), time(19)),) for _ in range(5))
STORE = Counter(hours=(*WEEKDAYS, ((time(10), time(16)),), ()), time_zone="Europe/Helsinki", country="FI")
PARCEL = Journey(cut_off=time(14), time_zone="Europe/Helsinki", earliest_days=1, latest_days=3, country="FI")


def moment(text: str) -> datetime:
    """A moment by Helsinki's wall clock, with its offset in the text."""
    return datetime.fromisoformat(text).astimezone(UTC)


def leaves(text: str) -> date:
    return leaves_on(ordered_at=moment(text), cut_off=time(14), time_zone="Europe/Helsinki", country="FI")


@pytest.mark.parametrize(
    ("ordered", "day"),
    [
        ("2026-11-20T13:59:59+02:00", date(2026, 11, 20)),  # Friday, before the cut-off
        ("2026-11-20T14:00:00+02:00", date(2026, 11, 23)),  # Friday, at the cut-off: Monday
        ("2026-11-21T09:00:00+02:00", date(2026, 11, 23)),  # Saturday
        ("2026-11-22T23:59:59+02:00", date(2026, 11, 23)),  # Sunday
        ("2026-11-23T00:00:00+02:00", date(2026, 11, 23)),  # Monday, just begun
        ("2026-11-23T15:00:00+02:00", date(2026, 11, 24)),  # Monday, after the cut-off
        ("2026-12-23T14:00:00+02:00", date(2026, 12, 28)),  # Christmas: Thursday to Sunday
        ("2026-04-02T14:00:00+03:00", date(2026, 4, 7)),  # Easter: Good Friday to Easter Monday
    ],
)
def test_what_is_ordered_before_the_cut_off_of_a_working_day_leaves_that_day(ordered: str, day: date) -> None:
    assert leaves(ordered) == day


def test_the_cut_off_is_told_in_the_warehouses_own_time() -> None:
    assert leaves("2026-11-23T11:59:00+00:00") == date(2026, 11, 23), "13:59 in winter"
    assert leaves("2026-07-06T11:59:00+00:00") == date(2026, 7, 7), "14:59 in summer"


@given(day=days, count=st.integers(min_value=0, max_value=30))
def test_a_number_of_working_days_later_is_that_many_working_days_later(day: date, count: int) -> None:
    later = add_working_days(day=day, count=count, country="FI")

    start = add_working_days(day=day, count=0, country="FI")
    between = [date.fromordinal(n) for n in range(start.toordinal() + 1, later.toordinal() + 1)]
    assert is_working_day(day=later, country="FI")
    assert sum(is_working_day(day=each, country="FI") for each in between) == count


def test_neither_weekends_nor_public_holidays_are_counted() -> None:
    friday = date(2026, 11, 20)

    assert add_working_days(day=friday, count=2, country="FI") == date(2026, 11, 24)
    assert add_working_days(day=date(2026, 12, 23), count=1, country="FI") == date(2026, 12, 28)
    assert add_working_days(day=date(2026, 12, 23), count=1, country="SE") == date(2026, 12, 24)
    assert add_working_days(day=date(2026, 6, 18), count=1, country="FI") == date(2026, 6, 22), "midsummer"
    assert add_working_days(day=date(2026, 12, 23), count=1, country="XX") == date(2026, 12, 24), "unknown"


def test_a_parcel_takes_as_long_as_its_option_says() -> None:
    promise = parcel_promise(journey=PARCEL, ordered_at=moment("2026-12-22T15:00:00+02:00"))

    assert promise == Promise(earliest_on=date(2026, 12, 28), latest_on=date(2026, 12, 30))


@pytest.mark.parametrize(
    ("ordered", "day"),
    [
        ("2026-11-20T17:00:00+02:00", date(2026, 11, 20)),  # two hours before it closes
        ("2026-11-20T17:00:01+02:00", date(2026, 11, 21)),  # not any more: Saturday
        ("2026-11-20T06:00:00+02:00", date(2026, 11, 20)),  # before it opens
        ("2026-11-21T14:30:00+02:00", date(2026, 11, 23)),  # Sundays it is closed
        ("2026-12-23T18:00:00+02:00", date(2026, 12, 28)),  # Christmas; the 26th is a Saturday
    ],
)
def test_what_stands_in_the_store_can_be_fetched_two_hours_later_while_it_is_open(
    ordered: str, day: date
) -> None:
    promise = shelf_promise(counter=STORE, ordered_at=moment(ordered))

    assert promise == Promise(earliest_on=day, latest_on=day)


def test_what_comes_from_a_warehouse_can_be_fetched_when_the_store_is_next_open() -> None:
    monday_closed = Counter(hours=((), *STORE.hours[1:]), time_zone="Europe/Helsinki", country="FI")
    friday = moment("2026-11-20T10:00:00+02:00")

    assert transfer_promise(counter=STORE, journey=PARCEL, ordered_at=friday) == Promise(
        earliest_on=date(2026, 11, 23), latest_on=date(2026, 11, 25)
    )
    assert transfer_promise(counter=monday_closed, journey=PARCEL, ordered_at=friday) == Promise(
        earliest_on=date(2026, 11, 24), latest_on=date(2026, 11, 25)
    )


def test_a_store_without_hours_promises_nothing() -> None:
    never = Counter(hours=(), time_zone="Europe/Helsinki", country="FI")

    assert shelf_promise(counter=never, ordered_at=moment("2026-11-20T10:00:00+02:00")) is None


def test_goods_that_come_in_two_ways_are_there_when_the_last_of_them_is() -> None:
    soon = Promise(earliest_on=date(2026, 11, 20), latest_on=date(2026, 11, 20))
    late = Promise(earliest_on=date(2026, 11, 23), latest_on=date(2026, 11, 25))

    assert later_of(promises=[soon, late]) == late


RATES = (("fi-south", 5_000, 590), ("fi-south", 35_000, 1_490), ("fi-north", 5_000, 890))


@pytest.mark.parametrize(
    ("zone", "weight_g", "price"),
    [
        ("fi-south", 0, (590, "")),
        ("fi-south", 5_000, (590, "")),
        ("fi-south", 5_001, (1_490, "")),
        ("fi-south", 35_001, (None, "too_heavy")),
        ("fi-north", 5_001, (None, "too_heavy")),
        ("ax", 100, (None, "zone_not_served")),
    ],
)
def test_the_price_is_that_of_the_zone_and_the_first_weight_that_holds_it(
    zone: str, weight_g: int, price: tuple[int | None, str]
) -> None:
    assert rate_for(rates=RATES, zone=zone, weight_g=weight_g) == price


@pytest.mark.parametrize(
    ("country", "postcode", "zone"),
    [
        ("FI", "00100", "fi-south"),
        ("FI", "21999", "fi-south"),
        ("FI", "22100", "ax"),
        ("FI", "23000", "fi-south"),
        ("FI", "70100", "fi-middle"),
        ("FI", "99999", "fi-north"),
        ("FI", "", None),
        ("FI", "0010", None),
        ("FI", "٠٠١٠٠", None),
        ("SE", "111 22", "se"),
    ],
)
def test_a_postcode_lies_in_a_zone(country: str, postcode: str, zone: str | None) -> None:
    assert zone_of(country=country, postcode=postcode) == zone
