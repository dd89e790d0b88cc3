"""What of a provider's word counts, what it does to an attempt, and what it means for the buyer. Pure Python."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from orders.payment.ports import DisputeStatus, IntentSeen, IntentStatus
from orders.payment.rules import NextAction


def is_news(*, seen: IntentStatus, known: str) -> bool:
    """Whether what was seen goes beyond what was known (empty: nothing): ranks only grow, whatever comes first."""
    order = list(IntentStatus)
    return not known or order.index(seen) >= order.index(IntentStatus(known))


def is_dispute_news(*, seen: DisputeStatus, known: str) -> bool:
    """Whether what was seen of a dispute is at least as far on as what was known of it."""
    order = list(DisputeStatus)
    return order.index(seen) >= order.index(DisputeStatus(known))


class Effect(StrEnum):
    """What news of an intent do to its attempt and order."""

    NONE = "none"
    ASK = "ask"  # the buyer must do something
    SECURE = "secure"  # the whole sum is ours to take: the order is confirmed
    FAIL = "fail"
    CANCEL = "cancel"
    GIVE_BACK = "give_back"  # money came that nobody wants any more
    LOSE = "lose"  # what was secured is gone; somebody must look at it


# The attempt's state (`orders.payment.models.AttemptState`) after an effect that changes it.
STATE_AFTER: Final[Mapping[Effect, str]] = {
    Effect.ASK: "requires_action",
    Effect.SECURE: "secured",
    Effect.FAIL: "failed",
    Effect.CANCEL: "cancelled",
    Effect.GIVE_BACK: "cancelled",
}


def effect_of(*, seen: IntentStatus, state: str, order_waits: bool) -> Effect:
    """What news do to an attempt in `state`, of an order that still waits for its money or not."""
    waits = state in {"pending", "requires_action"}
    match seen:
        case IntentStatus.AUTHORISED | IntentStatus.SUCCEEDED if state != "secured":
            return Effect.SECURE if order_waits and state != "cancelled" else Effect.GIVE_BACK
        case IntentStatus.CANCELLED if state == "secured":
            return Effect.LOSE
        case IntentStatus.CANCELLED if state != "cancelled":
            return Effect.CANCEL
        case IntentStatus.FAILED if waits:
            return Effect.FAIL
        case IntentStatus.WAITING | IntentStatus.ACTION if state == "pending":
            return Effect.ASK
    return Effect.NONE


def next_action(*, seen: IntentSeen, publishable_key: str) -> NextAction:
    """What the buyer's device does about an intent."""
    match seen.status:
        case IntentStatus.WAITING | IntentStatus.ACTION if not seen.redirects:
            return NextAction(
                type="sdk", client_secret=seen.client_secret, publishable_key=publishable_key, url=seen.url
            )
        case IntentStatus.WAITING | IntentStatus.ACTION:
            return NextAction(type="redirect", url=seen.url)
        case IntentStatus.PROCESSING:
            return NextAction(type="wait")
    return NextAction()
