"""Money: an integer of minor units and an ISO 4217 currency. No Django here, and no float anywhere.

One rounding rule for the house, half-up on the absolute value (what Finnish tax practice and shoppers expect), and one
way to spread a sum so that the parts add up: by largest remainder.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Final

from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision

_MAX_MINOR: Final = 2**63 - 1


class CurrencyMismatch(ValueError):
    """Two sums of different currencies were put together: a mistake in the code, never in the input."""


@cache
def exponent(currency: str) -> int:
    """How many decimals the currency has: 2 for EUR, 0 for JPY, 3 for KWD."""
    if currency not in get_global("all_currencies"):
        raise ValueError(f"{currency!r} is not an ISO 4217 currency")
    return get_currency_precision(currency)


def round_half_up(value: Decimal) -> int:
    """The nearest integer, halves away from zero: the only rounding of sums in the house."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True, order=False)
class Money:
    """A sum: `minor` units (cents) of `currency`."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent(self.currency)
        if abs(self.minor) > _MAX_MINOR:
            raise ValueError("the sum does not fit in 64 bits")

    @classmethod
    def of(cls, amount: str | Decimal, currency: str) -> "Money":
        """Read `"39.98"`. Errors: ValueError when it is no number or has more decimals than the currency."""
        scaled = Decimal(amount).scaleb(exponent(currency))
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise ValueError(f"{amount} is not a sum in {currency}")
        return cls(int(scaled), currency)

    @property
    def amount(self) -> Decimal:
        """The sum in major units, with exactly the currency's decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def wire(self) -> dict[str, str]:
        """As it travels: `{"amount": "39.98", "currency": "EUR"}`."""
        return {"amount": f"{self.amount:f}", "currency": self.currency}

    def written(self, locale: str) -> str:
        """As people write it in `locale` (BCP 47): `39,98 €` in Finnish."""
        return format_currency(self.amount, self.currency, locale=locale.replace("-", "_"))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.minor * quantity, self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other


def tax_within(*, gross_minor: int, rate: Decimal) -> int:
    """The tax contained in a gross sum; `rate` is 0.255 for 25.5 %."""
    return gross_minor - round_half_up(Decimal(gross_minor) / (1 + rate))


def spread(*, total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` in proportion to `weights` so that the parts sum to it, by largest remainder.

    Ties go to the earlier part. With no weight at all everything falls on the first part.
    Errors: ValueError for negative weights or for nothing to spread over.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("weights must be present and not negative")
    whole = sum(weights)
    if whole == 0:
        return [total] + [0] * (len(weights) - 1)
    sign, size = (-1, -total) if total < 0 else (1, total)
    parts = [size * weight // whole for weight in weights]
    remainders = [size * weight % whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in by_remainder[: size - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]
