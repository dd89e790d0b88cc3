"""Money: parts add up, rounding is half-up, and nothing is ever a float."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.money import CurrencyMismatch, Money, exponent, round_half_up, spread, tax_within

cents = st.integers(-(10**12), 10**12)


@given(total=cents, weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=40))
def test_spread_parts_always_sum_to_the_total(total: int, weights: list[int]) -> None:
    assert sum(spread(total=total, weights=weights)) == total


@given(total=st.integers(0, 10**12), weights=st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_spread_keeps_every_part_within_one_unit_of_its_exact_share(total: int, weights: list[int]) -> None:
    whole = sum(weights)

    for part, weight in zip(spread(total=total, weights=weights), weights, strict=True):
        assert abs(Decimal(part) - Decimal(total) * weight / whole) < 1


def test_spread_gives_the_odd_cent_to_the_largest_remainder_and_ties_to_the_earlier() -> None:
    assert spread(total=100, weights=[1, 1, 1]) == [34, 33, 33]
    assert spread(total=-100, weights=[1, 1, 1]) == [-34, -33, -33]
    assert spread(total=5, weights=[0, 0]) == [5, 0]


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_spread_refuses_weights_that_mean_nothing(weights: list[int]) -> None:
    with pytest.raises(ValueError):
        spread(total=1, weights=weights)


@pytest.mark.parametrize(
    ("value", "rounded"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("-0.5", -1), ("2.49", 2)]
)
def test_halves_are_rounded_away_from_zero(value: str, rounded: int) -> None:
    assert round_half_up(Decimal(value)) == rounded


def test_the_tax_in_a_gross_price_is_the_finnish_25_5_percent() -> None:
    assert tax_within(gross_minor=125_50, rate=Decimal("0.255")) == 25_50


@given(minor=cents, currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_a_sum_survives_its_wire_form(minor: int, currency: str) -> None:
    wire = Money(minor, currency).wire()

    assert Money.of(wire["amount"], wire["currency"]) == Money(minor, currency)


def test_the_currency_decides_the_decimals() -> None:
    assert (exponent("EUR"), exponent("JPY"), exponent("KWD")) == (2, 0, 3)
    assert Money(39_98, "EUR").wire() == {"amount": "39.98", "currency": "EUR"}
    assert Money(1, "KWD").wire()["amount"] == "0.001"


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("1.005", "EUR"), ("1.5", "JPY"), ("NaN", "EUR"), ("Infinity", "EUR"), ("1e400", "EUR"), ("1", "XXQ")],
)
def test_a_sum_that_the_currency_cannot_hold_is_refused(amount: str, currency: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        Money.of(amount, currency)


def test_sums_of_two_currencies_do_not_add() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "SEK")


def test_people_read_a_sum_as_their_language_writes_it() -> None:
    assert Money(1299_00, "EUR").written("fi").replace("\xa0", " ") == "1 299,00 €"
