"""Nothing about money stays in the air: what was asked and not answered, what was told and not looked at, what ran out.

Each of these is repeated by a job every minute until it has an end, so a process may die anywhere (`reliability.md`,
G5).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

import structlog

from config.kernel.actors import Actor
from config.kernel.crashpoints import crashpoint
from config.kernel.db import Locking, add_rows, lock, outside_transaction, store_fields, transaction
from config.kernel.errors import Busy
from config.kernel.events import emit
from config.kernel.prepared import Prepared
from orders.agreement.models import CancelReason, Order, OrderState
from orders.events import ProviderMessageStored
from orders.payment.disputes import record_dispute
from orders.payment.models import (
    OPEN_ATTEMPTS,
    AttemptState,
    Dispute,
    MessageState,
    OperationState,
    PaymentAttempt,
    ProviderMessage,
)
from orders.payment.ports import DisputeSeen, IntentSeen, ProviderRefused, ProviderSilent
from orders.payment.queries import (
    get_provider,
    list_open_attempts,
    list_open_messages,
    list_pending_operations,
    list_quiet_disputes,
)
from orders.payment.rules import BY_PROVIDER
from orders.payment.settling import run_operation
from orders.placing.paying import ask_provider, fail_attempt, write_answer
from orders.placing.services import cancel_order

_SILENT_FOR: Final = timedelta(minutes=2)
_UNMATCHED_GIVEN_UP_AFTER: Final = timedelta(hours=1)
_PROVIDER_WAITED_FOR: Final = timedelta(minutes=10)  # after an order's hold ended
_DISPUTES_LOOKED_FOR: Final = timedelta(days=3)  # for so long Stripe repeats its messages
_DISPUTES_REREAD_AFTER: Final = timedelta(hours=6)  # banks take weeks
_ANSWERS_WITHIN_S: Final = 20.0
_FIRST_LOOK_FOR_DISPUTES: Final = timedelta(days=120)  # so long a card's holder may take
_BATCH: Final = 200

# What every payment by a provider reads.
_MESSAGE: Final = Locking(ProviderMessage, where="public_id = %s")
_ATTEMPT: Final = Prepared("SELECT id FROM orders_paymentattempt WHERE public_id = %s")
_ASKED: Final = Prepared(
    "SELECT public_id FROM orders_paymentoperation WHERE attempt_id = %s AND state = %s ORDER BY id",
    binary=True,
)

T = TypeVar("T")
logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class KeptMessage:
    """A provider's message is stored; `is_new` unless it came before."""

    is_new: bool


@transaction
def receive_message(*, body: bytes, signature: str, by: Actor, now: datetime) -> KeptMessage:
    """Verify and store a webhook; a job looks at it. One that came before is not stored again. Emits
    ProviderMessageStored. Errors: BadSignature.
    """
    news = get_provider().read_message(body=body, signature=signature, now=now)
    message = ProviderMessage(
        event_ref=news.event_ref,
        kind=news.kind,
        intent_ref=news.intent_ref,
        attempt_ref=news.attempt_id,
        body=body,
        received_at=now,
    )
    if not news.known or not news.intent_ref:
        logger.info(
            "a payment provider's message says nothing to us", kind=news.kind, event_ref=news.event_ref
        )
        message.settle(MessageState.IGNORED, now=now)
    is_new = add_rows([message], unless_there=True)
    if is_new and message.state == MessageState.RECEIVED:
        emit(ProviderMessageStored(message_id=message.public_id), by=by, now=now)
    return KeptMessage(is_new=is_new)


@outside_transaction
def fold_message(*, message_id: UUID, by: Actor, now: datetime) -> None:
    """Ask the provider what is true of the message's intent, and write that down.

    Errors: ProviderSilent; the caller comes again.
    """
    message = _MESSAGE.get([message_id])
    if message.state not in {MessageState.RECEIVED, MessageState.UNMATCHED}:
        return
    provider = get_provider(timeout_s=_ANSWERS_WITHIN_S)
    seen = provider.read_intent(ref=message.intent_ref)
    crashpoint("message.after_call")
    known = _ATTEMPT.fetch_one([seen.attempt_id]) if seen.attempt_id else None
    if known is not None and seen.attempt_id is not None:
        write_answer(attempt_id=seen.attempt_id, seen=seen, by=by, now=now)
        for (operation_id,) in _ASKED.fetch_all([known[0], OperationState.PENDING]):
            run_operation(operation_id=operation_id, by=by, now=now)
        if provider.is_about_dispute(kind=message.kind):
            for dispute in provider.list_disputes(ref=message.intent_ref):
                record_dispute(attempt_id=seen.attempt_id, seen=dispute, by=by, now=now)
    settle_message(message_id=message_id, matched=known is not None, by=by, now=now)


@transaction
def settle_message(*, message_id: UUID, matched: bool, by: Actor, now: datetime) -> None:
    """The message was looked at; one about an intent of nobody's is looked at again, and then told as an error."""
    (message,) = lock(_MESSAGE([message_id]))
    if matched and message.state != MessageState.FOLDED:
        message.settle(MessageState.FOLDED, now=now)
    elif not matched and message.state == MessageState.RECEIVED:
        message.settle(MessageState.UNMATCHED, now=now)
        logger.error("a payment belongs to no order", provider_ref=message.intent_ref, kind=message.kind)
    store_fields(message, "state", "settled_at")


@outside_transaction
def recover_payments(*, by: Actor, now: datetime) -> None:
    """Take up whatever has been left in the air for two minutes: messages, attempts, operations.

    What fails is logged and comes again; it keeps nothing else from its turn.
    """
    messages = list_open_messages(now=now, silent_for=_SILENT_FOR, given_up_after=_UNMATCHED_GIVEN_UP_AFTER)
    _each(messages, lambda ref: fold_message(message_id=ref, by=by, now=now))
    attempts = list_open_attempts(now=now, silent_for=_SILENT_FOR)
    _each(attempts, lambda ref: recover_attempt(attempt_id=ref, by=by, now=now))
    operations = list_pending_operations(now=now, silent_for=_SILENT_FOR)
    _each(operations, lambda ref: run_operation(operation_id=ref, by=by, now=now))


@outside_transaction
def recover_attempt(*, attempt_id: UUID, by: Actor, now: datetime) -> None:
    """Learn what became of an attempt: by its intent, by asking for it again, or by looking for it.

    Errors: ProviderSilent.
    """
    attempt = PaymentAttempt.objects.select_related("order").get(public_id=attempt_id)
    try:
        seen = _find_out(attempt, by=by, now=now)
    except ProviderRefused as refused:
        fail_attempt(attempt_id=attempt_id, reason=refused.reason, by=by, now=now)
        return
    write_answer(attempt_id=attempt_id, seen=seen, by=by, now=now)


def _find_out(attempt: PaymentAttempt, *, by: Actor, now: datetime) -> IntentSeen:
    """The attempt's intent. Where the provider broke on the key, it is looked for before another key is used."""
    try:
        return ask_provider(attempt=attempt, timeout_s=_ANSWERS_WITHIN_S)
    except ProviderSilent as silent:
        if not silent.key_is_burnt or attempt.provider_ref is not None:
            raise
    provider = get_provider(timeout_s=_ANSWERS_WITHIN_S)
    found = provider.find_intent(attempt_id=attempt.public_id, asked_at=attempt.asked_at)
    if found is not None:
        return found
    burn_attempt_key(attempt_id=attempt.public_id, by=by, now=now)
    attempt.refresh_from_db()
    return ask_provider(attempt=attempt, timeout_s=_ANSWERS_WITHIN_S)


@transaction
def burn_attempt_key(*, attempt_id: UUID, by: Actor, now: datetime) -> None:
    """The provider broke on the attempt's key without making an intent, so another key is used. Locks the order."""
    (order,) = lock(Order.objects.filter(attempts__public_id=attempt_id))
    attempt = order.attempts.get(public_id=attempt_id)
    attempt.burnt_keys += 1
    attempt.save(update_fields=["burnt_keys"])


@outside_transaction
def recover_disputes(*, by: Actor, now: datetime) -> None:
    """Learn of disputes of which no message came, or none that we could read; and how the open ones stand.

    Errors: ProviderSilent; the caller comes again.
    """
    provider = get_provider(timeout_s=_ANSWERS_WITHIN_S)
    since = now - (_DISPUTES_LOOKED_FOR if Dispute.objects.exists() else _FIRST_LOOK_FOR_DISPUTES)
    _record_disputes(provider.list_new_disputes(since=since), by=by, now=now)
    _each(
        list_quiet_disputes(now=now, silent_for=_DISPUTES_REREAD_AFTER),
        lambda ref: _record_disputes(provider.list_disputes(ref=ref), by=by, now=now),
    )


def _record_disputes(found: Sequence[DisputeSeen], *, by: Actor, now: datetime) -> None:
    attempts = PaymentAttempt.objects.filter(provider_ref__in={seen.intent_ref for seen in found})
    ours = dict(attempts.values_list("provider_ref", "public_id"))
    _each(
        [seen for seen in found if seen.intent_ref in ours],
        lambda seen: record_dispute(attempt_id=ours[seen.intent_ref], seen=seen, by=by, now=now),
    )


@outside_transaction
def expire_orders(*, by: Actor, now: datetime) -> None:
    """Cancel the orders whose money was not secured in time."""
    late = Order.objects.filter(state=OrderState.PENDING_PAYMENT, pay_by__lte=now).order_by("pay_by")
    ids = list(late.values_list("public_id", flat=True)[:_BATCH])
    _each(ids, lambda ref: expire_order(order_id=ref, by=by, now=now))


@outside_transaction
def expire_order(*, order_id: UUID, by: Actor, now: datetime) -> None:
    """End an order whose time to pay is over: first at the provider, so that nobody can pay it any more, then here.

    Its goods are held until then: whoever paid before that gets them. A provider that does not answer, or does not know
    the payment any more, is waited for ten minutes; money that comes later still goes back.
    """
    order = Order.objects.get(public_id=order_id)
    attempts = PaymentAttempt.objects.filter(order=order, method__in=BY_PROVIDER, state__in=OPEN_ATTEMPTS)
    for attempt in attempts.select_related("order"):
        try:
            _close(attempt, by=by, now=now)
        except (ProviderSilent, ProviderRefused):
            if order.pay_by is not None and now < order.pay_by + _PROVIDER_WAITED_FOR:
                raise
    end_unpaid_order(order_id=order_id, by=by, now=now)


def _close(attempt: PaymentAttempt, *, by: Actor, now: datetime) -> None:
    """Fold what became of the attempt; where it is still open, cancel it at the provider."""
    if attempt.provider_ref is None and attempt.state == AttemptState.FAILED:
        return
    recover_attempt(attempt_id=attempt.public_id, by=by, now=now)
    attempt.refresh_from_db()
    if attempt.state not in OPEN_ATTEMPTS or attempt.provider_ref is None:
        return
    provider = get_provider(timeout_s=_ANSWERS_WITHIN_S)
    crashpoint("expire.before_call")
    try:
        seen = provider.cancel(ref=attempt.provider_ref, key=f"{attempt.public_id}-expire")
    except ProviderRefused:
        seen = provider.read_intent(ref=attempt.provider_ref)
    crashpoint("expire.after_call")
    write_answer(attempt_id=attempt.public_id, seen=seen, by=by, now=now)


@transaction
def end_unpaid_order(*, order_id: UUID, by: Actor, now: datetime) -> None:
    """Cancel the order unless its money came meanwhile. Locks the order, then the levels of the goods."""
    (order,) = lock(Order.objects.filter(public_id=order_id))
    if order.state == OrderState.PENDING_PAYMENT and order.pay_by is not None and order.pay_by <= now:
        cancel_order(order=order, reason=CancelReason.EXPIRED, by=by, now=now)


def _each(found: Sequence[T], take_up: Callable[[T], None]) -> None:
    for one in found:
        try:
            take_up(one)
        except (ProviderSilent, ProviderRefused, Busy) as error:
            logger.warning("something about money is still in the air", about=str(one), reason=str(error))
