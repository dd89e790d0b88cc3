"""What was decided about money is done: the provider is asked outside every transaction, and its answer written down.

An operation may be asked for again at any time: its key makes the provider do it once. Where a key cannot help (the
provider broke on it, or forgets it after a day), the state is read first: "already done" is a success, and nothing is
given back because of an answer that nobody understood (`reliability.md` 5).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings

from config.kernel.actors import Actor
from config.kernel.crashpoints import crashpoint
from config.kernel.db import lock, outside_transaction, transaction
from config.kernel.events import emit
from orders.agreement.models import Order
from orders.events import OrderPaid, PaymentOperationFailed, RefundMade
from orders.payment.folding import is_news
from orders.payment.models import (
    EntryKind,
    OperationKind,
    OperationState,
    PaymentAttempt,
    PaymentOperation,
)
from orders.payment.ports import (
    AskedIntent,
    IntentSeen,
    IntentStatus,
    PaymentProvider,
    ProviderRefused,
    ProviderSilent,
    RefundSeen,
    RefundStatus,
)
from orders.payment.queries import get_provider, sum_entries
from orders.payment.writing import enter

_KEYS_LIVE_FOR: Final = timedelta(hours=23)  # Stripe may forget them after 24

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of an operation: its end, if it has one, and what the provider showed on the way."""

    end: OperationState | None
    failure: str = ""
    intent: IntentSeen | None = None
    refund: RefundSeen | None = None


def asked_intent(*, attempt: PaymentAttempt) -> AskedIntent:
    """What the provider is asked for an attempt."""
    order = attempt.order
    return AskedIntent(
        attempt_id=attempt.public_id,
        order_id=order.public_id,
        number=order.number,
        method=attempt.method,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        return_url=settings.PAYMENT_RETURN_URL.format(
            order_id=order.public_id, language=order.locale.split("-", maxsplit=1)[0].lower()
        ),
    )


@outside_transaction
def run_operation(*, operation_id: UUID, by: Actor, now: datetime) -> None:
    """Let the provider do it, after everything that was asked before it for the same attempt.

    Errors: ProviderSilent, when nobody knows yet; the caller comes again.
    """
    wanted = PaymentOperation.objects.select_related("attempt__order").get(public_id=operation_id)
    before = PaymentOperation.objects.select_related("attempt__order").filter(
        attempt=wanted.attempt, state=OperationState.PENDING, pk__lte=wanted.pk
    )
    for operation in before.order_by("pk"):
        crashpoint("operation.before_call")
        try:
            outcome = _carry_out(operation, get_provider(), now=now)
        except ProviderSilent as silent:
            if silent.key_is_burnt:
                burn_key(operation_id=operation.public_id, by=by, now=now)
            raise
        except ProviderRefused as refused:  # not even to say how it stands: somebody must look
            outcome = Outcome(end=OperationState.FAILED, failure=refused.reason)
        crashpoint("operation.after_call")
        settle_operation(operation_id=operation.public_id, outcome=outcome, by=by, now=now)


@transaction
def burn_key(*, operation_id: UUID, by: Actor, now: datetime) -> None:
    """The provider broke on the operation's key and answers so for ever: the next try looks first and has a new one."""
    (operation,) = lock(PaymentOperation.objects.filter(public_id=operation_id))
    operation.burnt_keys += 1
    operation.save(update_fields=["burnt_keys"])


@transaction
def settle_operation(*, operation_id: UUID, outcome: Outcome, by: Actor, now: datetime) -> None:
    """Write down what the provider did: the operation's end, and the ledger's entry. A second call changes nothing.

    Locks the order. Emits RefundMade, OrderPaid when the captures have reached the order's sum, PaymentOperationFailed.
    """
    (order,) = lock(Order.objects.filter(operations__public_id=operation_id))
    operation = PaymentOperation.objects.select_related("attempt").get(public_id=operation_id)
    if operation.state != OperationState.PENDING:
        return
    attempt = operation.attempt
    if outcome.intent is not None:
        _see(attempt, outcome.intent, now)
    if outcome.refund is not None:
        operation.provider_ref = outcome.refund.ref
    if outcome.end is not None:
        operation.end(outcome.end, failure=outcome.failure, now=now)
    operation.save()
    if outcome.end == OperationState.FAILED:
        logger.error(
            "the provider refused what must be done",
            operation=str(operation_id),
            kind=operation.kind,
            order=order.number,
            reason=outcome.failure,
        )
        failed = PaymentOperationFailed(
            order_id=order.public_id,
            number=order.number,
            operation_id=operation.public_id,
            kind=str(operation.kind),
            amount_minor=operation.amount_minor,
            currency=order.currency,
            reason=outcome.failure,
        )
        emit(failed, by=by, now=now)
    if outcome.end == OperationState.DONE:
        _write_entries(order, operation, outcome, by=by, now=now)


def _carry_out(operation: PaymentOperation, provider: PaymentProvider, *, now: datetime) -> Outcome:
    attempt = operation.attempt
    look_first = operation.burnt_keys > 0 or now - operation.asked_at > _KEYS_LIVE_FOR
    match operation.kind:
        case OperationKind.CAPTURE:
            return _capture(operation, _ref_of(attempt), provider, look_first=look_first)
        case OperationKind.REFUND:
            return _refund(operation, _ref_of(attempt), provider, look_first=look_first)
    return _release(operation, provider, now=now)


def _ref_of(attempt: PaymentAttempt) -> str:
    assert attempt.provider_ref is not None, "secured attempts are known to the provider"
    return attempt.provider_ref


def _capture(
    operation: PaymentOperation, ref: str, provider: PaymentProvider, *, look_first: bool
) -> Outcome:
    """Captures are told apart by their sum: this one is done when as much is captured as with it."""
    before = sum_entries(attempt=operation.attempt, kinds=(EntryKind.CAPTURED,))
    if (
        look_first
        and (seen := provider.read_intent(ref=ref)).captured_minor >= before + operation.amount_minor
    ):
        return Outcome(end=OperationState.DONE, intent=seen)
    try:
        seen = provider.capture(
            ref=ref, amount_minor=operation.amount_minor, final=operation.final, key=operation.key
        )
    except ProviderRefused as refused:
        seen = provider.read_intent(ref=ref)
        if seen.captured_minor < before + operation.amount_minor:
            return Outcome(end=OperationState.FAILED, failure=refused.reason, intent=seen)
    return Outcome(end=OperationState.DONE, intent=seen)


def _refund(operation: PaymentOperation, ref: str, provider: PaymentProvider, *, look_first: bool) -> Outcome:
    seen = None
    if look_first or operation.provider_ref is not None:
        seen = provider.find_refund(ref=ref, operation_id=operation.public_id)
    if seen is None:
        try:
            seen = provider.refund(
                ref=ref,
                amount_minor=operation.amount_minor,
                operation_id=operation.public_id,
                key=operation.key,
            )
        except ProviderRefused as refused:
            seen = provider.find_refund(ref=ref, operation_id=operation.public_id)
            if seen is None:
                return Outcome(end=OperationState.FAILED, failure=refused.reason)
    return _outcome_of(seen)


def _outcome_of(seen: RefundSeen, intent: IntentSeen | None = None) -> Outcome:
    ends = {RefundStatus.DONE: OperationState.DONE, RefundStatus.FAILED: OperationState.FAILED}
    return Outcome(end=ends.get(seen.status), failure=seen.failure, intent=intent, refund=seen)


def _release(operation: PaymentOperation, provider: PaymentProvider, *, now: datetime) -> Outcome:
    """Nothing of the attempt remains: the intent is cancelled, or what it took is given back."""
    attempt = operation.attempt
    ref = attempt.provider_ref or _find_ref(attempt, provider, now=now)
    if ref is None:
        return Outcome(end=OperationState.DONE)
    seen = provider.read_intent(ref=ref)
    if seen.status not in {IntentStatus.CANCELLED, IntentStatus.SUCCEEDED}:
        try:
            seen = provider.cancel(ref=ref, key=operation.key)
        except ProviderRefused as refused:
            seen = provider.read_intent(ref=ref)
            if seen.status not in {IntentStatus.CANCELLED, IntentStatus.SUCCEEDED}:
                return Outcome(end=None, failure=refused.reason, intent=seen)
    if not seen.captured_minor:
        return Outcome(end=OperationState.DONE, intent=seen)
    refund = provider.find_refund(ref=ref, operation_id=operation.public_id) or provider.refund(
        ref=ref,
        amount_minor=seen.captured_minor,
        operation_id=operation.public_id,
        key=f"{operation.key}-refund",
    )
    return _outcome_of(refund, seen)


def _find_ref(attempt: PaymentAttempt, provider: PaymentProvider, *, now: datetime) -> str | None:
    """The intent whose answer we never saw; None when the provider never made one, and will not any more."""
    found = provider.find_intent(attempt_id=attempt.public_id, asked_at=attempt.asked_at)
    if found is not None:
        return found.ref
    if attempt.burnt_keys or now - attempt.asked_at > _KEYS_LIVE_FOR:
        return None
    try:
        # The first request may still be under way: with its own key ours waits for it, or comes first.
        return provider.create_intent(asked=asked_intent(attempt=attempt), key=attempt.key).ref
    except ProviderRefused:
        return None


def _see(attempt: PaymentAttempt, seen: IntentSeen, now: datetime) -> None:
    if is_news(seen=seen.status, known=attempt.provider_status):
        attempt.provider_ref, attempt.provider_status = seen.ref, seen.status
    attempt.captured_minor, attempt.checked_at = max(attempt.captured_minor, seen.captured_minor), now
    attempt.save(update_fields=["provider_ref", "provider_status", "captured_minor", "checked_at"])


def _write_entries(
    order: Order, operation: PaymentOperation, outcome: Outcome, *, by: Actor, now: datetime
) -> None:
    attempt, amount = operation.attempt, operation.amount_minor
    refunded = outcome.refund.amount_minor if outcome.refund is not None else 0
    if operation.kind == OperationKind.CAPTURE:
        before = sum_entries(attempt=attempt, kinds=(EntryKind.CAPTURED,))
        enter(
            attempt,
            kind=EntryKind.CAPTURED,
            amount_minor=amount,
            about_ref=operation.about_ref,
            by=by,
            now=now,
        )
        if before < order.total_gross_minor <= before + amount:
            emit(OrderPaid(order_id=order.public_id, number=order.number), by=by, now=now)
    elif refunded:
        if (
            operation.kind == OperationKind.RELEASE
        ):  # taken without our asking: both facts belong into the ledger
            taken = attempt.captured_minor - sum_entries(attempt=attempt, kinds=(EntryKind.CAPTURED,))
            enter(attempt, kind=EntryKind.CAPTURED, amount_minor=taken, by=by, now=now)
        enter(
            attempt,
            kind=EntryKind.REFUNDED,
            amount_minor=-refunded,
            about_ref=operation.about_ref,
            by=by,
            now=now,
        )
        told = RefundMade(
            order_id=order.public_id,
            number=order.number,
            refund_id=operation.public_id,
            amount_minor=refunded,
            currency=order.currency,
            about_ref=operation.about_ref,
        )
        emit(told, by=by, now=now)
