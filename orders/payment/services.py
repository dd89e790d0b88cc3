"""Secure what is owed, take it, and give back what must be given back. The order's lock guards its ledger.

Nothing here calls the provider: what it shall do is written down as a `PaymentOperation` in the transaction that
decides it, and `orders.payment.settling` does it.
"""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from config.kernel.actors import Actor
from config.kernel.db import add_rows, transaction_required
from config.kernel.errors import Refusal
from config.kernel.events import emit
from config.kernel.ids import new_id
from config.kernel.money import Money
from orders.agreement.models import Order, OrderDelivery
from orders.events import PaymentOperationAsked, RefundMade
from orders.payment.models import (
    LIVE_ATTEMPTS,
    AttemptState,
    EntryKind,
    Invoice,
    InvoiceKind,
    OperationKind,
    PaymentAttempt,
    PaymentOperation,
)
from orders.payment.queries import get_refundable, get_secured_attempt, sum_operations
from orders.payment.rules import BY_PROVIDER, INVOICE, NextAction, PaymentStatus
from orders.payment.writing import enter, issue


class RefundExceedsCaptured(Refusal):
    """More would be given back than was taken or invoiced; `remaining` is what still can be, as an amount of money."""

    code = "refund_exceeds_captured"
    status = 422
    title = "More would be given back than was paid."


@transaction_required
def accept_invoice(
    *, order: Order, billed_to: dict[str, str], issued_on: date, by: Actor, now: datetime
) -> PaymentStatus:
    """The buyer pays the order's whole sum by invoice: it is secured at once, and due in 14 days."""
    attempt = _attempt(order, INVOICE, now)
    attempt.move(AttemptState.SECURED, now=now)
    add_rows([attempt])
    enter(attempt, kind=EntryKind.INVOICED, amount_minor=order.total_gross_minor, by=by, now=now)
    issue(
        order,
        kind=InvoiceKind.INVOICE,
        gross_minor=order.total_gross_minor,
        tax_minor=order.total_tax_minor,
        billed_to=billed_to,
        issued_on=issued_on,
        sequence=1,
    )
    return status_of(attempt=attempt)


@transaction_required
def begin_attempt(*, order: Order, method: str, now: datetime) -> PaymentStatus:
    """Write down that the provider shall be asked for the order's whole sum. It is asked once this is committed."""
    attempt = _attempt(order, method, now)
    add_rows([attempt])
    return status_of(attempt=attempt)


def status_of(*, attempt: PaymentAttempt, next_action: NextAction | None = None) -> PaymentStatus:
    """The attempt for its buyer; while nothing better is known, a pending one says to wait."""
    unknown = NextAction(type="wait" if attempt.state == AttemptState.PENDING else "none")
    return PaymentStatus(
        attempt_id=attempt.public_id,
        method=attempt.method,
        status=str(attempt.state),
        next_action=next_action or unknown,
    )


@transaction_required
def request_capture(*, order: Order, amount_minor: int, about_ref: UUID, by: Actor, now: datetime) -> None:
    """Take `amount_minor` of what is authorised for the order, for the parcel `about_ref` that leaves now.

    Never more than is left of it. Where the provider captures once only, the first parcel takes the whole sum, since
    the rest would be lost. What is invoiced is due by itself, so there nothing is done. The caller holds the order's
    lock.
    """
    attempt = get_secured_attempt(order=order)
    left = attempt.amount_minor - sum_operations(attempt=attempt, kind=OperationKind.CAPTURE)
    amount_minor = min(amount_minor, left) if attempt.captures_in_parts else left
    if attempt.method not in BY_PROVIDER or amount_minor <= 0:
        return
    operation = PaymentOperation(
        order=order,
        attempt=attempt,
        kind=OperationKind.CAPTURE,
        amount_minor=amount_minor,
        final=amount_minor == left,
        about_ref=about_ref,
    )
    _ask(operation, by=by, now=now)


@transaction_required
def request_refund(
    *, order: Order, gross_minor: int, tax_minor: int, about_ref: UUID, by: Actor, now: datetime
) -> UUID:
    """Give back `gross_minor`, of which `tax_minor` is tax, for `about_ref` (a return, or a clerk's decision).

    The caller holds the order's lock. Invoiced orders get their credit note at once; else the provider is asked, once
    this is committed. Emits RefundMade when the money is on its way. Returns the refund's id.
    Errors: RefundExceedsCaptured, with what still can be given back.
    """
    attempt = get_secured_attempt(order=order)
    require_refundable(order=order, gross_minor=gross_minor)
    if attempt.method in BY_PROVIDER and gross_minor > 0:
        operation = PaymentOperation(
            order=order,
            attempt=attempt,
            kind=OperationKind.REFUND,
            amount_minor=gross_minor,
            about_ref=about_ref,
        )
        return _ask(operation, by=by, now=now)
    if attempt.method in BY_PROVIDER:
        enter(attempt, kind=EntryKind.REFUNDED, amount_minor=0, about_ref=about_ref, by=by, now=now)
    else:
        _credit(attempt, gross_minor=gross_minor, tax_minor=tax_minor, about_ref=about_ref, by=by, now=now)
    refund_id = new_id()
    told = RefundMade(
        order_id=order.public_id,
        number=order.number,
        refund_id=refund_id,
        amount_minor=gross_minor,
        currency=order.currency,
        about_ref=about_ref,
    )
    emit(told, by=by, now=now)
    return refund_id


def require_refundable(*, order: Order, gross_minor: int | None) -> None:
    """Whether so much can be given back; None stands for a sum that is none. Errors: RefundExceedsCaptured."""
    remaining = get_refundable(order=order)
    if gross_minor is None or gross_minor > remaining:
        raise RefundExceedsCaptured(remaining=Money(remaining, order.currency).wire())


@transaction_required
def give_up_attempts(*, order: Order, by: Actor, now: datetime) -> None:
    """No attempt of the order is wanted any more: what is authorised is released, what was taken is given back.

    The caller holds the order's lock. An invoice is credited.
    """
    attempts = PaymentAttempt.objects.filter(order=order, state__in=(*LIVE_ATTEMPTS, AttemptState.FAILED))
    for attempt in attempts.order_by("pk"):
        if attempt.method == INVOICE:
            _credit(
                attempt,
                gross_minor=order.total_gross_minor,
                tax_minor=order.total_tax_minor,
                about_ref=order.public_id,
                by=by,
                now=now,
            )
        give_up_attempt(attempt=attempt, by=by, now=now)


@transaction_required
def give_up_attempt(*, attempt: PaymentAttempt, by: Actor, now: datetime) -> None:
    """Want this attempt no more, whatever comes of it; a second call changes nothing.

    The caller holds the order's lock.
    """
    if attempt.state != AttemptState.CANCELLED:
        attempt.move(AttemptState.CANCELLED, now=now)
        attempt.save(update_fields=["state"])
    if attempt.method in BY_PROVIDER and not attempt.operations.filter(kind=OperationKind.RELEASE).exists():
        _ask(
            PaymentOperation(order_id=attempt.order_id, attempt=attempt, kind=OperationKind.RELEASE),
            by=by,
            now=now,
        )


def _attempt(order: Order, method: str, now: datetime) -> PaymentAttempt:
    return PaymentAttempt(
        order=order,
        method=method,
        amount_minor=order.total_gross_minor,
        currency=order.currency,
        asked_at=now,
    )


def _ask(operation: PaymentOperation, *, by: Actor, now: datetime) -> UUID:
    operation.actor_kind, operation.actor_ref, operation.asked_at = by.kind, by.ref, now
    operation.save()
    emit(PaymentOperationAsked(operation_id=operation.public_id), by=by, now=now)
    return operation.public_id


def _credit(
    attempt: PaymentAttempt, *, gross_minor: int, tax_minor: int, about_ref: UUID, by: Actor, now: datetime
) -> None:
    """A credit note, dated by the calendar of the place that the first goods leave from."""
    order = attempt.order
    enter(attempt, kind=EntryKind.CREDITED, amount_minor=-gross_minor, about_ref=about_ref, by=by, now=now)
    invoice = Invoice.objects.get(order=order, kind=InvoiceKind.INVOICE)
    delivery = OrderDelivery.objects.filter(order=order).select_related("location")[0]
    issue(
        order,
        kind=InvoiceKind.CREDIT_NOTE,
        gross_minor=-gross_minor,
        tax_minor=-tax_minor,
        billed_to=invoice.billed_to,
        issued_on=now.astimezone(ZoneInfo(delivery.location.time_zone)).date(),
    )
