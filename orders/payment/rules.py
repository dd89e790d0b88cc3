"""How an order can be paid, and what an invoice says about when."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

CARD: Final = "card"
MOBILEPAY: Final = "mobilepay"
INVOICE: Final = "invoice"
BY_PROVIDER: Final = (CARD, MOBILEPAY)

INVOICE_TERM: Final = timedelta(days=14)  # net; the usual consumer term in Finland
PAY_WITHIN: Final = timedelta(minutes=30)  # longer than 3DS takes; stock is held as long
MAX_FAILURES: Final = 3  # per order: more is somebody who tries out stolen cards

_INVOICED_COUNTRIES: Final = frozenset({"FI"})
_INVOICED_CURRENCIES: Final = frozenset({"EUR"})
# Stripe's documentation of MobilePay: buyers in Finland and Denmark, in these currencies.
_MOBILEPAY_COUNTRIES: Final = frozenset({"FI", "DK"})
_MOBILEPAY_CURRENCIES: Final = frozenset({"EUR", "DKK", "NOK", "SEK"})
# Stripe's least sums, in minor units; other currencies have the first.
_LEAST: Final[Mapping[str, int]] = {"EUR": 50, "DKK": 250, "NOK": 300, "SEK": 300}


@dataclass(frozen=True, kw_only=True)
class PaymentMethod:
    """A way to pay; `reason` says in a word why it cannot be taken here, and is empty when it can."""

    code: str
    available: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class NextAction:
    """What the buyer's device does next.

    `none`: nothing. `sdk`: go on with `client_secret` and `publishable_key` in the provider's own library (or at `url`
    where that is given). `redirect`: go to `url`. `wait`: the answer is not known yet, ask again.
    """

    type: str = "none"
    client_secret: str = ""
    publishable_key: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentStatus:
    """Where an attempt to pay stands, and what the buyer's device does next."""

    attempt_id: UUID
    method: str
    status: str
    next_action: NextAction

    def wire(self) -> dict[str, Any]:
        """As it travels; of the next action only what it needs."""
        action = {name: value for name, value in asdict(self.next_action).items() if value}
        return {
            "attempt_id": str(self.attempt_id),
            "method": self.method,
            "status": self.status,
            "next_action": action,
        }


def payment_methods(
    *, country: str, total_minor: int, currency: str, has_address: bool, provider_ready: bool
) -> tuple[PaymentMethod, ...]:
    """Every method with whether this sum can be paid with it. `provider_ready`: the provider's keys are set.

    `has_address`: an invoice can be made out to somebody somewhere; who fetches her goods need not say where she lives.
    """
    reasons = {
        CARD: _provider_reason(total_minor, currency, provider_ready),
        MOBILEPAY: _place_reason(country, currency, _MOBILEPAY_COUNTRIES, _MOBILEPAY_CURRENCIES)
        or _provider_reason(total_minor, currency, provider_ready),
        INVOICE: _place_reason(country, currency, _INVOICED_COUNTRIES, _INVOICED_CURRENCIES)
        or ("nothing_to_pay" if total_minor <= 0 else "" if has_address else "address_missing"),
    }
    return tuple(
        PaymentMethod(code=code, available=not reason, reason=reason) for code, reason in reasons.items()
    )


def _place_reason(country: str, currency: str, countries: frozenset[str], currencies: frozenset[str]) -> str:
    if country not in countries:
        return "country_not_served"
    return "" if currency in currencies else "currency_not_served"


def _provider_reason(total_minor: int, currency: str, provider_ready: bool) -> str:
    if not provider_ready:
        return "not_set_up"
    if total_minor <= 0:
        return "nothing_to_pay"
    return "sum_too_small" if total_minor < _LEAST.get(currency, _LEAST["EUR"]) else ""
