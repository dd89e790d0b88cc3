"""The way of an order's money: asked for, answered, written down; the order is confirmed when its sum is secured.

What the provider says of an intent is folded into the attempt's row under the order's lock, in any order and any number
of times: ranks only grow (`orders.payment.folding`). Money that comes for an attempt that is not wanted any more goes
back by itself.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings

from config.kernel.actors import Actor
from config.kernel.crashpoints import crashpoint
from config.kernel.db import (
    Locking,
    lock,
    outside_transaction,
    store_fields,
    transaction,
    transaction_required,
)
from config.kernel.errors import NotFound, Refusal
from config.kernel.events import emit
from config.kernel.idempotency import Once
from config.kernel.ids import new_id
from config.kernel.money import round_half_up
from orders.agreement.models import CancelReason, Order, OrderDelivery, OrderState
from orders.agreement.queries import list_orders_of_buyer, list_orders_of_staff
from orders.agreement.rules import PostalAddress
from orders.events import AuthorisationLost, PaymentFailed
from orders.payment.folding import STATE_AFTER, Effect, effect_of, is_news, next_action
from orders.payment.models import AttemptState, PaymentAttempt
from orders.payment.ports import IntentSeen, ProviderRefused, ProviderSilent
from orders.payment.queries import find_live_attempt, get_attempt, get_provider
from orders.payment.rules import BY_PROVIDER, INVOICE, MAX_FAILURES, PaymentStatus
from orders.payment.services import (
    accept_invoice,
    begin_attempt,
    give_up_attempt,
    request_refund,
    require_refundable,
    status_of,
)
from orders.payment.settling import asked_intent
from orders.placing.services import cancel_order, confirm_order, require_payable

_ANSWERS_WITHIN_S: Final = 3.0  # a buyer waits for it

_ORDER_OF_ATTEMPT: Final = Locking(
    Order, where="id = (SELECT order_id FROM orders_paymentattempt WHERE public_id = %s)"
)

logger = structlog.get_logger(__name__)


class OrderNotPayable(Refusal):
    """The order waits for no money: `state` says whether it is secured or cancelled."""

    code = "order_not_payable"
    status = 409
    title = "This order does not wait for a payment."


class PaymentMismatch(Refusal):
    """What the provider holds for this payment is another sum or another order's. Somebody has been told."""

    code = "payment_mismatch"
    status = 409
    title = "The payment does not belong to this order."


class TooManyFailures(Refusal):
    """So many payments of this order failed that no other one is begun."""

    code = "too_many_payment_failures"
    status = 409
    title = "Too many payments of this order have failed."


@dataclass(frozen=True, kw_only=True)
class Payment:
    """An attempt for its buyer, and the order's state with it."""

    order_state: str
    payment: PaymentStatus


@dataclass(frozen=True, kw_only=True)
class BegunPayment:
    """The attempt that shall secure the order."""

    attempt_id: UUID


@dataclass(frozen=True, kw_only=True)
class CancelledOrder:
    """An order of which nothing will happen."""

    order_id: UUID
    number: str
    state: str


@dataclass(frozen=True, kw_only=True)
class AskedRefund:
    """Money that goes back."""

    refund_id: UUID
    amount_minor: int
    currency: str


@outside_transaction
def pay_order(
    *, once: Once, order_id: UUID, secret: str, payment_method: str, by: Actor, now: datetime
) -> Payment:
    """Another try, or another method, for an order that waits for its money.

    The order is the buyer's, by her account or by its `secret`. A live attempt of the same method is gone on with; one
    of another method is given up.
    Errors: NotFound, OrderNotPayable, PaymentMethodUnavailable, TooManyFailures, PaymentMismatch; Busy.
    """
    begun = begin_payment.once(
        once, order_id=order_id, secret=secret, payment_method=payment_method, by=by, now=now
    )
    return enter_provider(attempt_id=begun.attempt_id, by=by, now=now)


@transaction
def begin_payment(
    *, order_id: UUID, secret: str, payment_method: str, by: Actor, now: datetime
) -> BegunPayment:
    """The first part of `pay_order`, which commits before the provider is asked. Locks the order."""
    order = next(iter(lock(list_orders_of_buyer(order_id=order_id, secret=secret, by=by))), None)
    if order is None:
        raise NotFound
    if order.state != OrderState.PENDING_PAYMENT or (order.pay_by is not None and order.pay_by <= now):
        raise OrderNotPayable(state=order.state)
    invoiced = (
        OrderDelivery.objects.select_related("location").filter(order=order)[0]
        if payment_method == INVOICE
        else None
    )
    require_payable(
        method=payment_method,
        country=order.country,
        total_minor=order.total_gross_minor,
        currency=order.currency,
        has_address=invoiced is None or PostalAddress(**invoiced.address).is_complete,
    )
    live = find_live_attempt(order=order)
    if live is not None and live.method == payment_method:
        return BegunPayment(attempt_id=live.public_id)
    if order.attempts.exclude(failure="").count() >= MAX_FAILURES:
        raise TooManyFailures(limit=MAX_FAILURES)
    for attempt in order.attempts.exclude(state=AttemptState.CANCELLED):
        give_up_attempt(attempt=attempt, by=by, now=now)
    if invoiced is None:
        return BegunPayment(attempt_id=begin_attempt(order=order, method=payment_method, now=now).attempt_id)
    accepted = accept_invoice(
        order=order,
        billed_to=invoiced.address,
        issued_on=now.astimezone(ZoneInfo(invoiced.location.time_zone)).date(),
        by=by,
        now=now,
    )
    confirm_order(order=order, by=by, now=now)
    return BegunPayment(attempt_id=accepted.attempt_id)


@outside_transaction
def enter_provider(*, attempt_id: UUID, by: Actor, now: datetime) -> Payment:
    """Ask the provider for the attempt's sum, or what became of it, and write its answer down. It may be repeated.

    When the provider does not answer in time, the buyer is told to wait and the recovery job goes on.
    Errors: PaymentMismatch.
    """
    attempt = get_attempt(attempt_id=attempt_id)
    if attempt.method not in BY_PROVIDER or attempt.state in {AttemptState.SECURED, AttemptState.CANCELLED}:
        return _payment_of(attempt)
    try:
        seen = ask_provider(attempt=attempt, timeout_s=_ANSWERS_WITHIN_S)
    except ProviderSilent as silent:
        logger.warning("the payment provider did not answer", attempt=str(attempt_id), reason=str(silent))
        return _payment_of(attempt)
    except ProviderRefused as refused:
        fail_attempt(attempt_id=attempt_id, reason=refused.reason, by=by, now=now)
        return _payment_of(get_attempt(attempt_id=attempt_id))
    written = write_answer(attempt_id=attempt_id, seen=seen, by=by, now=now)
    if not is_answer_to(attempt=attempt, seen=seen):
        raise PaymentMismatch(attempt_id=str(attempt_id))
    return _payment_of(written, seen)


def ask_provider(*, attempt: PaymentAttempt, timeout_s: float) -> IntentSeen:
    """What the provider says of the attempt, which it is asked for unless it is known there. Outside transactions.

    Errors: ProviderSilent, ProviderRefused.
    """
    provider, asked = get_provider(timeout_s=timeout_s), asked_intent(attempt=attempt)
    crashpoint("pay.before_call")
    if attempt.provider_ref is not None:
        seen = provider.read_intent(ref=attempt.provider_ref, return_url=asked.return_url)
    else:
        seen = provider.create_intent(asked=asked, key=attempt.key)
    crashpoint("pay.after_call")
    return seen


def is_answer_to(*, attempt: PaymentAttempt, seen: IntentSeen) -> bool:
    """Whether an intent is this attempt's: by its id, its sum and its currency."""
    known = (attempt.provider_ref or seen.ref, attempt.public_id, attempt.amount_minor, attempt.currency)
    return known == (seen.ref, seen.attempt_id, seen.amount_minor, seen.currency)


@transaction
def write_answer(*, attempt_id: UUID, seen: IntentSeen, by: Actor, now: datetime) -> PaymentAttempt:
    """Fold what the provider says of an attempt into its row; confirm the order when the whole sum is secured.

    Locks the order. What does not belong to the attempt changes nothing and is logged as an error. Emits
    OrderConfirmed, PaymentFailed, AuthorisationLost, and what giving up an unwanted attempt emits. Returns the attempt
    as it is then, with its order.
    """
    (order,) = lock(_ORDER_OF_ATTEMPT([attempt_id]))
    attempt = get_attempt(attempt_id=attempt_id, order=order)
    if not is_answer_to(attempt=attempt, seen=seen):
        logger.error(
            "a payment does not belong to its order",
            attempt=str(attempt_id),
            order=order.number,
            provider_ref=seen.ref,
        )
        return attempt
    attempt.checked_at = now
    if is_news(seen=seen.status, known=attempt.provider_status):
        attempt.provider_ref, attempt.provider_status = seen.ref, seen.status
        attempt.captures_in_parts = attempt.captures_in_parts or seen.captures_in_parts
        attempt.captured_minor = max(attempt.captured_minor, seen.captured_minor)
        _fold(order, attempt, seen, by=by, now=now)
    store_fields(attempt)
    return attempt


@transaction
def fail_attempt(*, attempt_id: UUID, reason: str, by: Actor, now: datetime) -> None:
    """The provider will not take the attempt at all. Locks the order. Emits PaymentFailed."""
    (order,) = lock(_ORDER_OF_ATTEMPT([attempt_id]))
    attempt = get_attempt(attempt_id=attempt_id, order=order)
    if attempt.state in {AttemptState.PENDING, AttemptState.REQUIRES_ACTION}:
        _fail(order, attempt, reason, by=by, now=now)
        store_fields(attempt)


@transaction_required
def _fold(order: Order, attempt: PaymentAttempt, seen: IntentSeen, *, by: Actor, now: datetime) -> None:
    order_waits = order.state == OrderState.PENDING_PAYMENT
    effect = effect_of(seen=seen.status, state=attempt.state, order_waits=order_waits)
    if effect == Effect.FAIL:
        _fail(order, attempt, seen.failure, by=by, now=now)
    elif effect == Effect.GIVE_BACK:
        logger.warning("money came that is not wanted", order=order.number, attempt=str(attempt.public_id))
        give_up_attempt(attempt=attempt, by=by, now=now)
    elif effect == Effect.LOSE:
        attempt.failure = "authorisation_lost"
        logger.error("an authorisation was lost", order=order.number, attempt=str(attempt.public_id))
        lost = AuthorisationLost(order_id=order.public_id, number=order.number, attempt_id=attempt.public_id)
        emit(lost, by=by, now=now)
    elif effect != Effect.NONE:
        attempt.move(AttemptState(STATE_AFTER[effect]), now=now)
    if effect == Effect.SECURE:
        confirm_order(order=order, by=by, now=now)


def _fail(order: Order, attempt: PaymentAttempt, reason: str, *, by: Actor, now: datetime) -> None:
    attempt.move(AttemptState.FAILED, now=now)
    attempt.failure = reason or "declined"
    failed = PaymentFailed(
        order_id=order.public_id, number=order.number, attempt_id=attempt.public_id, reason=attempt.failure
    )
    emit(failed, by=by, now=now)


def _payment_of(attempt: PaymentAttempt, seen: IntentSeen | None = None) -> Payment:
    action = None
    if seen is not None and attempt.state in {AttemptState.PENDING, AttemptState.REQUIRES_ACTION}:
        action = next_action(seen=seen, publishable_key=settings.STRIPE_PUBLISHABLE_KEY)
    return Payment(
        order_state=str(attempt.order.state), payment=status_of(attempt=attempt, next_action=action)
    )


@transaction
def refund_by_staff(*, order_id: UUID, amount_minor: int | None, by: Actor, now: datetime) -> AskedRefund:
    """A clerk of the place that the goods left from gives a part of the money back; None is a sum that is none.

    The tax in it is the order's own share. Locks the order. Emits RefundMade at once or once the provider did it.
    Errors: NotFound; RefundExceedsCaptured; Busy.
    """
    order = next(iter(lock(list_orders_of_staff(order_id=order_id, by=by))), None)
    if order is None:
        raise NotFound
    amount_minor = amount_minor if amount_minor is not None and amount_minor > 0 else None
    require_refundable(order=order, gross_minor=amount_minor)
    assert amount_minor is not None
    tax = round_half_up(Decimal(amount_minor * order.total_tax_minor) / order.total_gross_minor)
    refund_id = request_refund(
        order=order, gross_minor=amount_minor, tax_minor=tax, about_ref=new_id(), by=by, now=now
    )
    return AskedRefund(refund_id=refund_id, amount_minor=amount_minor, currency=order.currency)


@transaction
def cancel_by_buyer(*, order_id: UUID, secret: str, by: Actor, now: datetime) -> CancelledOrder:
    """The buyer (by her account, or by the order's `secret`) calls the order off while nothing of it has left.

    Locks the order, then the levels of the goods.
    Errors: NotFound, GoodsHaveLeft; IllegalMove when it was cancelled before; Busy.
    """
    order = next(iter(lock(list_orders_of_buyer(order_id=order_id, secret=secret, by=by))), None)
    if order is None:
        raise NotFound
    cancel_order(order=order, reason=CancelReason.BY_BUYER, by=by, now=now)
    return CancelledOrder(order_id=order.public_id, number=order.number, state=str(order.state))
