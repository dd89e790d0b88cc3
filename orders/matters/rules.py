"""What a person has to look at."""

from enum import StrEnum


class MatterKind(StrEnum):
    """Why somebody has to look at it."""

    WITHDRAWAL = "withdrawal"  # a part of the order must stand, or no order is known by what she wrote
    PARCEL_RETURNED = "parcel_returned"  # it came back undelivered: money back, or sent again
    INQUIRY = "inquiry"  # the buyer's bank asks about a payment before it takes it back
    DISPUTE = "dispute"  # the buyer's bank takes a payment back
    PAYMENT_REFUSED = "payment_refused"  # the provider would not capture, refund or release
    AUTHORISATION_LOST = (
        "authorisation_lost"  # goods are promised, and the money for them is no longer secured
    )
