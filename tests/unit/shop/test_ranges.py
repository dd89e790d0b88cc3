"""Marks sort as the amounts do that they stand for."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shop.catalog.ranges import bounds, marks_of, place_of

amounts = st.decimals(min_value=-(10**15), max_value=10**15, places=6)


@given(one=amounts, other=amounts)
def test_places_are_in_the_order_of_the_amounts(one: Decimal, other: Decimal) -> None:
    places = place_of(amount=one), place_of(amount=other)

    assert (places[0] < places[1]) == (one < other)
    assert len({len(place) for place in places}) == 1


@given(amount=amounts, lowest=amounts, highest=amounts)
def test_a_mark_is_between_the_bounds_when_its_amount_is(
    amount: Decimal, lowest: Decimal, highest: Decimal
) -> None:
    (mark,) = marks_of(code="Width", of_type="number", value=f"{amount:f}", scales={})
    low, high = bounds(code="width", lowest=place_of(amount=lowest), highest=place_of(amount=highest))

    assert (low <= mark <= high) == (lowest <= amount <= highest)


@given(amount=amounts)
def test_no_bound_lets_every_amount_of_the_attribute_through_and_no_other(amount: Decimal) -> None:
    (mark,) = marks_of(code="width", of_type="number", value=f"{amount:f}", scales={})
    (other,) = marks_of(code="width_2", of_type="number", value=f"{amount:f}", scales={})
    low, high = bounds(code="width", lowest=None, highest=None)

    assert low <= mark <= high
    assert not low <= other <= high
    assert not low <= "width=44.5" <= high


def test_an_amount_stands_by_its_standard_unit() -> None:
    scales = {"INCH": (Decimal("0.0254"), Decimal(0)), "CELSIUS": (Decimal(1), Decimal("273.15"))}
    told = [
        next(marks_of(code="x", of_type="metric", value={"amount": amount, "unit": unit}, scales=scales))
        for amount, unit in (("1", "INCH"), ("2", "INCH"), ("-270", "CELSIUS"))
    ]

    assert told == sorted(told)
    assert (
        list(marks_of(code="x", of_type="metric", value={"amount": "1", "unit": "MILE"}, scales=scales)) == []
    )
