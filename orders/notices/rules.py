"""What there is to tell, and in which language."""

from enum import StrEnum
from typing import Final

LANGUAGES: Final = ("fi", "sv", "en")
OTHERWISE: Final = "en"


class NoticeKind(StrEnum):
    """The steps at which the buyer is told something."""

    PLACED = "placed"
    PAID = "paid"
    PAYMENT_FAILED = "payment_failed"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery_failed"
    RETURN_ANNOUNCED = "return_announced"
    RETURN_RECEIVED = "return_received"
    REFUNDED = "refunded"
    WITHDRAWAL_RECEIVED = "withdrawal_received"


def language_of(*, locale: str) -> str:
    """The language in which somebody with that locale (BCP 47) is written to; English where hers is not spoken."""
    language = locale.split("-", maxsplit=1)[0].lower()
    return language if language in LANGUAGES else OTHERWISE
