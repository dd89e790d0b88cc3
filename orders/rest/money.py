"""Sums that a caller names: `{"amount": "10.00", "currency": "EUR"}`, in the currency of what they are about."""

import re
from collections.abc import Mapping
from typing import Any, Final

from config.kernel.errors import Refusal
from config.kernel.money import Money, exponent
from config.kernel.rest import inputs

_AMOUNT: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")


class BadMinorUnits(Refusal):
    """The sum has more decimals than its currency, or another currency than the order; `currency` is the right one."""

    code = "bad_minor_units"
    status = 422
    title = "This is no sum in the order's currency."


class AmountField(inputs.PatternField):
    """A sum in major units, as digits with a point: `10.00`."""

    wrong = "invalid_amount"
    described = {"pattern": f"^{_AMOUNT.pattern}$"}
    default_error_messages = {"invalid_amount": "This is not an amount, such as 10.00."}

    def matches(self, value: str) -> bool:
        return _AMOUNT.fullmatch(value) is not None


class MoneyInput(inputs.Input):
    """A sum and its currency."""

    amount = AmountField()
    currency = inputs.CodeField(max_length=3)


def minor_of(*, given: Mapping[str, Any], currency: str) -> int:
    """The sum in minor units of `currency`. Errors: BadMinorUnits."""
    decimals = exponent(currency)
    if given["currency"] != currency:
        raise BadMinorUnits(currency=currency, decimals=decimals)
    try:
        return Money.of(given["amount"], currency).minor
    except ValueError:
        raise BadMinorUnits(currency=currency, decimals=decimals)
