"""Measures: units, and how an amount of one becomes an amount of another."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Unit:
    """An amount of it times `factor` plus `offset` is the amount in the family's standard unit."""

    code: str
    symbol: str
    factor: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Measures:
    """Units of one kind, by lower-case code; the one named `standard` compares them."""

    code: str
    standard: str
    units: dict[str, Unit] = field(default_factory=dict)


def measures(*, code: str, standard: str, units: Iterable[Unit]) -> Measures:
    """A family of these units."""
    return Measures(code=code, standard=standard, units={unit.code.lower(): unit for unit in units})


def in_standard_unit(*, amount: Decimal, unit: Unit) -> Decimal:
    """The amount in the standard unit of the unit's family."""
    return amount * unit.factor + unit.offset


def in_unit(*, amount: Decimal, source: Unit, target: Unit) -> Decimal:
    """The amount of `source` as an amount of `target`; both are of one family."""
    return (in_standard_unit(amount=amount, unit=source) - target.offset) / target.factor


# What every catalogue measures by. Codes are those of Akeneo's standard families, which exports do not bring along.
COMMON: Final = (
    measures(
        code="Weight",
        standard="KILOGRAM",
        units=(
            Unit(code="GRAM", symbol="g", factor=Decimal("0.001")),
            Unit(code="KILOGRAM", symbol="kg"),
        ),
    ),
    measures(
        code="Length",
        standard="METER",
        units=(
            Unit(code="MILLIMETER", symbol="mm", factor=Decimal("0.001")),
            Unit(code="CENTIMETER", symbol="cm", factor=Decimal("0.01")),
            Unit(code="METER", symbol="m"),
            Unit(code="INCH", symbol="in", factor=Decimal("0.0254")),
        ),
    ),
)
