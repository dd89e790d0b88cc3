"""Measures (units, and how an amount of one becomes an amount of another) and the limits of an attribute's values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypedDict


class Limits(TypedDict, total=False):
    """How an attribute narrows its values further; what is not named is not narrowed."""

    max_characters: int
    min: str  # of numbers and amounts, as decimals in text
    max: str
    decimals: bool  # false: whole numbers only
    negative: bool  # false: none below zero
    earliest: str  # of dates
    latest: str
    extensions: list[str]  # of files, without the dot
    locales: list[str]  # the attribute is said in these languages only


class OverLimit(Exception):
    """A value is outside its attribute's limits; `code` and `detail` say how."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def check_text(*, text: str, limits: Limits) -> None:
    """Errors: OverLimit."""
    if len(text) > limits.get("max_characters", len(text)):
        raise OverLimit("too_long", f"It has at most {limits['max_characters']} characters.")


def check_amount(*, amount: str, limits: Limits) -> None:
    """Errors: OverLimit."""
    number = Decimal(amount)
    if not limits.get("decimals", True) and number != number.to_integral_value():
        raise OverLimit("not_whole", "It is a whole number.")
    if not limits.get("negative", True) and number < 0:
        raise OverLimit("negative", "It is not below zero.")
    if "min" in limits and number < Decimal(limits["min"]):
        raise OverLimit("too_small", f"It is at least {limits['min']}.")
    if "max" in limits and number > Decimal(limits["max"]):
        raise OverLimit("too_large", f"It is at most {limits['max']}.")


def check_day(*, day: str, limits: Limits) -> None:
    """Errors: OverLimit."""
    if not limits.get("earliest", day) <= day <= limits.get("latest", day):
        raise OverLimit("out_of_range", "The day is outside the attribute's range.")


def check_file(*, path: str, limits: Limits) -> None:
    """Errors: OverLimit."""
    extension = path.rpartition(".")[2].lower()
    if limits.get("extensions") and extension not in limits["extensions"]:
        raise OverLimit("wrong_extension", f"It is one of {', '.join(limits['extensions'])}.")


def is_gtin(text: str) -> bool:
    """Whether these are 8, 12, 13 or 14 digits with the right check digit (GS1 General Specifications, 7.9)."""
    if len(text) not in {8, 12, 13, 14} or not (text.isascii() and text.isdigit()):
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(text)))
    return weighted % 10 == 0


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
