"""The cards of Stripe's tests: what each of them does when somebody pays with it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Card:
    """A card by its number and its names as a payment method.

    `asks` for 3DS; `decline` is {code, decline_code} of the bank's refusal, which comes after 3DS; `refunds` says
    how its refunds go: done at once, pending first, or done and then failed.
    """

    number: str
    names: tuple[str, ...]
    asks: bool = False
    decline: tuple[str, str] | None = None
    disputed: bool = False
    refunds: str = "done"

    @property
    def last4(self) -> str:
        """What may be shown of its number."""
        return self.number[-4:]


VISA: Final = Card("4242424242424242", ("pm_card_visa",))
CARDS: Final = (
    VISA,
    Card("4000002760003184", ("pm_card_authenticationRequired", "pm_card_threeDSecure2Required"), asks=True),
    Card(
        "4000000000000002",
        ("pm_card_chargeDeclined", "pm_card_visa_chargeDeclined"),
        decline=("card_declined", "generic_decline"),
    ),
    Card(
        "4000000000009995",
        ("pm_card_chargeDeclinedInsufficientFunds", "pm_card_visa_chargeDeclinedInsufficientFunds"),
        decline=("card_declined", "insufficient_funds"),
    ),
    Card(
        "4000008260003178",
        ("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",),
        asks=True,
        decline=("card_declined", "insufficient_funds"),
    ),
    Card(
        "4000000000000069", ("pm_card_chargeDeclinedExpiredCard",), decline=("expired_card", "expired_card")
    ),
    Card("4000000000000259", ("pm_card_createDispute",), disputed=True),
    Card("4000000000007726", ("pm_card_pendingRefund",), refunds="pending"),
    Card("4000000000005126", ("pm_card_refundFail",), refunds="fails"),
)
BY_NAME: Final = {name: card for card in CARDS for name in card.names}
BY_NUMBER: Final = {card.number: card for card in CARDS}
