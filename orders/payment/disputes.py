"""What buyers' banks take back, or ask about: written down as the provider shows it, and entered in the ledger.

Nothing is decided here. A person answers the bank at the provider (`orders.matters` tells her to), and what came of it
is read there, in whatever order and however often it is told.
"""

from datetime import datetime
from uuid import UUID

import structlog

from config.kernel.actors import Actor
from config.kernel.db import lock, transaction
from config.kernel.events import emit
from orders.agreement.models import Order
from orders.events import PaymentDisputed
from orders.payment.models import Dispute, EntryKind, PaymentAttempt
from orders.payment.ports import DisputeSeen
from orders.payment.writing import enter

logger = structlog.get_logger(__name__)


@transaction
def record_dispute(*, attempt_id: UUID, seen: DisputeSeen, by: Actor, now: datetime) -> None:
    """Write down what the provider shows of a dispute about the attempt's payment, and what was moved for it.

    Its state only goes on, and money is entered once each way, so older news that come later change nothing. Locks the
    order. Emits PaymentDisputed when something about it is new.
    """
    (order,) = lock(Order.objects.filter(attempts__public_id=attempt_id))
    attempt = order.attempts.get(public_id=attempt_id)
    known = Dispute.objects.filter(provider_ref=seen.ref).first()
    dispute = known or _new(attempt, seen)
    dispute.checked_at = now
    is_new = dispute.follow(seen) or known is None
    taken, returned = _moved(dispute, seen)
    dispute.taken_minor, dispute.returned_minor = (
        dispute.taken_minor + taken,
        dispute.returned_minor + returned,
    )
    dispute.save()
    for kind, amount_minor in ((EntryKind.DISPUTED, -taken), (EntryKind.REINSTATED, returned)):
        if amount_minor:
            enter(attempt, kind=kind, amount_minor=amount_minor, about_ref=dispute.public_id, by=by, now=now)
    if is_new or taken or returned:
        _tell(order, dispute, by=by, now=now)


def _new(attempt: PaymentAttempt, seen: DisputeSeen) -> Dispute:
    return Dispute(
        order_id=attempt.order_id,
        attempt=attempt,
        provider_ref=seen.ref,
        state=seen.status,
        amount_minor=seen.amount_minor,
        currency=seen.currency,
        reason=seen.reason,
        evidence_due_at=seen.evidence_due_at,
        opened_at=seen.opened_at,
    )


def _moved(dispute: Dispute, seen: DisputeSeen) -> tuple[int, int]:
    """What was taken and what came again since it was seen last.

    Each happens once and in the payment's currency. Anything else is not believed: a person reads the error.
    """
    before, after = (dispute.taken_minor, dispute.returned_minor), (seen.taken_minor, seen.returned_minor)
    again = any(old and new > old for old, new in zip(before, after, strict=True))
    if again or dispute.currency != dispute.attempt.currency:
        logger.error("a dispute moved money as none does", dispute=seen.ref, before=before, after=after)
        return 0, 0
    taken, returned = (0 if old else new for old, new in zip(before, after, strict=True))
    return taken, returned


def _tell(order: Order, dispute: Dispute, *, by: Actor, now: datetime) -> None:
    logger.error(
        "a payment is disputed", order=order.number, dispute=dispute.provider_ref, state=str(dispute.state)
    )
    told = PaymentDisputed(
        order_id=order.public_id,
        number=order.number,
        dispute_ref=dispute.provider_ref,
        amount_minor=dispute.amount_minor,
        currency=dispute.currency,
        reason=dispute.reason,
        state=str(dispute.state),
    )
    emit(told, by=by, now=now)
