"""How an order can be paid, and what an invoice says about when."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

INVOICE: Final = "invoice"
INVOICE_TERM: Final = timedelta(days=14)  # net; the usual consumer term in Finland

_INVOICED_COUNTRIES: Final = frozenset({"FI"})
_INVOICED_CURRENCIES: Final = frozenset({"EUR"})


@dataclass(frozen=True, kw_only=True)
class PaymentMethod:
    """A way to pay; `reason` says in a word why it cannot be taken here, and is empty when it can."""

    code: str
    available: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentStatus:
    """Where a payment stands, and what the buyer's device does next: `next_action` is `none` for an invoice."""

    method: str
    status: str
    next_action: str


def list_payment_methods(*, country: str, total_minor: int, currency: str) -> tuple[PaymentMethod, ...]:
    """Every method with whether this sum can be paid with it."""
    reason = ""
    if country not in _INVOICED_COUNTRIES:
        reason = "country_not_served"
    elif currency not in _INVOICED_CURRENCIES:
        reason = "currency_not_served"
    elif total_minor <= 0:
        reason = "nothing_to_pay"
    return (PaymentMethod(code=INVOICE, available=not reason, reason=reason),)
