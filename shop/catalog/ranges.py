"""Amounts and days as texts that sort as they do, so that a variant's facts can be asked for those between two.

A mark is `width~` and the amount in the standard unit of its measures, shifted above zero and padded to one length;
of days `since~2026-11-22`; of prices `cost:eur~` and the amount.
"""

from collections.abc import Iterator, Mapping
from decimal import Context, Decimal
from typing import Any, Final

RANGED: Final = frozenset({"number", "metric", "price", "date"})
# Amounts have 15 digits at most (`pim.catalogue.rules`), and the largest unit is some 10^12 of its standard.
_PLACES: Final = 12
_SHIFT: Final = 10 ** (28 + _PLACES)
_EXACTLY: Final = Context(prec=80)  # Python's usual one would round so long numbers
_BELOW, _ABOVE = "", ":"  # before and after every digit

Scale = tuple[
    Decimal, Decimal
]  # factor and offset: an amount times the one plus the other is in the standard unit


def marks_of(*, code: str, of_type: str, value: Any, scales: Mapping[str, Scale]) -> Iterator[str]:
    """What a value is found by when a range is asked for; `scales` are those of the attribute's units."""
    match of_type, value:
        case "number", str():
            yield f"{_key(code)}{place_of(amount=Decimal(value))}"
        case "metric", {"amount": amount, "unit": unit} if unit in scales:
            yield f"{_key(code)}{place_of(amount=Decimal(amount), scale=scales[unit])}"
        case "date", str():
            yield f"{_key(code)}{value}"
        case "price", dict():
            for currency, amount in value.items():
                yield f"{_key(f'{code}:{currency}')}{place_of(amount=Decimal(amount))}"


def place_of(*, amount: Decimal, scale: Scale | None = None) -> str:
    """Where the amount stands among others, as text."""
    factor, offset = scale or (Decimal(1), Decimal(0))
    exact = _EXACTLY.fma(amount, factor, offset)
    steps = _EXACTLY.to_integral_value(_EXACTLY.scaleb(exact, Decimal(_PLACES)))
    return str(int(steps) + _SHIFT).zfill(len(str(_SHIFT)))


def bounds(*, code: str, currency: str = "", lowest: str | None, highest: str | None) -> tuple[str, str]:
    """The marks between which the attribute's marks must be, both included; places as texts, None for no bound."""
    key = _key(f"{code}:{currency}" if currency else code)
    return f"{key}{_BELOW if lowest is None else lowest}", f"{key}{_ABOVE if highest is None else highest}"


def _key(name: str) -> str:
    return f"{name}~".lower()
