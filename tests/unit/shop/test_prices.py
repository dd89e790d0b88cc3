"""Prices with and without tax, dated rates, and which language a reader gets."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.money import round_half_up
from shop.pricing.rules import (
    FINNISH_RATES,
    Rate,
    context_hash,
    label_in,
    negotiate_locale,
    rates_on,
    unit_price,
)

minors = st.integers(min_value=0, max_value=10**12)
rates = st.decimals(min_value="0", max_value="0.9999", places=4)


@given(minors, rates)
def test_a_gross_price_stays_and_its_net_is_the_nearest_cent(minor: int, rate: Decimal) -> None:
    price = unit_price(minor=minor, is_gross=True, tax_rate=rate)

    assert price.gross_minor == minor
    assert abs(Decimal(price.net_minor) - Decimal(minor) / (1 + rate)) <= Decimal("0.5")


@given(minors, rates)
def test_a_net_price_stays_and_tax_is_added_to_it(minor: int, rate: Decimal) -> None:
    price = unit_price(minor=minor, is_gross=False, tax_rate=rate)

    assert price.net_minor == minor
    assert price.gross_minor - minor == round_half_up(minor * rate)


def test_the_prices_of_the_shop_are_taxed_as_on_paper() -> None:
    price = unit_price(minor=149_000, is_gross=True, tax_rate=Decimal("0.255"))

    assert price.net_minor == 118_725  # 1490.00 / 1.255 = 1187.2509...


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2012, 12, 31), None),
        (date(2024, 8, 31), Decimal("0.24")),
        (date(2024, 9, 1), Decimal("0.255")),
        (date(2026, 11, 22), Decimal("0.255")),
    ],
)
def test_the_finnish_rate_is_the_one_of_the_day(day: date, rate: Decimal | None) -> None:
    assert rates_on(rates=FINNISH_RATES, country="FI", on=day).get("standard") == rate


@given(st.permutations(FINNISH_RATES))
def test_the_order_of_the_rows_does_not_matter(rows: list[Rate]) -> None:
    assert rates_on(rates=rows, country="FI", on=date(2026, 1, 1)) == {"standard": Decimal("0.255")}


def test_another_country_has_rates_of_its_own() -> None:
    assert rates_on(rates=FINNISH_RATES, country="SE", on=date(2026, 1, 1)) == {}


OFFERED = ("fi", "sv-FI", "en")


@pytest.mark.parametrize(
    ("wanted", "locale"),
    [
        (["fi"], "fi"),
        (["sv-fi"], "sv-FI"),
        (["sv"], "sv-FI"),
        (["sv-SE"], "sv-FI"),
        (["en-GB"], "en"),
        (["de", "en"], "en"),
        (["de"], None),
        ([], None),
        (["*"], None),
    ],
)
def test_a_reader_gets_the_first_of_her_languages_that_is_offered(
    wanted: list[str], locale: str | None
) -> None:
    assert negotiate_locale(wanted=wanted, offered=OFFERED) == locale


def test_a_label_is_read_from_the_first_locale_that_has_one() -> None:
    labels = {"fi": "Kangas", "en": "Fabric", "sv-FI": ""}

    assert label_in(labels=labels, reads=("sv-FI", "en", "fi"), otherwise="fabric") == "Fabric"
    assert label_in(labels={}, reads=("fi",), otherwise="fabric") == "fabric"


def test_the_context_hash_tells_where_one_part_ends() -> None:
    assert context_hash("a", "bc") != context_hash("ab", "c")
    assert context_hash("a", "bc") == context_hash("a", "bc")
