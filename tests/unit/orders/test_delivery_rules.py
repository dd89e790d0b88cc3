"""The day goods leave, and the days they arrive."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.delivery.rules import add_working_days, is_deliverable, is_working_day, leaves_on

days = st.dates(min_value=date(2024, 1, 1), max_value=date(2030, 12, 31))


def leaves(moment: str) -> date:
    """The day an order of that moment (Helsinki's wall clock, as UTC offset in the text) leaves."""
    return leaves_on(
        ordered_at=datetime.fromisoformat(moment).astimezone(UTC),
        cut_off=time(14),
        time_zone="Europe/Helsinki",
    )


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-20T13:59:59+02:00", date(2026, 11, 20)),  # Friday, before the cut-off
        ("2026-11-20T14:00:00+02:00", date(2026, 11, 23)),  # Friday, at the cut-off: Monday
        ("2026-11-21T09:00:00+02:00", date(2026, 11, 23)),  # Saturday
        ("2026-11-22T23:59:59+02:00", date(2026, 11, 23)),  # Sunday
        ("2026-11-23T00:00:00+02:00", date(2026, 11, 23)),  # Monday, just begun
        ("2026-11-23T15:00:00+02:00", date(2026, 11, 24)),  # Monday, after the cut-off
    ],
)
def test_what_is_ordered_before_the_cut_off_of_a_working_day_leaves_that_day(moment: str, day: date) -> None:
    assert leaves(moment) == day


def test_the_cut_off_is_told_in_the_warehouses_own_time() -> None:
    assert leaves("2026-11-23T11:59:00+00:00") == date(2026, 11, 23), "13:59 in winter"
    assert leaves("2026-07-06T11:59:00+00:00") == date(2026, 7, 7), "14:59 in summer"


@given(day=days, count=st.integers(min_value=0, max_value=30))
def test_a_number_of_working_days_later_is_that_many_working_days_later(day: date, count: int) -> None:
    later = add_working_days(day=day, count=count)

    start = add_working_days(day=day, count=0)
    between = [date.fromordinal(n) for n in range(start.toordinal() + 1, later.toordinal() + 1)]
    assert is_working_day(day=later)
    assert sum(is_working_day(day=each) for each in between) == count


def test_weekends_are_not_counted() -> None:
    friday = date(2026, 11, 20)

    assert add_working_days(day=friday, count=2) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("country", "postcode", "deliverable"),
    [
        ("FI", "00100", True),
        ("FI", "", True),
        ("FI", "0010", False),
        ("FI", "٠٠١٠٠", False),
        ("SE", "111 22", True),
    ],
)
def test_a_finnish_postcode_has_five_digits(country: str, postcode: str, deliverable: bool) -> None:
    assert is_deliverable(country=country, postcode=postcode) is deliverable
