"""Units, and how an amount of one becomes an amount of another."""

from decimal import Decimal

import pytest

from pim.structure.rules import COMMON, Measures, in_standard_unit

FAMILIES = {each.code: each for each in COMMON}
over_all_families = pytest.mark.parametrize("family", COMMON, ids=lambda family: family.code)


@over_all_families
def test_a_standard_unit_is_its_own_measure(family: Measures) -> None:
    standard = family.units[family.standard.lower()]

    assert (standard.factor, standard.offset) == (1, 0)


@over_all_families
def test_units_fit_where_they_are_stored(family: Measures) -> None:
    for unit in family.units.values():
        assert unit.factor > 0
        assert all(-number.as_tuple().exponent <= 18 for number in (unit.factor, unit.offset)), unit
        assert len(unit.code) <= 100
        assert 0 < len(unit.symbol) <= 20


@over_all_families
def test_symbols_differ_within_a_family(family: Measures) -> None:
    symbols = [unit.symbol for unit in family.units.values()]

    assert len(set(symbols)) == len(symbols)


def test_families_differ() -> None:
    assert len({each.code.lower() for each in COMMON}) == len(COMMON)


@pytest.mark.parametrize(
    ("family", "amount", "source", "expected", "target"),
    [
        ("Length", "12", "inch", "30.48", "centimeter"),
        ("Length", "1", "mile", "5280", "feet"),
        ("Area", "1", "acre", "43560", "square_foot"),
        ("Area", "1", "square_mile", "640", "acre"),
        ("Volume", "1", "gallon", "8", "pint"),
        ("Volume", "1", "gallon", "160", "ounce"),
        ("Volume", "1", "cubic_yard", "27", "cubic_foot"),
        ("Weight", "2500", "gram", "2.5", "kilogram"),
        ("Weight", "1", "pound", "16", "ounce"),
        ("Weight", "1", "pound", "7000", "grain"),
        ("Temperature", "212", "fahrenheit", "100", "celsius"),
        ("Temperature", "-40", "celsius", "-40", "fahrenheit"),
        ("Speed", "36", "kilometer_per_hour", "10", "meter_per_second"),
        ("ElectricCharge", "3.6", "kilocoulomb", "1", "amperehour"),
        ("Energy", "1", "kilowatthour", "3600", "kilojoule"),
        ("Pressure", "1", "atm", "760", "torr"),
        ("Pressure", "1013.25", "hectopascal", "1", "atm"),
        ("Power", "1.5", "kilowatt", "1500", "watt"),
        ("Duration", "1", "year", "12", "month"),
        ("Angle", "180", "degree", "200", "gon"),
    ],
)
def test_an_amount_is_the_same_in_another_unit(
    family: str, amount: str, source: str, expected: str, target: str
) -> None:
    units = FAMILIES[family].units

    told = in_standard_unit(amount=Decimal(amount), unit=units[source])
    meant = in_standard_unit(amount=Decimal(expected), unit=units[target])

    assert abs(told - meant) < Decimal("1E-9")


def test_amounts_are_compared_in_the_standard_unit() -> None:
    weight = FAMILIES["Weight"].units

    assert in_standard_unit(amount=Decimal("300"), unit=weight["gram"]) == Decimal("0.3")
