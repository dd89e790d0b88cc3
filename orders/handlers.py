"""What the orders hear, and whom they tell: every step of an order goes into its customer's record, and to its buyer.

Events may come twice and in any order. So each handler first makes sure that the customer is known, from the order
itself, and what the record is told is a fact with an id, which it writes once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from config.kernel.actors import Actor, ActorKind
from config.kernel.db import Locking, Lookup, lock, store_fields
from config.kernel.events import handles, handles_together
from config.kernel.jobs import enqueue
from config.kernel.money import Money
from customers.api import (
    GivenAddress,
    Purchase,
    Step,
    StepKind,
    find_customer_of,
    record_purchase,
    record_step,
)
from orders import tasks
from orders.agreement.models import Order, OrderDelivery, OrderState, OrderStep
from orders.agreement.rules import PostalAddress
from orders.events import (
    AuthorisationLost,
    CarrierMessageStored,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderPaid,
    OrderPlaced,
    ParcelMoved,
    PaymentDisputed,
    PaymentFailed,
    PaymentOperationAsked,
    PaymentOperationFailed,
    ProviderMessageStored,
    RefundMade,
    ReturnAnnounced,
    ReturnCredited,
    ReturnReceived,
    WithdrawalReceived,
    WithdrawalStated,
)
from orders.matters.rules import MatterKind
from orders.matters.services import end_matter, open_matter, open_matter_of_withdrawal
from orders.notices.rules import NoticeKind
from orders.notices.services import promise_notice, promise_parcel_notice, promise_placed_notices
from orders.parcels.services import DISPATCHED, RETURNED
from orders.parcels.tracking import read_message
from orders.payment.models import Dispute
from orders.payment.ports import DisputeStatus
from orders.payment.queries import find_dispute
from orders.returns.services import mark_refunded
from orders.withdrawal.services import carry_out_withdrawal

_LETTERS_OF_A_JOB: Final = 10


@handles(OrderPlaced)
def on_order_placed(event: OrderPlaced) -> None:
    """She becomes a customer, or buys again."""
    _know_customer(event.order_id)


@handles(OrderConfirmed)
def on_order_confirmed(event: OrderConfirmed, *, now: datetime, by: Actor) -> None:
    """The order is confirmed."""
    _tell(event.order_id, _Told(kind=StepKind.ORDER_CONFIRMED, about_ref=event.order_id), by=by, now=now)


@handles(OrderCompleted)
def on_order_completed(event: OrderCompleted, *, now: datetime, by: Actor) -> None:
    """Everything has left."""
    _tell(event.order_id, _Told(kind=StepKind.ORDER_COMPLETED, about_ref=event.order_id), by=by, now=now)


@handles(ParcelMoved)
def on_parcel_moved(event: ParcelMoved, *, now: datetime, by: Actor) -> None:
    """A parcel has left; its journey on the road is not told here. What came back undelivered waits for a person."""
    if event.state == DISPATCHED:
        _tell(
            event.order_id, _Told(kind=StepKind.PARCEL_DISPATCHED, about_ref=event.parcel_id), by=by, now=now
        )
    if event.state == RETURNED:
        _lay_before_staff(MatterKind.PARCEL_RETURNED, event.order_id, str(event.parcel_id), now=now)


@handles(ReturnAnnounced)
def on_return_announced(event: ReturnAnnounced, *, now: datetime, by: Actor) -> None:
    """Goods will come back."""
    _tell(event.order_id, _Told(kind=StepKind.RETURN_ANNOUNCED, about_ref=event.return_id), by=by, now=now)


@handles(ReturnReceived)
def on_return_received(event: ReturnReceived, *, now: datetime, by: Actor) -> None:
    """Goods came back."""
    _tell(event.order_id, _Told(kind=StepKind.RETURN_RECEIVED, about_ref=event.return_id), by=by, now=now)


@handles(ReturnCredited)
def on_return_credited(event: ReturnCredited, *, now: datetime, by: Actor) -> None:
    """The money for what came back was given back."""
    amount = Money(event.amount_minor, event.currency).wire()
    told = _Told(kind=StepKind.RETURN_CREDITED, about_ref=event.return_id, data={"amount": amount})
    _tell(event.order_id, told, by=by, now=now)


@handles(PaymentOperationAsked)
def on_payment_operation_asked(event: PaymentOperationAsked) -> None:
    """The provider is asked by a job: handlers call nobody outside."""
    enqueue(tasks.run_payment_operation, operation_id=str(event.operation_id))


@handles(ProviderMessageStored)
def on_provider_message_stored(event: ProviderMessageStored) -> None:
    """A job asks the provider what is true."""
    enqueue(tasks.fold_provider_message, message_id=str(event.message_id))


@handles(CarrierMessageStored)
def on_carrier_message_stored(event: CarrierMessageStored, *, by: Actor, now: datetime) -> None:
    """What a carrier says of parcels is written down, and they follow."""
    read_message(message_id=event.message_id, by=by, now=now)


@handles(RefundMade)
def on_refund_made(event: RefundMade, *, now: datetime) -> None:
    """The money for a return is on its way."""
    if event.about_ref is not None:
        mark_refunded(return_id=event.about_ref, now=now)


@handles(WithdrawalStated)
def on_withdrawal_stated(event: WithdrawalStated, *, now: datetime, by: Actor) -> None:
    """Somebody withdrew by an order's number: what that means follows, by a person where no order is known."""
    carry_out_withdrawal(withdrawal_id=event.withdrawal_id, by=by, now=now)
    open_matter_of_withdrawal(withdrawal_id=event.withdrawal_id, now=now)


@handles(WithdrawalReceived)
def on_withdrawal_received(event: WithdrawalReceived, *, now: datetime) -> None:
    """What of it no machine can carry out waits for a person."""
    open_matter_of_withdrawal(withdrawal_id=event.withdrawal_id, now=now)


@handles(PaymentFailed)
def on_payment_failed(event: PaymentFailed, *, now: datetime, by: Actor) -> None:
    """One attempt came to nothing."""
    told = _Told(kind=StepKind.PAYMENT_FAILED, about_ref=event.attempt_id, data={"reason": event.reason})
    _tell(event.order_id, told, by=by, now=now)


@handles(OrderCancelled)
def on_order_cancelled(event: OrderCancelled, *, now: datetime, by: Actor) -> None:
    """Nothing of the order will happen."""
    told = _Told(kind=StepKind.ORDER_CANCELLED, about_ref=event.order_id, data={"reason": event.reason})
    _tell(event.order_id, told, by=by, now=now)


@handles(PaymentDisputed)
def on_payment_disputed(event: PaymentDisputed, *, by: Actor, now: datetime) -> None:
    """The buyer's bank takes money back, or asks about it: somebody has to answer until it ended.

    What is laid before her is how it stands now, under the order's lock, whichever news of it comes first.
    """
    lock(_ORDER([event.order_id]))
    dispute = find_dispute(ref=event.dispute_ref)
    if dispute is None:
        return  # it was told of before disputes were kept; what is still open is entered by the job that looks for them
    for kind, states in _DISPUTE_MATTERS.items():
        if dispute.state in states:
            facts = _facts_of(dispute)
            _lay_before_staff(kind, event.order_id, event.dispute_ref, now=now, facts=facts)
        else:
            end_matter(kind=kind, about_ref=event.dispute_ref, note=dispute.state, by=by, now=now)


@handles(PaymentOperationFailed)
def on_payment_operation_failed(event: PaymentOperationFailed, *, now: datetime) -> None:
    """The provider would not take, give back or release money."""
    facts = {
        "operation": event.kind,
        "amount": Money(event.amount_minor, event.currency).wire(),
        "reason": event.reason,
    }
    about = str(event.operation_id)
    _lay_before_staff(MatterKind.PAYMENT_REFUSED, event.order_id, about, now=now, facts=facts)


@handles(AuthorisationLost)
def on_authorisation_lost(event: AuthorisationLost, *, now: datetime) -> None:
    """Goods are promised for money that is no longer secured."""
    _lay_before_staff(MatterKind.AUTHORISATION_LOST, event.order_id, str(event.attempt_id), now=now)


@handles_together(OrderPlaced)
def notify_order_placed(events: Sequence[OrderPlaced]) -> None:
    """We have their orders. A few letters go with one job: when many order, jobs cost more than letters."""
    letters = [str(each) for each in promise_placed_notices(order_ids={event.order_id for event in events})]
    for first in range(0, len(letters), _LETTERS_OF_A_JOB):
        enqueue(tasks.send_notices, notice_ids=letters[first : first + _LETTERS_OF_A_JOB])


@handles(OrderPaid)
def notify_order_paid(event: OrderPaid, *, now: datetime) -> None:
    """The whole sum is paid."""
    _notify(NoticeKind.PAID, event.order_id, about_ref=event.order_id, now=now)


@handles(PaymentFailed)
def notify_payment_failed(event: PaymentFailed, *, now: datetime) -> None:
    """One attempt came to nothing."""
    _notify(NoticeKind.PAYMENT_FAILED, event.order_id, about_ref=event.attempt_id, now=now)


@handles(OrderCancelled)
def notify_order_cancelled(event: OrderCancelled, *, now: datetime) -> None:
    """Nothing of the order will happen."""
    data = {"reason": event.reason}
    _notify(NoticeKind.CANCELLED, event.order_id, about_ref=event.order_id, data=data, now=now)


@handles(ParcelMoved)
def notify_parcel_moved(event: ParcelMoved, *, now: datetime) -> None:
    """Her parcel is where it means something to her, or comes another day than she was told."""
    notice_id = promise_parcel_notice(
        order_id=event.order_id,
        parcel_id=event.parcel_id,
        state=event.state,
        estimated_on=event.estimated_on,
        now=now,
    )
    _send(notice_id)


@handles(ReturnAnnounced)
def notify_return_announced(event: ReturnAnnounced, *, now: datetime) -> None:
    """The receipt of her announcement, with the code for the box."""
    _notify(NoticeKind.RETURN_ANNOUNCED, event.order_id, about_ref=event.return_id, now=now)


@handles(ReturnReceived)
def notify_return_received(event: ReturnReceived, *, now: datetime) -> None:
    """What she sent back is here."""
    _notify(NoticeKind.RETURN_RECEIVED, event.order_id, about_ref=event.return_id, now=now)


@handles(RefundMade)
def notify_refund_made(event: RefundMade, *, now: datetime) -> None:
    """Her money is on its way."""
    data = {
        "amount_minor": event.amount_minor,
        "about_ref": str(event.about_ref) if event.about_ref else None,
    }
    _notify(NoticeKind.REFUNDED, event.order_id, about_ref=event.refund_id, data=data, now=now)


@handles(WithdrawalReceived)
def notify_withdrawal_received(event: WithdrawalReceived, *, now: datetime) -> None:
    """The receipt of her withdrawal, which is hers to keep."""
    _notify(NoticeKind.WITHDRAWAL_RECEIVED, event.order_id, about_ref=event.withdrawal_id, now=now)


# What waits for a person while a dispute stands so.
_DISPUTE_MATTERS: Final = {
    MatterKind.INQUIRY: (DisputeStatus.INQUIRY, DisputeStatus.INQUIRY_ANSWERED),
    MatterKind.DISPUTE: (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW),
}


def _facts_of(dispute: Dispute) -> dict[str, Any]:
    due_at = dispute.evidence_due_at
    return {
        "amount": Money(dispute.amount_minor, dispute.currency).wire(),
        "taken": Money(dispute.taken_minor - dispute.returned_minor, dispute.currency).wire(),
        "reason": dispute.reason,
        "state": dispute.state,
        "evidence_due_at": due_at.isoformat() if due_at else None,
    }


def _lay_before_staff(
    kind: MatterKind, order_id: UUID, about_ref: str, *, now: datetime, facts: dict[str, Any] | None = None
) -> None:
    open_matter(kind=kind, order_id=order_id, about_ref=about_ref, facts=facts, now=now)


def _notify(
    kind: NoticeKind, order_id: UUID, *, about_ref: UUID, now: datetime, data: dict[str, Any] | None = None
) -> None:
    _send(promise_notice(order_id=order_id, kind=kind, about_ref=about_ref, data=data, now=now))


def _send(notice_id: UUID | None) -> None:
    if notice_id is not None:
        enqueue(tasks.send_notices, notice_ids=[str(notice_id)])


@dataclass(frozen=True, kw_only=True)
class _Told:
    """A step as an event tells it; the order's number is added from the order."""

    kind: StepKind
    about_ref: UUID
    data: dict[str, Any] | None = None


def _tell(order_id: UUID, told: _Told, *, by: Actor, now: datetime) -> None:
    order = _know_customer(order_id)
    assert order.customer_ref is not None
    data = {"order_id": str(order.public_id), "number": order.number, **(told.data or {})}
    step = Step(kind=told.kind, about_ref=told.about_ref, data=data, occurred_at=now)
    record_step(customer_ref=order.customer_ref, step=step, by=by)


_ORDER: Final = Locking(Order, where="public_id = %s")
_STEP: Final = Lookup(OrderStep, where="order_id = %s AND state = %s")
_DELIVERIES: Final = Lookup(OrderDelivery, where="order_id = %s")


def _know_customer(order_id: UUID) -> Order:
    """The order, whose `customer_ref` is set and whose purchase stands in the record.

    The order's lock comes first (docs/locking.md) and lets one handler of an order work at a time.
    """
    (order,) = lock(_ORDER([order_id]))
    if order.customer_ref is not None:
        return order
    placed = _STEP.get([order.pk, OrderState.PENDING_PAYMENT])
    said = PostalAddress(**_DELIVERIES.get([order.pk]).address)
    address = {name: getattr(said, name) for name in GivenAddress.__annotations__}
    order.customer_ref = record_purchase(
        customer_ref=find_customer_of(user_ref=order.buyer_ref) if order.buyer_ref else None,
        purchase=Purchase(
            order_ref=order.public_id,
            email=order.email,
            name=order.name,
            phone=order.phone,
            locale=order.locale,
            address=GivenAddress(**address) if said.is_complete else None,
        ),
        step=Step(
            kind=StepKind.ORDER_PLACED,
            about_ref=order.public_id,
            data={
                "order_id": str(order.public_id),
                "number": order.number,
                "total": Money(order.total_gross_minor, order.currency).wire(),
            },
            occurred_at=order.placed_at,
        ),
        by=Actor(
            kind=ActorKind(placed.actor_kind),
            ref=placed.actor_ref,
            label=placed.actor_label,
            store=placed.actor_store,
        ),
        now=order.placed_at,
    )
    store_fields(order, "customer_ref")
    return order
