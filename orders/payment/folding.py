"""What of a provider's word counts, and what it means for the buyer. Pure Python."""

from orders.payment.ports import IntentSeen, IntentStatus
from orders.payment.rules import NextAction


def is_news(*, seen: IntentStatus, known: str) -> bool:
    """Whether what was seen goes beyond what was known (empty: nothing): ranks only grow, whatever comes first."""
    order = list(IntentStatus)
    return not known or order.index(seen) >= order.index(IntentStatus(known))


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
